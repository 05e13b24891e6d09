"""A language host that has Pulumi's packages loaded runs a program as the machine's own does."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.engine.loaded import __file__ as loaded
from tests.engine.warm import WarmStack
from tools.standin.engine import EngineStack, Run

PROGRAMS = {
    "exports": "import os, sys, pulumi\npulumi.export('x', [os.getcwd(), sys.argv, sys.path[0], os.environ['HOME']])",
    "it knows its config": "import pulumi\npulumi.export('key', pulumi.Config('standin').get('key'))",
    "it raises": "raise ValueError('no')",
    "it is told to stop": "import pulumi\nraise pulumi.RunError('so it is')",
    "it exits": "import sys\nsys.exit(3)",
    "it exits with a text": "import sys\nsys.exit('why')",
    "a signal ends it": "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",
    "it has a resource": "import pulumi_aws as aws\naws.ecs.Cluster('c')",
    "its resource is refused": "import pulumi_aws as aws\naws.ec2.Vpc('v', cidr_block='10.0.0.0/8')",
}


def seen(stack: EngineStack) -> tuple[bool, list[str], list[str], object]:
    """What an `up` comes to, without the names of temporary folders."""
    with stack:
        run = stack.up()
        outputs = stack.outputs()
        texts = [str(outputs), *run.errors]
        return run.ok, run.lines(), [text.replace(str(stack.folder), "FOLDER") for text in texts], stack.stack


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_a_program_ends_as_it_does_under_the_machines_own_host(program: str) -> None:
    config = {"standin:key": "value"}
    assert seen(WarmStack(program, config=config)) == seen(EngineStack(program, config=config))


def test_a_program_that_the_engine_gives_up_is_interrupted() -> None:
    """As soon as a resource has failed, the engine is done with the program, whatever that still does."""
    program = (
        "import signal, sys, time\nimport pulumi_aws as aws\nfrom pathlib import Path\n"
        "def end(*_):\n    Path('interrupted').touch()\n    sys.exit(1)\n"
        "signal.signal(signal.SIGINT, end)\n"
        "aws.ecs.Cluster('c').id.apply(lambda _: time.sleep(300))\n"
    )
    with WarmStack(program) as stack:
        stack.cloud.fail_next("aws:ecs/cluster:Cluster")
        run: Run = stack.up()
        assert not run.ok
        assert (stack.program / "interrupted").exists()


def test_the_packages_are_let_go_with_the_tests(tmp_path: Path) -> None:
    folder = tmp_path / "its own"
    folder.mkdir()
    with subprocess.Popen(
        [sys.executable, loaded, str(folder / "socket")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        os.kill(process.pid, signal.SIGINT)  # a terminal's is for the tests
        time.sleep(0.1)
        assert process.poll() is None
        assert process.stdin
        process.stdin.close()
        assert process.wait(timeout=60) == 0
    assert not folder.exists()
