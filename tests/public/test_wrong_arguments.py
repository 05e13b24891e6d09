"""Whatever stands in the place of an argument: it is taken, or told in a line that names it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

import pulumi
import pytest

import components
from components import AlbFacade, AlbFacadeArgs, ScheduledJob
from components.public.fargate_task import PLACEMENT
from components.public.given import PLAIN
from tests.components.recorder import run
from tests.public.test_schema import schema

LISTENER = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shop/0123456789abcdef/0123456789abcdef"
FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:users"
CHECK = {"command": ["CMD", "/h"], "interval_seconds": 9, "timeout_seconds": 5, "retries": 2, "start_period_seconds": 0}
SIDECAR = {
    "image": "agent:1",
    "port": 80,
    "essential": False,
    "variables": {"A": "b"},
    "secrets": {"S": "/s"},
    "entry_point": ["a"],
    "command": ["b"],
    "depends_on": {"other": "start"},
    "container_health_check": CHECK,
}
TASK: dict[str, object] = {
    "environment": dict.fromkeys(PLACEMENT, "x"),
    "image": "users:1",
    "variables": {"A": "b"},
    "secrets": {"S": "/s"},
    "security_groups": ["sg-1"],
    "managed_policies": {"p": "arn:p"},
    "depends_on": {"agent": "healthy"},
    "sidecars": {"agent": SIDECAR, "other": {"image": "other:1"}},
    "container_health_check": CHECK,
    "entry_point": ["a"],
    "command": ["b"],
    "cpu": 256,
    "memory": 512,
    "ephemeral_storage_gib": 30,
    "readonly_root_filesystem": True,
    "platform": "linux/amd64",
    "log_retention_days": 30,
    "tags": {"a": "b"},
}
RUNNING = {
    "count": 1,
    "spot_from": 1,
    "force_new_deployment": True,
    "deployment": "default",
    "enable_exec": True,
    "rollback_alarms": {"names": ["slow"], "enabled": True},
    "steady_state_seconds": 600,
}
RANGE = {
    "min": 1,
    "max": 2,
    "cpu_percent": 50,
    "memory_percent": 50,
    "scale_in_cooldown_seconds": 5,
    "scale_out_cooldown_seconds": 5,
}
ROUTE = {"path": "/api/users", "target": "users", "methods": ["GET"], "include_children": True, "weight": 0}
URL = {"url": "https://legacy.example.com"}
VPC = {"id": "vpc-1", "public_subnets": ["a", "b"], "private_subnets": ["c", "d"]}
GIVEN: list[tuple[str, dict[str, object]]] = [
    (
        "AlbFacade",
        {
            "targets": {"users": {"target_group_arn": "arn:new", "stickiness_seconds": 60}},
            "listener_arn": LISTENER,
            "routes": [ROUTE],
            "default_target": "users",
            "tags": {"a": "b"},
            "priorities": "20000-29999",
            "stickiness_seconds": 60,
        },
    ),
    (
        "HttpApiFacade",
        {
            "targets": {
                "users": {**URL, "keep_host": True},
                "function": {"function_arn": FUNCTION},
                "inside": {"listener_arn": LISTENER, "listener_port": 80, "vpc_link": "shop"},
            },
            "routes": [ROUTE],
            "default_target": "users",
            "throttling": {"rate": 1, "burst": 2},
            "vpc_links": {
                "shop": {"vpc_id": "vpc-1", "subnet_ids": ["a", "b"], "load_balancer_security_group_id": "sg-1"}
            },
            "timeout_seconds": 30,
            "log_retention_days": 30,
            "tags": {"a": "b"},
        },
    ),
    (
        "RefactorSpacesFacade",
        {
            "targets": {"users": URL, "function": {"function_arn": FUNCTION}},
            "routes": [ROUTE],
            "default_target": "users",
            "vpc_id": "vpc-1",
            "environment_id": "env-0",
            "tags": {"a": "b"},
        },
    ),
    (
        "Environment",
        {
            "cidr": "10.7.0.0/16",
            "zones": 2,
            "nat": "none",
            "internal": False,
            "callers": ["192.0.2.0/24"],
            "certificate_arn": "arn:c",
            "container_insights": True,
            "flow_log_days": 7,
            "tags": {"a": "b"},
        },
    ),
    (
        "Environment",
        {
            "vpc": VPC,
            "listener": {"arn": LISTENER, "security_groups": ["sg-0123456789abcdef0"], "dns_name": "shop.example.com"},
        },
    ),
    (
        "FargateWebService",
        {
            **TASK,
            **RUNNING,
            "port": 3000,
            "deregistration_delay_seconds": 5,
            "listener_priority": 7,
            "health_check": {
                "path": "/h",
                "success_codes": "200",
                "interval_seconds": 30,
                "timeout_seconds": 5,
                "healthy_threshold": 5,
                "unhealthy_threshold": 2,
                "grace_period_seconds": 60,
            },
        },
    ),
    (
        "FargateWebService",
        {
            "environment": TASK["environment"],
            "image": "users:1",
            "port": 80,
            "scaling": {**RANGE, "requests_per_target": 5, "response_seconds": 0.5},
        },
    ),
    (
        "FargateWorker",
        {
            **TASK,
            **RUNNING,
            "topics": {"orders": "arn:o"},
            "visibility_timeout_seconds": 5,
            "message_retention_seconds": 60,
            "tries": 3,
        },
    ),
    (
        "FargateWorker",
        {
            "environment": TASK["environment"],
            "image": "users:1",
            "scaling": {**RANGE, "backlog_per_task": 5},
        },
    ),
    ("ScheduledJob", {**TASK, "schedule": "@daily", "retries": 1, "timeout_seconds": 5}),
]
"""Components, with right arguments: each that there is, in one or another."""
whole = pytest.mark.parametrize(("component", "args"), GIVEN, ids=[component for component, _ in GIVEN])


def refused(component: str, args: object) -> list[str]:
    """The lines that it is refused with; nothing is registered then."""
    with pytest.raises(pulumi.RunError) as found:
        getattr(components, component)("x", args)
    return str(found.value).splitlines()


def inputs(component: str) -> dict[str, Any]:
    """The arguments of a component, as its schema has them."""
    return schema()["resources"][f"strangler:index:{component}"]["inputProperties"]


def camel(name: str) -> str:
    """A name as the schema has it."""
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))


@dataclass(frozen=True)
class Place:
    """Where something is given."""

    path: str
    """As messages have it."""
    value: object
    """What is given there."""
    plain: bool
    """Whether it takes a plain value alone."""


def places(about: Mapping[str, Any], value: object, path: str) -> Iterator[Place]:
    """A value's, and those of all in it."""
    yield Place(path, value, about.get("plain", False))
    if isinstance(value, list):
        for n, inner in enumerate(cast("list[object]", value)):
            yield from places(about["items"], inner, f"{path}[{n}]")
    if isinstance(value, dict) and path != "environment":
        kind = schema()["types"].get(about.get("$ref", "").removeprefix("#/types/"))
        for key, inner in cast("dict[str, object]", value).items():
            within = kind["properties"][camel(key)] if kind else about["additionalProperties"]
            yield from places(within, inner, f"{path}.{key}")


