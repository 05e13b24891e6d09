"""What the facades' resources mean: for random route tables and requests, the answer that follows from the recorded
resources alone, as AWS would follow them, is the one that `RouteTable` gives."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, cast

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pulumi.resource import DependencyResource

from components.aws.facades.alb import AlbFacade, AlbFacadeArgs
from components.aws.facades.api_gateway import ApiGatewayFacade, ApiGatewayFacadeArgs
from components.aws.facades.balanced import Balanced
from components.aws.facades.refactor_spaces import RefactorSpacesFacade, RefactorSpacesFacadeArgs
from components.aws.facades.target import FacadeTarget
from components.aws.plan.alb_rules import mistakes
from components.aws.plan.refactor_spaces_routes import ambiguous, twice
from components.model.facades import FACADES, TestersBy
from components.model.routes import METHODS, RouteTable
from tests.components.recorder import Record, run
from tests.engine.results import same, shares
from tests.standin import sample
from tests.standin.driver import Driver
from tests.strategies import SERVICES, headers, methods, part_of_examples, request_paths, route_tables
from tools.standin import shapes, trace
from tools.standin.catalog import KINDS
from tools.standin.cloud import Cloud, Snapshot

TAGS = {"stack": "dev"}


@dataclass(frozen=True)
class Running:
    """An account in which the services run, before any facade is there. fronts, groups: by service: the load balancer
    that it is behind, and the ARN of its target group."""

    driver: Driver
    fronts: Mapping[str, sample.Front]
    groups: Mapping[str, str]
    before: Snapshot

    def services(self) -> dict[str, FacadeTarget]:
        """To be called in a program."""
        return {
            name: FacadeTarget(
                name=name,
                environment=name,
                url=f"http://{front.balancer['dnsName']}",
                listener_arn=front.listener.id,
                vpc_id=front.network.vpc.id,
                subnets=front.network.subnets,
                security_group=front.balancer_group.id,
                target_group_arn=self.groups[name],
                ready=[DependencyResource("urn:pulumi:dev::strangler::aws:ecs/service:Service::ready")],
            )
            for name, front in self.fronts.items()
        }


@cache
def running(facade: str) -> Running:
    """On `alb` behind one load balancer, else each behind its own, which is internal on `api-gateway`."""
    driver = Driver(Cloud(patience=0))
    network = sample.network(driver)
    shared = sample.front(driver, network) if facade == "alb" else None
    fronts = {
        name: shared or sample.front(driver, network, name, internal=facade == "api-gateway") for name in SERVICES
    }
    groups = {
        name: sample.named(driver, front, name, 40_001 + number) for number, (name, front) in enumerate(fronts.items())
    }
    return Running(driver, fronts, groups, driver.cloud.snapshot)


def made(facade: str, table: RouteTable) -> tuple[Snapshot, dict[str, str]]:
    """The account with the facade in it, and the facade's addresses."""
    found = running(facade)
    snapshot, record = placed(found, lambda: _facade(facade, table, found.services()))
    (outputs,) = (output for urn, output in record.outputs.items() if "strangler:index:" in urn)
    return snapshot, {name: str(outputs[name]) for name in ("url", "testersUrl") if name in outputs}


def placed(found: Running, program: Callable[[], object]) -> tuple[Snapshot, Record]:
    """The account with what a program makes in it."""
    cloud = found.driver.cloud
    cloud.snapshot = found.before
    cloud.history.clear()

    def create(token: str, name: str, state: dict[str, Any]) -> dict[str, Any]:
        if token not in KINDS:
            return state
        known = shapes.inputs_of(token).properties
        inputs = {key: _whole(value) for key, value in state.items() if key in known}
        current = found.driver.create(token, name, **inputs)
        return {**current.attributes, "id": current.id}

    record = run(program, create)
    return cloud.snapshot, record


def _whole(value: Any) -> Any:
    """Numbers come as floats from the mocks, as from every wire of Pulumi's."""
    if isinstance(value, dict):
        return {key: _whole(item) for key, item in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [_whole(item) for item in cast("list[Any]", value)]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _facade(
    facade: str, table: RouteTable, services: Mapping[str, FacadeTarget]
) -> AlbFacade | ApiGatewayFacade | RefactorSpacesFacade:
    if facade == "alb":
        one = services[SERVICES[0]]
        dns = str(one.url).removeprefix("http://")
        args = AlbFacadeArgs(Balanced(table, services, tags=TAGS), "arn:lb", one.listener_arn, dns, one.vpc_id)
        return AlbFacade("facade", args)
    if facade == "api-gateway":
        return ApiGatewayFacade("facade", ApiGatewayFacadeArgs(table, services, tags=TAGS))
    return RefactorSpacesFacade("facade", RefactorSpacesFacadeArgs(table, services, "strangler-dev", tags=TAGS))


def accepted(facade: str, table: RouteTable) -> RouteTable:
    """The table, with weights that this facade takes, or no table."""
    if facade == "alb":
        assume(not mistakes(table))
        return table
    whole = RouteTable.of(
        (replace(route, weight=100 if route.weight > 50 else 0) for route in table.routes), table.default
    )
    if facade == "refactor-spaces":
        whole = RouteTable.of((route for route in whole.routes if "~" not in route.path), whole.default)
        meeting = {route.id for route, _ in (*twice(whole), *ambiguous(whole))}
        whole = RouteTable.of((route for route in whole.routes if route.id not in meeting), whole.default)
        return replace(whole, default=table.default or SERVICES[0])
    return whole


def askable(facade: str, table: RouteTable, method: str, path: str) -> bool:
    """Whether the facade is documented to hold a table for this request: `http_api_routes` says what HTTP APIs don't,
    and a route of Refactor Spaces can't list methods beyond the seven."""
    plain = path.partition("?")[0]
    if facade == "alb":
        return True
    if "//" in plain or (facade == "refactor-spaces" and method not in METHODS):
        return False
    at = [
        route for route in table.routes if plain.endswith("/") and replace(route, children=False).takes(method, plain)
    ]
    return facade != "api-gateway" or all(route.children for route in at)


@pytest.mark.parametrize("facade", FACADES)
@part_of_examples(60)
@given(
    table=route_tables(),
    requests=st.lists(st.tuples(methods, request_paths(), headers), min_size=10, max_size=30),
    marked=headers,
)
def test_the_resources_of_a_facade_mean_what_the_route_table_means(
    facade: str, table: RouteTable, requests: list[tuple[str, str, dict[str, str]]], marked: dict[str, str]
) -> None:
    table = accepted(facade, table)
    snapshot, urls = made(facade, table)
    tables = {"url": table, "testersUrl": table.for_testers()}
    assert ("testersUrl" in urls) == (table.has_testers and FACADES[facade].testers is TestersBy.ADDRESS)
    sees = FACADES[facade].testers is TestersBy.MARK
    at = [
        (method, f"{path.replace('{}', value)}{end}", marked)
        for path in table.paths
        for value in ("users", "7")
        for method in ("GET", "POST")
        for end in ("", "/", "/1")
    ]
    for method, path, sent in [*at, *requests]:
        for name, url in urls.items() if askable(facade, table, method, path) else ():
            answered = trace.answer(snapshot, url, method, path, greedy_takes_empty=True, headers=sent)
            expected = shares(tables[name].resolve(method, path, sent if sees else {}))
            assert same(answered, expected), f"{method} {path} at {name}: {dict(answered)}, not {dict(expected)}"
