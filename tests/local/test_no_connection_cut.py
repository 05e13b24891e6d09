"""What comes and goes cuts no connection: kept and fresh ones, websockets and event streams live through it, whatever
the services are called. The engine publishes a container's port through the first of its networks by name, so there are
names on both sides of the facade's own network."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.local.ownership import Owner
from components.model.names import NAME
from tests.load import Load
from tests.local.board import Board, WarmBoard
from tests.local.streams import SERVER, OpenConnections, Socket
from tests.local.test_meaning import write_service

EARLY, LATE = ("api", "auth"), ("zeta",)
COMING = (*EARLY, *LATE)


@pytest.fixture(scope="module")
def lively(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Board]:
    """A board with one service, to which others come and from which they go."""
    services = tmp_path_factory.mktemp("lively") / "services"
    write_service(services / "base", "base", SERVER)
    made = WarmBoard(tmp_path_factory.mktemp("board") / "project", services)
    try:
        made.up().ok()
        yield made
    finally:
        made.remove()


def test_services_that_come_and_go_cut_no_connection(lively: Board) -> None:
    with Load(lively.port, rate=300, paths=("/", *(f"/x/{name}" for name in COMING))) as load:
        load.until(300)
        with OpenConnections(lively.port, ("/", "/x/auth", "/x/zeta")) as held:
            for name in COMING:
                write_service(lively.folder / "services" / name, name, SERVER)
            lively.up().ok()
            lively.config("routes", ",".join(COMING))
            lively.up().ok()
            for name in COMING:
                fresh = Socket(lively.port, f"/x/{name}")
                assert fresh.service == name, "a new websocket goes where the route leads"
                fresh.close()
            lively.unset("routes")
            lively.up().ok()
            for name in COMING:
                for file in (lively.folder / "services" / name).iterdir():
                    file.unlink()
                (lively.folder / "services" / name).rmdir()
            lively.up().ok()
            assert lively.containers("auth-") == []
            load.until(load.total + 500)
    assert load.failures == []
    assert held.failures == []
    assert held.messages > 500


def test_more_containers_of_a_service_leave_its_websockets_open(lively: Board) -> None:
    with OpenConnections(lively.port, ("/",)) as held:
        lively.config("services.base.count", "3", path=True)
        run = lively.up().ok()
    assert held.failures == []
    assert "still in flight" not in run.output
    with OpenConnections(lively.port, ("/",)) as held:
        assert lively.up().ok().changed() == set()
    assert held.failures == []
    lively.config("services.base.count", "1", path=True)
    lively.up().ok()


@given(
    st.from_regex(r"\A[a-zA-Z][a-zA-Z0-9_.-]{0,60}\Z"),
    st.from_regex(r"\A[a-zA-Z0-9_.-]{1,60}\Z"),
    st.sets(st.from_regex(NAME, fullmatch=True), max_size=6),
)
def test_every_environments_network_sorts_behind_the_facades_own(project: str, stack: str, names: set[str]) -> None:
    owner = Owner(Path("/somewhere"), project, stack)
    home = owner.home_network("facade")
    networks = [owner.network(name, "facade") for name in names]
    assert all(network > home for network in networks)
    assert len(set(networks)) == len(names)
