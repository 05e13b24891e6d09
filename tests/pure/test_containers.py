"""The container definitions of a service: canonical, and what ECS expects."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.aws.containers import Surroundings, definitions
from components.manifest import ContainerHealthCheck, Manifest
from components.manifest_http import Http

AROUND = Surroundings(
    project="strangler",
    environment="users",
    image="registry.example/users@sha256:0",
    endpoint="users.dev.strangler.local",
    balancer="users.elb",
    log_group="/strangler/dev/users/users",
    region="eu-west-1",
    secrets={},
)
USERS = Manifest(name="users", port=3000, http=Http("/api/users"))

names = st.text("ABCXYZ_", min_size=1, max_size=4)


def container(manifest: Manifest, around: Surroundings = AROUND) -> dict[str, Any]:
    """The one container."""
    (found,) = json.loads(definitions(manifest, around))
    return found


@given(st.dictionaries(names, st.text(max_size=5)), st.dictionaries(names, st.text(max_size=5)), st.randoms())
def test_complaint_11_the_same_input_is_the_same_text_in_whatever_order_it_comes(
    variables: dict[str, str], secrets: dict[str, str], chance: Any
) -> None:
    def shuffled(values: dict[str, str]) -> list[tuple[str, str]]:
        pairs = list(values.items())
        chance.shuffle(pairs)
        return pairs

    texts = {
        definitions(
            replace(USERS, variables=tuple(shuffled(variables))), replace(AROUND, secrets=dict(shuffled(secrets)))
        )
        for _ in range(3)
    }
    assert len(texts) == 1


@given(st.dictionaries(names, st.text(max_size=5)))
def test_every_variable_reaches_the_container_and_none_stands_twice(variables: dict[str, str]) -> None:
    found = container(replace(USERS, variables=tuple(variables.items())))["environment"]
    told = {each["name"]: each["value"] for each in found}
    assert len(told) == len(found)
    assert told.items() >= variables.items()


def test_a_container_knows_what_copilot_tells_it() -> None:
    told = {each["name"]: each["value"] for each in container(USERS)["environment"]}
    assert told == {
        "COPILOT_APPLICATION_NAME": "strangler",
        "COPILOT_ENVIRONMENT_NAME": "users",
        "COPILOT_SERVICE_NAME": "users",
        "COPILOT_SERVICE_DISCOVERY_ENDPOINT": "users.dev.strangler.local",
        "COPILOT_LB_DNS": "users.elb",
    }


def test_complaint_11_what_ecs_adds_is_written_out() -> None:
    found = container(USERS)
    assert found["portMappings"] == [{"containerPort": 3000, "hostPort": 3000, "protocol": "tcp", "name": "target"}]
    for key in ("secrets", "mountPoints", "volumesFrom", "systemControls"):
        assert found[key] == []
    assert found["cpu"] == 0


def test_what_the_image_says_itself_is_left_to_it() -> None:
    assert not container(USERS).keys() & {"entryPoint", "command", "healthCheck", "linuxParameters"}


def test_what_the_manifest_says_replaces_what_the_image_says() -> None:
    check = ContainerHealthCheck(("CMD-SHELL", "true"), interval=7, retries=3, timeout=4, start_period=9)
    found = container(replace(USERS, entrypoint=("sh", "-c"), command=("node x",), healthcheck=check))
    assert (found["entryPoint"], found["command"]) == (["sh", "-c"], ["node x"])
    assert found["healthCheck"] == {
        "command": ["CMD-SHELL", "true"],
        "interval": 7,
        "retries": 3,
        "timeout": 4,
        "startPeriod": 9,
    }


@pytest.mark.parametrize(("target", "named"), [(None, 3000), (3000, 3000), (8080, 8080)])
def test_the_port_that_takes_requests_is_the_one_with_the_name(target: int | None, named: int) -> None:
    ports = container(replace(USERS, http=Http("/", target_port=target)))["portMappings"]
    assert {each["containerPort"] for each in ports} == {3000, named}
    assert [each["containerPort"] for each in ports if "name" in each] == [named]


def test_logs_go_to_the_services_own_group() -> None:
    assert container(USERS)["logConfiguration"] == {
        "logDriver": "awslogs",
        "options": {
            "awslogs-group": "/strangler/dev/users/users",
            "awslogs-region": "eu-west-1",
            "awslogs-stream-prefix": "ecs",
        },
    }
