"""What the platform `local` has in its state, and what makes a new container, is what earlier versions made of it."""

import json
from dataclasses import fields, replace
from typing import Any

import pytest

from components.local.command import settings_of
from components.local.envoy.state import Target, Upstream, table_data, target_of, upstream_data
from components.local.mounts import Mount
from components.local.release import LocalContainer, LocalSidecar, container_of
from components.manifest.http import HealthCheck, HttpRule
from components.manifest.image import ContainerHealthCheck
from components.manifest.manifest import Manifest
from components.model.routes import Route, RouteTable

USERS = Manifest("users", 3000, None)
CHECK = {
    "path": "/",
    "port": 0,
    "successCodes": "200",
    "healthyThreshold": 5,
    "unhealthyThreshold": 2,
    "interval": 30,
    "timeout": 5,
    "gracePeriod": 60,
}
SERVICE = {"network": "n", "containers": ["one", "two"], "port": 3000, "drain": 60, "healthcheck": CHECK}
ROUTE = {"path": "/api/users", "service": "users", "methods": ["GET"], "children": True, "weight": 25}
TABLE = RouteTable.of([Route("mine", "/api/users", "users", ("GET",), weight=25)], None)


def test_an_upstream_is_in_the_state_as_it_always_was() -> None:
    assert upstream_data(USERS, HttpRule("/api/users"), "n", ["one", "two"]) == SERVICE
    other = HttpRule("/", healthcheck=HealthCheck(port=9000), target_port=8080)
    assert upstream_data(USERS, other, "n", [])["port"] == 8080
    assert upstream_data(USERS, other, "n", [])["healthcheck"] == {**CHECK, "port": 9000}


def test_where_a_sidecar_takes_the_requests_it_is_asked_and_its_task_has_to_run() -> None:
    rule = HttpRule("/", HealthCheck(port=9000), target_port=8080, target_container="nginx")
    found = upstream_data(USERS, rule, "n", ["one-network"], ["one.nginx", "one"])
    assert (found["port"], found["healthcheck"]) == (8080, {**CHECK, "port": 9000})
    back = target_of({"services": {"users": found}, "table": table_data(TABLE)}).upstreams["users"]
    assert (back.hosts, back.alive) == (("one-network",), ("one.nginx", "one", "one-network"))


def test_a_table_is_in_the_state_as_it_always_was() -> None:
    assert table_data(TABLE) == {"default": "none", "routes": {"mine": ROUTE}}
    assert table_data(RouteTable.of([], "users")) == {"default": "users", "routes": {}}


def test_what_the_engine_hands_back_is_what_was_given_with_whole_numbers() -> None:
    given = {"services": {"users": SERVICE}, "table": table_data(TABLE)}
    back = target_of(json.loads(json.dumps(given), parse_int=float))
    assert back == Target({"users": Upstream("users", "n", ("one", "two"), 3000, HealthCheck(), 60)}, TABLE)
    assert isinstance(back.upstreams["users"].port, int)
    assert back.upstreams["users"].healthcheck.port is None


def test_a_release_has_the_name_that_it_always_had() -> None:
    """The names are those of the version before containers were made of LocalContainer."""
    assert container_of(USERS, "digest", {"B": "1", "A": "2"}).release == "606d612b"
    rich = replace(
        USERS,
        command=("x",),
        healthcheck=ContainerHealthCheck(("CMD", "x")),
        labels=(("a", "b"),),
        readonly_fs=True,
    )
    assert container_of(rich, "digest", {}).release == "c7ef64a6"


USUAL = container_of(USERS, "digest", {})
OTHERS: dict[str, object] = {
    "made_of": "another",
    "environment": (("A", "1"),),
    "entrypoint": ("x",),
    "command": ("x",),
    "cpu": 1,
    "memory": 1,
    "healthcheck": ContainerHealthCheck(("CMD", "x")),
    "labels": (("a", "b"),),
    "readonly_fs": True,
    "network": "n",
    "names": ("n",),
    "mounts": (Mount("data", "/data", read_only=True),),
    "waits": (("nginx", "start"),),
    "sidecars": (LocalSidecar("nginx", USUAL, essential=True),),
}
"""Another value of each field of a container."""

GIVEN = {
    "made_of": "the image is given",
    "healthcheck": "another command would not pass the service's check",
    "network": "the network is given",
    "names": "nobody is to find it by the service's name",
    "waits": "like_of has it beside the settings",
    "sidecars": "like_of has them beside the settings",
}
"""What the settings of a one-off task's container don't have of the service's, and why."""


def test_whatever_changes_of_a_container_is_another_release() -> None:
    assert set(OTHERS) == {field.name for field in fields(LocalContainer)}
    releases = {_other(name).release for name in OTHERS}
    assert len(releases | {USUAL.release}) == len(OTHERS) + 1


@pytest.mark.parametrize("name", sorted(set(OTHERS) - set(GIVEN)))
def test_whatever_changes_of_a_container_changes_the_one_off_tasks_of_its_service(name: str) -> None:
    assert _settings(_other(name)) != _settings(USUAL)


def _other(name: str) -> LocalContainer:
    return replace(USUAL, **{name: OTHERS[name]})


def _settings(made: LocalContainer) -> dict[str, Any]:
    return settings_of(made, "image", "network", {}, {})
