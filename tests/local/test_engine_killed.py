"""The Docker engine is killed between two `up`s: nothing is lost, and a rerun converges.

The engine is one of the test's own, as `make` starts it, in a network namespace of its own: neither the machine's
engine nor its address translation is touched. The load runs in that namespace too.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from components.model.image_source import machine_args
from tests.local.board import PROJECT, Board, docker
from tests.local.test_meaning import NAMES, write_service
from tools.setup.place import Place

START = """
import sys
from pathlib import Path
from tools.offline import own_engine
from tools.setup.place import Place
getattr(own_engine, sys.argv[1])(Place(Path(sys.argv[2])), *map(Path, sys.argv[3:]))
"""

LOAD = """
import json, sys
from tests.load import Load
with Load(int(sys.argv[1]), rate=300, paths=("/", "/x/one", "/x/two")) as load:
    print("started", flush=True)
    sys.stdin.readline()
print(json.dumps({"total": load.total, "failures": [vars(each) for each in load.failures]}))
"""


@dataclass(frozen=True)
class Engine:
    """An engine in a network namespace, which the process `holder` keeps."""

    place: Place
    holder: int

    @property
    def inside(self) -> tuple[str, ...]:
        """What goes before a command to run it in the namespace."""
        return ("nsenter", f"--net=/proc/{self.holder}/ns/net")

    def tell(self, what: str, *arguments: str) -> None:
        """Starts or stops the engine as `make` does."""
        command = [*self.inside, sys.executable, "-c", START, what, str(self.place.root), *arguments]
        subprocess.run(command, cwd=PROJECT, check=True, timeout=180)

    def kill(self) -> None:
        """kill -9."""
        number = int((self.place.docker / "pid").read_text())
        os.kill(number, signal.SIGKILL)
        while (
            Path(f"/proc/{number}").exists() and "Z" not in Path(f"/proc/{number}/stat").read_text().rpartition(")")[2]
        ):
            time.sleep(0.02)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """The engine, with the base images of this machine."""
    bases = list(machine_args(os.environ).values()) or ["node:26.8.2-alpine3.24", "envoyproxy/envoy:v1.40.0"]
    docker("save", "--output", str(tmp_path / "bases.tar"), *bases)
    command = ["unshare", "--net", "sh", "-c", "ip link set lo up && echo ready && exec sleep 1000"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "ready\n"
        made = Engine(Place(tmp_path), holder.pid)
        with pytest.MonkeyPatch.context() as patch:
            try:
                made.tell("start", "/usr/sbin/dockerd")
                patch.setenv("DOCKER_HOST", f"unix://{made.place.socket}")
                docker("load", "--input", str(tmp_path / "bases.tar"))
                yield made
                for name in docker("ps", "--all", "--quiet").split():
                    docker("rm", "--force", name)
            finally:
                made.tell("stop")
                holder.terminate()


def test_a_killed_engine_loses_no_answer_and_the_next_up_converges(engine: Engine, tmp_path: Path) -> None:
    for name in NAMES:
        write_service(tmp_path / "services" / name, name)
    board = Board(tmp_path / "board" / "project", tmp_path / "services", engine.inside)
    board.up().ok()
    before = board.containers()
    command = [*engine.inside, sys.executable, "-c", LOAD, str(board.port)]
    with subprocess.Popen(command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as load:
        assert load.stdout
        assert load.stdout.readline() == "started\n"
        engine.kill()
        assert "no Docker engine answers" in board.up().failed().output
        engine.tell("start", "/usr/sbin/dockerd")
        assert board.up("--refresh").ok().changed() == set()
        board.config("routes", "one")
        assert board.up().ok().changed() == {"route-table"}
        out, _ = load.communicate("\n", timeout=120)
    seen = json.loads(out.splitlines()[-1])
    assert seen["failures"] == []
    assert seen["total"] > 500
    assert board.containers() == before
    assert board.up().ok().changed() == set()
    board.destroy().ok()
    assert board.containers() == []
    assert board.networks() == []
