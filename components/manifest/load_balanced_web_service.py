"""Copilot's Load Balanced Web Service manifest, read into a Manifest. Pure.

Defaults are Copilot's own (v1.34): 256 CPU units, 512 MiB, one task, and AWS's for what Copilot leaves to AWS.
"""

from dataclasses import dataclass

from components.input.value import Value
from components.manifest import limits, variables
from components.manifest.count import ONE_TASK, Count, read_count
from components.manifest.deployment import NO_ALARMS, RollbackAlarms, read_alarms
from components.manifest.http import Alias, Http, read_http
from components.manifest.image import Build, ContainerHealthCheck, read_build, read_healthcheck, reference, words
from components.manifest.logging import LogRouter, read_router
from components.manifest.network import PLACED, Network, read_network
from components.manifest.nlb import Nlb, read_nlb
from components.manifest.observability import read_tracing
from components.manifest.publish import Topic, read_topics
from components.manifest.sidecars import (
    Container,
    Sidecar,
    check_order,
    read_credentials,
    read_depends_on,
    read_labels,
    read_sidecars,
)
from components.manifest.storage import Volume, read_volumes
from components.manifest.support import OTHER_TYPES, TYPE
from components.manifest.target_container import containers
from components.manifest.taskdef_overrides import Override, read_overrides
from components.manifest.variables import Secret


@dataclass(frozen=True)
class Manifest:
    """A service as its manifest describes it. http: None if it takes no HTTP requests. nlb: default none. cpu: units of
    1/1024; memory and ephemeral: MiB and GiB; retention: days that logs are kept. rollback_alarms: what takes a
    deployment back (default: tasks that die only). credentials: name or ARN of the secret with which the image is
    pulled (default: none is needed). depends_on: what the main container waits for, and until when. env_file: a file of
    variables, which `variables` go before. readonly_fs: whether the main container can write to volumes only. topics:
    which it sends to. tracing: whether traces are collected. router: what sends the main container's logs on (default:
    they go to the service's log group). volumes: by name. overrides: of the task definition, in their order."""

    name: str
    port: int
    http: Http | None
    nlb: Nlb | None = None
    build: Build | None = None
    location: str | None = None
    healthcheck: ContainerHealthCheck | None = None
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    cpu: int = 256
    memory: int = 512
    platform: str = "linux/amd64"
    count: Count = ONE_TASK
    exec: bool = False
    variables: tuple[tuple[str, str], ...] = ()
    secrets: tuple[tuple[str, Secret], ...] = ()
    ephemeral: int = 20
    retention: int = 30
    network: Network = PLACED
    rolling: str = "default"
    rollback_alarms: RollbackAlarms = NO_ALARMS
    credentials: str | None = None
    labels: tuple[tuple[str, str], ...] = ()
    depends_on: tuple[tuple[str, str], ...] = ()
    env_file: str | None = None
    readonly_fs: bool = False
    sidecars: tuple[Sidecar, ...] = ()
    topics: tuple[Topic, ...] = ()
    tracing: bool = False
    router: LogRouter | None = None
    volumes: tuple[Volume, ...] = ()
    overrides: tuple[Override, ...] = ()

    @property
    def built(self) -> bool:
        """Whether an image of its task is built here."""
        return self.build is not None or any(each.build for each in self.sidecars)

    @property
    def all_secrets(self) -> tuple[Secret, ...]:
        """The secrets without which its task doesn't start: of its containers, their images, and where its logs go."""
        router = (self.router.container,) if self.router else ()
        parts = (self, *self.sidecars, *router)
        of_variables = [secret for part in parts for _, secret in part.secrets]
        of_logs = [secret for _, secret in (self.router.secret_options if self.router else ())]
        return (
            *of_variables,
            *of_logs,
            *(Secret("secretsmanager", part.credentials) for part in parts if part.credentials),
        )

    @property
    def routed(self) -> bool:
        """Whether a facade can send it requests, which it does with HTTP/1.1."""
        return self.http is not None and self.http.version == "http1"

    @property
    def nlb_aliases(self) -> tuple[Alias, ...]:
        """The host names that lead to its network load balancer."""
        return self.nlb.aliases if self.nlb else ()

    @property
    def grace_period(self) -> int:
        """Seconds for which a new task may be unhealthy."""
        if self.http is None:
            return self.nlb.grace_period if self.nlb else 0
        return self.http.healthcheck.grace_period

    @property
    def drain(self) -> int:
        """Seconds that what is in hand is given when a task goes."""
        of_nlb = max((each.deregistration_delay for each in self.nlb.listeners), default=0) if self.nlb else 0
        return max(of_nlb, self.http.deregistration_delay if self.http else 0)


