"""Every operation fails once, before or after it happened: plain `pulumi up`s converge, without leftovers or
duplicates, and no route is ever active to a service that isn't there.

One life takes them all: whatever is tried for the first time fails, so that each `up` gets one layer further.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.engine.projects import must, stack
from tests.projects import Tree, manifest
from tests.standin import ecs, trace
from tests.standin import refactorspaces as rs
from tests.standin.cloud import Cloud, Operation
from tests.standin.engine import EngineStack

TWO = {"monolith": manifest("monolith", "/"), "users": manifest("users")}
MOST_UPS = 80
"""Far more than the program has layers: a life that takes longer doesn't converge."""

SHARED: Tree = {"services": {name: {"environment": "shared"} for name in TWO}}


def converge(found: EngineStack) -> int:
    """`pulumi up` until one succeeds; the number of those that failed."""
    failed = 0
    while not (run := found.up()).ok:
        failed += 1
        assert "InternalFailure: injected" in run.output, run.output
        assert failed < MOST_UPS, run.output
    return failed


def watch_for_routes_to_nobody(wrong: list[str]) -> Callable[[Operation], None]:
    """Notes each moment at which a route leads to a service without a task in it."""

    def look(operation: Operation) -> None:
        for application in operation.snapshot.of(rs.APPLICATION):
            url, routes = str(application["proxyUrl"] or ""), operation.snapshot.of(rs.ROUTE)
            if url and any(each.name == "users" for each in routes):
                names = trace.names(trace.answer(operation.snapshot, url, "GET", "/api/users"))
                if not names <= {"users", "monolith"}:
                    wrong.append(f"{operation.kind} {operation.urn}: {names}")

    return look


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_every_creation_of_a_first_up_fails_once_and_plain_ups_put_it_right(after: bool, tmp_path: Path) -> None:
    cloud, wrong = Cloud(), list[str]()
    with stack(tmp_path, "refactor-spaces", TWO, {"routes": {"users": True}}, cloud) as found:
        cloud.fail_each("create", after=after)
        with cloud.watching(watch_for_routes_to_nobody(wrong)):
            assert converge(found) > 5
        made = {(each.type, each.urn) for each in cloud.snapshot}
        assert {urn for _, urn in made} <= {urn for _, urn in cloud.failed}
        assert len(cloud.failed) > 80
        cloud.clear_failures()
        assert wrong == []
        assert must(found.up()).lines() == []
        assert len(made) == len(list(cloud.snapshot)), "nothing is there twice"
        assert len(cloud.of(ecs.SERVICE)) == len(cloud.of(rs.ROUTE)) == 2
        must(found.destroy())
        assert list(cloud.snapshot) == []
