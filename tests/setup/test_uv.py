"""uv in pip's place: by pip's settings, and by pip where it can't."""

import http.server
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from functools import partial
from hashlib import sha256
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.repository import ROOT
from tools.setup import pip, uv, venv
from tools.setup.place import Place

UV = "uv==9.8.7 \\\n    --hash=sha256:00 \\\n    --hash=sha256:11\n"
PYTHON = """#!/bin/sh
echo "$@" >> "$0.calls"
[ "$3" = config ] && { cat "$0.config"; exit; }
[ "$2" = "$(cat "$0.fails")" ] && echo no index && exit 1
exit 0
"""
INSTEAD = "; pip installs all of it instead"


@pytest.mark.parametrize(
    ("told", "known"),
    [
        ({}, {}),
        ({"index-url": "https://a/simple", "no-input": "1"}, {"UV_DEFAULT_INDEX": "https://a/simple"}),
        ({"extra-index-url": r"\nhttps://a\nhttps://b"}, {"UV_INDEX": "https://a https://b"}),
        ({"find-links": r"/one\n/two", "no-index": "no"}, {"UV_FIND_LINKS": "/one,/two"}),
        ({"no-cache-dir": "1"}, {"UV_NO_CACHE": "true"}),
        ({"cert": "/own.pem", "trusted-host": "a b"}, {"SSL_CERT_FILE": "/own.pem", "UV_INSECURE_HOST": "a b"}),
        ({"timeout": "7", "retries": "2"}, {"UV_HTTP_TIMEOUT": "7", "UV_HTTP_RETRIES": "2"}),
    ],
)
def test_the_settings_of_pip_are_those_of_uv(told: dict[str, str], known: dict[str, str]) -> None:
    assert uv.variables(told) == {**uv.ANY_INDEX, **known}


@pytest.mark.parametrize("name", ["proxy", "client-cert", "keyring-provider", "only-binary", "no-index", "later"])
def test_a_setting_that_uv_has_not_leaves_all_to_pip(name: str) -> None:
    assert uv.variables({"index-url": "https://a/simple", name: "1"}) is None


def test_the_pin_of_uv_is_its_lines_of_the_lock() -> None:
    assert uv.pinned(f"uvicorn==1\n{UV}wrapt==2\n") == UV
    assert uv.pinned("uvicorn==1 \\\n    --hash=sha256:00\n") == ""


@pytest.fixture
def locked(tmp_path: Path) -> Place:
    """A project with both locks, and a Python that writes down what it is told."""
    place = Place(tmp_path)
    (tmp_path / venv.NEEDED).write_text("docker==1\n")
    (tmp_path / venv.ALL).write_text(f"docker==1\n{UV}")
    place.python.parent.mkdir(parents=True)
    place.python.write_text(PYTHON)
    place.python.chmod(0o755)
    for name in ("config", "fails"):
        Path(f"{place.python}.{name}").write_text("")
    return place


def installers(place: Place) -> list[str]:
    """What installed which lock, in their order."""
    rows = [row.split() for row in Path(f"{place.python}.calls").read_text().splitlines() if " install " in row]
    assert all(row[-3:-1] == ["--require-hashes", "-r"] for row in rows)
    return [f"{row[1]} {Path(row[-1]).name}" for row in rows]


@pytest.mark.parametrize("lock", [venv.NEEDED, venv.ALL])
def test_pip_brings_uv_which_installs_the_lock(locked: Place, lock: str) -> None:
    venv.ready(locked, lock)
    venv.ready(locked, lock)
    assert installers(locked) == ["pip uv.txt", f"uv {lock}"]
    assert (locked.work / "uv.txt").read_text() == UV


def test_pip_installs_the_lock_where_uv_fails(locked: Place, capsys: pytest.CaptureFixture[str]) -> None:
    Path(f"{locked.python}.fails").write_text("uv")
    venv.ready(locked, venv.NEEDED)
    venv.ready(locked, venv.NEEDED)
    assert installers(locked) == ["pip uv.txt", f"uv {venv.NEEDED}", f"pip {venv.NEEDED}"]
    (row,) = [row for row in capsys.readouterr().err.splitlines() if row.endswith(INSTEAD)]
    assert row.startswith(f"make: python: installing {venv.NEEDED} into {locked.venv} ended with code 1: no index ")


