"""Copilot's types of workloads: who reads a manifest of which type. Pure.

A type is one module with its fields and its reader, one record here, and a component on each platform.
"""

from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches

from components.input.value import Value
from components.manifest import load_balanced_web_service
from components.manifest.manifest import LOAD_BALANCED_WEB_SERVICE, Manifest
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


WORKLOAD_TYPES: dict[str, WorkloadType] = {
    known.name: known
    for known in (
        WorkloadType(LOAD_BALANCED_WEB_SERVICE, load_balanced_web_service.FIELDS, load_balanced_web_service.read),
    )
}
"""By name."""

OTHERS = (
    "Backend Service",
    "Worker Service",
    "Scheduled Job",
    "Request-Driven Web Service",
    "Static Site",
    "Environment",
)
"""Copilot's other types of manifests."""


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
    exclude = f"leave it out: add {name} to strangler:exclude"
    meant = get_close_matches(kind, OTHERS, n=1, cutoff=0.85)
    if kind in OTHERS:
        place.fail(exclude, f"the type {kind!r} is not supported yet")
    elif meant:
        place.fail(f"did you mean {meant[0]}? It is not supported yet: {exclude}", f"unknown type {kind!r}")
    else:
        place.fail(f"write {LOAD_BALANCED_WEB_SERVICE}, or {exclude}", f"unknown type {kind!r}")
    return None
