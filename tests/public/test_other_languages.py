"""Mistakes in what a program in another language gives: each is told at the place, and by the names, that it has."""

import json
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from typing import Any, cast

import pulumi

from components.public.hosted import told
from tests.public.test_schema import schema
from tests.public.test_wrong_arguments import FUNCTION, GIVEN, LISTENER, ROUTE, URL, all_places, camel, inputs, put
from tests.repository import ROOT

Told = list[dict[str, str]]


def refused(cases: Iterable[tuple[str, Mapping[str, Any]]]) -> list[Told]:
    """What is told of each."""
    command = [sys.executable, "-m", "tests.public.foreign_program"]
    text = json.dumps([*cases])
    done = subprocess.run(command, cwd=ROOT, input=text, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def named(about: Mapping[str, Any], value: object) -> Any:
    """A value with the names of the schema."""
    if isinstance(value, list):
        return [named(about["items"], inner) for inner in cast("list[object]", value)]
    if not isinstance(value, dict) or "pulumi.json#/Any" in json.dumps(about):
        return cast("Any", value)
    kind = schema()["types"].get(about.get("$ref", "").removeprefix("#/types/"))
    known = cast("dict[str, object]", value)
    if kind:
        return {camel(key): named(kind["properties"][camel(key)], inner) for key, inner in known.items()}
    return {key: named(about["additionalProperties"], inner) for key, inner in known.items()}


def foreign(component: str, args: Mapping[str, object]) -> dict[str, Any]:
    """Arguments with the names of the schema."""
    return {camel(key): named(inputs(component)[camel(key)], value) for key, value in args.items()}


def wrong(value: object) -> object:
    """What can't stand in the place of a value, and reaches the component."""
    if isinstance(value, bool) or (isinstance(value, float) and value < 1):
        return "x"
    return -7 if isinstance(value, int) else 5.5


def test_a_mistake_is_told_where_it_is_by_the_names_of_the_schema() -> None:
    """Pulumi itself takes what isn't a map for an empty one, where one of ours is to be."""
    cases: list[tuple[str, dict[str, Any], str]] = []
    for component, args in GIVEN:
        right = foreign(component, args)
        for place in all_places(component, right):
            if not isinstance(place.value, dict):
                cases.append((component, put(right, place.path, wrong(place.value)), place.path))
    assert len(cases) > 150
    assert len([path for _, _, path in cases if re.search("[A-Z]", path)]) > 80
    for (component, _, path), mistakes in zip(cases, refused(case[:2] for case in cases), strict=True):
        assert path in [mistake["property_path"] for mistake in mistakes], (component, path, mistakes)


def test_a_name_of_the_users_own_stays_as_it_is_even_where_it_is_one_of_ours() -> None:
    (args, *_) = (args for name, args in GIVEN if name == "ScheduledJob")
    sidecars = {"entry_point": {"image": "", "depends_on": {"vpc_id": "start"}}}
    given = {
        **args,
        "sidecars": sidecars,
        "depends_on": {},
        "variables": {"log_days": "5"},
        "secrets": {"log_days": "a"},
    }
    facade = {
        "listener_arn": LISTENER,
        "targets": {"vpc_id": {"target_group_arn": ""}},
        "routes": [{**ROUTE, "target": "keep_host"}],
    }
    job, alb = refused([("ScheduledJob", foreign("ScheduledJob", given)), ("AlbFacade", foreign("AlbFacade", facade))])
    assert {mistake["property_path"]: mistake["reason"] for mistake in job} == {
        "secrets.log_days": "a variable also has this name; keep one of them",
        "sidecars.entry_point.image": "found ''; give a string, or an output of one",
        "sidecars.entry_point.dependsOn.vpc_id": "unknown container 'vpc_id'; known: entry_point, x",
    }
    assert {mistake["property_path"]: mistake["reason"] for mistake in alb} == {
        "targets.vpc_id.targetGroupArn": "found ''; give a string, or an output of one",
        "routes[0].target": "unknown target 'keep_host'; known: vpc_id",
    }


def _facade(target: dict[str, object], **more: object) -> dict[str, object]:
    return {"targets": {"users": target}, "routes": [], "default_target": "users", **more}


LINK = {"vpc_id": "vpc-1", "subnet_ids": ["a", "b"], "load_balancer_security_group_id": "sg-1"}
NAMING: list[tuple[str, dict[str, object], str]] = [
    ("HttpApiFacade", _facade({}), "targets.users: no address; give one of url, functionArn, listenerArn"),
    (
        "HttpApiFacade",
        _facade({**URL, "function_arn": FUNCTION}),
        "targets.users: both url and functionArn; give one of url, functionArn, listenerArn",
    ),
    (
        "HttpApiFacade",
        _facade({"function_arn": FUNCTION, "keep_host": True}),
        "targets.users.keepHost: keepHost together with functionArn; remove it: only url supports it",
    ),
    (
        "HttpApiFacade",
        _facade({"listener_arn": LISTENER}, vpc_links={"a": LINK, "b": LINK}),
        "targets.users.vpcLink: missing; give a key of vpcLinks, through which to reach the listener",
    ),
    (
        "AlbFacade",
        {
            "listener_arn": LISTENER,
            "targets": {"users": {"target_group_arn": "arn:new"}},
            "routes": [{**ROUTE, "weight": 5}],
        },
        "routes: weights for GET /api/users; set defaultTarget to the target that gets the rest, or give 0 or 100",
    ),
    (
        "FargateWorker",
        {"environment": dict(GIVEN[-1][1])["environment"], "image": "a", "scaling": {"min": 1, "max": 2}},
        "scaling: no metric to scale on; give one or more of cpuPercent, memoryPercent, backlogPerTask",
    ),
    (
        "Environment",
        {
            **next(args for name, args in GIVEN if name == "Environment" and "listener" in args),
            "certificate_arn": "arn:c",
        },
        "certificateArn: certificateArn together with listener; remove it: an existing load balancer has its own",
    ),
]
"""Mistakes of which the line names other arguments."""


def test_a_line_names_other_arguments_as_the_schema_does() -> None:
    every = refused((component, foreign(component, args)) for component, args, _ in NAMING)
    lines = [[f"{mistake['property_path']}: {mistake['reason']}" for mistake in mistakes] for mistakes in every]
    assert lines == [[line] for _, _, line in NAMING]


def test_what_is_no_argument_is_told_as_a_whole() -> None:
    assert told(pulumi.RunError("users: it is gone")) == [{"property_path": "", "reason": "users: it is gone"}]
