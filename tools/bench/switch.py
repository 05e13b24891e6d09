"""How long one route switch takes, and how much of that is the deployment engine's own."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from components.local.cutover import cut_over
from components.local.envoy.state import Target, target_of
from components.model.routes import RouteTable
from tests.local.board import Board
from tools.bench.bare.program import Bare
from tools.bench.figures import Samples, Switch, seconds
from tools.bench.say import say

RUNS = 5


def measure(board: Board, folder: Path) -> Switch:
    """Switches a route of a board that is up, `RUNS` times; the board ends with it active."""
    up(board)
    switch = timed("a route switch", lambda turn: board.route("users", "false" if turn % 2 else "true"), board)
    empty = timed("an up that changes nothing", lambda _turn: None, board)
    return Switch(switch, empty, cut_overs(board), stash(folder))


def timed(what: str, prepare: Callable[[int], None], board: Board | Bare) -> Samples:
    """The seconds of `pulumi up --yes` as a user types it, each after a preparation that isn't counted."""
    samples: list[float] = []
    for turn in range(RUNS):
        prepare(turn)
        samples.append(up(board))
    say(f"{what}: {seconds(tuple(samples))}")
    return tuple(samples)


def up(board: Board | Bare) -> float:
    """`pulumi up -s <stack> --yes`, as a user types it."""
    return board.run("up", "-s", board.stack, "--yes").ok().seconds


def cut_overs(board: Board) -> Samples:
    """The cut-over alone, in this process, there and back."""
    name, target = held(board)
    off = with_weight(target, "users", 0)
    samples: list[float] = []
    for turn in range(RUNS + RUNS % 2):
        began = time.monotonic()
        cut_over(board.engine, name, target if turn % 2 else off, say)
        samples.append(time.monotonic() - began)
    say(f"the cut-over alone: {seconds(tuple(samples[:RUNS]))}")
    return tuple(samples[:RUNS])


def held(board: Board) -> tuple[str, Target]:
    """The facade's container and what it holds, as the stack's state says."""
    state: dict[str, Any] = json.loads(board.run("stack", "export", "-s", board.stack).ok().output)
    resources = cast("list[dict[str, Any]]", state["deployment"]["resources"])
    data = next(resource["inputs"]["input"] for resource in resources if resource["type"] == "pulumi:index:Stash")
    return str(data["name"]), target_of(cast("Mapping[str, object]", data))


def with_weight(target: Target, route: str, weight: int) -> Target:
    """The same target with another weight of one route."""
    routes = [replace(other, weight=weight) if other.id == route else other for other in target.table.routes]
    return replace(target, table=RouteTable.of(routes, target.table.default))


def stash(folder: Path) -> Samples:
    """An up of a program of one stash that changes it."""
    bare = Bare(folder / "stash", "stash")
    bare.config("weight", "first")
    up(bare)
    return timed("a bare program that changes one stash", lambda turn: bare.config("weight", str(turn)), bare)
