"""Ctrl-C while a cut-over waits: it comes to an end that state and facade agree on."""

import signal
import subprocess

from tests.engine.warm import WARM
from tests.load import Load
from tests.local.board import Board, without

MANIFEST = "services/users/manifest.yml"


def test_a_cancelled_cut_over_leaves_the_traffic_where_it_was_and_shows_no_traceback(board: Board) -> None:
    board.edit(MANIFEST, "    path: /\n", "    path: /nowhere\n    grace_period: 90s\n")
    with Load(board.port) as load:
        process = subprocess.Popen(
            ["pulumi", "up", "-s", board.stack, "--yes", "--skip-preview", "--non-interactive"],
            cwd=board.folder,
            env=without(WARM, board.environ),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            process_group=0,
        )
        assert process.stdout is not None
        output = ""
        while "waiting for users" not in output:
            line = process.stdout.readline()
            assert line, output
            output += line
        process.send_signal(signal.SIGINT)
        output += process.communicate(timeout=60)[0]
    assert process.returncode != 0
    assert "interrupted before users was healthy: the traffic stays where it was" in output
    assert "Traceback" not in output
    assert "KeyboardInterrupt" not in output
    assert load.failures == []
    board.edit(MANIFEST, "    path: /nowhere\n    grace_period: 90s\n", "    path: /\n")
    board.up().ok()
    assert board.up().ok().changed() == set()
