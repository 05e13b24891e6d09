"""What the manifests of all types have in common: a task, its containers, and what they use. Pure."""

from components.input.value import Value
from components.manifest import limits
from components.manifest.count import read_count
from components.manifest.deployment import read_alarms, read_rolling
from components.manifest.image import IMAGE, read_build, read_healthcheck, reference, words
from components.manifest.logging import LOGGING, read_retention, read_router
from components.manifest.manifest import Manifest
from components.manifest.network import NETWORK, read_network
from components.manifest.observability import read_tracing
from components.manifest.publish import PUBLISH, read_topics
from components.manifest.sidecars import (
    SIDECARS,
    Container,
    check_order,
    read_credentials,
    read_depends_on,
    read_labels,
    read_sidecars,
)
from components.manifest.storage import STORAGE, read_volumes
from components.manifest.support import BUILT, Field, Group, Known, State
from components.manifest.taskdef_overrides import TASKDEF_OVERRIDES, read_overrides
from components.manifest.variables import SECRETS, VARIABLES, read_secrets, read_variables

_EXEC = Field(State.KEPT, State.BUILT, "docker exec works on the local platform")
EXEC = Group({"enable": _EXEC}, short=_EXEC)
"""The fields of `exec`."""

_PROCESSOR = Field(State.KEPT, State.BUILT, "on the local platform, images are built for this machine's processor")
PLATFORM = Group({"osfamily": _PROCESSOR, "architecture": _PROCESSOR}, short=_PROCESSOR)
"""The fields of `platform`."""

TASK_FIELDS: dict[str, Known] = {
    "name": BUILT,
    "type": BUILT,
    "image": IMAGE,
    "entrypoint": BUILT,
    "command": BUILT,
    "cpu": BUILT,
    "memory": BUILT,
    "platform": PLATFORM,
    "variables": VARIABLES,
    "env_file": BUILT,
    "secrets": SECRETS,
    "storage": STORAGE,
    "logging": LOGGING,
    "sidecars": SIDECARS,
    "network": NETWORK,
    "publish": PUBLISH,
    "taskdef_overrides": TASKDEF_OVERRIDES,
}
"""The fields that the manifest of every type has, and what each platform makes of them."""


SIZE = (256, 512)
"""CPU units and MiB of a task that says none: Copilot's."""
PLATFORMS = ("linux/amd64", "linux/arm64")
"""Of images that Fargate runs and is asked for here, the default first."""


def read_task(at: Value, folder: str, given: Value | None = None, size: tuple[int, int] = SIZE) -> Manifest:
    """What all types have: see `WorkloadType.read`. size: CPU units and MiB of one that says none."""
    image, logging, storage, deployment = at.get("image"), at.get("logging"), at.get("storage"), at.get("deployment")
    name = at.required("name", "write the service's name, such as name: users").text("")
    cpu, memory = read_size(at, size)
    from_config = f", or set strangler:services.{name}.image"
    manifest = Manifest(
        name=name,
        port=0,
        http=None,
        build=None if given else read_build(image, folder, from_config),
        location=reference(given) if given else reference(image.get("location"), from_config),
        healthcheck=read_healthcheck(image.get("healthcheck")),
        entrypoint=words(at.get("entrypoint")),
        command=words(at.get("command")),
        cpu=cpu,
        memory=memory,
        platform=_platform(at.get("platform")),
        count=read_count(at.get("count")),
        exec=(at.get("exec").get("enable") if at.get("exec").is_map() else at.get("exec")).boolean(False),
        variables=read_variables(at.get("variables")),
        secrets=read_secrets(at.get("secrets")),
        ephemeral=read_ephemeral(storage.get("ephemeral")),
        retention=read_retention(logging.get("retention")),
        network=read_network(at.get("network")),
        rolling=read_rolling(deployment.get("rolling")),
        rollback_alarms=read_alarms(deployment.get("rollback_alarms")),
        credentials=read_credentials(image.get("credentials"), built=bool(image.get("build")) and not given),
        labels=read_labels(image.get("labels")),
        depends_on=read_depends_on(image.get("depends_on")),
        env_file=at.get("env_file").text() or None,
        readonly_fs=storage.get("readonly_fs").boolean(False),
        sidecars=read_sidecars(at.get("sidecars"), name, folder),
        topics=read_topics(at.get("publish").get("topics")),
        volumes=read_volumes(storage.get("volumes"), name),
        overrides=read_overrides(at.get("taskdef_overrides")),
        tracing=read_tracing(at.get("observability").get("tracing")),
        router=read_router(logging),
    )
    check_order(_containers(manifest, at))
    return manifest


def _containers(manifest: Manifest, at: Value) -> dict[str, Container]:
    """The containers of the task by name, with what they wait for."""
    order = at.get("image").get("depends_on")
    found = {manifest.name: Container(order, manifest.depends_on, checked=manifest.healthcheck is not None)}
    for sidecar in manifest.sidecars:
        order = at.get("sidecars").get(sidecar.name).get("depends_on")
        found[sidecar.name] = Container(order, sidecar.depends_on, sidecar.essential, sidecar.healthcheck is not None)
    if manifest.router:
        name = manifest.router.container.name
        if name in found:
            at.get("sidecars").get(name).fail("give it another name", "the log router has this name")
        found[name] = Container(at)
    return found


def read_ephemeral(at: Value) -> int:
    """GiB of the disk that the containers of a task share (ECS API, EphemeralStorage)."""
    return at.integer(20, 20, 200, " GiB")


def read_size(at: Value, default: tuple[int, int]) -> tuple[int, int]:
    """CPU units and MiB, a size that Fargate has."""
    cpu = at.get("cpu").integer(0, 256, 16384) if at.get("cpu") else default[0]
    memory = at.get("memory").integer(0, 512, 122880) if at.get("memory") else default[1]
    mistake = limits.mistake(cpu, memory) if cpu and memory else None
    if mistake:
        memory_first = cpu in limits.CPU and at.get("memory")
        places = [at.get(key) for key in (("memory", "cpu") if memory_first else ("cpu", "memory"))]
        # Of a size that only an override makes wrong, the override is named.
        place = next((place for place in places if place and place.is_override), places[0])
        place.fail(mistake, f"Fargate has no task of {cpu} CPU units and {memory} MiB")
    return cpu, memory


def _platform(at: Value) -> str:
    if at.is_map():
        family = at.get("osfamily").text("linux").lower()
        return _known_platform(at, f"{family}/{at.get('architecture').text('x86_64').lower()}")
    text = at.text("linux/x86_64", "give linux/x86_64 or linux/arm64")
    return _known_platform(at, text.lower())


def _known_platform(at: Value, text: str) -> str:
    known = {
        **dict.fromkeys(("linux/x86_64", "linux/amd64"), "linux/amd64"),
        **dict.fromkeys(("linux/arm64", "linux/arm"), "linux/arm64"),  # Copilot takes arm for arm64
    }
    if text not in known:
        at.fail("give linux/x86_64 or linux/arm64 (Windows containers are not supported)", f"found {text!r}")
        return "linux/amd64"
    return known[text]
