"""What `Pulumi.yaml` declares of the config: keys that the program reads, with its own defaults."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from components.input.diagnostics import InputError
from components.settings import KEYS, Settings
from tests.projects import board, manifest, read_project, write_project
from tests.repository import ROOT

STACKS = {
    "local": {"platform": "local", "default": "monolith"},
    "aws": {"platform": "aws", "facade": "alb", "default": "monolith"},
}
TAGGED = {"image": {"location": "example.com/posts:latest", "port": 3000}}
EXPORTED = {"variables": {"TABLE": {"from_cfn": "shop-table"}}}
MATTERS = {"strict": {"colour": "red"}, "allowMutableTags": TAGGED, "exports": EXPORTED}
"""What a manifest has, so that a key of the config changes something."""
OTHER = {
    "routes": {"posts": True},
    "services": {"posts": {"count": 3}},
    "environments": {"shared": {"zones": 3}, "posts": {"zones": 3}},
    "facadeSettings": {"alb": {"stickiness": "1m"}},
    "exclude": ["posts"],
    "exports": {"shop-table": "orders"},
    "quotas": {"rules": 1},
    "alarms": {"email": "ops@example.com"},
}
"""Another value of a key whose default isn't a number, true or false."""
WITHOUT = {"platform", "facade", "default", "copilot", "copilotEnvironment"}
"""The keys of which no default suits all stacks."""


def declared(file: str) -> dict[str, dict[str, Any]]:
    """The keys that a project's `Pulumi.yaml` declares."""
    return yaml.safe_load((ROOT / file).read_text(encoding="utf-8"))["config"]


def read(folder: Path, config: dict[str, Any]) -> Settings | str:
    """What the program goes by, or what it refuses."""
    try:
        return read_project(folder, config)
    except InputError as refused:
        return str(refused)


@pytest.mark.parametrize("key", declared("Pulumi.yaml"))
def test_a_declared_key_is_one_that_the_program_reads_with_the_same_default(key: str, tmp_path: Path) -> None:
    default = declared("Pulumi.yaml")[key]["default"]
    other = OTHER[key] if key in OTHER else not default if isinstance(default, bool) else default + 1
    folder = write_project(tmp_path, {**board(), "posts": manifest("posts", **MATTERS.get(key, {}))})
    changed: list[str] = []
    for platform, stack in STACKS.items():
        without = read(folder, stack)
        assert read(folder, {**stack, key: default}) == without
        changed += [platform] if read(folder, {**stack, key: other}) != without else []
    assert changed


def test_every_key_is_described_and_its_type_is_told_by_the_program_alone() -> None:
    """With a type the engine would refuse a wrong value by itself, and the program's other mistakes stayed untold."""
    assert [key for key, about in declared("Pulumi.yaml").items() if {*about} != {"description", "default"}] == []


def test_every_key_that_has_a_default_is_declared() -> None:
    assert {*declared("Pulumi.yaml")} == {*KEYS} - WITHOUT - {"leaveOut"}  # the old name of exclude


def test_a_new_project_declares_the_same() -> None:
    assert declared("template/Pulumi.yaml") == declared("Pulumi.yaml")
