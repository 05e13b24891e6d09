"""Clients with a cookie behind the facade `alb`: with whom they stay at each step of a cut-over and of the way back."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.engine.projects import must, stack
from tests.projects import Tree, manifest
from tools.standin import actions, trace
from tools.standin.cloud import Operation, Snapshot
from tools.standin.engine import EngineStack

Shares = dict[str | int, float]
STICKY: Tree = {"facadeSettings": {"alb": {"stickiness": "1h"}}}
PLAIN = {"monolith": manifest("monolith", "/"), "users": manifest("users")}
STICKY_TASKS = {
    "monolith": manifest("monolith", "/"),
    "users": manifest("users", http={"path": "api/users", "stickiness": True}),
}


class Clients:
    """Who has a cookie of which service, and who has none."""

    def __init__(self, found: EngineStack) -> None:
        self.url = str(found.outputs()["url"])
        groups = found.cloud.of(actions.TARGET_GROUP)
        self.cookies = {group.name: str(group["arn"]) for group in groups if group.name in PLAIN} | {"none": ""}

    def ask(self, snapshot: Snapshot) -> dict[str, Shares]:
        """What each of them is answered by."""
        return {
            name: dict(trace.answer(snapshot, self.url, "GET", "/api/users", cookie=cookie))
            for name, cookie in self.cookies.items()
        }


@contextmanager
def only(found: EngineStack, clients: Clients, *accepted: dict[str, Shares]) -> Generator[None]:
    """Fails if after any operation the clients are answered otherwise than in one of these ways."""
    seen: list[tuple[str, dict[str, Shares]]] = []

    def look(operation: Operation) -> None:
        seen.append((f"{operation.kind} {operation.urn}", clients.ask(operation.snapshot)))

    with found.cloud.watching(look):
        yield
    assert seen
    assert [step for step in seen if step[1] not in accepted] == []


MONOLITH: dict[str, Shares] = {name: {"monolith": 1.0} for name in (*PLAIN, "none")}
USERS: dict[str, Shares] = {name: {"users": 1.0} for name in (*PLAIN, "none")}
QUARTER: dict[str, Shares] = {
    "monolith": {"monolith": 1.0},
    "users": {"users": 1.0},
    "none": {"users": 0.25, "monolith": 0.75},
}
DRAWN: dict[str, Shares] = dict.fromkeys(QUARTER, QUARTER["none"])


@pytest.mark.parametrize(
    ("manifests", "config"),
    [(PLAIN, STICKY), (STICKY_TASKS, {}), (STICKY_TASKS, STICKY)],
    ids=["rule", "tasks", "both"],
)
def test_a_cut_over_and_a_way_back_take_every_client_at_once(
    manifests: dict[str, object], config: Tree, tmp_path: Path
) -> None:
    with stack(tmp_path, "alb", manifests, config) as found:
        must(found.up())
        clients = Clients(found)
        before = MONOLITH
        assert clients.ask(found.cloud.snapshot) == before
        for weight, after in ((25, QUARTER), (100, USERS), (25, QUARTER), (0, MONOLITH)):
            found.set("strangler:routes.users", str(weight))
            with only(found, clients, before, after):
                assert must(found.up()).lines() == ["update aws:lb/listenerRule:ListenerRule users"]
            assert clients.ask(found.cloud.snapshot) == after
            before = after
        assert must(found.up()).lines() == []


def test_without_the_key_every_request_is_drawn_by_weight_again(tmp_path: Path) -> None:
    with stack(tmp_path, "alb", PLAIN, {**STICKY, "routes": {"users": 25}}) as found:
        must(found.up())
        clients = Clients(found)
        assert clients.ask(found.cloud.snapshot) == QUARTER
        found.set("strangler:facadeSettings", "{}", path=False)
        with only(found, clients, QUARTER, DRAWN):
            must(found.up())
        assert clients.ask(found.cloud.snapshot) == DRAWN
        assert must(found.up()).lines() == []
        found.set("strangler:routes.users", "100")
        must(found.up())
        assert clients.ask(found.cloud.snapshot) == USERS


def test_a_client_with_a_cookie_meets_no_service_that_was_scaled_to_zero(tmp_path: Path) -> None:
    with stack(tmp_path, "alb", PLAIN, {**STICKY, "routes": {"users": 25}}) as found:
        must(found.up())
        clients = Clients(found)
        found.set("strangler:routes.users", "100")
        found.set("strangler:services.monolith.count", "0")
        with only(found, clients, QUARTER, USERS):
            must(found.up())
        assert clients.ask(found.cloud.snapshot) == USERS
