"""Copilot's Worker Service manifest, read into a Manifest: what works on messages, and takes no requests. Pure."""

from dataclasses import replace

from components.input.value import Value
from components.manifest.count import WORKER_COUNT, WORKER_METRICS, read_count
from components.manifest.deployment import WORKER_DEPLOYMENT, read_delayed
from components.manifest.image import IMAGE
from components.manifest.manifest import WORKER_SERVICE, Manifest
from components.manifest.observability import OBSERVABILITY
from components.manifest.overrides import without
from components.manifest.subscribe import SUBSCRIBE, read_subscribe
from components.manifest.support import Group, less
from components.manifest.task import EXEC, TASK_FIELDS, read_task

FIELDS = Group(
    {
        **TASK_FIELDS,
        "image": less(IMAGE, "port"),
        "count": WORKER_COUNT,
        "exec": EXEC,
        "deployment": WORKER_DEPLOYMENT,
        "observability": OBSERVABILITY,
        "subscribe": SUBSCRIBE,
    }
)
"""Every field of the manifest, and what each platform makes of it."""


def read(at: Value, folder: str, given: Value | None = None) -> Manifest:
    """See `WorkloadType.read`. It has no port: with `network.connect` it calls others, who don't call it."""
    task = read_task(without(at, ("count",)), folder, given)
    connect, alarms = at.get("network").get("connect"), at.get("deployment").get("rollback_alarms")
    if connect.is_map() and connect.get("alias"):
        connect.get("alias").fail("write connect: true: a worker can't be called", "a name without a port")
    return replace(
        task,
        type=WORKER_SERVICE,
        count=read_count(at.get("count"), WORKER_METRICS),
        rollback_alarms=replace(task.rollback_alarms, delayed=read_delayed(alarms)),
        worker=read_subscribe(at.get("subscribe")),
    )
