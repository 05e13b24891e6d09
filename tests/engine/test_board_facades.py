"""The message board's stack file on the other facades, with nothing but `facade` changed: plan, up, each cut-over, way
back and destroy on the real engine, and who answers after every single operation."""

import pytest

from tests.engine.projects import must
from tests.engine.test_board import PATHS, answered
from tests.engine.warm import WarmStack
from tests.repository import ROOT
from tools.standin import apigateway as http
from tools.standin import elb, trace

SERVICES = ("posts", "threads", "users")
ENVIRONMENTS = {"api-gateway": 4, "alb": 1}


def cut_over(facade: str, service: str) -> list[str]:
    """The whole plan of a cut-over, and of the way back."""
    if facade == "alb":
        return [f"update {elb.RULE} {service}"]
    return [f"update {http.ROUTE} ANY /api/{service}", f"update {http.ROUTE} ANY /api/{service}/{{proxy+}}"]


@pytest.mark.parametrize("facade", ENVIRONMENTS)
def test_the_board_lives_on_another_facade_as_it_does_on_refactor_spaces(facade: str) -> None:
    with WarmStack(ROOT, stack="dev", config={"strangler:facade": facade}) as board:
        planned = must(board.plan()).lines()
        assert sorted(must(board.up()).lines()) == sorted(planned)
        assert must(board.up()).lines() == []
        assert len(board.cloud.of(elb.BALANCER)) == ENVIRONMENTS[facade]
        url = str(board.outputs()["url"])
        for service in SERVICES:
            board.set(f"strangler:routes.{service}", "true")
            assert sorted(must(board.plan()).lines()) == cut_over(facade, service)
            with answered(board):
                assert sorted(must(board.up()).lines()) == cut_over(facade, service)
        for path, owner in PATHS.items():
            assert trace.answer(board.cloud.snapshot, url, "GET", path) == {owner or "monolith": 1.0}
        board.set("strangler:routes", "{}", path=False)
        with answered(board):
            assert sorted(must(board.up()).lines()) == sorted(
                line for service in SERVICES for line in cut_over(facade, service)
            )
        assert {path: trace.names(trace.answer(board.cloud.snapshot, url, "GET", path)) for path in PATHS} == {
            path: {"monolith"} for path in PATHS
        }
        must(board.destroy())
        assert {resource.type.rpartition(":")[2] for resource in board.cloud.snapshot} == {
            "Repository",
            "LifecyclePolicy",
            "Image",
        }
