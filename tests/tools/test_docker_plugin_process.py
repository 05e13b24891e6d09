"""The stand-in docker plugin as the process that Pulumi's CLI starts."""

import signal
import subprocess
import sys
from pathlib import Path

import grpc
import pytest

from tools.offline.docker_plugin import wire
from tools.offline.docker_plugin.client import credentials
from tools.offline.docker_plugin.install import install
from tools.offline.docker_plugin.server import VERSION

PROJECT = Path(__file__).resolve().parents[2]


def _install(plugins: Path) -> Path:
    return install(plugins, Path(sys.executable), PROJECT)


def test_it_is_installed_where_the_cli_looks_and_a_second_time_changes_nothing(tmp_path: Path) -> None:
    script = _install(tmp_path)
    assert script == tmp_path / f"resource-docker-v{VERSION}" / "pulumi-resource-docker"
    assert script.stat().st_mode & 0o777 == 0o755
    before = script.stat().st_ino
    assert _install(tmp_path).stat().st_ino == before
    assert [path.name for path in script.parent.iterdir()] == [script.name]


def test_a_script_of_an_older_installation_is_replaced(tmp_path: Path) -> None:
    script = _install(tmp_path)
    expected = script.read_text()
    script.write_text("#!/bin/sh\n")
    assert _install(tmp_path).read_text() == expected


def test_the_version_is_the_one_that_the_sdk_asks_for() -> None:
    import pulumi_docker

    settings = Path(pulumi_docker.__file__).with_name("pulumi-plugin.json").read_text()
    assert f'"version": "{VERSION}"' in settings


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, None])
def test_it_serves_from_any_folder_and_ends_quietly(tmp_path: Path, number: signal.Signals | None) -> None:
    """From any folder, even one with a package of the same name; None stands for the engine's Cancel."""
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "__init__.py").write_text("raise SystemExit('the wrong package')\n")
    with subprocess.Popen(
        [_install(tmp_path / "plugins")], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            stub = wire.ProviderStub(channel)
            assert stub.GetPluginInfo(wire.nothing(), timeout=120).version == VERSION
            if number is None:
                stub.Cancel(wire.nothing(), timeout=120)
            else:
                process.send_signal(number)
        _, complaints = process.communicate(timeout=120)
    assert process.returncode == 0
    assert complaints == ""


def test_a_burst_of_signals_does_not_keep_it(tmp_path: Path) -> None:
    """A signal that comes while an earlier one is handled once waited for a lock that its own thread held."""
    for _ in range(5):
        with subprocess.Popen([_install(tmp_path / "plugins")], stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            process.stdout.readline()
            while process.poll() is None:
                process.send_signal(signal.SIGINT)
            # One that comes when Python has taken its handlers away ends the process a moment earlier.
            assert process.wait(timeout=60) in (0, -signal.SIGINT)


def test_a_registrys_credentials_are_in_a_private_folder_that_is_removed() -> None:
    with credentials("registry.test", "robot", "open-sesame") as settings:
        file = Path(settings["DOCKER_CONFIG"]) / "config.json"
        assert file.stat().st_mode & 0o777 == 0o600
        assert file.parent.stat().st_mode & 0o777 == 0o700
    assert not file.parent.exists()
