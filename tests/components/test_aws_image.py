"""The image of a service on AWS: what is kept, what is built anew, and what nobody may see."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.components.recorder import Record, Registration
from tests.components.system import deployed
from tests.projects import DIGEST, manifest

IMAGE = "docker:index/image:Image"
SECRET = "4dabf18193072939515e22adb298388d"
"""How the engine's protocol marks a secret."""


def board_of(folder: Path, config: Mapping[str, object] | None = None, **users: object) -> Record:
    """A stack of a monolith and the service users, whose manifest has further fields."""
    return deployed(folder, {"monolith": manifest("monolith", "/"), "users": manifest("users", **users)}, config)


def pushed(record: Record) -> Registration:
    """The image of the service users."""
    return record.one(IMAGE, "users")


def test_complaint_2_the_image_of_a_running_service_is_never_taken_away(tmp_path: Path) -> None:
    record = board_of(tmp_path)
    assert pushed(record).options.retainOnDelete
    policy = record.one("LifecyclePolicy", "users")
    rules = json.loads(policy.inputs["policy"])["rules"]
    running, tagged, untagged = (rule["selection"] for rule in rules)
    its_tag = pushed(record).inputs["imageName"].rpartition(":")[2]
    assert (running["tagPatternList"], running["countType"]) == ([its_tag], "imageCountMoreThan")
    # The policy turns to another release only once that is in steady state.
    assert record.one("aws:ecs/service:Service", "users").urn in policy.options.dependencies
    assert (tagged["tagStatus"], tagged["countType"], tagged["countNumber"]) == ("tagged", "imageCountMoreThan", 10)
    assert (untagged["tagStatus"], untagged["countNumber"], untagged["countUnit"]) == ("untagged", 1, "days")


@pytest.mark.parametrize("delete", [False, True])
def test_a_repository_stays_with_its_images_unless_their_deletion_is_asked_for(tmp_path: Path, delete: bool) -> None:
    record = board_of(tmp_path, {"deleteImages": delete, "keepReleases": 3})
    for resource in (*record.of("Repository"), *record.of("LifecyclePolicy"), *record.of(IMAGE)):
        assert resource.options.retainOnDelete is not delete
    repository = record.one("Repository", "strangler-dev-users").inputs
    assert repository["forceDelete"] is delete
    # What stays behind must not be in the way of the next one.
    assert "name" not in repository
    assert json.loads(record.one("LifecyclePolicy", "users").inputs["policy"])["rules"][1]["selection"][
        "countNumber"
    ] == 3  # fmt: skip


def test_a_repository_scans_and_encrypts(tmp_path: Path) -> None:
    repository = board_of(tmp_path).one("Repository", "strangler-dev-users").inputs
    assert repository["imageScanningConfiguration"] == {"scanOnPush": True}
    assert repository["encryptionConfigurations"] == [{"encryptionType": "AES256"}]


def test_complaint_3_another_checkout_builds_nothing_anew(tmp_path: Path) -> None:
    first, second = (pushed(board_of(tmp_path / name)).inputs for name in ("here", "there"))
    assert first == second


def test_complaint_3_other_content_is_another_release(tmp_path: Path) -> None:
    before = pushed(board_of(tmp_path)).inputs["imageName"]
    (tmp_path / "services/users/app.js").write_text("1", encoding="utf-8")
    assert pushed(board_of(tmp_path)).inputs["imageName"] != before


def test_complaint_4_nothing_is_built_in_a_preview(tmp_path: Path) -> None:
    assert not pushed(board_of(tmp_path)).inputs.get("buildOnPreview")


def test_complaint_5_the_login_is_a_secret(tmp_path: Path) -> None:
    record = board_of(tmp_path)
    registry = json.dumps(_plain(pushed(record).options.object["registry"]))
    assert SECRET in registry
    open_text = json.dumps([resource.inputs for resource in record.all if resource.type != IMAGE], default=str)
    assert "hunter2" not in open_text


def _plain(value: Any) -> Any:
    """A protocol value as plain data."""
    if hasattr(value, "items"):
        return {key: _plain(inner) for key, inner in value.items()}
    return value


def test_complaint_6_a_build_has_everything_that_the_manifest_says(tmp_path: Path) -> None:
    build = {
        "dockerfile": "services/users/Dockerfile",
        "context": "services/users",
        "args": {"B": "2", "A": "1"},
        "target": "small",
        "cache_from": ["cache:1"],
    }
    inputs = pushed(board_of(tmp_path, image={"build": build, "port": 3000}, platform="linux/arm64")).inputs
    assert {**inputs["build"], "builderVersion": ""} == {
        "dockerfile": "services/users/Dockerfile",
        "context": "services/users",
        "args": {"A": "1", "B": "2"},
        "target": "small",
        "cacheFrom": {"images": ["cache:1"]},
        "platform": "linux/arm64",
        "builderVersion": "",
    }
    assert inputs["imageName"].startswith("ecr/strangler-dev-users:")
    assert inputs["imageName"].endswith("-arm64")


def test_every_task_refers_to_its_image_by_digest(tmp_path: Path) -> None:
    for task in board_of(tmp_path).of("TaskDefinition"):
        assert "@sha256:" in json.loads(task.inputs["containerDefinitions"])[0]["image"]


@pytest.mark.parametrize("where", ["manifest", "config"])
def test_an_image_that_was_built_elsewhere_is_taken_as_it_is(tmp_path: Path, where: str) -> None:
    given = f"registry.example/users@{DIGEST}"
    if where == "manifest":
        record = board_of(tmp_path, image={"location": given, "port": 3000})
    else:
        record = board_of(tmp_path, {"services": {"users": {"image": given}}})
    assert [image.name for image in record.of(IMAGE)] == ["monolith"]
    assert [repository.name for repository in record.of("Repository")] == ["strangler-dev-monolith"]
    task = record.one("TaskDefinition", "users").inputs
    assert json.loads(task["containerDefinitions"])[0]["image"] == given


def test_a_login_is_asked_for_only_when_something_is_built(tmp_path: Path) -> None:
    given = {"image": {"location": f"registry.example/x@{DIGEST}", "port": 3000}}
    built = board_of(tmp_path / "1").calls
    taken = deployed(tmp_path / "2", {"monolith": manifest("monolith", "/", **given)}).calls
    token = "aws:ecr/getAuthorizationToken:getAuthorizationToken"
    assert built.count(token) == 1
    assert token not in taken
