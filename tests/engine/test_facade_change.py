"""The facade of a live stack changes: after every single operation the old URL or the new one answers every path."""

from collections.abc import Collection, Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from components.model.facades import FACADES
from tests.engine.projects import must, stack
from tests.projects import manifest
from tools.standin import ecs, trace
from tools.standin.cloud import Operation, Snapshot
from tools.standin.engine import EngineStack

TWO = {"monolith": manifest("monolith", "/"), "users": manifest("users")}
OWNERS = {"/": "monolith", "/api/users": "users", "/api/users/7": "users", "/api/usersx": "monolith"}
NEIGHBOURS = [
    *(("refactor-spaces", "api-gateway"), ("api-gateway", "refactor-spaces")),
    *(("api-gateway", "alb"), ("alb", "api-gateway")),
]


def whole(snapshot: Snapshot, url: str) -> bool:
    """Whether every public path is answered by its owner there."""
    return all(
        dict(trace.answer(snapshot, url, "GET", path, greedy_takes_empty=True)) == {owner: 1.0}
        for path, owner in OWNERS.items()
    )


@contextmanager
def answering(found: EngineStack, urls: Collection[str]) -> Generator[None]:
    """Fails if after any operation none of the URLs answered everything. More URLs may come to them meanwhile."""
    seen: list[tuple[str, Snapshot]] = []

    def look(operation: Operation) -> None:
        seen.append((f"{operation.kind} {operation.urn}", operation.snapshot))

    with found.cloud.watching(look):
        yield
    assert seen
    assert [step for step, snapshot in seen if not any(whole(snapshot, url) for url in urls)] == []


@pytest.mark.parametrize(("old", "new"), [(a, b) for a in FACADES for b in FACADES if a != b])
def test_a_facade_that_changes_directly_never_leaves_both_urls_silent(old: str, new: str, tmp_path: Path) -> None:
    with stack(tmp_path, old, TWO, {"routes": {"users": True}}) as found:
        must(found.up())
        urls = [str(found.outputs()["url"])]
        found.set("strangler:facade", new)
        with answering(found, urls):
            must(found.up())
            urls.append(str(found.outputs()["url"]))
        assert whole(found.cloud.snapshot, urls[1])
        assert not whole(found.cloud.snapshot, urls[0])
        assert must(found.up()).lines() == []


@pytest.mark.parametrize(("old", "new"), NEIGHBOURS)
def test_two_facades_stand_side_by_side_until_the_old_one_is_dropped(old: str, new: str, tmp_path: Path) -> None:
    with stack(tmp_path, old, TWO, {"routes": {"users": True}}) as found:
        must(found.up())
        assert "urls" not in found.outputs()
        url = str(found.outputs()["url"])
        found.set("strangler:facade", f"{old},{new}")
        with answering(found, [url]):
            must(found.up())
        urls: dict[str, str] = found.outputs()["urls"]
        assert (found.outputs()["url"], list(urls)) == (url, sorted([old, new]))
        assert all(whole(found.cloud.snapshot, item) for item in urls.values())

        found.set("strangler:facade", new)
        with answering(found, [urls[new]]):
            must(found.up())
        assert found.outputs()["url"] == urls[new]
        assert not whole(found.cloud.snapshot, url)
        assert len(found.cloud.of(ecs.SERVICE)) == 2
        assert must(found.up()).lines() == []


def test_a_cut_over_is_the_same_on_both_facades(tmp_path: Path) -> None:
    with stack(tmp_path, "refactor-spaces,api-gateway", TWO) as found:
        must(found.up())
        assert not any(whole(found.cloud.snapshot, url) for url in found.outputs()["urls"].values())
        found.set("strangler:routes.users", "true")
        assert len(must(found.up()).lines()) == 3
        assert all(whole(found.cloud.snapshot, url) for url in found.outputs()["urls"].values())
