"""A clock of a deployment's own: when it goes on, and when it stands still."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor

from tests.standin.driver import Driver
from tools.standin import ec2
from tools.standin.clock import Clock, Needs, Span
from tools.standin.cloud import Cloud

CHAIN: Needs = {"a": frozenset(), "b": frozenset("a"), "c": frozenset(), "d": frozenset({"b", "c"})}
SECONDS = {"a": 5.0, "b": 10.0, "c": 12.0, "d": 1.0}


def run(clock: Clock, needs: Needs, slots: int = 4) -> Mapping[str, Span]:
    """Each operation as soon as all that it needs has ended, as the engine does it."""
    running: dict[str, Future[None]] = {}

    def act(name: str) -> None:
        for need in sorted(needs[name]):
            running[need].result()
        clock.sleep(name, SECONDS[name])

    with ThreadPoolExecutor(slots) as pool:
        for name in needs:
            running[name] = pool.submit(act, name)
    for item in running.values():
        item.result()
    return clock.spans


def test_what_needs_nothing_of_each_other_runs_side_by_side() -> None:
    clock = Clock(CHAIN, 4)
    assert run(clock, CHAIN) == {"a": Span(0, 5), "b": Span(5, 15), "c": Span(0, 12), "d": Span(15, 16)}
    assert (clock.now, clock.late) == (16, set())


def test_with_one_slot_everything_comes_one_after_the_other() -> None:
    clock = Clock(CHAIN, 1)
    run(clock, CHAIN, slots=1)
    assert clock.now == sum(SECONDS.values())


def test_what_waits_for_something_unannounced_is_named() -> None:
    clock = Clock({**CHAIN, "c": frozenset()}, 4, patience=0.2)
    run(clock, {**CHAIN, "c": frozenset("a")})
    assert clock.late == {"c"}
    assert clock.now == 18


def test_the_account_takes_its_time_from_the_clock() -> None:
    clock = Clock({}, 1)
    driver = Driver(Cloud(durations={ec2.VPC: 600}, clock=clock))
    vpc = driver.create(ec2.VPC, "a", cidrBlock="10.0.0.0/16")
    assert clock.spans == {vpc.urn: Span(0, 600)}
