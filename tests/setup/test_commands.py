"""What is typed: the Makefile, `.ci/run`, and how a mistake looks."""

import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.repository import python_files
from tools.setup import commands, programs, stack, steps, venv
from tools.setup.place import Place
from tools.setup.programs import Ended, Program
from tools.setup.run import last_lines
from tools.setup.say import MachineError
from tools.setup.steps import Ready

ROOT = Path(__file__).resolve().parents[2]
FOR_ROUTES = ("compare", "cutover", "watch")
"""The tools that have a module of their own for a route's way."""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder with the Makefile and the machine, and nothing else."""
    root = tmp_path / "clone"
    (root / "tools").mkdir(parents=True)
    shutil.copy(ROOT / "Makefile", root)
    shutil.copy(ROOT / "tools" / "__init__.py", root / "tools")
    ignore = shutil.ignore_patterns("__pycache__")
    for folder in ("setup", "offline"):
        shutil.copytree(ROOT / "tools" / folder, root / "tools" / folder, ignore=ignore)
    return root


def make(root: Path, *args: str) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    command = ["make", "-s", f"PYTHON={sys.executable}", *args]
    return subprocess.run(command, cwd=root, env=env, capture_output=True, text=True, check=False)


def test_the_makefile_has_every_command_and_no_other() -> None:
    found = re.search(r"^COMMANDS := (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert found is not None
    assert found.group(1).split() == list(commands.COMMANDS)


def test_make_alone_lists_every_command_with_what_it_does(clone: Path) -> None:
    done = make(clone)
    assert (done.returncode, done.stderr) == (0, "")
    for name, command in commands.COMMANDS.items():
        assert f"make {name:<8}{command.__doc__}" in done.stdout


@pytest.mark.parametrize(
    ("command", "lock"),
    [
        *((command, venv.NEEDED) for command in ("up", "env")),
        *((command, venv.ALL) for command in ("setup", "check", "test", "plan", "bench", "lint", "format", "types")),
        *((command, venv.ALL) for command in ("lock", "cost")),
    ],
)
def test_a_folder_without_its_lock_is_one_line_and_no_traceback(clone: Path, command: str, lock: str) -> None:
    done = make(clone, command)
    assert done.returncode != 0
    assert done.stdout == ""
    lines = [line for line in done.stderr.splitlines() if not line.startswith("make: ***")]
    assert lines == [f"make: python: {lock} is missing; take it from git again"]


@pytest.mark.parametrize("command", ["status", "logs", "exec", "task", "open"])
def test_a_verb_of_the_day_where_nothing_was_brought_up_makes_nothing(clone: Path, command: str) -> None:
    (clone / "Pulumi.yaml").write_text("name: board\n")
    done = make(clone, command)
    assert (done.returncode, done.stdout) == (2, "")
    line = f"make: {command}: the stack local was never brought up here; run `make up`"
    assert [row for row in done.stderr.splitlines() if not row.startswith("make: ***")] == [line]
    assert not (clone / ".strangler").exists()


@pytest.mark.parametrize("command", ["status", "cost"])
def test_a_verb_of_the_day_on_aws_goes_by_the_users_own_login(
    command: str, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[tuple[list[str], Ready]] = []

    def ready(_place: Place) -> Ready:
        return Ready({"PATH": "/tools", "PULUMI_BACKEND_URL": "file:///the/projects/own", "PULUMI_HOME": "/own"})

    def foreground(args: list[str], with_what: Ready, _place: Place) -> int:
        called.append((args, with_what))
        return 3

    monkeypatch.setattr(steps, "tools_only", ready)
    monkeypatch.setattr(commands, "foreground", foreground)
    assert commands.COMMANDS[command](commands.Call(place, "dev", [])) == 3
    ((args, with_what),) = called
    assert args == [str(place.python), "-m", "tools.operate", command, "dev"]
    assert with_what.exports == {"PATH": "/tools"}


@pytest.mark.parametrize(("command", "same"), [("advance", True), ("status", False)])
def test_a_verb_that_runs_pulumi_up_has_the_base_images_of_make_up(
    command: str, same: bool, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With others, every image would be built anew in the middle of a cut-over."""
    asked: list[bool] = []

    def everything(_place: Place, *, base_images: bool = True) -> Ready:
        asked.append(base_images)
        return Ready({})

    def foreground(_args: list[str], _ready: Ready, _place: Place) -> int:
        return 0

    def there(_place: Place) -> Path:
        return Path(__file__)

    monkeypatch.setattr(stack, "checkpoint", there)
    monkeypatch.setattr(steps, "everything", everything)
    monkeypatch.setattr(commands, "foreground", foreground)
    assert commands.COMMANDS[command](commands.Call(place, "local", [])) == 0
    assert asked == [same]


