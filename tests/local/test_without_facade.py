"""A backend and a job alone on this machine: they run without a facade, which comes and goes with a web service."""

from collections.abc import Iterator

import pytest

from tests.local.board import Board, WarmBoard, docker
from tests.local.test_copilot_workspace import write_services
from tests.local.test_up import output_of, verb
from tools.setup.report import NO_FACADE


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Board]:
    """A workspace whose web services lie aside."""
    nothing = tmp_path_factory.mktemp("none") / "services"
    nothing.mkdir()
    made = WarmBoard(tmp_path_factory.mktemp("board") / "project", nothing)
    try:
        write_services(made.folder)
        for name in ("web", "api"):
            (made.folder / "copilot" / name).rename(made.folder / name / "aside")
        made.config("copilot", "copilot")
        made.config("copilotEnvironment", "test")
        yield made
    finally:
        made.remove()


def test_a_facade_comes_with_a_web_service_and_goes_with_it(quiet: Board) -> None:
    told = quiet.up().ok()
    assert "there is no facade and no URL" in told.output
    assert quiet.up().ok().changed() == set()
    (stock,) = containers(quiet)
    assert NO_FACADE in output_of(quiet, "status")
    assert NO_FACADE in verb(quiet, "open").stderr

    aside, place = quiet.folder / "web/aside", quiet.folder / "copilot/web"
    aside.rename(place)
    quiet.up().ok()
    assert quiet.get("/") == (200, b"web of shop in test")
    assert quiet.get("/discovered") == (200, b"stock of shop in test")
    assert quiet.up().ok().changed() == set()

    place.rename(aside)
    quiet.up().ok()
    assert quiet.up().ok().changed() == set()
    assert [name.rpartition("-")[0] for name in containers(quiet)] == [stock.rpartition("-")[0]]


def containers(board: Board) -> list[str]:
    """The names of the stack's containers that run."""
    label = f"label=strangler.folder={board.folder.resolve()}"
    return docker("ps", "--format", "{{.Names}}", "--filter", label).split()
