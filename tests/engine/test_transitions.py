"""Random changes of a board on the real engine: after every single operation of every plan, each public path is
answered by its old owner or its new one, never by neither, never by a third.

`make test` makes 510 changes, always the same. STRANGLER_TRANSITIONS=3000 makes as many, STRANGLER_SEED=random other
ones, and STRANGLER_SEED=<the printed seed> those again.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from random import Random
from secrets import token_hex

import pytest

from components.model.facades import FACADES
from components.model.routes import Route, RouteTable
from tests.engine.random_runs import RandomRun, run_at_random
from tests.engine.results import Results, Watch
from tests.engine.scenarios import Scenario, next_scenario
from tests.standin import sample
from tests.standin.driver import Driver
from tools.standin import ecs
from tools.standin.cloud import Object

SIDE_BY_SIDE = 2
CHANGES = int(os.environ.get("STRANGLER_TRANSITIONS", "510"))
SEED = os.environ.get("STRANGLER_SEED", "1")


@pytest.mark.parametrize("facade", FACADES)
def test_on_the_way_only_the_old_owner_and_the_new_one_answer(facade: str, tmp_path: Path) -> None:
    seed = token_hex(4) if SEED == "random" else SEED
    random_runs = [RandomRun(facade, f"{seed}-{number}") for number in range(SIDE_BY_SIDE)]
    all_results = [Results() for _ in random_runs]
    changes = -(-CHANGES // (len(FACADES) * len(random_runs)))
    print(f"{facade}: STRANGLER_SEED={seed}")
    with ThreadPoolExecutor(len(random_runs)) as pool:
        running = [
            pool.submit(run_at_random, tmp_path / str(number), random_run, changes, results)
            for number, (random_run, results) in enumerate(zip(random_runs, all_results, strict=True))
        ]
        for one in running:
            one.result()
    for random_run, results in zip(random_runs, all_results, strict=True):
        print(f"{random_run}; {results.operations} operations, {results.answers} answers")
        assert results.wrong == [], "\n".join([str(random_run), *results.wrong[:20]])
        assert random_run.changes >= changes
        assert results.operations > random_run.plans
    assert sum(random_run.failures for random_run in random_runs) > 0


@dataclass(frozen=True)
class Small:
    """A load balancer with a monolith as its default, and two services that may take over a part."""

    driver: Driver
    front: sample.Front
    groups: dict[str, str]
    services: dict[str, Object]

    def send(self, path: str, priority: int, service: str) -> Object:
        """Makes the rule of a route."""
        action = sample.forward((self.groups[service], 1))
        return sample.rule(self.driver, self.front, path, priority, action, path, f"{path}/*")

    def watch(self, *routes: Route) -> Watch:
        """From no route at all to these."""
        tables = RouteTable.of([], "monolith"), RouteTable.of(routes, "monolith")
        return Watch("alb", f"http://{self.front.balancer['dnsName']}", *tables, ("/a", "/a/b"), Results())


@pytest.fixture
def small() -> Small:
    driver = Driver()
    front = sample.front(driver, sample.network(driver))
    names = ("monolith", "posts", "users")
    groups = {name: sample.named(driver, front, name, 40_000 + number) for number, name in enumerate(names)}
    services = {name: driver.cloud.named(ecs.SERVICE, name) for name in names}
    return Small(driver, front, groups, services)


USERS, POSTS = Route("users", "/a", "users", weight=100), Route("posts", "/a/b", "posts", weight=100)


def test_a_right_order_is_found_right(small: Small) -> None:
    watch = small.watch(USERS, POSTS)
    with small.driver.cloud.watching(watch.look):
        small.send("/a/b", 1, "posts")
        small.send("/a", 2, "users")
    watch.ends(small.driver.cloud.snapshot)
    assert watch.results.wrong == []
    assert watch.results.operations == 2


def test_an_answer_by_a_third_is_noticed(small: Small) -> None:
    watch = small.watch(USERS, POSTS)
    with small.driver.cloud.watching(watch.look):
        small.send("/a", 2, "users")
        small.send("/a/b", 1, "posts")
    assert watch.results.wrong[0] == (
        "create ListenerRule /a end: GET /a/b is answered by {'users': 1.0}, not by {'monolith': 1.0} or {'posts': 1.0}"
    )


def test_a_missing_answer_is_noticed(small: Small) -> None:
    watch = small.watch(USERS)
    with small.driver.cloud.watching(watch.look):
        small.driver.update(small.services["monolith"], desiredCount=0)
        small.send("/a", 1, "users")
    assert any("{503: 1.0}" in line for line in watch.results.wrong)


def test_a_route_that_does_not_arrive_is_noticed(small: Small) -> None:
    watch = small.watch(USERS)
    watch.ends(small.driver.cloud.snapshot)
    assert watch.results.wrong[0].startswith("in the end: GET /a is answered by {'monolith': 1.0}")


def test_a_life_can_be_lived_again() -> None:
    def wished(facade: str) -> list[Scenario]:
        random, scenario = Random("again"), Scenario(facade)
        found: list[Scenario] = []
        for _ in range(20):
            scenario = next_scenario(random, scenario, 3)
            found.append(scenario)
        return found

    for facade in FACADES:
        assert wished(facade) == wished(facade)
