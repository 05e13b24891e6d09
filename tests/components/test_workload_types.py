"""What each type of workloads registers on AWS, and that none of its sections is read and then forgotten."""

import json
from functools import cache
from pathlib import Path
from typing import Any, cast

import pytest

from components.manifest.manifest import LOAD_BALANCED_WEB_SERVICE
from components.manifest.support import State, leaves
from components.manifest.workload_types import WORKLOAD_TYPES
from tests.components.recorder import Record, Registration
from tests.components.services_together import registered_together
from tests.components.system import registered
from tests.projects import DIGEST, Tree, as_yaml, manifest, write_project
from tests.pure.full import FULL

CONFIG: Tree = {"platform": "aws", "facade": "alb", "default": "web"}
IMAGE: Tree = {"location": f"users@{DIGEST}", "port": 3000}
OTHERS: Tree = {
    "image": {**IMAGE, "location": f"other@{DIGEST}"},
    "cpu": 512,
    "memory": 1024,
    "platform": "linux/arm64",
    "count": 2,
    "exec": True,
    "network": {"vpc": {"security_groups": ["sg-0a1b2c3d"]}},
    "storage": {"ephemeral": 30},
    "on": {"schedule": "@hourly"},
    "retries": 2,
    "timeout": "1h",
    "taskdef_overrides": [{"path": "ContainerDefinitions[0].User", "value": "user"}],
    "subscribe": {"queue": {"timeout": "2m"}},
    "http": {"path": "/"},
}
"""A value of a section that is another than its default; else that of the full manifest."""


def of(kind: str, **fields: object) -> Tree:
    """A manifest of a type."""
    more: Tree = {"on": {"schedule": "@daily"}} if kind == "Scheduled Job" else {}
    return {"name": "users", "type": kind, "image": IMAGE, **more, **fields}


TYPES = [name for name, kind in WORKLOAD_TYPES.items() if kind.only_as is None]
"""Those that are what they are; another is read as one of them."""
OWN = [name for name in TYPES if name != LOAD_BALANCED_WEB_SERVICE]
"""The types that have no other test of every field."""
SECTIONS = [
    (kind, section)
    for kind in OWN
    for section in WORKLOAD_TYPES[kind].fields.fields
    if section not in ("name", "type")
    and any(path[0] == section and field.aws is State.BUILT for path, field in leaves(WORKLOAD_TYPES[kind].fields))
]


@pytest.mark.parametrize(("kind", "section"), SECTIONS)
def test_every_section_of_every_type_reaches_something_that_is_registered(kind: str, section: str) -> None:
    before, after = map(as_yaml, _manifests(kind, section))
    registered = _services(kind)
    assert registered[before] != registered[after]


def test_a_service_of_another_type_is_the_same_service(tmp_path: Path) -> None:
    """So that what its component holds stays, such as its log group, whose name is taken."""
    kinds = {f"users{number}": kind for number, kind in enumerate(TYPES)}
    record = run(tmp_path, **{name: {**of(kind, http={"path": name}), "name": name} for name, kind in kinds.items()})
    made = {one.type: one for one in record.all if one.name in kinds and "index:Strangler::" in one.parent}
    assert len(made) == len(TYPES)
    assert {kind: _aliases(one) for kind, one in made.items()} == {kind: set(made) - {kind} for kind in made}


def _aliases(one: Registration) -> set[str]:
    """The types by which a resource was known before."""
    options: Any = one.options
    return {alias.spec.type for alias in options.aliases}


def _manifests(kind: str, section: str) -> tuple[Tree, Tree]:
    """Two manifests that differ in one section."""
    before, value = of(kind), OTHERS.get(section, FULL.get(section))
    if section == "sidecars":
        before["storage"] = FULL["storage"]
    if section == "cpu":
        before["memory"] = 1024
    return before, {**before, section: value}


@cache
def _services(kind: str) -> dict[str, list[str]]:
    """What is registered for the manifests of all sections of a type."""
    trees = (tree for one, section in SECTIONS if one == kind for tree in _manifests(kind, section))
    return registered_together(map(as_yaml, trees), CONFIG, {"web": manifest("web", "/")})


def run(folder: Path, **manifests: object) -> Record:
    """What is registered with a web service beside these."""
    return registered(write_project(folder, {"web": manifest("web", "/"), **manifests}), CONFIG)


def of_users(record: Record, token: str) -> list[Tree]:
    """The inputs of what users has of a type."""
    inputs = [cast("Tree", dict(one.inputs)) for one in record.all if one.type == f"aws:{token}"]
    return [one for one in inputs if cast("Tree", one.get("tags") or {}).get("service") == "users"]


# Backend Service