def test_down_where_nothing_was_made_makes_nothing(clone: Path) -> None:
    (clone / "Pulumi.yaml").write_text("name: board\n")
    done = make(clone, "down")
    assert (done.returncode, done.stderr) == (0, "make: down: nothing was made here\n")


def test_clean_removes_what_was_made(clone: Path) -> None:
    (clone / "Pulumi.yaml").write_text("name: board\n")
    (clone / ".strangler" / "logs").mkdir(parents=True)
    (clone / ".venv" / "lib").mkdir(parents=True)
    assert make(clone, "clean").returncode == 0
    assert sorted(path.name for path in clone.iterdir()) == ["Makefile", "Pulumi.yaml", "tools"]


def test_clean_says_so_when_something_is_left(clone: Path, tmp_path: Path) -> None:
    (clone / "Pulumi.yaml").write_text("name: board\n")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (clone / ".venv").symlink_to(elsewhere)  # as a folder that is in use, it isn't removed
    done = make(clone, "clean")
    assert done.returncode != 0
    assert f"make: clean: {clone / '.venv'} cannot be removed whole; look who uses it" in done.stderr
    assert "Traceback" not in done.stderr
    assert elsewhere.is_dir()


def test_an_unknown_command_names_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert commands.main(["ups"]) == 2
    assert capsys.readouterr().err.startswith("make: ups: no such command; there are up, down, env, ")


def test_up_of_another_stack_says_where_it_runs(capsys: pytest.CaptureFixture[str]) -> None:
    assert commands.main(["up", "dev"]) == 1
    assert capsys.readouterr().err == "make: up: STACK=dev; only local runs on this machine; use `pulumi up`\n"


def test_ctrl_c_is_quiet(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(_place: Place) -> Ready:
        raise KeyboardInterrupt

    monkeypatch.setattr(steps, "python_only", interrupted)
    assert commands.main(["lint"]) == commands.INTERRUPTED
    assert capsys.readouterr() == ("", "")


def test_a_full_disk_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def full(_place: Place) -> Ready:
        raise OSError(28, "No space left on device", "/somewhere")

    monkeypatch.setattr(steps, "python_only", full)
    assert commands.main(["lint"]) == 1
    text = capsys.readouterr().err
    assert text.startswith("make: lint: [Errno 28] No space left on device: '/somewhere'; check whether ")
    assert text.count("\n") == 1


def test_an_older_python_says_what_to_install(clone: Path) -> None:
    code = "import runpy, sys; sys.version_info = (3, 9, 2); sys.argv = ['x', 'up']; runpy.run_module('tools.setup')"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=clone, env={"PATH": ""}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert last_lines(done.stderr, 1).startswith("make: python: this is Python 3.")
    assert last_lines(done.stderr, 1).endswith("; install Python 3.11 or newer")
    assert "Traceback" not in done.stderr


def test_the_exit_code_of_the_tests_is_the_one_of_make(clone: Path) -> None:
    place = Place(clone)
    ready = Ready({"PATH": os.environ["PATH"]})
    assert programs.foreground(["sh", "-c", "exit 7"], ready, place) == 7
    with pytest.raises(MachineError, match=r"^make: /nowhere/it: No such file or directory; run `make setup`$"):
        programs.foreground(["/nowhere/it"], ready, place)


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Program]]:
    """What a command runs at once, the second of which fails."""
    made: list[dict[str, Program]] = []

    def together(programs: dict[str, Program], *_: object) -> dict[str, Ended]:
        made.append(programs)
        return {name: Ended(int(number == 1), 2.4) for number, name in enumerate(programs)}

    def ready(_place: Place, **_: object) -> Ready:
        return Ready({})

    for step in ("tests", "everything", "python_only"):
        monkeypatch.setattr(steps, step, ready)
    monkeypatch.setattr(commands, "together", together)
    monkeypatch.setattr(programs, "together", together)
    return made


