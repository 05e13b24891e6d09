"""Overrides of a task definition: what they change, in whose names, and paths that lead nowhere."""

import json
from dataclasses import replace
from typing import Any

import pytest

from components.aws.plan.container_definitions import definitions, nowhere
from components.manifest.publish import Topic
from components.manifest.taskdef_overrides import Override, OverrideError, Size, overridden_size
from components.manifest.variables import Secret
from tests.pure.test_containers import AROUND, USERS, container


def overridden(path: str, value: object) -> dict[str, Any]:
    """The container of users with one override."""
    return container(replace(USERS, overrides=(Override(path, json.dumps(value)),)))


@pytest.mark.parametrize(
    ("path", "value", "name", "expected"),
    [
        (
            "ContainerDefinitions[0].Ulimits[-]",
            {"Name": "nofile", "SoftLimit": 1024, "HardLimit": 2048},
            "ulimits",
            [{"name": "nofile", "softLimit": 1024, "hardLimit": 2048}],
        ),
        ("ContainerDefinitions[0].Ulimits[-].Name", "nofile", "ulimits", [{"name": "nofile"}]),
        ("ContainerDefinitions[0].StopTimeout", 60, "stopTimeout", 60),
        (
            "ContainerDefinitions[0].LinuxParameters.Capabilities.Add",
            ["SYS_PTRACE"],
            "linuxParameters",
            {"capabilities": {"add": ["SYS_PTRACE"]}},
        ),
        ("ContainerDefinitions[0].DockerLabels", {"Team.Name": "A"}, "dockerLabels", {"Team.Name": "A"}),
        ("ContainerDefinitions[0].DockerLabels.Team", "A", "dockerLabels", {"Team": "A"}),
        ("ContainerDefinitions[0].PortMappings[0].ContainerPort", 80, "portMappings", None),
    ],
)
def test_a_container_is_changed_in_the_names_of_the_ecs_api(
    path: str, value: object, name: str, expected: object
) -> None:
    found = overridden(path, value)[name]
    if expected is None:
        assert found[0]["containerPort"] == value
        assert found[0]["hostPort"] == 3000
    else:
        assert found == expected


def test_a_path_changes_nothing_else() -> None:
    plain, changed = container(USERS), overridden("ContainerDefinitions[0].User", "1000")
    assert changed == {**plain, "user": "1000"}


def test_overrides_are_applied_in_their_order() -> None:
    limits = [Override("ContainerDefinitions[0].Ulimits[-]", json.dumps({"Name": name})) for name in "ba"]
    found = container(replace(USERS, overrides=(*limits, Override("ContainerDefinitions[0].Ulimits[1].Name", '"c"'))))
    assert [ulimit["name"] for ulimit in found["ulimits"]] == ["b", "c"]


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("ContainerDefinitions[1].User", "the list has 1: use [-]"),
        ("ContainerDefinitions[0].Ulimits[0]", "the list has 0: use [-]"),
        ("ContainerDefinitions[0].Image[0]", "image is not a list"),
        ("ContainerDefinitions[0].Image.Tag", "Image is not a map"),
    ],
)
def test_a_path_that_leads_nowhere_is_refused(path: str, says: str) -> None:
    with pytest.raises(OverrideError) as refused:
        definitions(replace(USERS, overrides=(Override(path, "1"),)), AROUND)
    assert str(refused.value).startswith(f"{path}: {says}")


def test_a_task_that_is_nowhere_has_all_of_its_variables_and_secrets() -> None:
    secret = replace(USERS, secrets=(("TOKEN", Secret("ssm", "/token")),), topics=(Topic("orders"),))
    (found,) = json.loads(definitions(secret, nowhere(secret)))
    assert [item["name"] for item in found["secrets"]] == ["TOKEN"]
    assert "COPILOT_SNS_TOPIC_ARNS" in [item["name"] for item in found["environment"]]


def test_the_size_of_a_task_is_what_the_last_override_says() -> None:
    pairs: list[tuple[str, object]] = [("Cpu", 1024), ("Cpu", "512"), ("EphemeralStorage.SizeInGiB", 30)]
    overrides = [Override(path, json.dumps(value)) for path, value in (*pairs, ("PidMode", "task"))]
    assert overridden_size(overrides, Size(256, 1024, 20)) == Size(512, 1024, 30, "task")
    assert overridden_size([], Size(256, 512, 20)) == Size(256, 512, 20)