def test_nothing_leads_to_a_backend_from_a_load_balancer(tmp_path: Path) -> None:
    record = run(tmp_path, users=of("Backend Service", network={"connect": {"alias": "api"}}))
    for token in ("lb/targetGroup:TargetGroup", "lb/listenerRule:ListenerRule", "lb/listener:Listener"):
        assert of_users(record, token) == []
    (service,) = of_users(record, "ecs/service:Service")
    assert not service.get("loadBalancers")
    assert cast("Tree", service["serviceRegistries"])["port"] == 3000
    connect = cast("Tree", service["serviceConnectConfiguration"])
    (served,) = cast("list[Tree]", connect["services"])
    assert served["clientAlias"] == [{"dnsName": "api", "port": 3000}]
    assert len(of_users(record, "servicediscovery/service:Service")) == 1


def test_a_backend_without_a_port_is_registered_nowhere_and_may_call_by_service_connect(tmp_path: Path) -> None:
    image: Tree = {"location": f"users@{DIGEST}"}
    record = run(tmp_path, users=of("Backend Service", image=image, network={"connect": True}))
    (service,) = of_users(record, "ecs/service:Service")
    assert service.get("serviceRegistries") is None
    connect = cast("Tree", service["serviceConnectConfiguration"])
    assert connect["enabled"]
    assert not connect.get("services")
    assert of_users(record, "servicediscovery/service:Service") == []


@pytest.mark.parametrize("kind", OWN)
def test_only_what_a_load_balancer_leads_to_is_told_its_name(tmp_path: Path, kind: str) -> None:
    record = run(tmp_path, users=of(kind))
    (definition,) = of_users(record, "ecs/taskDefinition:TaskDefinition")
    (container,) = json.loads(cast("str", definition["containerDefinitions"]))
    environment = {variable["name"] for variable in container["environment"]}
    assert "COPILOT_SERVICE_DISCOVERY_ENDPOINT" in environment
    assert "COPILOT_LB_DNS" not in environment


# Scheduled Job


def test_a_job_is_a_machine_that_runs_its_task_and_a_rule_that_starts_it(tmp_path: Path) -> None:
    record = run(tmp_path, users=of("Scheduled Job", retries=3, timeout="90m"))
    assert of_users(record, "ecs/service:Service") == []
    (machine,) = of_users(record, "sfn/stateMachine:StateMachine")
    definition = json.loads(cast("str", machine["definition"]))
    (state,) = definition["States"].values()
    assert definition["TimeoutSeconds"] == 5400
    assert state["Resource"].endswith(":states:::ecs:runTask.sync")
    assert state["Retry"] == [
        {"ErrorEquals": ["States.ALL"], "IntervalSeconds": 10, "BackoffRate": 1.5, "MaxAttempts": 3}
    ]
    placed = state["Parameters"]["NetworkConfiguration"]["AwsvpcConfiguration"]
    assert placed["AssignPublicIp"] == "ENABLED"
    (rule,) = of_users(record, "cloudwatch/eventRule:EventRule")
    assert (rule["scheduleExpression"], rule["state"]) == ("cron(0 0 * * ? *)", "ENABLED")


def test_a_job_without_retries_and_timeout_says_nothing_of_them(tmp_path: Path) -> None:
    record = run(tmp_path, users=of("Scheduled Job", on={"schedule": "none"}))
    (machine,) = of_users(record, "sfn/stateMachine:StateMachine")
    definition = json.loads(cast("str", machine["definition"]))
    assert "TimeoutSeconds" not in definition
    assert "Retry" not in next(iter(definition["States"].values()))
    (rule,) = of_users(record, "cloudwatch/eventRule:EventRule")
    assert (rule["scheduleExpression"], rule["state"]) == ("rate(5 minutes)", "DISABLED")


def test_a_jobs_task_is_in_the_environments_group_whatever_its_manifest_says(tmp_path: Path) -> None:
    groups: Tree = {"deny_default": True, "groups": ["sg-0a1b2c3d"]}
    network: Tree = {"vpc": {"placement": {"subnets": ["subnet-0a1b2c3f"]}, "security_groups": groups}}
    subnets: Tree = {"publicSubnets": ["subnet-0a1b2c3d", "subnet-0a1b2c3e"]}
    vpc: Tree = {"id": "vpc-0a1b2c3d", **subnets, "privateSubnets": ["subnet-0a1b2c3f", "subnet-0a1b2c40"]}
    manifests: Tree = {"web": manifest("web", "/"), "users": of("Scheduled Job", network=network)}
    record = registered(write_project(tmp_path, manifests), {**CONFIG, "environments": {"shared": {"vpc": vpc}}})
    (machine,) = of_users(record, "sfn/stateMachine:StateMachine")
    (state,) = json.loads(cast("str", machine["definition"]))["States"].values()
    placed = state["Parameters"]["NetworkConfiguration"]["AwsvpcConfiguration"]
    assert len(placed["SecurityGroups"]) == 2
    assert placed["AssignPublicIp"] == "DISABLED"
