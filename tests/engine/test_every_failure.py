"""An operation of the first `up` fails, before or after it happened: the next `up` converges, without leftovers or
duplicates, and no route is ever active to a service that isn't there.

`make test` takes a sample spread over the whole; STRANGLER_EVERY_FAILURE=1 takes every single operation, both ways.
"""

import os
from pathlib import Path

import pytest

from tests.engine.projects import must, stack
from tests.projects import manifest
from tests.standin import ecs, trace
from tests.standin import refactorspaces as rs
from tests.standin.cloud import Cloud, Operation

TWO = {"monolith": manifest("monolith", "/"), "users": manifest("users")}
OPERATIONS = 92
"""About as many as the first `up` has; a number beyond the last one fails nothing, and the test says so."""

SAMPLE = ((7, False), (31, True), (58, False), (83, True), (88, True))
CASES = [(n, after) for n in range(1, OPERATIONS) for after in (False, True)]


@pytest.mark.parametrize(("number", "after"), CASES if os.environ.get("STRANGLER_EVERY_FAILURE") else SAMPLE)
def test_a_first_up_that_fails_anywhere_is_put_right_by_the_next(number: int, after: bool, tmp_path: Path) -> None:
    cloud = Cloud()
    wrong: list[str] = []

    def look(operation: Operation) -> None:
        """A route that leads to a service without a task in it answers nobody."""
        for application in operation.snapshot.of(rs.APPLICATION):
            url, routes = str(application["proxyUrl"] or ""), operation.snapshot.of(rs.ROUTE)
            if url and any(each.name == "users" for each in routes):
                names = trace.names(trace.answer(operation.snapshot, url, "GET", "/api/users"))
                if not names <= {"users", "monolith"}:
                    wrong.append(f"{operation.kind} {operation.urn}: {names}")

    with stack(tmp_path, "refactor-spaces", TWO, {"routes": {"users": True}}, cloud) as found:
        cloud.fail_at(number, after=after)
        with cloud.watching(look):
            failed = found.up()
            assert not failed.ok, f"nothing failed at operation {number}: the first up has fewer"
            cloud.clear_failures()
            must(found.up("--refresh"))
        assert wrong == []
        assert must(found.up()).lines() == []
        assert len(cloud.of(ecs.SERVICE)) == 2
        assert len(cloud.of(rs.ROUTE)) == 2
        must(found.destroy())
        assert list(cloud.snapshot) == []