def test_all_tests_run_in_three_parts_of_which_each_takes_what_the_one_before_leaves(
    runs: list[dict[str, Program]], place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    place.logs.mkdir(parents=True)
    (place.logs / "tests-on-the-engine.log").write_text("so it went\n")
    (place.logs / "tests-side-by-side.log").write_text("and so did this\n")
    assert commands.test(commands.Call(place, "local", [])) == 1
    out, err = capsys.readouterr()
    assert out == "so it went\nand so did this\n"
    line = "make: tests: one at a time: passed in 2 s, on the engine: FAILED in 2 s, side by side: passed in 2 s"
    assert err.splitlines()[-1] == line
    ((alone, engine, rest),) = (run.values() for run in runs)
    assert alone.nice < engine.nice < rest.nice


def test_each_test_is_in_one_part(runs: list[dict[str, Program]], place: Place) -> None:
    place.logs.mkdir(parents=True)
    for part in ("on-the-engine", "side-by-side"):
        (place.logs / f"tests-{part}.log").write_text("")
    commands.test(commands.Call(place, "local", []))
    (parts,) = runs
    files = {str(path) for path in python_files() if path.parts[0] == "tests" and path.name.startswith("test_")}
    taken = [taken_files(part, files) for part in parts.values()]
    assert all(taken)
    assert sorted(file for part in taken for file in part) == sorted(files)


def taken_files(part: Program, files: set[str]) -> set[str]:
    """The files whose tests a run of pytest takes."""

    def below(place: str) -> set[str]:
        found = {file for file in files if Path(file).is_relative_to(place)}
        assert found, f"{place} has no test"
        return found

    places = [argument for argument in part.args if argument.startswith("tests/")] or ["tests"]
    left_out = [argument.removeprefix("--ignore=") for argument in part.args if argument.startswith("--ignore=")]
    return {file for place in places for file in below(place)} - {file for place in left_out for file in below(place)}


def test_a_check_shows_what_failed_and_nothing_of_the_rest(
    runs: list[dict[str, Program]], place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    place.logs.mkdir(parents=True)
    for name in ("style", "form", "types", "tests"):
        (place.logs / f"check-{name}.log").write_text(f"all about {name}\n")
    assert commands.check(commands.Call(place, "local", [])) == 1
    summary = "make: check: style: passed in 2 s, form: FAILED in 2 s, types: passed in 2 s, tests: passed in 2 s\n"
    assert capsys.readouterr() == ("all about form\n", summary)
    (parts,) = runs
    assert all((ROOT / folder).is_dir() for folder in parts["tests"].args if folder.startswith("tests/"))


def test_arguments_make_one_run_of_pytest(runs: list[dict[str, Program]], place: Place) -> None:
    assert commands.test(commands.Call(place, "local", ["tests/pure", "-x"])) == 0
    ((one,),) = (run.values() for run in runs)
    assert [*one.args][1:] == ["-m", "pytest", "tests/pure", "-x"]


def test_a_variable_of_an_earlier_set_up_does_not_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRANGLER_BUILD_ARGS", "NODE_IMAGE=old")
    ready = Ready({"A": "b"}, removed=frozenset({"STRANGLER_BUILD_ARGS"}))
    assert "STRANGLER_BUILD_ARGS" not in ready.env()
    assert ready.env()["A"] == "b"


def test_a_base_image_that_the_user_names_stays_beside_those_that_were_made_here() -> None:
    shell = {"STRANGLER_BUILD_ARGS": "NODE_IMAGE=old PYTHON_IMAGE=mine:1"}
    made = steps.build_arguments(shell, {"NODE_IMAGE": "new"})
    assert made == {"STRANGLER_BUILD_ARGS": "PYTHON_IMAGE=mine:1 NODE_IMAGE=new"}
    assert steps.build_arguments({"STRANGLER_BUILD_ARGS": "NODE_IMAGE=old"}, {}) == {}


def test_programs_write_compiled_modules_whatever_the_shell_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    assert "PYTHONDONTWRITEBYTECODE" not in Ready({}).env()


def test_ci_runs_the_tests_of_its_own_folder(clone: Path, tmp_path: Path) -> None:
    script = clone / ".ci" / "run"
    script.parent.mkdir()
    shutil.copy(ROOT / ".ci" / "run", script)
    (tmp_path / "make").write_text('#!/bin/sh\necho "$PWD $CI $*"; exit 5\n')
    (tmp_path / "make").chmod(0o755)
    env = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run([str(script)], cwd="/", env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (5, f"{clone} 1 test\n")


@pytest.fixture
def locked(tmp_path: Path) -> Place:
    """A project with both locks, and a Python that writes down what it is told."""
    place = Place(tmp_path)
    for lock in (venv.NEEDED, venv.ALL):
        (tmp_path / lock).write_text(f"one of {lock}")
    place.python.parent.mkdir(parents=True)
    place.python.write_text('#!/bin/sh\necho "$@" >> "$0.calls"\n')
    place.python.chmod(0o755)
    return place


def installed(place: Place) -> list[str]:
    """The locks that were installed, in their order."""
    rows = [row for row in Path(f"{place.python}.calls").read_text().splitlines() if " install " in row]
    assert all(f" --require-hashes -r {place.root}/" in row for row in rows)
    return [row.rpartition("/")[2] for row in rows]


@pytest.mark.parametrize("lock", [venv.NEEDED, venv.ALL])
def test_a_virtual_environment_is_filled_once_and_again_when_the_lock_changes(locked: Place, lock: str) -> None:
    for text in ("one", "one", "two"):
        (locked.root / lock).write_text(text)
        venv.ready(locked, lock)
    assert installed(locked) == [lock, lock]


def test_the_tools_come_when_a_command_needs_them_and_what_has_them_has_what_the_program_needs(locked: Place) -> None:
    for lock in (venv.NEEDED, venv.ALL, venv.NEEDED, venv.ALL):
        venv.ready(locked, lock)
    assert installed(locked) == [venv.NEEDED, venv.ALL]


def test_commands_on_this_machine_load_nothing_that_only_the_tools_have() -> None:
    modules = ("setup.commands", "operate.on_docker", *(f"{tool}.__main__" for tool in ("operate", *FOR_ROUTES)))
    program = f"import sys, {', '.join(f'tools.{name}' for name in modules)}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    of_module = packages_distributions()
    loaded = {name.lower() for module in done.stdout.split() for name in of_module.get(module.partition(".")[0], ())}
    needed, everything = (
        {*re.findall(r"^([\w.-]+)==", (ROOT / lock).read_text(), re.MULTILINE)} for lock in (venv.NEEDED, venv.ALL)
    )
    assert "docker" in loaded & needed
    assert loaded & (everything - needed) == set()


def test_packages_that_cannot_be_installed_leave_no_stamp(locked: Place) -> None:
    locked.python.write_text('#!/bin/sh\n[ "$3" = --version ] || { echo no index; exit 1; }\n')
    for _ in range(2):
        with pytest.raises(MachineError, match=r"^make: python: installing .* no index .*; check whether pip can"):
            venv.ready(locked, venv.NEEDED)


def test_what_was_broken_off_half_way_is_installed_again_as_a_whole(locked: Place) -> None:
    """A package of which only a part was written looks to pip like one that is there."""
    works = locked.python.read_text()
    locked.python.write_text(f'{works}[ "$3" != install ]\n')
    with pytest.raises(MachineError):
        venv.ready(locked, venv.NEEDED)
    locked.python.write_text(works)
    for text in ("one", "two"):
        (locked.root / venv.NEEDED).write_text(text)
        venv.ready(locked, venv.NEEDED)
    rows = Path(f"{locked.python}.calls").read_text().splitlines()
    assert [" --force-reinstall " in row for row in rows if " install " in row] == [False, True, False]


def test_a_pinned_version_is_read_from_the_lock(place: Place) -> None:
    assert venv.pinned(place, "pulumi-docker") == "4.11.2"
    with pytest.raises(MachineError, match=r"no line envoy==… in requirements\.txt; run `make lock`"):
        venv.pinned(place, "envoy")
