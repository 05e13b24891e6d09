"""What can be typed: `make <command>`."""

import os
import shlex
import shutil
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tools.offline import own_engine
from tools.setup import environment, leftovers, stack, steps, venv
from tools.setup.locks import held
from tools.setup.place import Place
from tools.setup.programs import Ended, Program, foreground, on_terminate, together
from tools.setup.report import report, stored_routes
from tools.setup.run import capture
from tools.setup.say import MachineError, say
from tools.setup.steps import Ready

INTERRUPTED = 130

MEASURED = ("tests/local", "tests/node/test_sigterm.py", "tests/setup/test_language_host.py")
"""Tests that measure what a load or a signal meets: one at a time, before all others."""
ON_THE_ENGINE = (
    *(f"tests/local/test_{part}.py" for part in ("before", "board", "copilot_workspace", "first_up_fails")),
    *(f"tests/local/test_{part}.py" for part in ("fresh_clone", "messages", "push", "renamed", "template")),
    *("tests/local/test_up.py", "tests/local/test_without_facade.py"),
    *(f"tests/node/test_{part}.py" for part in ("answers", "node_folders", "node_images")),
    *(f"tests/tools/test_docker_plugin_{part}.py" for part in ("containers", "images", "process")),
)
"""Tests that use the Docker engine and measure nothing: one at a time, beside those. Both wait most of the time."""
SIDE_BY_SIDE = shlex.split("-n auto --maxprocesses 4 --max-worker-restart 0")
"""A worker for each processor, up to 4: an `up` in each takes half a gigabyte. A worker that dies is not replaced: by
file, xdist would give its successor the same test again, for ever."""
ONE_MORE = ("-n", str(min(4, (os.cpu_count() or 1) + 1)))
"""A worker more than processors, up to 4, where tests wait for engines and leave a processor idle meanwhile."""
BROKER = "components/local/broker/image"
TYPES = ("env", "NODE_OPTIONS=--max-semi-space-size=128", "basedpyright")
"""Node's collector copies again and again what lives to the end; with more space for young objects less often, which is
a twelfth of the checker's processor time less."""
QUICK = ("tests/pure", "tests/components")
"""Tests that need neither the Pulumi CLI nor Docker."""


@dataclass(frozen=True)
class Call:
    """One command as typed."""

    place: Place
    stack: str
    args: list[str]


def up(call: Call) -> int:
    """find or make what is missing, bring the stack up, and print who serves what"""
    begun = time.monotonic()
    if call.stack != stack.NAME:
        raise MachineError("up", f"STACK={call.stack}", f"only {stack.NAME} runs on this machine; use `pulumi up`")
    with held(call.place.work / "stack.lock", "up"):
        ready = steps.everything(call.place)
        stack.ready(call.place, ready.env())
        stack.free(call.place, ready.env())
        set_up = time.monotonic() - begun
        args = ["pulumi", "up", "--stack", stack.NAME, "--yes", "--skip-preview", "--refresh"]
        args += ["--suppress-outputs", *call.args]  # the report tells them, and better
        code = foreground(args, ready, call.place)
        if code == 0:
            outputs, config = (
                capture(["pulumi", *command, "--json", "--stack", stack.NAME], ready.env(), cwd=call.place.root)
                for command in (("stack", "output"), ("config",))
            )
            if not outputs.ok or not config.ok:
                reason = config.reason if outputs.ok else outputs.reason
                raise MachineError("up", f"the stack's outputs and config cannot be read: {reason}", "run it again")
            print(report(outputs.out, stored_routes(config.out, stack.project(call.place))), flush=True)
            say("up", f"{time.monotonic() - begun:.1f} s, {set_up:.1f} s of them for the set-up")
    return code


def down(call: Call) -> int:
    """remove all that runs, and end the project's own Docker engine"""
    place = call.place
    with held(place.work / "stack.lock", "down"):
        used = stack.checkpoint(place).is_file()
        if not used and not own_engine.data(place).is_dir():
            say("down", "nothing was made here")
            return 0
        ready = steps.everything(place, base_images=False)
        if used:
            stack.free(place, ready.env())
            if ready.docker is not None:
                leftovers.remove_unknown_containers(place, ready.docker, ready.env(), stack.containers(place))
            code = foreground(
                ["pulumi", "destroy", "--stack", stack.NAME, "--yes", "--skip-preview", "--refresh", *call.args],
                ready,
                place,
            )
            if code != 0:
                return code
        if ready.docker is not None:
            leftovers.remove(place, ready.docker, ready.env())
            if ready.docker.own and leftovers.is_idle(ready.docker, ready.env()):
                own_engine.stop(place)
    say("down", "nothing of it runs any more; `make up` brings it back")
    return 0


