"""How long the first `up` of the message board takes on AWS: on the real engine, with the durations of durations.py, on
a clock that stands still while this machine computes.

The tables of docs/deployment-time.md are made of it: `STRANGLER_WRITE_TABLES=1` writes them.
"""

import json
import os
import re
from dataclasses import dataclass
from functools import cache

import pytest

from tests.engine import chain
from tests.engine.durations import CREATION, ENVIRONMENTS, SERVICES
from tests.engine.projects import must
from tests.engine.warm import WarmStack
from tests.repository import ROOT
from tests.standin.driver import Driver
from tools.standin import dns
from tools.standin.clock import Clock
from tools.standin.cloud import Cloud

DOCUMENT = ROOT / "docs/deployment-time.md"
SIDE_BY_SIDE = 64
"""As README.md and the workflow tell the engine."""

_ALB: dict[str, object] = {
    "strangler:facade": "alb",
    "strangler:services": {name: {"environment": "shared"} for name in ("monolith", "posts", "threads", "users")},
}
BOARDS: dict[str, dict[str, object]] = {
    "refactor-spaces": {},
    "api-gateway": {"strangler:facade": "api-gateway"},
    "alb": _ALB,
    "alb with https": {
        **_ALB,
        "strangler:facadeSettings": {"alb": {"domain": {"name": "www.example.com", "hostedZone": "{zone}"}}},
    },
}
"""What differs from Pulumi.dev.yaml. {zone}: the id of a hosted zone that is there."""

MOST = 1.05
"""Times the longest chain."""


@dataclass(frozen=True)
class Measured:
    """operations: how many. unavoidable: seconds of the longest chain of what AWS wants one after the other. chain:
    the types in it. up: seconds that the engine took. late: what waited for something that the state doesn't tell."""

    operations: int
    unavoidable: float
    chain: tuple[str, ...]
    up: float
    late: frozenset[str]


def token(urn: str) -> str:
    return urn.split("::")[2].rpartition("$")[2]


def seconds(urn: str) -> float:
    return 0.0 if token(urn) == dns.ZONE else CREATION[token(urn)].seconds


def board(name: str, cloud: Cloud) -> WarmStack:
    zone = Driver(cloud).create(dns.ZONE, "example", name="example.com").id
    config: dict[str, object] = json.loads(json.dumps(BOARDS[name]).replace("{zone}", zone))
    return WarmStack(ROOT, cloud, stack="dev", config=config)


@cache
def measured(name: str) -> Measured:
    """A first `up` to learn what waits for what, and another one on the clock."""
    with board(name, Cloud()) as found:
        must(found.up())
        needs = chain.of_the_engine(found.state()["resources"])
        longest = chain.longest(chain.of_aws(found.cloud.snapshot), seconds)
    clock = Clock(needs, SIDE_BY_SIDE)
    durations = {kind: item.seconds for kind, item in CREATION.items()}
    with board(name, Cloud(durations=durations, clock=clock)) as found:
        must(found.up("--parallel", str(SIDE_BY_SIDE)))
    types = tuple(token(urn).rpartition(":")[2] for urn, _ in longest)
    return Measured(len(clock.spans), longest[-1][1], types, clock.now, frozenset(clock.late))


@pytest.mark.parametrize("name", BOARDS)
def test_a_first_up_takes_hardly_longer_than_aws_makes_unavoidable(name: str) -> None:
    found = measured(name)
    assert found.late == frozenset()
    assert found.unavoidable <= found.up <= MOST * found.unavoidable


def test_it_takes_a_fifth_of_the_tutorials_time() -> None:
    assert measured("refactor-spaces").up <= (sum(ENVIRONMENTS) + sum(SERVICES)) / 5


def test_the_document_has_these_figures() -> None:
    tables = {"times": times(), "durations": durations()}
    text = DOCUMENT.read_text(encoding="utf-8")
    for name, wanted in tables.items():
        place = re.compile(f"(?<=<!-- {name} -->\n).*?(?=<!-- end of {name} -->)", re.DOTALL)
        if os.environ.get("STRANGLER_WRITE_TABLES"):
            text = place.sub(lambda _, wanted=wanted: f"\n{wanted}\n\n", text)
            DOCUMENT.write_text(text, encoding="utf-8")
        (found,) = place.findall(text)
        assert same(found.strip(), wanted), "run this test with STRANGLER_WRITE_TABLES=1"


_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def same(written: str, found: str) -> bool:
    """Whether two tables say the same. What takes as long may come in another order, so a figure may differ by some
    seconds from one run to the next."""
    pairs = zip(_NUMBER.findall(written), _NUMBER.findall(found), strict=False)
    near = all(abs(float(one) - float(other)) <= 0.02 * float(other) for one, other in pairs)
    return near and _NUMBER.sub("n", written) == _NUMBER.sub("n", found)


def test_figures_that_differ_by_more_than_some_seconds_are_noticed() -> None:
    assert same("| `alb` | 288 s |", "| `alb` | 290 s |")
    assert not same("| `alb` | 288 s |", "| `alb` | 300 s |")
    assert not same("| `alb` | 288 s |", "| `api` | 288 s |")


def times() -> str:
    """What is measured, as a table in Markdown."""
    rows = [
        f"| `{name}` | {found.operations} | {found.unavoidable:.0f} s | {found.up:.0f} s |"
        f" {found.up / found.unavoidable:.2f} | {', '.join(found.chain)} |"
        for name, found in ((name, measured(name)) for name in BOARDS)
    ]
    head = "| facade | resources | longest chain | first `up` | ratio | the chain |"
    return "\n".join([head, "| --- | ---: | ---: | ---: | ---: | --- |", *rows])


def durations() -> str:
    """What is assumed, as a table in Markdown."""
    rows = [f"| `{kind}` | {item.seconds:g} | {item.source} |" for kind, item in sorted(CREATION.items())]
    return "\n".join(["| type | seconds | source |", "| --- | ---: | --- |", *rows])