def all_places(component: str, args: Mapping[str, object]) -> list[Place]:
    """Those of all arguments."""
    return [place for key, value in args.items() for place in places(inputs(component)[camel(key)], value, key)]


def put(value: Any, path: str, new: object) -> Any:
    """A copy with something else at a path."""
    key, _, rest = path.replace("[", ".").replace("]", "").partition(".")
    listed = dict(enumerate(cast("list[object]", value))) if isinstance(value, list) else None
    copy: dict[Any, object] = dict(cast("dict[str, object]", value)) if listed is None else {**listed}
    at = key if listed is None else int(key)
    copy[at] = put(copy[at], rest, new) if rest else new
    return copy if listed is None else [*copy.values()]


def test_every_argument_is_among_those_that_are_tried() -> None:
    every = {(name, key) for name in {*dict(GIVEN)} for key in inputs(name)}
    assert {(name, camel(key)) for name, args in GIVEN for key in args} == every
    tried = {camel(place.path.rpartition(".")[2]) for name, args in GIVEN for place in all_places(name, args)}
    assert {key for kind in schema()["types"].values() for key in kind["properties"]} <= tried


@whole
def test_what_is_nothing_that_one_gives_is_told_where_it_stands(component: str, args: dict[str, object]) -> None:
    for place in all_places(component, args):
        lines = refused(component, put(args, place.path, object()))
        start = f"{component} x: {place.path}: found a value of type object; "
        assert [line for line in lines if line.startswith(start)], lines
        assert "object at 0x" not in "".join(lines)


