"""Copilot's types of workloads: who reads a manifest of which type. Pure.

A type is one module with its fields and its reader, one record here, and a component on each platform.
"""

from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches

from components.input.value import Value
from components.manifest import (
    backend_service,
    load_balanced_web_service,
    request_driven_web_service,
    scheduled_job,
    worker_service,
)
from components.manifest.manifest import (
    BACKEND_SERVICE,
    LOAD_BALANCED_WEB_SERVICE,
    SCHEDULED_JOB,
    WORKER_SERVICE,
    Manifest,
)
from components.manifest.support import Group


@dataclass(frozen=True)
class WorkloadType:
    """A type of workloads that Strangler runs."""

    name: str
    """As a manifest's `type` has it."""
    fields: Group
    """Every field of its manifest, and what each platform makes of it."""
    read: Callable[[Value, str, Value | None], Manifest]
    """A manifest (overrides merged, variables replaced), from its folder within the project and the image that the
    config gives instead of the manifest's, if it does. Mistakes are reported in the value's problems; what is returned
    then is of no use."""
    only_as: str | None = None
    """What `strangler:services.<name>.as` has to say, as it is read as something else. Default: it is what it is."""


WORKLOAD_TYPES: dict[str, WorkloadType] = {
    known.name: known
    for known in (
        WorkloadType(LOAD_BALANCED_WEB_SERVICE, load_balanced_web_service.FIELDS, load_balanced_web_service.read),
        WorkloadType(BACKEND_SERVICE, backend_service.FIELDS, backend_service.read),
        WorkloadType(SCHEDULED_JOB, scheduled_job.FIELDS, scheduled_job.read),
        WorkloadType(WORKER_SERVICE, worker_service.FIELDS, worker_service.read),
        WorkloadType(
            "Request-Driven Web Service",
            request_driven_web_service.FIELDS,
            request_driven_web_service.read,
            only_as=request_driven_web_service.AS,
        ),
    )
}
"""By name."""

OTHERS = {
    "Static Site": "it is a bucket behind CloudFront, not a container: create it yourself, and ",
    "Environment": "it is not a workload: move it to copilot/environments/<name>/manifest.yml; or ",
}
"""Copilot's other types of manifests, and what to do about one besides leaving it out."""


def type_of(at: Value) -> WorkloadType | None:
    """The type of a manifest; None, and reported, if it is none that Strangler runs. Without one, which is reported
    too, a manifest is read as that of a load-balanced web service."""
    place = at.required("type", f"write type: {LOAD_BALANCED_WEB_SERVICE}")
    kind = place.text()
    if kind is None:
        return WORKLOAD_TYPES[LOAD_BALANCED_WEB_SERVICE]
    if kind in WORKLOAD_TYPES:
        return WORKLOAD_TYPES[kind]
    name = at.get("name").text("") or "its name"
    exclude = f"exclude it: add {name} to strangler:exclude"
    meant = get_close_matches(kind, (*WORKLOAD_TYPES, *OTHERS), n=1, cutoff=0.85)
    if kind in OTHERS:
        place.fail(OTHERS[kind] + exclude, f"the type {kind!r} is not supported")
    elif meant:
        place.fail(f"did you mean {meant[0]}? Else {exclude}", f"unknown type {kind!r}")
    else:
        place.fail(f"write one of {', '.join(WORKLOAD_TYPES)}, or {exclude}", f"unknown type {kind!r}")
    return None


def is_read_so(kind: WorkloadType, at: Value, said: Value) -> bool:
    """Whether a manifest of a type that is read as another may be read so; reported if not, and what differs if so.
    said: `strangler:services.<name>.as`."""
    if kind.only_as is None:
        if said:
            said.refuse("remove it", f"a {kind.name} runs as such")
        return True
    name, place = at.get("name").text("") or "<name>", at.get("type")
    if said.value == kind.only_as:
        differs = (
            f"the facade provides TLS and the host name; one task runs unless strangler:services.{name}.count or "
            "the manifest's count says more; it doesn't scale on concurrent requests"
        )
        at.problems.warn(place.where, f"{kind.name} runs as {kind.only_as} here", differs)
        return True
    if said:
        said.fail(f"give {kind.only_as}")
        return False
    remedy = (
        f"`pulumi config set --path services.{name}.as {kind.only_as}` runs it all the same; or add {name} to exclude"
    )
    place.fail(remedy, "App Runner is closed to new customers, and can't run behind a facade")
    return False