def test_pip_installs_the_lock_where_it_has_a_setting_that_uv_has_not(locked: Place) -> None:
    Path(f"{locked.python}.config").write_text("global.proxy='http://proxy:1'\n")
    venv.ready(locked, venv.NEEDED)
    assert installers(locked) == [f"pip {venv.NEEDED}"]


KILLED = """
import signal, sys
from pathlib import Path
from tools.setup import venv
from tools.setup.place import Place
from tools.setup.programs import on_terminate
signal.signal(signal.SIGTERM, on_terminate)
venv.ready(Place(Path(sys.argv[1])), venv.NEEDED)
"""
SLEEPS = '[ "$2" != uv ] || { echo $$ > "$0.part"; mv "$0.part" "$0.number"; exec sleep 300; }\n'


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_uv_and_the_next_time_everything_is_installed_again(locked: Place, sign: signal.Signals) -> None:
    """What seems to be there may be there in part."""
    locked.python.write_text(PYTHON.replace("exit 0\n", SLEEPS))
    number = Path(f"{locked.python}.number")
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(locked.root)], cwd=ROOT, stderr=subprocess.DEVNULL
    ) as process:
        while not number.exists():
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(sign)
        assert process.wait(60) != 0
    assert not Path(f"/proc/{number.read_text().strip()}").exists()
    locked.python.write_text(PYTHON)
    Path(f"{locked.python}.calls").unlink()
    venv.ready(locked, venv.NEEDED)
    assert installers(locked) == ["pip uv.txt", f"uv {venv.NEEDED}"]
    rows = Path(f"{locked.python}.calls").read_text().splitlines()
    assert [row.split()[1] for row in rows if "--force-reinstall" in row or "--reinstall" in row] == ["pip", "uv"]


def wheel(folder: Path, name: str, version: str = "1.0") -> str:
    """A package of one module in a folder, and its line of a lock."""
    about = f"{name}-{version}.dist-info"
    file = folder / f"{name}-{version}-py3-none-any.whl"
    folder.mkdir(parents=True, exist_ok=True)
    with ZipFile(file, "w") as archive:
        archive.writestr(f"{name}.py", "")
        archive.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        archive.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{about}/RECORD", f"{name}.py,,\n{about}/METADATA,,\n{about}/WHEEL,,\n{about}/RECORD,,\n")
    return f"{name}=={version} --hash=sha256:{sha256(file.read_bytes()).hexdigest()}\n"


class Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- http.server's name
        pass


@contextmanager
def index(folder: Path) -> Generator[str]:
    """A package index of a folder that has one for each package."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def installed(lock: str, env: Mapping[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    """What uv says when it installs a lock by what this machine's pip tells of its settings."""
    (folder / "lock.txt").write_text(lock)
    found = uv.variables(pip.own_settings(Path(sys.executable), env))
    assert found is not None
    command = [sys.executable, "-m", "uv", "pip", "install", "--require-hashes", "--target", str(folder / "target")]
    return subprocess.run(
        [*command, "-r", str(folder / "lock.txt")],
        env={**env, "UV_CACHE_DIR": str(folder / "cache"), **found},
        capture_output=True,
        text=True,
        check=False,
    )


def test_uv_finds_packages_where_pip_is_told_that_they_are(tmp_path: Path) -> None:
    lock = "".join(wheel(tmp_path / "served" / name / name, name) for name in ("first", "second"))
    lock += wheel(tmp_path / "found", "third")
    wheel(tmp_path / "served/other/second", "second", "0.9")  # the first index that has a package may lack its version
    settings = tmp_path / "pip.conf"
    bare = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_"))}
    with index(tmp_path / "served") as address:
        indexes = f"extra-index-url =\n  {address}/other\n  {address}/second"
        settings.write_text(f"[global]\n{indexes}\nfind-links = {tmp_path}/found\n")
        env = {**bare, "PIP_CONFIG_FILE": str(settings), "PIP_INDEX_URL": f"{address}/first"}
        done = installed(lock, env, tmp_path)
        assert done.returncode == 0, done.stderr
        assert sorted(file.stem for file in (tmp_path / "target").glob("*.py")) == ["first", "second", "third"]
