"""Copilot's Load Balanced Web Service manifest, read into a Manifest. Pure.

Defaults are Copilot's own (v1.34): 256 CPU units, 512 MiB, one task, and AWS's for what Copilot leaves to AWS.
"""

from dataclasses import dataclass

from components.input.value import Cursor, seconds_of
from components.manifest import limits, variables
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
from components.manifest.support import METRICS, OTHER_TYPES, TYPE
from components.manifest.target_container import containers
from components.manifest.taskdef_overrides import Override, read_overrides
from components.manifest.variables import Secret

_LONGEST_ANSWER = 4000
"""Seconds: no load balancer waits longer for an answer (the highest idle timeout of an ALB)."""


@dataclass(frozen=True)
class Scaling:
    """A metric's target: its value, and the cooldowns in seconds (Copilot's: 120 in, 60 out)."""

    value: float
    cooldown_in: int = 120
    cooldown_out: int = 60


@dataclass(frozen=True)
class Count:
    """How many tasks. desired: without autoscaling, and at its start. max: with autoscaling only. spot_from: from
    which task on Fargate Spot is used (1: all; None: none). cpu, memory: percent; requests: a minute and task;
    response_time: seconds, on average."""

    desired: int = 1
    max: int | None = None
    spot_from: int | None = None
    cpu: Scaling | None = None
    memory: Scaling | None = None
    requests: Scaling | None = None
    response_time: Scaling | None = None

    @property
    def asleep(self) -> bool:
        """Whether no task is wished for, and nothing may start one."""
        return self.desired == 0 and self.max is None


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
    count: Count = Count()
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


def is_ours(at: Cursor) -> bool:
    """Whether the manifest that stands here is of the type that Strangler runs; notes it if it isn't."""
    kind = at.at("type").text()
    if kind is None:
        at.at("type").fail(f"write type: {TYPE}", "missing")
    elif kind != TYPE:
        found = f"the type {kind!r} is not run by Strangler" if kind in OTHER_TYPES else f"unknown type {kind!r}"
        at.at("type").fail(f"write {TYPE}, or leave it out: name it in strangler:leaveOut", found)
    return kind is None or kind == TYPE


def read(at: Cursor, folder: str) -> Manifest:
    """The manifest that stands here (overrides merged, variables interpolated). `folder` names the service's folder
    within the project. Mistakes are noted in the cursor's problems; what is returned then is no use."""
    if not at.at("name"):
        at.missing("name", "write the service's name, such as name: users")
    image = at.at("image")
    if not image.at("port"):
        image.missing("port", "write the port on which the container listens, such as port: 3000")
    port = image.at("port").integer(0, 1, 65535)
    cpu, memory = _size(at)
    logging, known = at.at("logging"), containers(at)
    retention = logging.at("retention").integer(30, 0, 3653)
    if retention not in limits.RETENTION_DAYS:
        logging.at("retention").fail(f"give one of {', '.join(map(str, limits.RETENTION_DAYS))} days")
    http, nlb = read_http(at.at("http"), known), read_nlb(at.at("nlb"), known)
    if http is None and nlb is None and not at.at("nlb"):
        at.at("http").fail("write http: with a path, or nlb: with a port", "found false, and no nlb")
    name = at.at("name").text("")
    manifest = Manifest(
        name=name,
        port=port,
        http=http,
        nlb=nlb,
        build=read_build(image, folder),
        location=reference(image.at("location")),
        healthcheck=read_healthcheck(image.at("healthcheck")),
        entrypoint=words(at.at("entrypoint")),
        command=words(at.at("command")),
        cpu=cpu,
        memory=memory,
        platform=_platform(at.at("platform")),
        count=_count(at.at("count")),
        exec=(at.at("exec").at("enable") if at.at("exec").is_map() else at.at("exec")).boolean(False),
        variables=variables.variables(at.at("variables")),
        secrets=variables.secrets(at.at("secrets")),
        ephemeral=at.at("storage").at("ephemeral").integer(20, 20, 200, " GiB"),
        retention=retention,
        network=read_network(at.at("network")),
        rolling=at.at("deployment").at("rolling").choice("default", ("default", "recreate"), any_case=True),
        rollback_alarms=read_alarms(at.at("deployment").at("rollback_alarms")),
        credentials=read_credentials(image.at("credentials"), image),
        labels=read_labels(image.at("labels")),
        depends_on=read_depends_on(image.at("depends_on")),
        env_file=at.at("env_file").text() or None,
        readonly_fs=at.at("storage").at("readonly_fs").boolean(False),
        sidecars=read_sidecars(at.at("sidecars"), name, folder),
        topics=read_topics(at.at("publish").at("topics")),
        volumes=read_volumes(at.at("storage").at("volumes"), at.at("name").text("")),
        overrides=read_overrides(at.at("taskdef_overrides")),
        tracing=read_tracing(at.at("observability").at("tracing")),
        router=read_router(logging),
    )
    check_order(_containers(manifest, at))
    return manifest


