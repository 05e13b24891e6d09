"""Copilot's Backend Service manifest, read into a Manifest: what only others of its environment reach. Pure."""

from dataclasses import replace

from components.input.value import Value
from components.manifest.count import COUNT
from components.manifest.deployment import DEPLOYMENT
from components.manifest.http import INTERNAL, read_internal
from components.manifest.manifest import BACKEND_SERVICE, Manifest
from components.manifest.observability import OBSERVABILITY
from components.manifest.support import Group
from components.manifest.target_container import containers
from components.manifest.task import EXEC, TASK_FIELDS, read_task

FIELDS = Group(
    {
        **TASK_FIELDS,
        "http": INTERNAL,
        "count": COUNT,
        "exec": EXEC,
        "deployment": DEPLOYMENT,
        "observability": OBSERVABILITY,
    }
)
"""Every field of the manifest, and what each platform makes of it."""


def read(at: Value, folder: str, given: Value | None = None) -> Manifest:
    """See `WorkloadType.read`. Without a port it is registered nowhere, and can call others only, as with Copilot."""
    manifest = replace(read_task(at, folder, given), type=BACKEND_SERVICE)
    port, connect = at.get("image").get("port"), at.get("network").get("connect")
    if connect.is_map() and connect.get("alias") and not port:
        remedy = "write image.port with the port that the container listens on, or remove alias"
        connect.get("alias").fail(remedy, "a name without a port")
    internal = read_internal(at.get("http"), containers(at))
    if internal and not port and any(rule.target_port is None for rule in internal.rules):
        remedy = "write image.port with the port that the container listens on, or a target_port"
        at.get("http").fail(remedy, "a rule without a port")
    return replace(manifest, port=port.integer(0, 1, 65535), internal=internal)
