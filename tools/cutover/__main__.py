"""`python -m tools.cutover advance STACK`, in the project's folder; what else counts are variables, as `make` has
them."""

import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tools.cutover.advance import Advance, Watch, steps_from
from tools.cutover.journal import Journal
from tools.cutover.on_local import LocalWatch
from tools.cutover.request import VERB, Asked, asked, chosen_steps
from tools.cutover.stack import Found, Stack, found
from tools.setup.programs import on_terminate
from tools.setup.say import MachineError, say

INTERRUPTED = 130


def run(stack: str, variables: Mapping[str, str], folder: Path) -> int:
    """Goes the steps that were asked for; the exit code."""
    wanted, up = asked(variables), Stack(folder, stack)
    there = found(up, wanted.route)
    steps = chosen_steps(wanted.steps, weights=there.weights, facade=there.facade)
    journal = Journal.of(folder, stack)
    left = steps_from(steps, there.weight, journal.last(wanted.route))
    if not left and there.live == there.weight:
        say(VERB, f"{wanted.route} has the weight {there.weight}, and no step is left")
        return 0
    return Advance(wanted, up, watch(up, there, wanted), journal).run(left, there.weight, there.live)


def watch(up: Stack, there: Found, wanted: Asked) -> Watch:
    """What looks at a stack's steps. What asks AWS is loaded where AWS is asked."""
    if there.deployed.on_aws:
        from tools.cutover.on_aws import AwsWatch

        return AwsWatch.of(there)
    return LocalWatch.of(up, there, wanted)


def main(arguments: Sequence[str]) -> int:
    if len(arguments) != 2 or arguments[0] != VERB:
        print(f"usage: python -m tools.cutover {VERB} STACK", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, on_terminate)
    try:
        return run(arguments[1], os.environ, Path.cwd())
    except MachineError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
