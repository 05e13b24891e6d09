"""`logging` of a manifest, where it says more than a retention: a router that sends the main container's logs on. Pure.

As Copilot has it (v1.34, partials sidecars.yml and logconfig.yml): FireLens with Fluent Bit, in a container of its own;
the sidecars' logs, and the router's own, go to the service's log group.
"""

from dataclasses import dataclass

from components.input.value import Value
from components.manifest import variables
from components.manifest.image import reference
from components.manifest.sidecars import Sidecar
from components.manifest.variables import Secret

ROUTER = "firelens_log_router"
"""What Copilot calls the router's container."""

IMAGE = "amazon/aws-for-fluent-bit:latest"
"""AWS's own Fluent Bit, Copilot's default; AWS says which releases are the latest."""


@dataclass(frozen=True)
class LogRouter:
    """container: the router itself. destination: options of Fluent Bit's output, sorted; secret_options: those that are
    secret. metadata: whether cluster, task and container stand in each record. config_file: where the image has a
    configuration of its own (default: none)."""

    container: Sidecar
    destination: tuple[tuple[str, str], ...] = ()
    secret_options: tuple[tuple[str, Secret], ...] = ()
    metadata: bool = True
    config_file: str | None = None


def read_router(at: Value) -> LogRouter | None:
    """What stands at `logging`; None if that is a retention only, or nothing."""
    if not any(inner for key, inner in (at.entries() if at.is_map() else ()) if key in _KEYS):
        return None
    if at.get("configFilePath").value == "":
        at.get("configFilePath").fail("take it out, or give one")
    return LogRouter(
        container=Sidecar(
            name=ROUTER,
            location=reference(at.get("image")) or IMAGE,
            variables=variables.variables(at.get("variables")),
            secrets=variables.secrets(at.get("secrets")),
            env_file=at.get("env_file").text() or None,
        ),
        destination=tuple(sorted(at.get("destination").each(lambda each: each.text("")).items())),
        secret_options=variables.secrets(at.get("secretOptions")),
        metadata=at.get("enableMetadata").boolean(True),
        config_file=at.get("configFilePath").text(),
    )


_KEYS = (
    *("image", "destination", "enableMetadata", "secretOptions", "configFilePath"),
    *("variables", "secrets", "env_file"),
)
