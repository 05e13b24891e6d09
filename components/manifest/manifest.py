"""A workload as its manifest describes it, of whatever type: what all types of Copilot's have in common, and what only
some of them have. Pure.

Defaults are Copilot's own (v1.34): 256 CPU units, 512 MiB, one task, and AWS's for what Copilot leaves to AWS.
"""

from dataclasses import dataclass

from components.manifest.count import ONE_TASK, Count
from components.manifest.deployment import NO_ALARMS, RollbackAlarms
from components.manifest.http import Alias, Http
from components.manifest.image import Build, ContainerHealthCheck
from components.manifest.logging import LogRouter
from components.manifest.network import PLACED, Network
from components.manifest.nlb import Nlb
from components.manifest.publish import Topic
from components.manifest.schedule import Schedule
from components.manifest.sidecars import Sidecar
from components.manifest.storage import Volume
from components.manifest.subscribe import Worker
from components.manifest.taskdef_overrides import Override
from components.manifest.variables import Secret

LOAD_BALANCED_WEB_SERVICE = "Load Balanced Web Service"
BACKEND_SERVICE = "Backend Service"
SCHEDULED_JOB = "Scheduled Job"
WORKER_SERVICE = "Worker Service"


@dataclass(frozen=True)
class Job:
    """A task that runs at times."""

    schedule: Schedule
    """When it runs by itself."""
    retries: int = 0
    """How often it is run again where it fails. Default 0."""
    timeout: int | None = None
    """Seconds that it has, retries and the waits before them included. Default: it may take as long as it likes."""


@dataclass(frozen=True)
class Manifest:
    """A service as its manifest describes it."""

    name: str
    """The service's name, and the main container's."""
    port: int
    """The port on which the main container listens, 1 to 65535; 0: it listens on none."""
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
    policies: tuple[tuple[str, str], ...] = ()
    """Managed policies of the task's role, their ARNs by a name of each. Default: none."""
    rights: tuple[tuple[str, str], ...] = ()
    """Further policies of the task's role, as JSON by name; `<AWS::Region>` stands for what only the account knows.
    Default: none."""
    type: str = LOAD_BALANCED_WEB_SERVICE
    """Copilot's name of its type. Default: Load Balanced Web Service."""

    job: Job | None = None
    """When it runs, if it isn't there all the time. Default: it is."""
    worker: Worker | None = None
    """The messages that it works on. Default: it takes none."""
    internal: Http | None = None
    """How it takes HTTP requests by the internal load balancer of its environment's backends. Default: it doesn't."""

    @property
    def may_be_fronted(self) -> bool:
        """Whether it is of the type that has a facade in front."""
        return self.type == LOAD_BALANCED_WEB_SERVICE

    @property
    def built(self) -> bool:
        """Whether any image of its task is built here."""
        return self.build is not None or any(sidecar.build for sidecar in self.sidecars)

    @property
    def mounted(self) -> tuple[Volume, ...]:
        """The volumes that its main container mounts."""
        return tuple(volume for volume in self.volumes if volume.path)

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
        """Whether a facade can send it requests, which are HTTP/1.1. What takes those of some addresses only has no
        route: all come from the facade, where clients can't be told apart."""
        return self.http is not None and self.http.main.version == "http1" and not self.http.main.sources

    @property
    def nlb_aliases(self) -> tuple[Alias, ...]:
        """The host names of its network load balancer."""
        return self.nlb.aliases if self.nlb else ()

    @property
    def grace_period(self) -> int:
        """Seconds for which a new task may be unhealthy."""
        http = self.http or self.internal
        if http is None:
            return self.nlb.grace_period if self.nlb else 0
        return http.main.healthcheck.grace_period

    @property
    def drain(self) -> int:
        """Seconds that in-flight requests and connections are given when a task stops."""
        listeners = self.nlb.listeners if self.nlb else ()
        of_nlb = max((listener.deregistration_delay for listener in listeners), default=0)
        return max(of_nlb, self.http.main.deregistration_delay if self.http else 0)
