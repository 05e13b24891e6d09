"""Copilot's Load Balanced Web Service manifest, read into a Manifest. Pure.

Defaults are Copilot's own (v1.34): 256 CPU units, 512 MiB, one task, and AWS's for what Copilot leaves to AWS.
"""

from dataclasses import dataclass
from difflib import get_close_matches

from components.input.value import Value
from components.manifest import limits
from components.manifest.count import COUNT, ONE_TASK, Count, read_count
from components.manifest.deployment import DEPLOYMENT, NO_ALARMS, RollbackAlarms, read_alarms, read_rolling
from components.manifest.http import HTTP, Alias, Http, read_http
from components.manifest.image import IMAGE, Build, ContainerHealthCheck, read_build, read_healthcheck, reference, words
from components.manifest.logging import LOGGING, LogRouter, read_retention, read_router
from components.manifest.network import NETWORK, PLACED, Network, read_network
from components.manifest.nlb import NLB, Nlb, read_nlb
from components.manifest.observability import OBSERVABILITY, read_tracing
from components.manifest.publish import PUBLISH, Topic, read_topics
from components.manifest.sidecars import (
    SIDECARS,
    Container,
    Sidecar,
    check_order,
    read_credentials,
    read_depends_on,
    read_labels,
    read_sidecars,
)
from components.manifest.storage import STORAGE, Volume, read_volumes
from components.manifest.support import BUILT, Field, Group, State
from components.manifest.target_container import containers
from components.manifest.taskdef_overrides import TASKDEF_OVERRIDES, Override, read_overrides
from components.manifest.variables import SECRETS, VARIABLES, Secret, read_secrets, read_variables

TYPE = "Load Balanced Web Service"

OTHER_TYPES = (
    "Backend Service",
    "Worker Service",
    "Scheduled Job",
    "Request-Driven Web Service",
    "Static Site",
    "Environment",
)
"""Copilot's other types of manifests."""

_EXEC = Field(State.KEPT, State.BUILT, "docker exec works on the local platform")

FIELDS = Group(
    {
        "name": BUILT,
        "type": BUILT,
        "image": IMAGE,
        "entrypoint": BUILT,
        "command": BUILT,
        "http": HTTP,
        "nlb": NLB,
        "cpu": BUILT,
        "memory": BUILT,
        "platform": Group({"osfamily": BUILT, "architecture": BUILT}, short=BUILT),
        "count": COUNT,
        "exec": Group({"enable": _EXEC}, short=_EXEC),
        "variables": VARIABLES,
        "env_file": BUILT,
        "secrets": SECRETS,
        "storage": STORAGE,
        "logging": LOGGING,
        "sidecars": SIDECARS,
        "network": NETWORK,
        "publish": PUBLISH,
        "taskdef_overrides": TASKDEF_OVERRIDES,
        "deployment": DEPLOYMENT,
        "observability": OBSERVABILITY,
    }
)
"""Every field of the manifest, and what each platform makes of it."""


