"""The language host and the docker plugin: real ones where they are, else the project's own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.repository import ROOT
from tests.setup.conftest import MakeProgram
from tools.setup import hosts
from tools.setup.place import Place
from tools.setup.pulumi_cli import Cli, own_path
from tools.setup.say import MachineError

VERSION = "4.11.2"
PYTHON = 'echo "$@" >> "$0.calls"; mkdir -p "$3/resource-docker-v4.11.2"'
"""In the place of the virtual environment's Python: installs a stand-in as tools/offline/docker_plugin does."""


def own_cli(place: Place) -> Cli:
    path = own_path(place)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("")
    return Cli(path, found=False)


def calls(program: Path) -> int:
    file = Path(f"{program}.calls")
    return len(file.read_text().split("install(")) - 1 if file.exists() else 0


@pytest.fixture
def python(place: Place) -> Path:
    place.python.parent.mkdir(parents=True)
    place.python.write_text(f"#!/bin/sh\n{PYTHON}\n")
    place.python.chmod(0o755)
    return place.python


def answer(monkeypatch: pytest.MonkeyPatch, reachable: bool) -> None:
    def is_reachable(_version: str) -> bool:
        return reachable

    monkeypatch.setattr(hosts, "is_reachable", is_reachable)


def test_the_host_beside_the_cli_is_used(
    place: Place, program: MakeProgram, env: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    cli = program("pulumi", "")
    host = program("pulumi-language-python", "")
    hosts.host_ready(place, Cli(cli, found=True), env)
    assert capsys.readouterr().err == f"make: language host: found {host}\n"
    assert not place.bin.exists()


def test_the_host_of_a_downloaded_cli_is_left_as_it_is(place: Place, env: dict[str, str]) -> None:
    cli = own_cli(place)
    host = cli.path.with_name("pulumi-language-python")
    host.write_bytes(b"\x7fELF and more")
    host.chmod(0o755)
    hosts.host_ready(place, cli, env)
    assert host.read_bytes() == b"\x7fELF and more"


def test_a_built_cli_gets_a_host_beside_it_and_keeps_it(
    place: Place, env: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    cli = own_cli(place)
    host = cli.path.with_name("pulumi-language-python")
    hosts.host_ready(place, cli, env)
    hosts.host_ready(place, cli, env)
    made, found = capsys.readouterr().err.splitlines()
    assert (made, found) == (f"make: language host: made {host}", f"make: language host: found {host}")
    assert os.access(host, os.X_OK)


def test_the_host_of_another_folder_is_made_anew(place: Place, env: dict[str, str]) -> None:
    cli = own_cli(place)
    host = cli.path.with_name("pulumi-language-python")
    host.write_text("#!/bin/sh\nexec /elsewhere/.venv/bin/python\n")
    host.chmod(0o755)
    hosts.host_ready(place, cli, env)
    assert host.read_text() == hosts.host_script(place)


def test_a_cli_of_the_machine_without_a_host_gets_one_in_the_project(
    place: Place, program: MakeProgram, env: dict[str, str]
) -> None:
    hosts.host_ready(place, Cli(program("pulumi", ""), found=True), env)
    assert (place.bin / "pulumi-language-python").read_text() == hosts.host_script(place)


def test_the_host_runs_the_projects_python_whatever_characters_are_in_its_path(tmp_path: Path) -> None:
    place = Place(tmp_path / "it's $HOME here")
    place.python.parent.mkdir(parents=True)
    place.python.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    place.python.chmod(0o755)
    script = tmp_path / "host"
    hosts.write_script(script, hosts.host_script(place))
    done = subprocess.run([str(script), "127.0.0.1:1"], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["-P", f"{place.root}/tools/offline/language_host", "127.0.0.1:1"]


def test_the_real_plugin_is_downloaded_once_where_it_can_be(
    place: Place, program: MakeProgram, env: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(monkeypatch, reachable=True)
    wanted = place.plugins / f"resource-docker-v{VERSION}"
    cli = Cli(program("pulumi", f'echo "$@" >> "$0.calls"; mkdir -p "{wanted}"'), found=True)
    assert hosts.plugin_ready(place, cli, env, VERSION) is False
    assert hosts.plugin_ready(place, cli, env, VERSION) is False
    assert Path(f"{cli.path}.calls").read_text() == "plugin install resource docker v4.11.2\n"


def test_a_download_that_breaks_off_is_one_line_and_is_tried_again(
    place: Place, program: MakeProgram, env: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(monkeypatch, reachable=True)
    cli = Cli(program("pulumi", "echo connection reset; exit 1"), found=True)
    for _ in range(2):
        with pytest.raises(MachineError, match=r"^make: docker plugin: downloading .* ended .* connection reset"):
            hosts.plugin_ready(place, cli, env, VERSION)


def test_the_stand_in_is_installed_once_where_nothing_can_be_downloaded(
    place: Place, python: Path, env: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(monkeypatch, reachable=False)
    cli = own_cli(place)
    assert hosts.plugin_ready(place, cli, env, VERSION) is True

    def never(_version: str) -> bool:
        raise AssertionError("the second time must not wait for the network")

    monkeypatch.setattr(hosts, "is_reachable", never)
    assert hosts.plugin_ready(place, cli, env, VERSION) is True
    assert calls(python) == 1


def test_a_changed_installer_installs_the_stand_in_again(
    place: Place, python: Path, env: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(monkeypatch, reachable=False)
    cli = own_cli(place)
    hosts.plugin_ready(place, cli, env, VERSION)
    (place.root / "tools" / "offline" / "docker_plugin").mkdir()
    (place.root / "tools" / "offline" / "docker_plugin" / "install.py").write_text("changed")
    hosts.plugin_ready(place, cli, env, VERSION)
    assert calls(python) == 2


def test_a_stand_in_that_cannot_be_installed_is_one_line(
    place: Place, python: Path, env: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(monkeypatch, reachable=False)
    python.write_text("#!/bin/sh\necho Traceback >&2; echo 'ImportError: no grpc' >&2; exit 1\n")
    with pytest.raises(MachineError, match=r"^make: docker plugin: .* ImportError: no grpc; look into") as caught:
        hosts.plugin_ready(place, own_cli(place), env, VERSION)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("module", ["language_host.server", "docker_plugin.server"])
def test_a_host_and_a_plugin_start_without_pulumis_sdk(module: str) -> None:
    code = f"from tools.offline import protocol; protocol.without_sdk(); import tools.offline.{module}"
    told = f"{code}, sys; print([name in sys.modules for name in ('pulumi.resource', 'pulumi.runtime.proto')])"
    done = subprocess.run([sys.executable, "-c", told], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("[False, True]\n", "")
