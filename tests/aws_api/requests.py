"""The requests that a run of the program comes to, and all that is wrong with them."""

from collections.abc import Iterable, Iterator

from tests.aws_api import models
from tests.aws_api.account import LookUp, Registered
from tests.aws_api.calls import CALLS, KNOWN, LEFT, LOOK_UPS, NOT_AWS, REMOVED, STAYS
from tests.aws_api.translate import Request, translate


def requests(resource: Registered) -> list[Request]:
    """What AWS is asked for, for one resource."""
    calls = CALLS[resource.type].changed if resource.changed else CALLS[resource.type].made
    wanted = [
        call
        for call in calls
        if (not call.when or resource.inputs.get(call.when) is not None)
        and (not call.only or any(call.about(name) for name in resource.changed or resource.inputs))
    ]
    gone = {name: REMOVED[name] for name in resource.changed - resource.inputs.keys() if name in REMOVED}
    return [translate(call, {**resource.inputs, **gone}, resource.outputs) for call in wanted]


def mistakes(resources: Iterable[Registered]) -> list[str]:
    """What AWS would refuse, what no request has, and types that the table lacks, one line each."""
    return [f"{resource.type} {resource.name}: {line}" for resource in resources for line in _mistakes(resource)]


def _mistakes(resource: Registered) -> Iterator[str]:
    if resource.type in NOT_AWS:
        return
    if resource.type not in CALLS:
        yield "add its requests to tests/aws_api/calls.py"
        return
    made = requests(resource)
    for request in made:
        yield from (f"{request.call.of}: {line}" for line in models.mistakes(request.call.of, request.params))
    yield from (f"{path} is in no request" for path in sorted(_untranslated(resource, made)))


def _untranslated(resource: Registered, made: Iterable[Request]) -> set[str]:
    """The property paths that a new resource has and no request, or that are changed and in none."""
    used = {path for request in made for path in request.used}
    if resource.changed:
        tops = {path.partition(".")[0] for path in used}
        known = {"tags", *LEFT, *(STAYS.keys() - resource.inputs.keys())}  # tags: what a creation takes, a change does
        return {name for name in resource.changed if name not in tops | known}
    unknown = {path for request in made for path in request.unknown}
    asked = {name for name, value in resource.inputs.items() if value not in (None, [], {})}
    unasked = {name for name in asked if not any(path.partition(".")[0] == name for path in used | unknown)}
    return {path for path in unknown | unasked if path not in used and path not in LEFT}


def mistakes_of_look_ups(look_ups: Iterable[LookUp]) -> list[str]:
    """The same of what the program asked the account for."""
    return [f"{look_up.token}: {line}" for look_up in look_ups for line in _of_look_up(look_up)]


def _of_look_up(look_up: LookUp) -> Iterator[str]:
    call = LOOK_UPS.get(look_up.token)
    if call is not None:
        request = translate(call, look_up.arguments, {})
        yield from models.mistakes(call.of, request.params)
        yield from (f"{path} is in no request" for path in sorted(request.unknown))
    elif look_up.token not in KNOWN:
        yield "add its request to tests/aws_api/calls.py"
