"""A release with other health checks: the tasks that run are judged and reached as before until the new ones are in
steady state, and a release that fails leaves everything as it was. And a network that can't change."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.engine.projects import must, stack
from tests.projects import Tree, manifest, write_project
from tools.standin import actions, ecs, trace
from tools.standin.cloud import Operation
from tools.standin.engine import EngineStack

OWNERS = {"/": "monolith", "/api/users": "users", "/api/users/7": "users"}


def users(health: str, *, answers: str | None = None, port: int = 3000) -> Tree:
    """The manifest of a release whose health check asks for a path. answers: the only one that its code has."""
    return manifest(
        "users",
        image={"build": "services/users/Dockerfile", "port": port},
        http={"path": "api/users", "healthcheck": health},
        variables={"STANDIN_HEALTH": health if answers is None else answers},
    )


@contextmanager
def always_answered(found: EngineStack) -> Generator[None]:
    """Fails if after any operation a path isn't answered by its owner."""
    url = str(found.outputs()["url"])
    wrong: list[str] = []

    def look(operation: Operation) -> None:
        for path, owner in OWNERS.items():
            got = dict(trace.answer(operation.snapshot, url, "GET", path, greedy_takes_empty=True))
            if got != {owner: 1.0}:
                wrong.append(f"{operation.kind} {operation.phase} {operation.urn}: {path} {got}")

    with found.cloud.watching(look):
        yield
    assert wrong == []


def test_a_network_that_services_run_in_stays(tmp_path: Path) -> None:
    manifests = {"monolith": manifest("monolith", "/"), "users": users("/old")}
    config: Tree = {"routes": {"users": True}, "environments": {"shared": {"cidr": "10.9.0.0/16"}}}
    with stack(tmp_path, "alb", manifests, config) as found:
        must(found.up())
        found.set("strangler:environments.shared.cidr", "10.8.0.0/16")
        before = found.cloud.snapshot
        for run in (found.plan(), found.up()):
            assert not run.ok
            assert "environments.shared.cidr: found 10.8.0.0/16" in run.output
        assert found.cloud.snapshot is before
        found.set("strangler:environments.shared.cidr", "10.9.0.0/16")
        assert must(found.up()).lines() == []


def release(found: EngineStack, tree: Tree) -> None:
    write_project(found.program, {"users": tree})


@pytest.mark.parametrize("facade", ["alb", "api-gateway", "refactor-spaces"])
def test_a_release_with_another_health_check_drops_nothing_and_neither_does_one_that_fails(
    facade: str, tmp_path: Path
) -> None:
    manifests = {"monolith": manifest("monolith", "/"), "users": users("/old")}
    with stack(tmp_path, facade, manifests, {"routes": {"users": True}}) as found:
        must(found.up())
        (first,) = (group for group in found.cloud.of(actions.TARGET_GROUP) if group["healthCheck"]["path"] == "/old")
        release(found, users("/new", answers="/other"))  # the code hasn't what the manifest promises
        with always_answered(found):
            failed = found.up()
            assert not failed.ok
        assert found.cloud.snapshot.get(first.type, first.id) == first
        release(found, users("/new"))
        with always_answered(found):
            must(found.up())
        assert must(found.up()).lines() == []
        assert len(found.cloud.of(ecs.SERVICE)) == 2
        release(found, users("/old"))
        with always_answered(found):
            must(found.up())
        assert must(found.up()).lines() == []
        checks = {group["healthCheck"]["path"] for group in found.cloud.of(actions.TARGET_GROUP)}
        assert "/old" in checks
        assert "/new" not in checks
