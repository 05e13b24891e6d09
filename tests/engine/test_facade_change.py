"""The facade of a live stack changes: after every single operation the old URL or the new one answers every path."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.engine.projects import must, stack
from tests.projects import manifest
from tests.standin import trace
from tests.standin.cloud import Operation, Snapshot
from tests.standin.engine import EngineStack

TWO = {"monolith": manifest("monolith", "/"), "users": manifest("users")}
OWNERS = {"/": "monolith", "/api/users": "users", "/api/users/7": "users", "/api/usersx": "monolith"}
FACADES = ("refactor-spaces", "api-gateway", "alb")


def whole(snapshot: Snapshot, url: str) -> bool:
    """Whether every public path is answered by its owner there."""
    return all(
        dict(trace.answer(snapshot, url, "GET", path, greedy_takes_empty=True)) == {owner: 1.0}
        for path, owner in OWNERS.items()
    )


@contextmanager
def one_always_answers(found: EngineStack) -> Generator[None]:
    """Fails if after any operation neither the URL of before nor that of after answered everything."""
    before, seen = str(found.outputs()["url"]), list[tuple[str, Snapshot]]()

    def look(operation: Operation) -> None:
        seen.append((f"{operation.kind} {operation.urn}", operation.snapshot))

    with found.cloud.watching(look):
        yield
    after = str(found.outputs()["url"])
    assert [step for step, snapshot in seen if not any(whole(snapshot, url) for url in (before, after))] == []
    assert whole(found.cloud.snapshot, after)


@pytest.mark.parametrize(("old", "new"), [(a, b) for a in FACADES for b in FACADES if a != b])
def test_a_facade_that_changes_directly_never_leaves_both_urls_silent(old: str, new: str, tmp_path: Path) -> None:
    with stack(tmp_path, old, TWO, {"routes": {"users": True}}) as found:
        must(found.up())
        found.set("strangler:facade", new)
        with one_always_answers(found):
            must(found.up())
        assert must(found.up()).lines() == []


def test_two_facades_stand_side_by_side_until_the_old_one_is_dropped(tmp_path: Path) -> None:
    with stack(tmp_path, "refactor-spaces", TWO, {"routes": {"users": True}}) as found:
        must(found.up())
        old = str(found.outputs()["url"])
        found.set("strangler:facade", "refactor-spaces,api-gateway")
        with one_always_answers(found):
            must(found.up())
        assert found.outputs()["url"] == old
        urls = found.outputs()["urls"]
        assert set(urls) == {"refactor-spaces", "api-gateway"}
        assert all(whole(found.cloud.snapshot, str(url)) for url in urls.values())
        found.set("strangler:facade", "api-gateway")
        with one_always_answers(found):
            must(found.up())
        assert found.outputs()["url"] == urls["api-gateway"]