@dataclass(frozen=True)
class Manifest:
    """A service as its manifest describes it."""

    name: str
    """The service's name, and the main container's."""
    port: int
    """The port on which the main container listens, 1 to 65535."""
    http: Http | None
    """How it takes HTTP requests; None: it takes none."""
    nlb: Nlb | None = None
    """Its network load balancer. Default: none."""
    build: Build | None = None
    """How the main container's image is built. Default: it is given by its location."""
    location: str | None = None
    """The reference of the main container's image. Default: it is built."""
    healthcheck: ContainerHealthCheck | None = None
    """The main container's own check. Default: none."""
    entrypoint: tuple[str, ...] = ()
    """Default: the image's."""
    command: tuple[str, ...] = ()
    """Default: the image's."""
    cpu: int = 256
    """Units of 1/1024 of a vCPU, as Fargate has them. Default 256, Copilot's."""
    memory: int = 512
    """MiB, as Fargate has them. Default 512, Copilot's."""
    platform: str = "linux/amd64"
    """`linux/amd64` (default, Copilot's) or `linux/arm64`."""
    count: Count = ONE_TASK
    """How many tasks. Default: one."""
    exec: bool = False
    """Whether one can open a shell in its containers. Default false."""
    variables: tuple[tuple[str, str], ...] = ()
    """Of the main container, sorted. Default: none."""
    secrets: tuple[tuple[str, Secret], ...] = ()
    """Of the main container, sorted. Default: none."""
    ephemeral: int = 20
    """GiB of the task's disk, 20 to 200. Default 20, AWS's."""
    retention: int = 30
    """Days that logs are kept. Default 30, Copilot's."""
    network: Network = PLACED
    """Where tasks are placed. Default: with public addresses, in the environment's security group."""
    rolling: str = "default"
    """`default`, or `recreate`: the old tasks are stopped before new ones start."""
    rollback_alarms: RollbackAlarms = NO_ALARMS
    """What rolls a deployment back besides tasks that fail. Default: nothing."""
    credentials: str | None = None
    """Name or ARN of the secret with which the main container's image is pulled. Default: none is needed."""
    labels: tuple[tuple[str, str], ...] = ()
    """Docker labels of the main container, sorted. Default: none."""
    depends_on: tuple[tuple[str, str], ...] = ()
    """The condition by container that the main container waits for, sorted. Default: it waits for none."""
    env_file: str | None = None
    """A file of variables, which `variables` override. Default: none."""
    readonly_fs: bool = False
    """Whether the main container can write to volumes only. Default false."""
    sidecars: tuple[Sidecar, ...] = ()
    """Sorted by name. Default: none."""
    topics: tuple[Topic, ...] = ()
    """SNS topics that it sends to, sorted by name. Default: none."""
    tracing: bool = False
    """Whether traces are collected with AWS X-Ray. Default false."""
    router: LogRouter | None = None
    """What sends the main container's logs on. Default: they go to the service's log group."""
    volumes: tuple[Volume, ...] = ()
    """Sorted by name. Default: none."""
    overrides: tuple[Override, ...] = ()
    """Changes of the task definition, in their order. Default: none."""

    @property
    def built(self) -> bool:
        """Whether any image of its task is built here."""
        return self.build is not None or any(sidecar.build for sidecar in self.sidecars)

    @property
    def all_secrets(self) -> tuple[Secret, ...]:
        """The secrets that its task needs to start: of its containers, their images and its log router."""
        router = (self.router.container,) if self.router else ()
        found: list[Secret] = []
        for part in (self, *self.sidecars, *router):
            found += [secret for _, secret in part.secrets]
        found += [secret for _, secret in (self.router.secret_options if self.router else ())]
        for part in (self, *self.sidecars, *router):
            found += [Secret("secretsmanager", part.credentials)] if part.credentials else []
        return tuple(found)

    @property
    def routed(self) -> bool:
        """Whether a facade can send it requests, which are HTTP/1.1."""
        return self.http is not None and self.http.main.version == "http1"

    @property
    def nlb_aliases(self) -> tuple[Alias, ...]:
        """The host names of its network load balancer."""
        return self.nlb.aliases if self.nlb else ()

    @property
    def grace_period(self) -> int:
        """Seconds for which a new task may be unhealthy."""
        if self.http is None:
            return self.nlb.grace_period if self.nlb else 0
        return self.http.main.healthcheck.grace_period

    @property
    def drain(self) -> int:
        """Seconds that in-flight requests and connections are given when a task stops."""
        listeners = self.nlb.listeners if self.nlb else ()
        of_nlb = max((listener.deregistration_delay for listener in listeners), default=0)
        return max(of_nlb, self.http.main.deregistration_delay if self.http else 0)


def is_ours(at: Value) -> bool:
    """Whether a manifest is of the type that Strangler runs; reports it if it isn't."""
    place = at.required("type", f"write type: {TYPE}")
    kind = place.text()
    if kind is None or kind == TYPE:
        return True
    name = at.get("name").text("") or "its name"
    exclude = f"leave it out: add {name} to strangler:exclude"
    meant = get_close_matches(kind, OTHER_TYPES, n=1, cutoff=0.85)
    if kind in OTHER_TYPES:
        place.fail(exclude, f"the type {kind!r} is not supported yet")
    elif meant:
        place.fail(f"did you mean {meant[0]}? It is not supported yet: {exclude}", f"unknown type {kind!r}")
    else:
        place.fail(f"write {TYPE}, or {exclude}", f"unknown type {kind!r}")
    return False


def read(at: Value, folder: str, given: Value | None = None) -> Manifest:
    """A manifest (overrides merged, variables replaced). folder: the service's within the project. given: the image
    that the config gives instead of the manifest's. Mistakes are reported in the value's problems; what is returned
    then is of no use."""
    image, logging, storage, deployment = at.get("image"), at.get("logging"), at.get("storage"), at.get("deployment")
    name = at.required("name", "write the service's name, such as name: users").text("")
    port = image.required("port", "write the port on which the container listens, such as port: 3000")
    cpu, memory = _size(at)
    known = containers(at)
    http, nlb = read_http(at.get("http"), known), read_nlb(at.get("nlb"), known)
    if http is None and nlb is None and not at.get("nlb"):
        at.get("http").fail("write http: with a path, or nlb: with a port", "found false, and no nlb")
    manifest = Manifest(
        name=name,
        port=port.integer(0, 1, 65535),
        http=http,
        nlb=nlb,
        build=None if given else read_build(image, folder, f", or set strangler:services.{name}.image"),
        location=reference(given or image.get("location")),
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
        ephemeral=storage.get("ephemeral").integer(20, 20, 200, " GiB"),
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
            at.get("sidecars").get(name).fail("give it another name", "the router of logging has this name")
        found[name] = Container(at)
    return found


def _size(at: Value) -> tuple[int, int]:
    """CPU units and MiB, a size that Fargate has."""
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
        at.fail("give linux/x86_64 or linux/arm64 (Windows containers are not supported)", f"found {text!r}")
        return "linux/amd64"
    return known[text]
