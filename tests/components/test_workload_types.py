"""What each type of workloads registers on AWS, and that none of its sections is read and then forgotten."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

import pytest

from components.manifest.support import State, leaves
from components.manifest.workload_types import WORKLOAD_TYPES
from tests.components.recorder import Record
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
    "taskdef_overrides": [{"path": "ContainerDefinitions[0].User", "value": "user"}],
}
"""A value of a section that is another than its default; else that of the full manifest."""


def of(kind: str, **fields: object) -> Tree:
    """A manifest of a type."""
    return {"name": "users", "type": kind, "image": IMAGE, **fields}


@cache
def _resources(content: str) -> str:
    with TemporaryDirectory() as name:
        folder = write_project(Path(name), {"users": content, "web": manifest("web", "/")})
        record = registered(folder, CONFIG)
        return repr(sorted((one.type, one.name, repr(dict(one.inputs))) for one in record.all)).replace(name, "")


OWN = ("Backend Service",)
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
    before, value = of(kind), OTHERS.get(section, FULL.get(section))
    if section == "sidecars":
        before["storage"] = FULL["storage"]
    if section == "cpu":
        before["memory"] = 1024
    assert _resources(as_yaml(before)) != _resources(as_yaml({**before, section: value}))


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
