"""A cut-over in steps: each is a weight in the config and a `pulumi up`, watched before the next."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from tools.cutover.journal import Journal
from tools.cutover.request import VERB, Asked
from tools.cutover.routes import with_weight
from tools.cutover.stack import Stack, UpError
from tools.cutover.verdict import Verdict
from tools.setup.say import MachineError, say

TAKEN_BACK = 3
"""The exit code of a cut-over that was taken back."""


class Watch(Protocol):
    """What tells whether a step goes well."""

    every: float

    def trouble(self) -> str: ...
    def begin(self) -> None: ...
    def look(self) -> Verdict: ...


@dataclass(frozen=True)
class Step:
    """From one weight to the next."""

    before: int
    weight: int
    made: bool = False
    """Whether the config has it already, of a run that was interrupted. Default false."""


def steps_from(steps: tuple[int, ...], weight: int, last: dict[str, object]) -> list[Step]:
    """The steps that are left. weight: the route's, by the config. last: the route's last event, {} for none. One that
    was begun and not watched to its end is watched once more. Pure."""
    unwatched = last.get("event") in ("started", "advanced", "interrupted") and last.get("to") == weight
    left = [Step(int(str(last["from"])), weight, made=True)] if unwatched and last.get("from") != weight else []
    before = weight
    for step in steps:
        if step > before:
            left.append(Step(before, step))
            before = step
    return left


@dataclass(frozen=True)
class Advance:
    """One run."""

    asked: Asked
    stack: Stack
    watch: Watch
    journal: Journal
    sleep: Callable[[float], None] = time.sleep

    def run(self, steps: list[Step], weight: int, live: int) -> int:
        """Goes the steps; the exit code. weight: the route's by the config. live: the one that is up."""
        trouble = self.watch.trouble()
        if trouble:
            raise MachineError(VERB, trouble, "nothing was changed")
        if live != weight and not (steps and steps[0].made):
            say(VERB, f"{self.asked.route}: {live} is up, and the config says {weight}: pulumi up first")
            try:
                self.stack.up()
            except UpError as failure:
                raise MachineError(VERB, f"pulumi up failed: {failure}", "fix it and run it again") from None
            live = weight
        for step in steps:
            try:
                code = self._step(step, live)
            except KeyboardInterrupt:
                self._note("interrupted", step, "by the user; the config says what is up, and another run goes on")
                raise
            if code:
                return code
            live = step.weight
        return 0

    def _step(self, step: Step, live: int) -> int:
        if not step.made:
            self._note("started", step, f"watched for {self.asked.bake:g} s")
            self._set(step.weight)
        self.watch.begin()
        if live != step.weight:
            try:
                self.stack.up()
            except UpError as failure:
                return self._back(step, "failed", f"pulumi up failed: {failure}")
        self._note("advanced", step, "another run goes on with it" if step.made else "the traffic has moved")
        verdict = self._bake()
        if verdict.bad:
            return self._back(step, "taken back", verdict.bad)
        self._note("baked", step, verdict.summary)
        return 0

    def _bake(self) -> Verdict:
        end = time.monotonic() + self.asked.bake
        while True:
            self.sleep(max(0.0, min(self.watch.every, end - time.monotonic())))
            verdict = self.watch.look()
            if verdict.bad or time.monotonic() >= end:
                return verdict

    def _back(self, step: Step, event: str, why: str) -> int:
        """The weight that was there before, in config and stack."""
        say(VERB, f"{self.asked.route}: back from {step.weight} to {step.before}: {why}")
        self._set(step.before)
        try:
            self.stack.up()
        except UpError as failure:
            self._note("failed", step, f"{why}; and taking it back failed: {failure}")
            remedy = f"the config says {step.before}: run `pulumi up -s {self.stack.name}`"
            raise MachineError(VERB, f"taking it back to {step.before} failed: {failure}", remedy) from None
        self._note(event, Step(step.weight, step.before) if event == "taken back" else step, why)
        return TAKEN_BACK if event == "taken back" else 1

    def _set(self, weight: int) -> None:
        self.stack.set(with_weight(self.stack.routes(), self.asked.route, weight))

    def _note(self, event: str, step: Step, why: str) -> None:
        self.journal.note(event, self.asked.route, step.before, step.weight, why)
        say(VERB, f"{self.asked.route}: {step.before} to {step.weight}: {event}: {why}")