def is_ours(at: Value) -> bool:
    """Whether the manifest that stands here is of the type that Strangler runs; notes it if it isn't."""
    kind = at.get("type").text()
    if kind is None:
        at.get("type").fail(f"write type: {TYPE}", "missing")
    elif kind != TYPE:
        found = f"the type {kind!r} is not run by Strangler" if kind in OTHER_TYPES else f"unknown type {kind!r}"
        at.get("type").fail(f"write {TYPE}, or leave it out: name it in strangler:leaveOut", found)
    return kind is None or kind == TYPE


def read(at: Value, folder: str) -> Manifest:
    """The manifest that stands here (overrides merged, variables interpolated). `folder` names the service's folder
    within the project. Mistakes are noted in the cursor's problems; what is returned then is no use."""
    if not at.get("name"):
        at.missing("name", "write the service's name, such as name: users")
    image = at.get("image")
    if not image.get("port"):
        image.missing("port", "write the port on which the container listens, such as port: 3000")
    port = image.get("port").integer(0, 1, 65535)
    cpu, memory = _size(at)
    logging, known = at.get("logging"), containers(at)
    retention = logging.get("retention").integer(30, 0, 3653)
    if retention not in limits.RETENTION_DAYS:
        logging.get("retention").fail(f"give one of {', '.join(map(str, limits.RETENTION_DAYS))} days")
    http, nlb = read_http(at.get("http"), known), read_nlb(at.get("nlb"), known)
    if http is None and nlb is None and not at.get("nlb"):
        at.get("http").fail("write http: with a path, or nlb: with a port", "found false, and no nlb")
    name = at.get("name").text("")
    manifest = Manifest(
        name=name,
        port=port,
        http=http,
        nlb=nlb,
        build=read_build(image, folder),
        location=reference(image.get("location")),
        healthcheck=read_healthcheck(image.get("healthcheck")),
        entrypoint=words(at.get("entrypoint")),
        command=words(at.get("command")),
        cpu=cpu,
        memory=memory,
        platform=_platform(at.get("platform")),
        count=read_count(at.get("count")),
        exec=(at.get("exec").get("enable") if at.get("exec").is_map() else at.get("exec")).boolean(False),
        variables=variables.variables(at.get("variables")),
        secrets=variables.secrets(at.get("secrets")),
        ephemeral=at.get("storage").get("ephemeral").integer(20, 20, 200, " GiB"),
        retention=retention,
        network=read_network(at.get("network")),
        rolling=at.get("deployment").get("rolling").choice("default", ("default", "recreate"), any_case=True),
        rollback_alarms=read_alarms(at.get("deployment").get("rollback_alarms")),
        credentials=read_credentials(image.get("credentials"), image),
        labels=read_labels(image.get("labels")),
        depends_on=read_depends_on(image.get("depends_on")),
        env_file=at.get("env_file").text() or None,
        readonly_fs=at.get("storage").get("readonly_fs").boolean(False),
        sidecars=read_sidecars(at.get("sidecars"), name, folder),
        topics=read_topics(at.get("publish").get("topics")),
        volumes=read_volumes(at.get("storage").get("volumes"), at.get("name").text("")),
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
    for each in manifest.sidecars:
        order = at.get("sidecars").get(each.name).get("depends_on")
        found[each.name] = Container(order, each.depends_on, each.essential, each.healthcheck is not None)
    if manifest.router:
        name = manifest.router.container.name
        if name in found:
            at.get("sidecars").get(name).fail("give it another name", "the router of logging has this name")
        found[name] = Container(at)
    return found


def _size(at: Value) -> tuple[int, int]:
    """CPU units and MiB, both as Fargate has them."""
    cpu = at.get("cpu").integer(0, 256, 16384) if at.get("cpu") else 256
    memory = at.get("memory").integer(0, 512, 122880) if at.get("memory") else 512
    mistake = limits.mistake(cpu, memory) if cpu and memory else None
    if mistake:
        place = at.get("memory" if cpu in limits.CPU and at.get("memory") else "cpu")
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
        at.fail("give linux/x86_64 or linux/arm64 (Windows containers are not run by Strangler)", f"found {text!r}")
        return "linux/amd64"
    return known[text]
