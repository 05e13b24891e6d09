"""The container definitions of a service: canonical, and what ECS expects."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.aws.plan.container_definitions import Surroundings, definitions
from components.manifest.http import Http, HttpRule
from components.manifest.image import ContainerHealthCheck
from components.manifest.manifest import Manifest
from components.manifest.sidecars import MountPoint, Sidecar
from components.manifest.variables import Secret

AROUND = Surroundings(
    project="strangler",
    environment="users",
    image="registry.example/users@sha256:0",
    endpoint="users.dev.strangler.local",
    balancer="users.elb",
    log_group="/strangler/dev/users/users",
    region="eu-west-1",
    partition="aws",
    account="123456789012",
)
USERS = Manifest(name="users", port=3000, http=Http(HttpRule("/api/users")))

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
            replace(
                USERS,
                variables=tuple(shuffled(variables)),
                secrets=tuple((key, Secret("ssm", value)) for key, value in shuffled(secrets)),
            ),
            AROUND,
        )
        for _ in range(3)
    }
    assert len(texts) == 1


@given(st.dictionaries(names, st.text(max_size=5)))
def test_every_variable_reaches_the_container_and_none_stands_twice(variables: dict[str, str]) -> None:
    found = container(replace(USERS, variables=tuple(variables.items())))["environment"]
    environment = {item["name"]: item["value"] for item in found}
    assert len(environment) == len(found)
    assert environment.items() >= variables.items()


def test_a_container_knows_what_copilot_tells_it() -> None:
    environment = {item["name"]: item["value"] for item in container(USERS)["environment"]}
    assert environment == {
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
    ports = container(replace(USERS, http=Http(HttpRule("/", target_port=target))))["portMappings"]
    assert {port["containerPort"] for port in ports} == {3000, named}
    assert [port["containerPort"] for port in ports if "name" in port] == [named]


def test_logs_go_to_the_services_own_group() -> None:
    assert container(USERS)["logConfiguration"] == {
        "logDriver": "awslogs",
        "options": {
            "awslogs-group": "/strangler/dev/users/users",
            "awslogs-region": "eu-west-1",
            "awslogs-stream-prefix": "ecs",
        },
    }


NGINX = Sidecar("nginx", location="nginx@sha256:0", port=80)
WITH_NGINX = replace(AROUND, sidecars={"nginx": "nginx@sha256:0"})


def beside(sidecar: Sidecar, manifest: Manifest = USERS) -> dict[str, Any]:
    """The container of the one sidecar."""
    texts = definitions(replace(manifest, sidecars=(sidecar,)), WITH_NGINX)
    _main, found = json.loads(texts)
    return found


def test_a_sidecar_is_a_container_behind_the_main_one_with_what_ecs_adds_written_out() -> None:
    found = beside(NGINX)
    assert (found["name"], found["image"], found["essential"]) == ("nginx", "nginx@sha256:0", True)
    assert found["portMappings"] == [{"containerPort": 80, "hostPort": 80, "protocol": "tcp"}]
    assert found.keys() == container(USERS).keys()
    assert found["environment"] == container(USERS)["environment"]
    assert found["logConfiguration"] == container(USERS)["logConfiguration"]


def test_a_sidecar_is_as_its_fields_say() -> None:
    check = ContainerHealthCheck(("CMD", "true"))
    found = beside(
        Sidecar(
            "nginx",
            port=8125,
            protocol="udp",
            essential=False,
            credentials="registry",
            variables=(("A", "1"),),
            secrets=(("B", Secret("ssm", "/b")),),
            labels=(("team", "web"),),
            depends_on=(("users", "healthy"),),
            entrypoint=("sh",),
            command=("-c", "true"),
            healthcheck=check,
            mount_points=(MountPoint("data", "/srv", read_only=False),),
        )
    )
    assert found["mountPoints"] == [{"sourceVolume": "data", "containerPath": "/srv", "readOnly": False}]
    assert found["portMappings"] == [{"containerPort": 8125, "hostPort": 8125, "protocol": "udp"}]
    assert found["essential"] is False
    assert found["repositoryCredentials"] == {"credentialsParameter": "registry"}
    assert {"name": "A", "value": "1"} in found["environment"]
    assert found["secrets"] == [{"name": "B", "valueFrom": "arn:aws:ssm:eu-west-1:123456789012:parameter/b"}]
    assert found["dockerLabels"] == {"team": "web"}
    assert found["dependsOn"] == [{"containerName": "users", "condition": "HEALTHY"}]
    assert (found["entryPoint"], found["command"]) == (["sh"], ["-c", "true"])
    assert found["healthCheck"] == {
        "command": ["CMD", "true"],
        "interval": 10,
        "retries": 2,
        "timeout": 5,
        "startPeriod": 0,
    }


def test_the_sidecar_that_takes_the_requests_has_the_port_with_the_name() -> None:
    behind = replace(USERS, http=Http(HttpRule("/", target_container="nginx", target_port=80)), sidecars=(NGINX,))
    main, nginx = json.loads(definitions(behind, WITH_NGINX))
    assert [mapping.get("name") for mapping in main["portMappings"]] == [None]
    assert nginx["portMappings"] == [{"containerPort": 80, "hostPort": 80, "protocol": "tcp", "name": "target"}]


def test_the_main_container_has_labels_credentials_an_order_and_a_file_system_as_the_manifest_says() -> None:
    found = container(
        replace(
            USERS,
            labels=(("b", "2"), ("a", "1")),
            credentials="arn:aws:secretsmanager:eu-west-1:123456789012:secret:registry",
            depends_on=(("nginx", "start"),),
            readonly_fs=True,
        )
    )
    assert found["dockerLabels"] == {"a": "1", "b": "2"}
    credentials = {"credentialsParameter": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:registry"}
    assert found["repositoryCredentials"] == credentials
    assert found["dependsOn"] == [{"containerName": "nginx", "condition": "START"}]
    assert found["readonlyRootFilesystem"] is True


def test_what_a_manifest_does_not_say_of_a_container_is_not_in_it() -> None:
    rare = {"dockerLabels", "repositoryCredentials", "dependsOn", "readonlyRootFilesystem"}
    assert not container(USERS).keys() & rare
    assert not beside(NGINX).keys() & rare
