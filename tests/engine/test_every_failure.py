"""Every operation fails once, before or after it happened: plain `pulumi up`s converge, without leftovers or
duplicates, and no route is ever active to a service that isn't there.

One life takes them all: whatever is tried for the first time fails, so that each `up` gets one layer further.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.engine.projects import must, stack
from tests.projects import Tree, manifest
from tests.standin import apigateway, ecs, elb, trace
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


@dataclass(frozen=True)
class Front:
    """Where a facade is seen in an account. entrance, address: the type of what has its URL, and the attribute. route:
    the type of a route; moved: the end of the URN of the one that leads to users. count: routes or rules of this stack.
    """

    entrance: str
    address: str
    route: str
    moved: str
    count: int


FRONTS = {
    "refactor-spaces": Front(rs.APPLICATION, "proxyUrl", rs.ROUTE, "::users", 2),
    "api-gateway": Front(apigateway.API, "apiEndpoint", apigateway.ROUTE, "::ANY /api/users", 3),
    "alb": Front(elb.BALANCER, "dnsName", elb.RULE, f"AlbFacade${elb.RULE}::users", 4),
}


def watch_for_routes_to_nobody(front: Front, wrong: list[str]) -> Callable[[Operation], None]:
    """Notes each moment at which the route leads to nobody. AWS may take it for active some time after it is made."""

    def look(operation: Operation) -> None:
        there = any(each.urn.endswith(front.moved) for each in operation.snapshot.of(front.route))
        for entrance in operation.snapshot.of(front.entrance) if there else ():
            address = str(entrance[front.address] or "")
            url = address if "://" in address else f"http://{address}"
            names = (
                trace.names(trace.answer(operation.snapshot, url, "GET", "/api/users")) if address else set[str | int]()
            )
            if not names <= {"users", "monolith"}:
                wrong.append(f"{operation.kind} {operation.urn}: {names}")

    return look


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("facade", FRONTS)
def test_every_creation_of_a_first_up_fails_once_and_plain_ups_put_it_right(
    facade: str, after: bool, tmp_path: Path
) -> None:
    cloud, wrong, front = Cloud(), list[str](), FRONTS[facade]
    with stack(tmp_path, facade, TWO, {"routes": {"users": True}}, cloud) as found:
        cloud.fail_each("create", after=after)
        with cloud.watching(watch_for_routes_to_nobody(front, wrong)):
            assert converge(found) > 5
        made = {(each.type, each.urn) for each in cloud.snapshot}
        assert {urn for _, urn in made} <= {urn for _, urn in cloud.failed}
        assert len(cloud.failed) > 40
        cloud.clear_failures()
        assert wrong == []
        assert must(found.up()).lines() == []
        assert len(made) == len(list(cloud.snapshot)), "nothing is there twice"
        assert (len(cloud.of(ecs.SERVICE)), len(cloud.of(front.route))) == (2, front.count)
        must(found.destroy())
        assert list(cloud.snapshot) == []