@whole
def test_an_output_where_a_plain_value_is_needed_is_called_one(component: str, args: dict[str, object]) -> None:
    plain = [place.path for place in all_places(component, args) if place.plain]
    assert plain

    def program() -> None:
        for path in plain:
            lines = refused(component, put(args, path, pulumi.Output.from_input("x")))
            assert f"{component} x: {path}: found an output; {PLAIN}" in lines

    run(program)


@whole
def test_what_stands_in_the_place_of_all_arguments_is_told(component: str, args: dict[str, object]) -> None:
    assert args
    every: list[tuple[object, str]] = [("x", "'x'"), (["x"], "a list"), (5, "5")]
    for wrong, shown in every:
        assert refused(component, wrong) == [f"{component} x: found {shown}; give a map"]


@whole
def test_an_empty_text_is_no_arn_id_or_image(component: str, args: dict[str, object]) -> None:
    """A setting that isn't there comes to one: `config.get("image") or ""`."""
    for place in all_places(component, args):
        if place.plain or not isinstance(place.value, str) or {"variables", "dns_name"} & {*place.path.split(".")}:
            continue
        lines = refused(component, put(args, place.path, ""))
        assert [line.partition("; ")[0] for line in lines] == [f"{component} x: {place.path}: found ''"]


@pytest.mark.parametrize(
    ("component", "path", "empty", "line"),
    [
        ("AlbFacade", "targets", {}, "an empty map; give one or more"),
        ("HttpApiFacade", "targets", {}, "an empty map; give one or more"),
        ("RefactorSpacesFacade", "targets", {}, "an empty map; give one or more"),
        ("HttpApiFacade", "vpc_links.shop.subnet_ids", [], "an empty list; give the ids of subnets"),
        ("FargateWorker", "rollback_alarms.names", [], "an empty list; give the names of alarms that exist"),
        ("ScheduledJob", "container_health_check.command", [None], "an empty list; give CMD-SHELL and a command"),
    ],
)
def test_nothing_in_a_list_or_map_is_told_where_something_must_be(
    component: str, path: str, empty: object, line: str
) -> None:
    (args, *_) = (args for name, args in GIVEN if name == component)
    assert any(told.startswith(f"{component} x: {path}: {line}") for told in refused(component, put(args, path, empty)))


def test_a_load_balancers_groups_and_its_subnets_are_not_none_at_all() -> None:
    (args,) = (args for name, args in GIVEN if name == "Environment" and "listener" in args)
    remedy = "give the ids of the load balancer's security groups"
    lines = refused("Environment", put(args, "listener.security_groups", []))
    assert lines == [f"Environment x: listener.security_groups: an empty list; {remedy}"]
    alone = {"vpc": {**VPC, "public_subnets": []}}
    remedy = "give those of the load balancer, or an existing listener"
    assert refused("Environment", alone) == [f"Environment x: vpc.public_subnets: missing; {remedy}"]


@pytest.mark.parametrize("component", ["FargateWebService", "FargateWorker", "ScheduledJob"])
def test_what_is_no_placement_is_told_by_its_name(component: str) -> None:
    (args, *_) = (args for name, args in GIVEN if name == component)
    keys = ", ".join(key for key in PLACEMENT if key != "vpc_id")
    remedy = "give the placement of an Environment"
    start = f"{component} x: environment: "
    assert refused(component, put(args, "environment", {"vpc_id": "a"})) == [f"{start}a map without {keys}; {remedy}"]


def test_an_output_that_is_no_placement_is_told_once_it_is_known() -> None:
    def program() -> None:
        ScheduledJob(
            "x", {"environment": pulumi.Output.from_input(cast("Any", "arn:c")), "image": "a", "schedule": "none"}
        )

    with pytest.raises(pulumi.RunError) as told:
        run(program)
    assert str(told.value) == "ScheduledJob x: environment: found 'arn:c'; give the placement of an Environment"


def test_what_is_awaited_is_awaited_once_however_often_it_is_needed() -> None:
    async def arn() -> str:
        return LISTENER

    (args,) = (args for name, args in GIVEN if name == "AlbFacade")
    record = run(lambda: AlbFacade("x", cast("AlbFacadeArgs", put(args, "listener_arn", arn()))))
    assert {rule.inputs["listenerArn"] for rule in record.of("ListenerRule")} == {LISTENER}
    assert len(record.of("ListenerRule")) > 1
