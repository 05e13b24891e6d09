"""The whole resource graph of the stack `dev`, as a text that is reviewed with a change: type, name, options, inputs.

After a change that is meant: `STRANGLER_WRITE_GRAPH=1 pytest tests/components/test_graph.py`, and read the difference.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from components.aws.platform import AwsPlatform
from components.platform import checks_for
from components.settings import read_settings
from components.strangler import Strangler, StranglerArgs
from tests.components.recorder import Record, Registration, run
from tests.repository import ROOT

GRAPH = Path(__file__).parent / "graph_dev.txt"
CONFIG = {
    "strangler:platform": "aws",
    "strangler:facade": "refactor-spaces",
    "strangler:default": "monolith",
    "strangler:routes": '{"users": true}',
}


def lines(record: Record) -> list[str]:
    """A line for each resource, below its parent, sorted."""
    children: dict[str, list[Registration]] = {}
    for resource in record.all:
        children.setdefault(resource.parent, []).append(resource)
    known = {resource.urn for resource in record.all}
    tops = [resource for resource in record.all if resource.parent not in known]
    listed: list[str] = []

    def walk(item: Registration, depth: int) -> None:
        listed.append("  " * depth + described(item))
        for child in sorted(children.get(item.urn, []), key=lambda child: (child.type, child.name)):
            walk(child, depth + 1)

    for top in sorted(tops, key=lambda item: (item.type, item.name)):
        walk(top, 0)
    return listed


def described(item: Registration) -> str:
    """A resource in one line: what it is, what it may and must, and its plain inputs."""
    options = item.options
    marks = [
        *(["protect"] if options.protect else []),
        *(["retain on delete"] if options.retainOnDelete else []),
        *(["delete before replace"] if options.deleteBeforeReplace else []),
        *([f"ignores {', '.join(options.ignoreChanges)}"] if options.ignoreChanges else []),
        *([f"waits {options.customTimeouts.create}"] if options.customTimeouts.create else []),
    ]
    inputs = flat(item.inputs)
    # Not the absolute path of the context, the digest of the services' code, or the registry's login.
    left = [key for key in sorted(inputs) if key not in ("build.context", "imageName") and "registry." not in key]
    parts = [f"{key}={inputs[key]}" for key in left]
    return " | ".join(filter(None, [f"{item.type} {item.name}", "; ".join(marks), " ".join(parts)]))


def flat(inputs: Mapping[str, Any], path: str = "") -> dict[str, str]:
    """The texts, numbers and booleans of the inputs, by their path. Long ones and tags are left to their own tests."""
    found: dict[str, str] = {}
    for key, value in inputs.items():
        place = f"{path}{key}"
        if isinstance(value, dict) and key != "tags":
            found |= flat(cast("Mapping[str, Any]", value), f"{place}.")
        elif isinstance(value, (str, int, float, bool)) and len(str(value)) <= 60:
            found[place] = str(value)
    return found


def test_the_graph_of_dev_is_the_one_that_was_reviewed() -> None:
    settings = read_settings(CONFIG, ROOT, "dev", {}, checks_for)
    record = run(lambda: Strangler("strangler", StranglerArgs(settings, AwsPlatform(settings, ROOT))))
    text = "\n".join(lines(record)) + "\n"
    if os.environ.get("STRANGLER_WRITE_GRAPH"):
        GRAPH.write_text(text)
    assert text.splitlines() == GRAPH.read_text().splitlines()