def _containers(manifest: Manifest, at: Cursor) -> dict[str, Container]:
    """The containers of the task by name, with what they wait for."""
    order = at.at("image").at("depends_on")
    found = {manifest.name: Container(order, manifest.depends_on, checked=manifest.healthcheck is not None)}
    for each in manifest.sidecars:
        order = at.at("sidecars").at(each.name).at("depends_on")
        found[each.name] = Container(order, each.depends_on, each.essential, each.healthcheck is not None)
    if manifest.router:
        name = manifest.router.container.name
        if name in found:
            at.at("sidecars").at(name).fail("give it another name", "the router of logging has this name")
        found[name] = Container(at)
    return found


def _size(at: Cursor) -> tuple[int, int]:
    """CPU units and MiB, both as Fargate has them."""
    cpu = at.at("cpu").integer(0, 256, 16384) if at.at("cpu") else 256
    memory = at.at("memory").integer(0, 512, 122880) if at.at("memory") else 512
    mistake = limits.mistake(cpu, memory) if cpu and memory else None
    if mistake:
        place = at.at("memory" if cpu in limits.CPU and at.at("memory") else "cpu")
        place.fail(mistake, f"Fargate has no task of {cpu} CPU units and {memory} MiB")
    return cpu, memory


def _platform(at: Cursor) -> str:
    if at.is_map():
        family = at.at("osfamily").text("linux").lower()
        return _known_platform(at, f"{family}/{at.at('architecture').text('x86_64').lower()}")
    text = at.text("linux/x86_64", "give linux/x86_64 or linux/arm64")
    return _known_platform(at, text.lower())


def _known_platform(at: Cursor, text: str) -> str:
    known = {
        **dict.fromkeys(("linux/x86_64", "linux/amd64"), "linux/amd64"),
        **dict.fromkeys(("linux/arm64", "linux/arm"), "linux/arm64"),  # Copilot takes arm for arm64
    }
    if text not in known:
        at.fail("give linux/x86_64 or linux/arm64 (Windows containers are not run by Strangler)", f"found {text!r}")
        return "linux/amd64"
    return known[text]


def _count(at: Cursor) -> Count:
    if not at.is_map():
        return Count(desired=at.integer(1, 0, 5000))
    spot, span = at.at("spot"), at.at("range")
    metrics = [name for name in METRICS if at.at(name)]
    if spot:
        if span or metrics:
            at.fail("give spot alone, or a range with spot_from", "found spot beside a range or a metric")
        return Count(desired=spot.integer(1, 0, 5000), spot_from=1)
    if not span:
        at.fail("write range: 1-10 and a metric such as cpu_percentage: 70, or a plain number", "no range")
        return Count()
    low, high, spot_from = _range(span)
    if not metrics:
        at.fail("write a metric beside the range, such as cpu_percentage: 70", "found a range and no metric")
    return Count(
        desired=low,
        max=high,
        spot_from=spot_from,
        cpu=_scaling(at, "cpu_percentage", 100),
        memory=_scaling(at, "memory_percentage", 100),
        requests=_scaling(at, "requests", 1_000_000),
        response_time=_scaling(at, "response_time", None),
    )


def _range(at: Cursor) -> tuple[int, int, int | None]:
    if at.is_map():
        for key in ("min", "max"):
            if not at.at(key):
                at.missing(key, f"write {key}: with a number of tasks")
        low, high = at.at("min").integer(0, 0, 5000), at.at("max").integer(5000, 0, 5000)
        spot_from = at.at("spot_from").integer(None, 1, 5000)
    else:
        low, high = (limits.span(at.value) if isinstance(at.value, str) else None) or (-1, -1)
        spot_from = None
    if low < 0 or high < low:
        at.fail("give two numbers from 0 to 5000, the smaller first, such as 1-10")
        return 1, 1, None
    return low, high, spot_from


def _scaling(at: Cursor, name: str, high: int | None) -> Scaling | None:
    """A metric's target: a whole number up to `high`, or a duration where there is no such number."""
    metric, common = at.at(name), at.at("cooldown")
    if not metric:
        return None
    own = metric.at("cooldown") if metric.is_map() else common
    if metric.is_map() and not metric.at("value"):
        metric.missing("value", "write value: with the metric's target")
    target = metric.at("value") if metric.is_map() else metric
    value = target.integer(1, 1, high) if high is not None else _response_time(target)
    cooldown_in = common.at("in").duration(120, 0, 86400)
    cooldown_out = common.at("out").duration(60, 0, 86400)
    return Scaling(value, own.at("in").duration(cooldown_in, 0, 86400), own.at("out").duration(cooldown_out, 0, 86400))


def _response_time(at: Cursor) -> float:
    """Seconds. Parts of a second are common here, unlike in the durations that ECS and ALB take."""
    seconds = seconds_of(at.value) if isinstance(at.value, str) else None
    if at and not (seconds and seconds <= _LONGEST_ANSWER):
        at.fail(f"give a duration of more than 0s and up to {_LONGEST_ANSWER}s, such as 500ms or 2s")
    return float(seconds or 1)
