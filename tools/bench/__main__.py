"""`python -m tools.bench [--no-cold]`: measures, and writes docs/benchmarks.md."""

import argparse
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from tests.local.board import Board
from tests.repository import ROOT
from tools.bench import growth, machine, start, switch, throughput
from tools.bench.document import Setting, document
from tools.bench.figures import Results
from tools.bench.say import say

TERMINATED = 143
"""The exit code of a program that SIGTERM has ended, as shells tell it."""
TARGET = ROOT / "docs/benchmarks.md"


def main() -> None:
    """Measures one thing after the other, so that none disturbs another."""
    parser = argparse.ArgumentParser(prog="make bench", description="Measures, and writes docs/benchmarks.md.")
    parser.add_argument("--no-cold", action="store_true", help="leave out `make up` without caches")
    cold = not parser.parse_args().no_cold
    # What was made is removed at the end of a run that is told to end, too.
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(TERMINATED))
    began, load = time.monotonic(), machine.load()
    folder = Path(tempfile.mkdtemp(prefix="strangler-bench-"))
    try:
        grown = growth.measure(folder / "growth")
        board = Board(folder / "board")
        try:
            say("a board to measure on")
            board.up().ok()
            setting = Setting(machine.hardware(), machine.versions(board), load)
            switched = switch.measure(board, folder)
            loads = throughput.measure(board)
        finally:
            board.remove()
        started = start.measure(folder / "start", cold)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(document(setting, Results(started, switched, loads, grown)), encoding="utf-8")
    say(f"wrote {TARGET.relative_to(ROOT)} after {(time.monotonic() - began) / 60:.0f} minutes")


main()
