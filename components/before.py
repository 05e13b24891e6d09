"""A command that a new release runs once, before it takes traffic: `services.<name>.before`."""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Mapping
from typing import Any, Protocol, cast

import pulumi

from components.interrupt import INTERRUPT
from components.model.command import CommandError
from components.settings.service import Service

LAST_LINES = 10
"""How many of its lines a failure tells again."""


class RunningCommand(Protocol):
    """The command, in a container of its own."""

    def lines(self) -> Generator[str, None, int]:
        """Runs it: what it writes, and its exit code. Raises CommandError if it can't be run or followed."""
        ...

    def stop(self) -> None:
        """Ends it early, from another thread. Raises CommandError."""
        ...


Make = Callable[[str, Mapping[str, Any]], RunningCommand | None]
"""Of a release, and what else is known by then, the command that is to run; None: the release runs already."""


def before(
    service: Service,
    release: pulumi.Input[str],
    make: Make,
    given: Mapping[str, pulumi.Input[object]],
    opts: pulumi.ResourceOptions,
) -> pulumi.Resource:
    """What a release of a service waits for: a resource that remembers the release that has run its command last.

    It runs while that turns to another release, so that the state has a release exactly if its command has succeeded:
    not in a preview, not again in the next `up`, and again after a failure. A change of the command alone runs nothing.
    """
    known = pulumi.Output.all(**given)

    async def run(args: pulumi.ResourceHookArgs) -> None:
        data = cast("Mapping[str, object]", (args.new_inputs or {})["input"])
        needed = await known.future()
        with INTERRUPT.held_back():
            await _run(service, lambda: make(str(data["release"]), needed or {}), lambda: stash)

    hook = pulumi.ResourceHook(f"before {service.name}", run)
    hooks = pulumi.ResourceHookBinding(before_create=[hook], before_update=[hook])
    stash = pulumi.Stash(
        f"{service.name}-before",
        input={"release": release},
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(hooks=hooks)),
    )
    return stash


async def _run(
    service: Service, make: Callable[[], RunningCommand | None], shown_at: Callable[[], pulumi.Resource]
) -> None:
    loop = asyncio.get_running_loop()

    def say(text: str) -> None:
        loop.call_soon_threadsafe(pulumi.log.info, text, shown_at())

    def whole() -> str | None:
        running = make()
        return failure(running, say, service.timeout, INTERRUPT.happened) if running else None

    try:
        why = await asyncio.to_thread(whole)
    except CommandError as problem:
        why = str(problem)
    if why:
        raise pulumi.RunError(
            f"service {service.name}: before: {why}; the running release and the traffic were left as they were"
        )


def failure(
    running: RunningCommand, say: Callable[[str], None], seconds: float, is_interrupted: Callable[[], bool]
) -> str | None:
    """Runs a command to its end. Why it failed, with the last lines that it wrote, or None. seconds: what it may
    take."""
    ended, failures, last = threading.Event(), list[str](), deque[str](maxlen=LAST_LINES)

    def watch() -> None:
        begun = time.monotonic()
        while not ended.wait(0.2):
            late = time.monotonic() - begun > seconds
            if not late and not is_interrupted():
                continue
            failures.append(f"not finished after {seconds:.0f} s" if late else "interrupted")
            try:
                running.stop()
            except CommandError as problem:
                failures.append(f"it is still running: {problem}")
            return

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        code = _followed(running, say, last)
    finally:
        ended.set()
    watcher.join()
    if not code and not failures:
        return None
    tail = "".join(f"\n  {line}" for line in last)
    return f"{', '.join(failures) or f'it ended with exit code {code}'}{f'; its last lines:{tail}' if tail else ''}"


def _followed(running: RunningCommand, say: Callable[[str], None], last: deque[str]) -> int:
    lines = running.lines()
    while True:
        try:
            line = next(lines)
        except StopIteration as end:
            return int(end.value)
        last.append(line)
        say(line)
