"""The language host, asked by gRPC as the engine asks it, with the engine's own servers played by the test."""

import json
import os
import re
import signal
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import language_pb2, plugin_pb2

from tests.setup.host_client import SECONDS, Engine, Host, engine, project, running, shake
from tests.setup.host_conversation import QUESTIONS, RECORD, SCENES, ask, hear

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-P", str(ROOT / "tools" / "offline" / "language_host")]
VENV = {"virtualenv": "venv"}
RECORDED: dict[str, Any] = json.loads(RECORD.read_text(encoding="utf-8"))
"""What Pulumi's own host said, by tests/setup/host_conversation.py."""


@pytest.fixture
def host(tmp_path: Path) -> Generator[Host]:
    with running(COMMAND, tmp_path, os.environ) as found:
        yield found


@pytest.fixture
def there() -> Generator[Engine]:
    with engine() as found:
        yield found


def run(host: Host, there: Engine, folder: Path, text: str) -> language_pb2.RunResponse:
    """Run a program of one text."""
    (folder / "__main__.py").write_text(text, encoding="utf-8")
    (folder / "venv").unlink(missing_ok=True)
    (folder / "venv").symlink_to(ROOT / ".venv")
    shake(host, there.address)
    request = language_pb2.RunRequest(
        project="board",
        stack="local",
        pwd=str(folder),
        monitor_address=there.address,
        parallel=4,
        info=project(folder, VENV),
    )
    return host.ask("Run", request, language_pb2.RunResponse)


def test_the_record_is_of_the_programs_and_questions_that_are_compared() -> None:
    assert list(RECORDED["scenes"]) == list(SCENES)
    assert list(RECORDED["answers"]) == list(QUESTIONS)
    assert sorted(RECORDED["versions"]) == ["pulumi", "pulumi-language-python", "python"]


@pytest.mark.parametrize("name", SCENES)
def test_a_program_runs_as_in_pulumis_own_host(name: str) -> None:
    assert hear(COMMAND, SCENES[name]) == RECORDED["scenes"][name]


def test_the_questions_before_a_program_are_answered_as_by_pulumis_own_host() -> None:
    assert ask(COMMAND) == RECORDED["answers"]


def test_the_host_is_of_the_sdks_version(host: Host) -> None:
    assert re.fullmatch(r"v\d+\.\d+\.\d+", host.ask("GetPluginInfo", Empty(), plugin_pb2.PluginInfo).version)


def test_nothing_is_installed_and_it_says_who_does_that(host: Host) -> None:
    install = language_pb2.InstallDependenciesRequest()
    (said,) = host.ask_all("InstallDependencies", install, language_pb2.InstallDependenciesResponse)
    assert b"make setup" in said.stdout


def test_a_plugin_gets_an_environment_with_its_requirements_or_hears_why_not(host: Host, tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("# nothing\n", encoding="utf-8")
    install = language_pb2.InstallDependenciesRequest(info=project(tmp_path, VENV), is_plugin=True)
    assert host.ask_all("InstallDependencies", install, language_pb2.InstallDependenciesResponse) == []
    assert (tmp_path / "venv/bin/python").is_file()
    (tmp_path / "requirements.txt").write_text("./nowhere\n", encoding="utf-8")
    with pytest.raises(grpc.RpcError, match="nowhere"):
        host.ask_all("InstallDependencies", install, language_pb2.InstallDependenciesResponse)


@pytest.mark.parametrize(
    ("options", "what"),
    [({"toolchain": "uv"}, "uv"), ({"toolchain": "poetry"}, "poetry"), ({"typechecker": "mypy"}, "mypy")],
)
def test_what_pulumis_own_host_can_and_this_one_cannot_is_refused(
    host: Host, there: Engine, tmp_path: Path, options: dict[str, str], what: str
) -> None:
    shake(host, there.address)
    call = host.begin("Run", language_pb2.RunRequest(info=project(tmp_path, options)), language_pb2.RunResponse)
    assert str(call.exception(SECONDS).details()).startswith(f"{what}: not supported by the language host in")


def test_a_lock_of_uv_above_the_program_is_seen(host: Host, there: Engine, tmp_path: Path) -> None:
    (tmp_path / "uv.lock").write_text("", encoding="utf-8")
    (tmp_path / "below").mkdir()
    shake(host, there.address)
    call = host.begin("Run", language_pb2.RunRequest(info=project(tmp_path / "below")), language_pb2.RunResponse)
    assert str(call.exception(SECONDS).details()).startswith("uv: not supported")


def test_without_a_virtual_environment_the_python_on_path_runs_the_program(tmp_path: Path, there: Engine) -> None:
    (tmp_path / "__main__.py").write_text("import pulumi, sys\npulumi.export(sys.executable, 1)\n", encoding="utf-8")
    path = f"{ROOT}/.venv/bin{os.pathsep}{os.environ['PATH']}"
    with running(COMMAND, tmp_path, {"PATH": path}) as host:
        shake(host, there.address)
        request = language_pb2.RunRequest(
            project="board", stack="local", monitor_address=there.address, info=project(tmp_path), pwd=str(tmp_path)
        )
        assert host.ask("Run", request, language_pb2.RunResponse).error == ""
    assert list(there.outputs) == [f"{ROOT}/.venv/bin/python3"]


def test_the_second_run_sees_changed_modules(host: Host, there: Engine, tmp_path: Path) -> None:
    for word in ("one", "longer"):
        (tmp_path / "beside.py").write_text(f"WORD = {word!r}\n", encoding="utf-8")
        assert run(host, there, tmp_path, "import pulumi, beside\npulumi.export('word', beside.WORD)\n").error == ""
        assert there.outputs["word"] == word


def test_a_program_never_finds_the_hosts_own_modules(host: Host, there: Engine, tmp_path: Path) -> None:
    ended = run(host, there, tmp_path, "import toolchain\n")
    assert (ended.bail, there.errors[0].splitlines()[-1]) == (True, "ModuleNotFoundError: No module named 'toolchain'")


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_host_without_a_word(host: Host, sign: signal.Signals) -> None:
    host.process.send_signal(sign)
    out, err = host.process.communicate(timeout=SECONDS)
    assert (host.process.returncode, out, err) == (0, "", "")


@pytest.mark.timeout(60)
def test_the_host_and_its_program_go_when_the_cli_was_killed(there: Engine, tmp_path: Path) -> None:
    (tmp_path / "__main__.py").write_text("import os, time\nprint(os.getpid(), flush=True)\ntime.sleep(60)\n")
    (tmp_path / "venv").symlink_to(ROOT / ".venv")
    # The shell is the CLI: it starts the host, and is killed.
    with running(["sh", "-c", '"$@" & wait', "sh", *COMMAND], tmp_path, os.environ) as host:
        shake(host, there.address)
        request = language_pb2.RunRequest(
            project="board",
            stack="local",
            monitor_address=there.address,
            pwd=str(tmp_path),
            info=project(tmp_path, VENV),
        )
        call = host.begin("Run", request, language_pb2.RunResponse)
        assert host.process.stdout is not None
        program = int(host.process.stdout.readline())
        host.process.kill()
        # The pipe ends when the last process that could write to it is gone.
        assert host.process.communicate(timeout=SECONDS)[0] == ""
        assert not Path(f"/proc/{program}").exists()
        assert call.result(SECONDS).error == "program exited with non-zero exit code: -1"
