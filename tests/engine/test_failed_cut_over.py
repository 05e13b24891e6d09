"""Every operation of a cut-over and of the way back fails once, before or after it happened, on each facade: the path
is answered all the while, by the old or the new owner, and plain `pulumi up`s put it right."""

from collections.abc import Callable
from pathlib import Path

import pytest

from components.model.facades import FACADES
from tests.engine.projects import must, stack
from tests.engine.test_every_failure import SECONDS, TWO, converge
from tools.standin import trace
from tools.standin.cloud import Operation
from tools.standin.engine import EngineStack


def watch_for_a_third(found: EngineStack, wrong: list[str]) -> Callable[[Operation], None]:
    """Notes each moment at which anybody else than the monolith or users answers, or nobody."""
    url = str(found.outputs()["url"])

    def look(operation: Operation) -> None:
        names = trace.names(trace.answer(operation.snapshot, url, "GET", "/api/users/1", greedy_takes_empty=True))
        if names not in ({"monolith"}, {"users"}):
            wrong.append(f"{operation.kind} {operation.urn}: {names}")

    return look


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("facade", FACADES)
def test_every_operation_of_a_cut_over_and_of_the_way_back_fails_once(facade: str, after: bool, tmp_path: Path) -> None:
    with stack(tmp_path, facade, TWO) as found:
        must(found.up())
        wrong = list[str]()
        for value, owner in (("true", "users"), ("false", "monolith")):
            found.set("strangler:routes.users", value)
            planned = len(must(found.plan()).lines())
            found.cloud.fail_each(after=after, seconds=SECONDS)
            with found.cloud.watching(watch_for_a_third(found, wrong)):
                assert converge(found) >= 1
            assert len(found.cloud.failed) >= planned
            found.cloud.clear_failures()
            assert must(found.up()).lines() == []
            url = str(found.outputs()["url"])
            answer = trace.answer(found.cloud.snapshot, url, "GET", "/api/users", greedy_takes_empty=True)
            assert trace.names(answer) == {owner}
        assert wrong == []