def clean(call: Call) -> int:
    """`down`, then remove everything that was made here, the virtual environment too"""
    code = down(call)
    if code != 0:
        return code
    leftovers.empty_own_engine(call.place)
    for folder in (call.place.work, call.place.venv):
        shutil.rmtree(folder, ignore_errors=True)
        if folder.exists():
            raise MachineError("clean", f"{folder} cannot be removed whole", "look who uses it: mount, lsof")
        say("clean", f"removed {folder}")
    return 0


def env(call: Call) -> int:
    """print the lines with which `pulumi up -s local` works in this shell: eval "$(make -s env)\""""
    ready = steps.everything(call.place)
    stack.ready(call.place, ready.env())
    gone = {name: "" for name in ready.removed if name in os.environ}
    print(environment.export_lines({**gone, **ready.exports}), end="", flush=True)
    return 0


def setup(call: Call) -> int:
    """find or make what is missing, for every command but the tests, and nothing else"""
    ready = steps.everything(call.place, lock=venv.ALL)
    stack.ready(call.place, ready.env())
    return 0


def check(call: Call) -> int:
    """what one runs after every change: style, types, and the tests that need neither Pulumi's CLI nor Docker"""
    ready, python = steps.python_only(call.place), str(call.place.python)
    commands = {
        "style": ("ruff", "check"),
        "form": ("ruff", "format", "--check"),
        "types": TYPES,
        "tests": (
            python,
            *shlex.split("-m pytest -q --dist worksteal --hypothesis-profile few"),
            *SIDE_BY_SIDE,
            *(call.args or QUICK),
        ),
    }
    programs = {name: Program(args, call.place.logs / f"check-{name}.log") for name, args in commands.items()}
    ended = together(programs, ready, call.place)
    for name, end in ended.items():
        if end.code:
            print(written(programs[name]), end="", flush=True)
    say("check", ", ".join(f"{name}: {end}" for name, end in ended.items()))
    return worst(ended)


def test(call: Call) -> int:
    """run every test: ARGS are pytest's"""
    ready, pytest = steps.tests(call.place), (str(call.place.python), "-m", "pytest")
    if call.args:
        return foreground([*pytest, *call.args], ready, call.place)
    # In the order of the folders: by xdist's own, the few long tests of the engine would be the last, on one processor.
    # At the lowest priority a test may wait long for its turn: the time limit is for tests that hang.
    by_file = shlex.split("--dist loadfile --no-loadscope-reorder --timeout 1800")
    rest = (*SIDE_BY_SIDE, *ONE_MORE, *by_file, *without(*MEASURED, *ON_THE_ENGINE))
    programs = {
        "one at a time": Program((*pytest, *MEASURED, *without(*ON_THE_ENGINE))),
        "on the engine": Program((*pytest, *ON_THE_ENGINE), call.place.logs / "tests-on-the-engine.log", nice=10),
        "side by side": Program((*pytest, *rest), call.place.logs / "tests-side-by-side.log", nice=19),
    }
    others = " and ".join(str(program.log) for program in programs.values() if program.log)
    say("tests", f"what measures a load or a signal is here, and takes the processors first; all others in {others}")
    ended = together(programs, ready, call.place)
    for program in programs.values():
        print(written(program), end="", flush=True)
    say("tests", ", ".join(f"{name}: {end}" for name, end in ended.items()))
    return worst(ended)


def without(*paths: str) -> tuple[str, ...]:
    """What keeps pytest from these."""
    return tuple(f"--ignore={path}" for path in paths)


def written(program: Program) -> str:
    """What a program wrote into its log."""
    return program.log.read_text(errors="replace") if program.log else ""


def worst(ended: Mapping[str, Ended]) -> int:
    """The exit code of the whole: 0, or that of one that failed."""
    return next((abs(end.code) for end in ended.values() if end.code), 0)


def bench(call: Call) -> int:
    """measure, and write docs/benchmarks.md"""
    ready = steps.everything(call.place, lock=venv.ALL)
    stack.ready(call.place, ready.env())
    return foreground([str(call.place.python), "-m", "tools.bench", *call.args], ready, call.place)


def plan(call: Call) -> int:
    """show what `pulumi up` of STACK (dev) would do on AWS, without an account: ARGS=--json for the raw plan"""
    chosen = "dev" if call.stack == stack.NAME else call.stack
    command = [str(call.place.python), "-m", "tools.standin", "plan", chosen, *call.args]
    return foreground(command, steps.tools_only(call.place), call.place)


def status(call: Call) -> int:
    """what runs in STACK, what it did last, who serves which route, and the alarms"""
    return operate(call, "status")


def logs(call: Call) -> int:
    """what STACK's services write: SERVICE=users, SINCE=2h, FILTER=a text, FOLLOW=1"""
    return operate(call, "logs")


def execute(call: Call) -> int:
    """run CMD (a shell) in a container of SERVICE in STACK"""
    return operate(call, "exec")


