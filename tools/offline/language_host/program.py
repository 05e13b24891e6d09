"""The process of a program: `python -P program.py --monitor ADDRESS … ENTRY [ARGUMENT …]`, run by the program's Python.

Its arguments, variables, exit codes and words are those of Pulumi's own `pulumi-language-python-exec` (v3.250.0).
"""

import argparse
import asyncio
import logging
import os
import runpy
import sys
import traceback
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.machinery import PathFinder
from pathlib import Path

try:
    import pulumi
    import pulumi.runtime
    from pulumi.runtime.settings import Settings
except ImportError:
    print(traceback.format_exc(), file=sys.stderr)
    print(
        "\nIt looks like the Pulumi SDK has not been installed. Have you run pip install?\nIf you are running in a "
        "virtualenv, you must run pip install -r requirements.txt from inside the virtualenv.",
        file=sys.stderr,
    )
    sys.exit(1)

SHOWN = 32
"""The exit code that tells the host that the user has been told all there is."""


@dataclass(frozen=True)
class Arguments:
    """What the host says of a run."""

    settings: Settings
    parallel: int
    pwd: str | None
    entry: str
    arguments: Sequence[str]


def parse(words: Sequence[str]) -> Arguments:
    """The host's arguments; a word behind the entry is the program's own."""
    parser = argparse.ArgumentParser(prog="pulumi-language-python-exec", description="Execute a Pulumi Python program")
    for name in ("project", "root_directory", "stack", "parallel", "dry_run", "pwd", "monitor", "engine", "tracing"):
        parser.add_argument(f"--{name}")
    parser.add_argument("--organization")
    parser.add_argument("PROGRAM")
    parser.add_argument("ARGS", nargs="*")
    found = parser.parse_args(words)
    settings = Settings(
        monitor=found.monitor,
        engine=found.engine,
        project=found.project,
        stack=found.stack,
        parallel=int(found.parallel),
        dry_run=found.dry_run == "true",
        organization=found.organization,
        root_directory=found.root_directory,
    )
    return Arguments(settings, int(found.parallel), found.pwd, found.PROGRAM, found.ARGS)


def run(words: Sequence[str]) -> int:
    """Run the program as if it had been called directly; the exit code."""
    pulumi.runtime.set_all_config(pulumi.runtime.get_config_env(), pulumi.runtime.get_config_secret_keys_env())
    given = parse(words)
    pulumi.runtime.configure(given.settings)
    sys.argv = [given.entry, *given.arguments]
    if given.pwd is not None:
        os.chdir(given.pwd)
    main = Path(given.entry).absolute()
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    executor = ThreadPoolExecutor(max_workers=max(given.parallel, 1) * 4)
    loop.set_default_executor(executor)
    # Half of a graph that failed is never awaited; asyncio's complaints of that would hide the error itself.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)

    def program() -> None:
        if main.is_dir() and PathFinder.find_spec("__main__", [str(main)]) is None:
            pulumi.log.error(f"unable to find main python program `__main__.py` in `{main}`")
            sys.exit(SHOWN)
        runpy.run_path(given.entry, run_name="__main__")

    try:
        loop.run_until_complete(pulumi.runtime.run_in_stack(program))
    except pulumi.RunError as error:
        pulumi.log.error(str(error))
        return 1
    except Exception:
        pulumi.log.error(f"Program failed with an unhandled exception:\n{stack_trace(main)}")
        return SHOWN
    finally:
        executor.shutdown(wait=True)
        loop.close()
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


def stack_trace(main: Path) -> str:
    """The exception in hand, with the frames from the program on."""
    frames = traceback.extract_tb(sys.exc_info()[2])
    for index, frame in enumerate(frames):
        if module_path(Path(frame.filename)) == module_path(main):
            return traceback.format_exc(limit=index - len(frames))
    return traceback.format_exc()


def module_path(path: Path) -> Path:
    """A path without its ending; what has none is a folder, and the `__main__` in it is meant."""
    return (path.with_suffix("") if path.suffix else path / "__main__").absolute()


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
