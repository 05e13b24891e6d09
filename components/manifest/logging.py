"""`logging` of a manifest: how long logs are kept, and a router that sends the main container's logs on. Pure.

As Copilot has it (v1.34, partials sidecars.yml and logconfig.yml): FireLens with Fluent Bit, in a container of its own;
the sidecars' logs, and the router's own, go to the service's log group.
"""

from dataclasses import dataclass

from components.input.value import Value
from components.manifest import limits
from components.manifest.image import reference
from components.manifest.sidecars import Sidecar
from components.manifest.support import BUILT, NO_DIFFERENCE, Field, Group, State, each_as
from components.manifest.variables import SECRETS, VARIABLES, Secret, read_secrets, read_variables

ROUTER = "firelens_log_router"
"""What Copilot calls the router's container."""

IMAGE = "amazon/aws-for-fluent-bit:latest"
"""AWS's own Fluent Bit, Copilot's default; AWS says which releases are the latest."""


_ROUTER = Group(
    {
        "image": BUILT,
        "destination": Group(any_key=BUILT),
        "enableMetadata": BUILT,
        "secretOptions": SECRETS,
        "configFilePath": BUILT,
        "variables": VARIABLES,
        "secrets": SECRETS,
        "env_file": BUILT,
    }
)
_ON_AWS = Field(State.LEFT_OUT, State.BUILT, "logs aren't forwarded on the local platform: docker logs shows them")
LOGGING = Group({"retention": NO_DIFFERENCE, **each_as(_ROUTER, _ON_AWS).fields})
"""The fields of `logging`."""


@dataclass(frozen=True)
class LogRouter:
    """FireLens in a container of its own."""

    container: Sidecar
    """The router itself."""
    destination: tuple[tuple[str, str], ...] = ()
    """Options of Fluent Bit's output, sorted. Default: none."""
    secret_options: tuple[tuple[str, Secret], ...] = ()
    """Options that are secret, sorted. Default: none."""
    metadata: bool = True
    """Whether cluster, task and container are in each record. Default true."""
    config_file: str | None = None
    """The path of a configuration in the router's image. Default: none."""


def read_retention(at: Value) -> int:
    """`logging.retention`: days that logs are kept. Default 30, Copilot's."""
    return limits.retention(at, 30)


def read_router(at: Value) -> LogRouter | None:
    """The router of `logging`; None without any of its keys."""
    if not any(map(at.get, _ROUTER.fields)):
        return None
    if at.get("configFilePath").value == "":
        at.get("configFilePath").fail("remove it, or give a path")
    return LogRouter(
        container=Sidecar(
            name=ROUTER,
            location=reference(at.get("image")) or IMAGE,
            variables=read_variables(at.get("variables")),
            secrets=read_secrets(at.get("secrets")),
            env_file=at.get("env_file").text() or None,
        ),
        destination=tuple(sorted(at.get("destination").mapped(lambda option: option.text("")).items())),
        secret_options=read_secrets(at.get("secretOptions")),
        metadata=at.get("enableMetadata").boolean(True),
        config_file=at.get("configFilePath").text(),
    )
