"""Who is up and running is asked for nothing: a state recorded before a change, previewed after it, stays as it is."""

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import pytest

from tests.engine.projects import must
from tests.recorded.recording import FOLDER, Recording, Resource, name_of, recordings, restore, type_of
from tests.repository import ROOT
from tools.standin import ecs
from tools.standin.engine import EngineStack

SMALL = Recording(FOLDER / "10d1cf2/board/dev-alb")

OWN = {
    # The proxy's image is the program's own and is built from its folder, which has moved and changed: it is built, and
    # the running facade goes on with the one that it has.
    "10d1cf2/board/local": [
        "update docker:index/image:Image facade "
        "['build.context', 'build.contextDigest', 'build.dockerfile', 'imageName']"
    ],
    # The target group of `api` is sticky: AWS refuses a rule with another group beside it that isn't sticky itself.
    "10d1cf2/board/copilot-prod": [
        "update aws:lb/listenerRule:ListenerRule api "
        "['actions[0].forward.stickiness', 'actions[0].forward.targetGroups[1]']"
    ],
    # A rule at 0 or 100 kept a client that had a cookie with the other service.
    "10d1cf2/rich/shared": [
        "update aws:lb/listenerRule:ListenerRule users "
        "['actions[0].forward.stickiness.enabled', 'actions[0].forward.targetGroups[1]']"
    ],
}
"""What a newer program brings along by itself, by recording: nothing that AWS has, nothing that a request meets, or
what was wrong before."""


def preview(stack: EngineStack) -> tuple[list[str], set[str]]:
    """What it would do, a step a line, and the resources that the program has."""
    run = must(stack.pulumi("preview", "--json", "--show-sames"))
    steps: list[dict[str, Any]] = json.JSONDecoder().raw_decode(run.output)[0]["steps"]
    changes = [
        f"{step['op']} {type_of(step['urn'])} {name_of(step['urn'])} {sorted(step.get('detailedDiff') or ())}"
        for step in steps
        if step["op"] != "same"
    ]
    return changes, graph(step["newState"] for step in steps if "newState" in step)


def graph(resources: Iterable[Resource]) -> set[str]:
    """Each resource: its URN, which has its name and the types of itself and what it is in, and its parent's. Without
    the default providers, which are the engine's own and come and go with the versions of the SDKs."""
    return {
        f"{resource['urn']} in {resource.get('parent', '')}"
        for resource in resources
        if not resource["type"].startswith("pulumi:providers:")
    }


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineStack]:
    """A recorded stack without its state."""
    with SMALL.opened(tmp_path_factory.mktemp("small")) as stack:
        yield stack


@pytest.mark.parametrize("recording", recordings(), ids=lambda recording: recording.name)
def test_a_recorded_stack_has_nothing_to_do(recording: Recording, tmp_path: Path) -> None:
    resources = recording.resources()
    with recording.opened(tmp_path) as stack:
        restore(stack, resources)
        changes, found = preview(stack)
        assert sorted(changes) == sorted(OWN.get(recording.name, []))
        assert found == graph(resources)


def test_a_resource_of_another_name_is_something_to_do(small: EngineStack) -> None:
    (cluster,) = (resource["urn"] for resource in SMALL.resources() if resource["type"] == ecs.CLUSTER)
    restore(small, json.loads(json.dumps(SMALL.resources()).replace(f'{cluster}"', f'{cluster}-before"')))
    changes, _ = preview(small)
    assert {f"create {ecs.CLUSTER} shared []", f"delete {ecs.CLUSTER} shared-before []"} <= set(changes)


def test_a_resource_below_another_parent_is_another_graph(small: EngineStack) -> None:
    resources = SMALL.resources()
    parents = {resource.get("parent", "") for resource in resources if resource["type"] == ecs.SERVICE}
    (moved, *_) = (resource for resource in resources if resource["type"] == ecs.SERVICE)
    moved["parent"] = next(parent for parent in sorted(parents) if parent != moved["parent"])
    restore(small, resources)
    _, found = preview(small)
    assert found != graph(resources)


def test_no_recording_names_a_folder_of_the_machine_that_made_it() -> None:
    written = "".join(recording.state.read_text(encoding="utf-8") for recording in recordings())
    own = (ROOT, Path.home(), Path(sys.prefix).resolve(), Path(gettempdir(), "standin-"))
    assert [place for place in own if place != Path("/") and str(place) in written] == []