def task(call: Call) -> int:
    """run CMD beside SERVICE's own tasks in STACK, with its image and variables, and give its exit code"""
    return operate(call, "task")


def job(call: Call) -> int:
    """run the job NAME of STACK now, follow its log, and give its exit code"""
    return operate(call, "job")


def visit(call: Call) -> int:
    """show STACK's URL in a browser"""
    return operate(call, "open")


def cost(call: Call) -> int:
    """what STACK (dev) costs a month while nothing happens, and what its plan adds or saves"""
    return operate(replace(call, stack="dev") if call.stack == stack.NAME else call, "cost")


def compare(call: Call) -> int:
    """compare ROUTE's service in STACK with what answers now: REQUESTS=a file, MAX=0, RATE=100, CONNECTIONS=4"""
    return operate(call, "compare", "tools.compare")


def advance(call: Call) -> int:
    """move ROUTE in STACK step by step, watched: STEPS=5,25,50,100 BAKE=3m ERRORS=1 LATENCY=2x MIN_REQUESTS=50"""
    return operate(call, "advance", "tools.cutover", ups=True)


def watch(call: Call) -> int:
    """show STACK's requests, routes and cut-overs as they happen, on a page: PORT=8090; ONCE=1 prints them"""
    return operate(call, "watch", "tools.watch")


def operate(call: Call, verb: str, module: str = "tools.operate", *, ups: bool = False) -> int:
    """A verb of the day. A stack on AWS is found with the user's own login of Pulumi. ups: it runs `pulumi up`, which
    needs all that `make up` does: with other base images it would build all images anew."""
    if call.stack != stack.NAME:
        path = steps.tools_only(call.place).exports["PATH"]
        ready = Ready({"PATH": path})
    elif stack.checkpoint(call.place).is_file():
        ready = steps.everything(call.place, base_images=ups)
    else:
        raise MachineError(verb, f"the stack {stack.NAME} was never brought up here", "run `make up`")
    command = [str(call.place.python), "-m", module, verb, call.stack, *call.args]
    return foreground(command, ready, call.place)


def lint(call: Call) -> int:
    """check the Python code's style"""
    ready = steps.python_only(call.place)
    codes = [foreground(["ruff", *args], ready, call.place) for args in (["check"], ["format", "--check"])]
    return max(codes)


def tidy(call: Call) -> int:
    """give the Python code its form"""
    return foreground(["ruff", "format", *call.args], steps.python_only(call.place), call.place)


def types(call: Call) -> int:
    """check the Python code's types"""
    return foreground([*TYPES, *call.args], steps.python_only(call.place), call.place)


def lock(call: Call) -> int:
    """renew requirements.txt and requirements-dev.txt from pyproject.toml, and the broker's from its requirements.in"""
    ready = steps.python_only(call.place)
    common = "uv pip compile -q --generate-hashes --no-header --no-annotate --no-emit-index-url"
    for rest in (
        "pyproject.toml -o requirements.txt",
        "--extra dev -c requirements.txt pyproject.toml -o requirements-dev.txt",
        f"{BROKER}/requirements.in -o {BROKER}/requirements.txt",
    ):
        code = foreground([*shlex.split(f"{common} {rest}"), *call.args], ready, call.place)
        if code != 0:
            return code
    return 0


def usage(_call: Call) -> int:
    """print this list"""
    for name, command in COMMANDS.items():
        print(f"  make {name:<8}{command.__doc__}")
    print("\nSTACK=name chooses the stack of `plan` and the verbs after it, ARGS=… is handed on, and DRY=1 shows what")
    print("a verb would have run.")
    return 0


COMMANDS: dict[str, Callable[[Call], int]] = {
    "up": up,
    "down": down,
    "env": env,
    "setup": setup,
    "check": check,
    "test": test,
    "plan": plan,
    "status": status,
    "logs": logs,
    "exec": execute,
    "task": task,
    "job": job,
    "open": visit,
    "cost": cost,
    "compare": compare,
    "advance": advance,
    "watch": watch,
    "bench": bench,
    "lint": lint,
    "format": tidy,
    "types": types,
    "lock": lock,
    "clean": clean,
    "help": usage,
}


def main(argv: Sequence[str]) -> int:
    """Run one command; what goes wrong is one line on stderr."""
    name = argv[0] if argv else "help"
    if name not in COMMANDS:
        say(name, f"no such command; there are {', '.join(COMMANDS)}")
        return 2
    signal.signal(signal.SIGTERM, on_terminate)
    place = Place(Path(__file__).resolve().parents[2])
    chosen = argv[1] if len(argv) > 1 and argv[1] else stack.NAME
    try:
        return COMMANDS[name](Call(place, chosen, list(argv[2:])))
    except MachineError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        say(name, f"{error}; check whether {place.root} can be written and has space")
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
