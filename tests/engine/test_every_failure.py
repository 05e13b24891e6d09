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
from tools.standin import apigateway, ecs, elb, trace
from tools.standin import refactorspaces as rs
from tools.standin.cloud import Cloud, Operation
from tools.standin.engine import EngineStack

TWO = {"monolith": manifest("monolith", "/"), "users": manifest("users")}
SECONDS = 1.0
"""What a failure takes: what can run side by side with it is tried in the same `up`, so that an `up` is a layer."""

SHARED: Tree = {"services": {name: {"environment": "shared"} for name in TWO}}


def converge(found: EngineStack) -> int:
    """`pulumi up` until one succeeds; the number of those that failed.

    How many operations fail in one `up` is up to what runs side by side, so the number has no limit of its own: a life
    converges as long as no `up` fails without an operation that hadn't failed before.
    """
    ups, failed = 0, 0
    while not (run := found.up()).ok:
        ups += 1
        assert "InternalFailure: injected" in run.output, run.output
        assert len(found.cloud.failed) > failed, run.output
        failed = len(found.cloud.failed)
    return ups


@dataclass(frozen=True)
class Front:
    """Where a facade is seen in an account. holder, address: the type of what has its URL, and the attribute. route:
    the type of a route; moved: the end of the URN of the one that leads to users. count: routes or rules of this stack.
    resources: that it has at least."""

    holder: str
    address: str
    route: str
    moved: str
    count: int
    resources: int


FRONTS = {
    "refactor-spaces": Front(rs.APPLICATION, "proxyUrl", rs.ROUTE, "::users", 2, 80),
    "api-gateway": Front(apigateway.API, "apiEndpoint", apigateway.ROUTE, "::ANY /api/users", 3, 80),
    "alb": Front(elb.BALANCER, "dnsName", elb.RULE, f"AlbFacade${elb.RULE}::users", 4, 50),
}


Seen = list[tuple[str, set[str | int]]]
"""After which operation, and who answers then."""


def watch_the_route(front: Front, seen: Seen) -> Callable[[Operation], None]:
    """Notes who answers its path, from the moment at which the route to users is there."""

    def look(operation: Operation) -> None:
        there = any(resource.urn.endswith(front.moved) for resource in operation.snapshot.of(front.route))
        for holder in operation.snapshot.of(front.holder) if there else ():
            address = str(holder[front.address])
            url = address if "://" in address else f"http://{address}"
            names = trace.names(trace.answer(operation.snapshot, url, "GET", "/api/users"))
            seen.append((f"{operation.kind} {operation.urn}", names))

    return look


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("facade", FRONTS)
def test_every_creation_of_a_first_up_fails_once_and_plain_ups_put_it_right(
    facade: str, after: bool, tmp_path: Path
) -> None:
    cloud, seen, front = Cloud(), Seen(), FRONTS[facade]
    with stack(tmp_path, facade, TWO, {"routes": {"users": True}}, cloud) as found:
        cloud.fail_each("create", after=after, seconds=SECONDS)
        with cloud.watching(watch_the_route(front, seen)):
            assert converge(found) > 5
        made = {(resource.type, resource.urn) for resource in cloud.snapshot}
        assert {urn for _, urn in made} <= {urn for _, urn in cloud.failed}
        assert len(cloud.failed) > front.resources
        cloud.clear_failures()
        # The default may answer until AWS takes the route for active, and nobody never.
        assert [item for item in seen if not item[1] <= {"users", "monolith"}] == []
        assert seen[-1][1] == {"users"}
        assert must(found.up()).lines() == []
        assert len(made) == len(list(cloud.snapshot)), "nothing is there twice"
        assert (len(cloud.of(ecs.SERVICE)), len(cloud.of(front.route))) == (2, front.count)
        must(found.destroy())
        assert list(cloud.snapshot) == []
