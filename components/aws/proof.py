"""Compares routes with what answers now before any of them moves: a hook on whatever moves one."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pulumi

from components.aws.deployed import Deployed
from components.aws.plan.proof import proof
from components.compare.gate import Gate, GateError, announced, away, prove
from components.interrupt import INTERRUPT
from components.model.routes import RouteTable
from components.settings import Settings

_SYSTEM = "strangler:index:Strangler"


@dataclass(frozen=True)
class Guard:
    """What holds the rules of a facade back."""

    hooks: pulumi.ResourceHookBinding
    """Of each of them. They come once all services are ready, so that what is compared is what is to answer."""


def guard(
    settings: Settings, table: RouteTable, deployed: Deployed, folder: Path, parent: pulumi.Resource
) -> Guard | None:
    """What the rules of all facades wait for; None: for nothing. Tells in a plan what will be compared. Raises RunError
    for what can't be. folder: the project's."""
    up = list(deployed.of(_SYSTEM).values())
    planned = proof(up[0] if up else {}, table, settings.comparisons, settings.stack)
    for line in planned.notes:
        pulumi.log.info(line, parent)
    mistakes = list(planned.mistakes)
    for gate in planned.gates:
        try:
            line = announced(gate, folder)
        except GateError as failure:
            mistakes.append(str(failure))
            continue
        if pulumi.runtime.is_dry_run():
            pulumi.log.info(line, parent)
            _warn_of(gate, parent)
    if mistakes:
        raise pulumi.RunError("\n".join(mistakes))
    if not planned.gates:
        return None
    hook = pulumi.ResourceHook("compare", _Proving(planned.gates, folder, settings.stack, parent).hold)
    return Guard(pulumi.ResourceHookBinding(before_create=[hook], before_update=[hook]))


def _warn_of(gate: Gate, parent: pulumi.Resource) -> None:
    """Says in a plan what may not be compared from this machine."""
    if failure := away(gate):
        remedy = f"run up on a machine that can, or remove compare and run `make compare ROUTE={gate.route}` there"
        pulumi.log.warn(f"route {gate.route}: this machine can't reach {failure}; {remedy}", parent)


class _Proving:
    """The comparisons of one `up`, made once, whatever waits for them."""

    def __init__(self, gates: Sequence[Gate], folder: Path, stack: str, parent: pulumi.Resource) -> None:
        self._gates, self._folder, self._stack, self._parent = gates, folder, stack, parent
        self._made: asyncio.Task[None] | None = None

    async def hold(self, _: pulumi.ResourceHookArgs) -> None:
        """Returns once a resource may change. Raises RunError if it mustn't: with what was found the first time."""
        with INTERRUPT.held_back():
            if self._made is None:
                self._made = asyncio.ensure_future(self._prove())
                await self._made
                return
            try:
                await self._made
            except pulumi.RunError:
                raise pulumi.RunError("stays as it is: the comparison that failed is told with another") from None

    async def _prove(self) -> None:
        loop = asyncio.get_running_loop()

        def say(text: str) -> None:
            loop.call_soon_threadsafe(pulumi.log.info, text, self._parent)

        for gate in self._gates:
            try:
                await asyncio.to_thread(prove, gate, self._folder, self._stack, say, INTERRUPT.happened)
            except GateError as failure:
                raise pulumi.RunError(str(failure)) from None
