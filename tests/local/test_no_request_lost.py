"""No step of the main job drops a request: each is done under a steady load of at least 200 requests a second over
keep-alive and fresh connections on all public paths, 10,000 requests at least.

How failures are counted: a request has failed if it got no answer, or a status other than 200. Where a path may have no
owner (`default none`, `count: 0`), that path may answer 503, and no other. Where a container is killed, the requests in
hand at that moment may fail: those that began before `docker kill` returned and ended after it was called.
"""

import time
from collections.abc import Callable, Iterator

import pytest

from tests.load import PATHS, PER_KIND, Load
from tests.local.board import Board, WarmBoard, docker

TOTAL = 10_000
RATE = 500
UNOWNED = ("/", "/api", "/api/")
"""What only the default answers when all three routes are active."""


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Board]:
    """A message board that is up, with all routes inactive."""
    made = WarmBoard(tmp_path_factory.mktemp("board") / "project")
    try:
        made.up().ok()
        yield made
    finally:
        made.remove()


def under_load(board: Board, step: Callable[[], object], load: Load | None = None) -> Load:
    """Does a step under load; the load begins before it and goes on after it."""
    load = load or Load(board.port, RATE)
    started = time.monotonic()
    with load:
        load.until(500)
        step()
        load.hurry()
        load.until(TOTAL)
    rate = load.total / (time.monotonic() - started)
    assert rate >= 200, f"only {rate:.0f} requests a second"
    return load


def there_and_back(board: Board, there: Callable[[], None], back: Callable[[], None]) -> Load:
    """A change and the way back, in one load."""

    def both() -> None:
        there()
        board.up().ok()
        back()
        board.up().ok()

    return under_load(board, both)


def test_a_route_moves_to_its_service_and_back(board: Board) -> None:
    def there() -> None:
        board.route("users", "true")

    load = there_and_back(board, there, lambda: board.route("users", "false"))
    assert load.failures == []
    assert board.requests_in_log("users", "/api/users") > 0


def test_a_weight_sends_its_share_to_the_service_at_each_step_of_a_canary(board: Board) -> None:
    paths = tuple(path for path in PATHS if path.startswith("/api/posts"))
    for weight in (5, 25, 100):
        board.route("posts", str(weight))
        assert under_load(board, lambda: board.up().ok()).failures == []
        before = {name: board.requests_in_log(name, "/api/posts") for name in ("posts", "monolith")}
        load = Load(board.port, RATE, paths)
        with load:
            load.hurry()
            load.until(6_000)
        assert load.failures == []
        seen = {name: board.requests_in_log(name, "/api/posts") - before[name] for name in before}
        assert sum(seen.values()) == load.total
        assert load.total >= 5_000
        assert abs(100 * seen["posts"] / load.total - weight) <= 3, (weight, seen)
    board.route("posts", "0")
    board.up().ok()


def test_routes_as_json_text(board: Board) -> None:
    def there() -> None:
        board.config("routes", '{"threads": true}')

    assert there_and_back(board, there, lambda: board.unset("routes")).failures == []


def test_routes_as_a_list_of_ids(board: Board) -> None:
    load = there_and_back(board, lambda: board.config("routes", "users,posts"), lambda: board.unset("routes"))
    assert load.failures == []


def test_only_paths_without_an_owner_answer_503_while_there_is_no_default(board: Board) -> None:
    board.config("routes", "users,posts,threads")
    board.up().ok()
    load = Load(board.port, RATE, expected={path: frozenset({200, 503}) for path in UNOWNED})

    def both() -> None:
        board.config("default", "none")
        board.up().ok()
        assert {board.get(path)[0] for path in UNOWNED} == {503}
        board.unset("default")
        board.up().ok()
        assert {board.get(path)[0] for path in UNOWNED} == {200}

    under_load(board, both, load)
    assert load.failures == []
    assert {path for path in PATHS if 503 in load.statuses(path)} == set(UNOWNED)


def test_only_paths_without_an_owner_answer_503_while_the_monolith_has_no_container(board: Board) -> None:
    load = Load(board.port, RATE, expected={path: frozenset({200, 503}) for path in UNOWNED})

    def both() -> None:
        board.config("services.monolith.count", "0", path=True)
        board.up().ok()
        assert board.containers("monolith-") == []
        assert {board.get(path)[0] for path in UNOWNED} == {503}
        board.config("services.monolith.count", "1", path=True)
        board.up().ok()
        assert {board.get(path)[0] for path in UNOWNED} == {200}

    under_load(board, both, load)
    assert load.failures == []
    assert {path for path in PATHS if 503 in load.statuses(path)} == set(UNOWNED)


def test_a_new_image_of_a_service(board: Board) -> None:
    old = board.containers("users-")

    def step() -> None:
        board.edit("services/users/db.json", "Jake the Dog", "Jake the dog")
        board.up().ok()

    assert under_load(board, step).failures == []
    new = board.containers("users-")
    assert len(new) == 1
    assert new != old
    assert b"Jake the dog" in board.get("/api/users/4")[1]


def test_more_and_fewer_containers(board: Board) -> None:
    load = there_and_back(
        board,
        lambda: board.config("services.threads.count", "3", path=True),
        lambda: board.config("services.threads.count", "1", path=True),
    )
    assert load.failures == []
    assert len(board.containers("threads-")) == 1


def test_a_killed_container_takes_only_the_requests_in_hand_with_it(board: Board) -> None:
    board.config("services.users.count", "2", path=True)
    board.up().ok()
    one, _ = board.containers("users-")
    moments: list[float] = []

    def kill() -> None:
        moments.append(time.monotonic())
        docker("kill", one)
        moments.append(time.monotonic())

    load = under_load(board, kill)
    in_hand = [failure for failure in load.failures if failure.started <= moments[1] and failure.ended >= moments[0]]
    assert in_hand == load.failures
    assert len(in_hand) <= 2 * PER_KIND
    load = under_load(board, lambda: board.up().ok())
    assert load.failures == []
    state = board.engine.container(one)
    assert state
    assert state.running


def test_a_service_that_goes_takes_no_request_with_it(board: Board) -> None:
    board.config("routes", '{"posts": true, "users": true}')
    board.up().ok()

    def step() -> None:
        manifest = board.folder / "services/threads/manifest.yml"
        text = manifest.read_text()
        manifest.unlink()
        board.run("config", "rm", "--path", "services.threads", "-s", board.stack).ok()
        board.up().ok()
        assert board.containers("threads-") == []
        manifest.write_text(text)
        board.up().ok()

    assert under_load(board, step).failures == []
    assert len(board.containers("threads-")) == 1


@pytest.mark.parametrize("path", PATHS)
def test_every_path_answers_at_the_end(board: Board, path: str) -> None:
    assert board.get(path)[0] == 200
