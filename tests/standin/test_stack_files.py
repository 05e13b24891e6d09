"""What is read and written of a stack without the CLI is what the CLI reads and writes."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.engine.warm import WarmStack
from tools.standin import stack_files

PROGRAM = """
import pulumi
pulumi.export("url", "http://a.example.com")
pulumi.export("tree", {"number": 3, "share": 0.5, "on": True, "none": None, "list": ["a", {"b": []}]})
"""
REGION = "config:\n  aws:region: eu-west-1\n"

SETTINGS = [
    ("standin:facade", "alb", True),
    ("standin:count", "3", True),
    ("standin:wanted", "true", False),
    ("standin:routes", '{"users": {"weight": 25, "path": "/api"}}', False),
    ("standin:long", f"{'a word ' * 40}end", False),
    ("standin:environments.shared.nat", "single", True),
    ("standin:environments.shared.count", "25", True),
    ("standin:environments.shared.insights", "true", True),
    ("standin:environments.shared.vpc", "false", True),
    ("standin:environments.shared.facts", '["a"]', True),
    ("standin:environments.yes", "no", True),
]

OTHERS = [
    ("standin:a.b", "007"),
    ("standin:a.b", "-1"),
    ("standin:a.b", "1.5"),
    ("standin:a.b", "10.9.0.0/16"),
    ("standin:a.b", ""),
    ("standin:a[0]", "x"),
    ('standin:a["b.c"]', "x"),
    ("standin:text.below", "x"),
    ("without_namespace", "x"),
]


def test_keys_are_set_as_the_cli_sets_them() -> None:
    with WarmStack(PROGRAM) as by_cli:
        by_cli.pulumi("stack", "ls")
        file = by_cli.program / "Pulumi.test.yaml"
        text = file.read_text(encoding="utf-8")
        for key, value, path in SETTINGS:
            assert by_cli.pulumi("config", "set", *(("--path",) if path else ()), key, value).ok
            wanted = yaml.safe_load(file.read_text(encoding="utf-8"))
            after = stack_files.with_setting(text, key, value, path=path)
            assert after is not None, key
            assert yaml.safe_load(after) == wanted, key
            file.write_text(text := after, encoding="utf-8")
        told = json.loads(by_cli.pulumi("config", "--json").output)
        assert told["standin:long"]["value"] == SETTINGS[4][1], "the CLI reads what is written here"
        assert told["standin:environments"]["objectValue"]["shared"]["count"] == 25


@pytest.mark.parametrize(("key", "value"), OTHERS)
def test_what_is_not_simple_to_set_is_left_to_the_cli(key: str, value: str) -> None:
    text = "config:\n  standin:text: a text\n"
    assert stack_files.with_setting(text, key, value, path=True) is None


def test_what_is_left_to_the_cli_is_set_all_the_same() -> None:
    with WarmStack(PROGRAM) as stack:
        stack.set("standin:list[0]", "x")
        stack.set("standin:number", "007")
        config = yaml.safe_load((stack.program / "Pulumi.test.yaml").read_text(encoding="utf-8"))["config"]
        assert (config["standin:list"], config["standin:number"]) == (["x"], "007")


def test_outputs_are_those_that_the_cli_tells() -> None:
    with WarmStack(PROGRAM) as stack:
        assert stack_files.outputs(stack.folder / "backend", "test") is None
        assert stack.up().ok
        told: dict[str, Any] = json.loads(stack.pulumi("stack", "output", "--json").output)
        assert stack_files.outputs(stack.folder / "backend", "test") == told == stack.outputs()
        assert told["tree"]["list"] == ["a", {"b": []}]

        stack.rewrite(f'{PROGRAM}\npulumi.export("word", pulumi.Output.secret("hush"))\n')
        assert stack.up().ok
        assert stack_files.outputs(stack.folder / "backend", "test") is None
        assert stack.outputs()["word"] == "hush"


def test_a_second_stack_of_a_project_is_initialised_as_the_first_one(tmp_path: Path) -> None:
    name = f"name: {tmp_path.name.replace('_', '-')}\nruntime: python\n"
    left: list[set[str]] = []
    for _ in range(2):
        with WarmStack(PROGRAM) as stack:
            (stack.program / "Pulumi.yaml").write_text(name, encoding="utf-8")
            assert stack.pulumi("stack", "ls").ok
            backend = stack.folder / "backend"
            left.append({str(file.relative_to(backend)) for file in backend.rglob("*.*")})
            assert stack.up().ok
            assert stack.up().lines() == []
    assert left[0] == left[1]
