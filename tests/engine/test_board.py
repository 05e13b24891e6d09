"""The message board in four environments, as Pulumi.dev.yaml has it: each step of its life on the real engine, with its
operations to the letter, and who answers after each single one of them."""

import shutil
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.engine.projects import must
from tests.engine.warm import WarmStack
from tests.repository import ROOT
from tools.standin import ecs, trace
from tools.standin import refactorspaces as rs
from tools.standin.cloud import Cloud, Operation
from tools.standin.engine import EngineStack

SERVICES = ("monolith", "posts", "threads", "users")
PATHS = {"/": None, "/api": None, "/api/users/2": "users", "/api/threads": "threads", "/api/posts/by-user/2": "posts"}
"""Public paths, and the service that may take each over."""

NEW_IMAGE = [
    "update docker:index/image:Image users",
    f"create-replacement {ecs.TASK_DEFINITION} users",
    f"replace {ecs.TASK_DEFINITION} users",
    f"update {ecs.SERVICE} users",
    "update aws:ecr/lifecyclePolicy:LifecyclePolicy users",
    f"delete-replaced {ecs.TASK_DEFINITION} users",
]

ASLEEP = [f"{op} {ecs.SERVICE} monolith" for op in ("create-replacement", "replace", "delete-replaced")]
"""Another service without tasks beside the one that has some, which goes last."""


@pytest.fixture(scope="module")
def board() -> Iterator[EngineStack]:
    """The board, up."""
    with WarmStack(ROOT, Cloud(), stack="dev") as found:
        must(found.up())
        yield found


@contextmanager
def answered(found: EngineStack) -> Generator[None]:
    """Fails if after any single operation a public path is answered by anyone but its old or its new owner."""
    url = str(found.outputs()["url"])
    wrong: list[str] = []

    def look(operation: Operation) -> None:
        for path, owner in PATHS.items():
            names = trace.names(trace.answer(operation.snapshot, url, "GET", path))
            if not names <= {"monolith", owner}:
                wrong.append(f"{path} after {operation.kind} {operation.urn}: {names}")

    with found.cloud.watching(look):
        yield
    assert wrong == []


def test_a_second_up_and_one_after_refresh_change_nothing(board: EngineStack) -> None:
    assert must(board.up()).lines() == []
    assert must(board.refresh()).lines() == []
    assert must(board.up()).lines() == []


@pytest.mark.parametrize("service", ["posts", "threads", "users"])
def test_a_cut_over_is_one_creation_and_the_way_back_one_deletion(board: EngineStack, service: str) -> None:
    with answered(board):
        board.set(f"strangler:routes.{service}", "true")
        assert must(board.plan()).lines() == [f"create {rs.ROUTE} {service}"]
        assert must(board.up()).lines() == [f"create {rs.ROUTE} {service}"]
        url = str(board.outputs()["url"])
        assert trace.answer(board.cloud.snapshot, url, "GET", f"/api/{service}") == {service: 1.0}
        board.set(f"strangler:routes.{service}", "false")
        assert must(board.up()).lines() == [f"delete {rs.ROUTE} {service}"]
        assert trace.answer(board.cloud.snapshot, url, "GET", f"/api/{service}") == {"monolith": 1.0}


def test_the_monolith_goes_to_sleep_and_comes_back(board: EngineStack) -> None:
    board.set("strangler:services.monolith.count", "0")
    assert must(board.up()).lines() == ASLEEP
    board.set("strangler:services.monolith.count", "1")
    assert must(board.up()).lines() == [f"update {ecs.SERVICE} monolith"]
    url = str(board.outputs()["url"])
    assert trace.answer(board.cloud.snapshot, url, "GET", "/") == {"monolith": 1.0}


def test_a_new_image_is_a_new_task_definition_and_an_update_of_the_service(board: EngineStack) -> None:
    data = board.program / "services/users/db.json"
    data.write_text(data.read_text(encoding="utf-8").replace("Jake", "jake"), encoding="utf-8")
    with answered(board):
        assert must(board.up()).lines() == NEW_IMAGE


def test_a_service_that_goes_and_comes_touches_only_its_own(board: EngineStack, tmp_path: Path) -> None:
    board.set("strangler:routes", "{}", path=False)
    shutil.move(board.program / "services/threads", tmp_path / "threads")
    with answered(board):
        removed = must(board.up())
        assert {operation.op for operation in removed.operations} == {"delete"}
        assert all("threads" in operation.urn for operation in removed.operations)
        shutil.move(tmp_path / "threads", board.program / "services/threads")
        added = must(board.up())
    assert {operation.op for operation in added.operations} == {"create"}
    assert all("threads" in operation.urn for operation in added.operations)
    assert must(board.up()).lines() == []


@pytest.mark.parametrize("after", [False, True], ids=["before it happens", "after it happened"])
def test_a_cut_over_that_fails_leaves_the_old_owner_and_the_next_up_converges(board: EngineStack, after: bool) -> None:
    board.set("strangler:routes.users", "true")
    board.cloud.fail_next(rs.ROUTE, "create", "InternalServerException: injected", after=after)
    with answered(board):
        assert not board.up().ok
        board.cloud.clear_failures()
        assert must(board.up()).ok
        assert must(board.up()).lines() == []
    assert len(board.cloud.of(rs.ROUTE)) == 2
    board.set("strangler:routes.users", "false")
    must(board.up())


def test_destroy_leaves_nothing_but_what_it_was_not_asked_to_delete(board: EngineStack) -> None:
    """Last in this module. Repositories that hold images stay, unless `deleteImages` says otherwise."""
    must(board.destroy())
    left = {resource.id for resource in board.cloud.snapshot}
    assert {resource.type for resource in board.cloud.snapshot} == {
        "aws:ecr/repository:Repository",
        "aws:ecr/lifecyclePolicy:LifecyclePolicy",
        "docker:index/image:Image",
    }
    must(board.up())
    board.set("strangler:deleteImages", "true")
    must(board.up())
    must(board.destroy())
    assert {resource.id for resource in board.cloud.snapshot} == left
