"""Copilot's Load Balanced Web Service manifest, read into a Manifest. Pure."""

from dataclasses import replace

from components.input.value import Value
from components.manifest.count import COUNT
from components.manifest.deployment import DEPLOYMENT
from components.manifest.http import HTTP, read_http
from components.manifest.manifest import LOAD_BALANCED_WEB_SERVICE, Manifest
from components.manifest.nlb import NLB, read_nlb
from components.manifest.observability import OBSERVABILITY
from components.manifest.support import Group
from components.manifest.target_container import containers
from components.manifest.task import EXEC, TASK_FIELDS, read_task

FIELDS = Group(
    {
        **TASK_FIELDS,
        "http": HTTP,
        "nlb": NLB,
        "count": COUNT,
        "exec": EXEC,
        "deployment": DEPLOYMENT,
        "observability": OBSERVABILITY,
    }
)
"""Every field of the manifest, and what each platform makes of it."""


def read(at: Value, folder: str, given: Value | None = None) -> Manifest:
    """See `WorkloadType.read`."""
    task = read_task(at, folder, given)
    port = at.get("image").required("port", "write the port that the container listens on, such as port: 3000")
    known = containers(at)
    http, nlb = read_http(at.get("http"), known), read_nlb(at.get("nlb"), known)
    if http is None and nlb is None and not at.get("nlb"):
        at.get("http").fail("write http: with a path, or nlb: with a port", "found false, and no nlb")
    return replace(task, type=LOAD_BALANCED_WEB_SERVICE, port=port.integer(0, 1, 65535), http=http, nlb=nlb)
