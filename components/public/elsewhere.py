"""Who gets requests by a URL or as a Lambda function: what is given of it, which may be an output."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from components.input.diagnostics import did_you_mean
from components.input.value import Value
from components.model.facades import Endpoint
from components.public.given import text_input
from components.settings.external import ExternalService, read_function, read_url

ENDPOINTS = {"url": Endpoint.URL, "function_arn": Endpoint.LAMBDA}
"""The keys of a target by which it is reached, and what each is."""

_READERS = {Endpoint.URL: read_url, Endpoint.LAMBDA: read_function}


@dataclass(frozen=True)
class Elsewhere:
    """A target by a URL or a function."""

    service: ExternalService
    """What decides which resources there are; its address is empty."""
    address: pulumi.Input[str]
    """Its URL or ARN."""


def read_elsewhere(name: str, at: Value, key: str) -> Elsewhere:
    """A target whose address is at a key of ENDPOINTS. name: its own."""
    endpoint, place = ENDPOINTS[key], at.get(key)
    address = _READERS[endpoint](place) or "" if isinstance(place.value, str) else text_input(place)
    keeps_host = at.get("keep_host").boolean(False)
    return Elsewhere(ExternalService(name, endpoint, "", keeps_host=keeps_host), address)


def only_one(at: Value, keys: Mapping[str, object]) -> str | None:
    """The one of these keys that is given; a mistake is noted otherwise."""
    given = [key for key in keys if at.get(key)]
    if len(given) == 1:
        return given[0]
    if at.is_map():
        found = f"both {' and '.join(map(at.spelled, given))}" if given else "no address"
        at.fail(f"give one of {', '.join(map(at.spelled, keys))}", found)
    else:
        at.require_map()
    return None


def read_default(at: Value, targets: Mapping[str, object], *, required: bool) -> str | None:
    """The key of the target that gets the rest. at: the component's arguments."""
    place = at.required("default_target", "give a key of targets") if required else at.get("default_target")
    name = place.text(None, "give a key of targets")
    if name is not None and name not in targets:
        place.fail(did_you_mean(name, targets), f"unknown target {name!r}")
        return None
    return name
