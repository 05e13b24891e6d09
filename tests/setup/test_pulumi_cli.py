"""The CLI: found, downloaded or built."""

import contextlib
import http.server
import io
import os
import tarfile
import threading
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.setup.conftest import MakeProgram
from tools.offline import word_lists
from tools.setup import pulumi_cli
from tools.setup.place import Place
from tools.setup.say import MachineError

CLOSED = "http://127.0.0.1:9"
"""Nothing listens on the discard port of this machine."""
GO = '[ "$1" = build ] || exit 1; echo call >> "$0.calls"; while [ "$1" != -o ]; do shift; done; echo built > "$2"'


@contextlib.contextmanager
def serving(content: bytes) -> Generator[tuple[str, list[str]]]:
    """A server on loopback that answers every path with the content; gives its address and the paths asked for."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- http.server's name
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", asked
        finally:
            server.shutdown()
            thread.join()


def release() -> bytes:
    """An archive as Pulumi's: a folder `pulumi` with the CLI in it."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name in ("pulumi", "pulumi-language-python"):
            data = b"#!/bin/sh\necho v3.250.0\n"
            entry = tarfile.TarInfo(f"pulumi/{name}")
            entry.size, entry.mode = len(data), 0o755
            archive.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


def calls(program: Path) -> int:
    file = Path(f"{program}.calls")
    return len(file.read_text().splitlines()) if file.exists() else 0


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulumi_cli, "DOWNLOADS", CLOSED)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [("v3.250.0\n", (3, 250, 0)), ("3.9.12", (3, 9, 12)), ("v3.251.0-alpha.1", (3, 251, 0)), ("", ()), ("dev", ())],
)
def test_a_version_is_read_with_or_without_its_letter(text: str, numbers: tuple[int, ...]) -> None:
    assert pulumi_cli.parse(text) == numbers


@pytest.mark.parametrize("version", ["v3.250.0", "v3.301.2", "v4.0.0"])
def test_the_cli_on_the_path_is_used_if_it_is_new_enough(
    place: Place, program: MakeProgram, env: dict[str, str], version: str
) -> None:
    path = program("pulumi", f"echo {version}")
    assert pulumi_cli.ready(place, env) == pulumi_cli.Cli(path, found=True)


@pytest.mark.parametrize("version", ["v3.249.9", "v2.300.0", ""])
@pytest.mark.usefixtures("offline")
def test_an_older_cli_on_the_path_is_named_and_another_one_is_built(
    place: Place,
    program: MakeProgram,
    env: dict[str, str],
    version: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    program("pulumi", f"echo {version}")
    go = program("go", GO)
    cli = pulumi_cli.ready(place, env)
    assert (cli.path, cli.found, calls(go)) == (pulumi_cli.own_path(place), False, 1)
    assert "older than 3.250.0: not used" in capsys.readouterr().err


@pytest.mark.usefixtures("offline")
def test_a_cli_that_is_built_once_is_found_the_second_time(
    place: Place, program: MakeProgram, env: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    go = program("go", GO)
    first = pulumi_cli.ready(place, env)
    capsys.readouterr()
    # The second time, `make -s env` has put the CLI's folder on PATH: it is not mistaken for the machine's own.
    again = {**env, "PATH": f"{first.path.parent}{os.pathsep}{env['PATH']}"}
    assert pulumi_cli.ready(place, again) == first
    assert calls(go) == 1
    assert capsys.readouterr().err == f"make: pulumi: found v3.250.0 at {first.path}\n"


@pytest.mark.usefixtures("offline")
def test_another_version_in_go_mod_is_built_anew(place: Place, program: MakeProgram, env: dict[str, str]) -> None:
    go = program("go", GO)
    pulumi_cli.ready(place, env)
    (place.root / "tools" / "offline" / "go.mod").write_text("require github.com/pulumi/pulumi/pkg/v3 v3.260.0\n")
    pulumi_cli.ready(place, env)
    assert calls(go) == 2


FREQUENCY = "package frequency\n\nfunc init() {\n\tmaleFilePath := 1\n}\n"
MATCHING = (
    "package matching\n\nfunc init() {\n\tloadFrequencyList()\n}\n\nfunc loadFrequencyList() {\n\tsequences = 1\n}\n"
)


def modules(folder: Path, frequency: str) -> str:
    """A Go's cache with the modules that have word lists, and the script's part that leads there."""
    for module in word_lists.MODULES:
        for name, text in (("frequency", frequency), ("matching", MATCHING)):
            (folder / module / name).mkdir(parents=True)
            (folder / module / name / f"{name}.go").write_text(text)
            (folder / module / name).chmod(0o555)
    return f"""[ "$1" = mod ] && echo '{{"Dir": "{folder}/'"$4"'"}}' && exit"""


def test_word_lists_are_read_when_they_are_first_used() -> None:
    frequency = "package frequency\n\n// Fill reads the lists.\nfunc Fill() {\n\tmaleFilePath := 1\n}\n"
    matching = "package matching\n\n\nfunc loadFrequencyList() {\n\tfrequency.Fill()\n\tsequences = 1\n}\n"
    assert word_lists.deferred(FREQUENCY, MATCHING) == (frequency, matching)


@pytest.mark.usefixtures("offline")
def test_a_cli_is_built_with_word_lists_that_wait(
    place: Place, program: MakeProgram, env: dict[str, str], tmp_path: Path
) -> None:
    (place.root / "tools" / "offline" / "go.sum").write_text("sums\n")
    seen = 'cat "$6" "${6%mod}sum" >> "$0.seen"; cat "${6%/go.mod}"/github.com/*/*/frequency/* >> "$0.seen"'
    go = program("go", f"{modules(tmp_path / 'cache', FREQUENCY)}\n{seen}\n{GO}")
    pulumi_cli.ready(place, env)
    text = Path(f"{go}.seen").read_text()
    assert text.startswith("require github.com/pulumi/pulumi/pkg/v3 v3.250.0\n")
    assert "sums" in text
    assert text.count("replace github.com/") == text.count("func Fill()") == 2
    assert not (place.work / "go").exists()


@pytest.mark.usefixtures("offline")
def test_a_cli_with_other_word_lists_is_built_as_it_is(
    place: Place, program: MakeProgram, env: dict[str, str], tmp_path: Path
) -> None:
    go = program("go", f'{modules(tmp_path / "cache", "package frequency")}\necho "$@" >> "$0.seen"\n{GO}')
    pulumi_cli.ready(place, env)
    assert "-modfile" not in Path(f"{go}.seen").read_text()
    assert not (place.work / "go").exists()


@pytest.mark.usefixtures("offline")
def test_a_cli_is_built_as_it_is_where_no_copies_can_be_made(
    place: Place, program: MakeProgram, env: dict[str, str], tmp_path: Path
) -> None:
    (place.root / "tools" / "offline" / "go.sum").write_text("sums\n")
    place.work.mkdir(parents=True, exist_ok=True)
    (place.work / "go").write_text("a file where the copies' folder would be")
    go = program("go", f'{modules(tmp_path / "cache", FREQUENCY)}\necho "$@" >> "$0.seen"\n{GO}')
    assert pulumi_cli.ready(place, env).path.read_text() == "built\n"
    assert "-modfile" not in Path(f"{go}.seen").read_text()


@pytest.mark.usefixtures("offline")
def test_a_build_that_fails_half_way_leaves_no_cli(place: Place, program: MakeProgram, env: dict[str, str]) -> None:
    go = program("go", f"{GO}; echo no space left; exit 1")
    with pytest.raises(MachineError, match=r"^make: pulumi: building v3\.250\.0 .* no space left .*; check whether Go"):
        pulumi_cli.ready(place, env)
    assert list(pulumi_cli.own_path(place).parent.iterdir()) == []
    program("go", GO)
    assert pulumi_cli.ready(place, env).path.read_text() == "built\n"
    assert calls(go) == 2


@pytest.mark.usefixtures("offline")
def test_what_a_killed_build_left_is_not_taken_for_a_cli(
    place: Place, program: MakeProgram, env: dict[str, str]
) -> None:
    own = pulumi_cli.own_path(place)
    own.parent.mkdir(parents=True)
    own.with_name("pulumi.part99").write_text("half")
    program("go", GO)
    assert pulumi_cli.ready(place, env).path.read_text() == "built\n"
    assert [file.name for file in own.parent.iterdir()] == ["pulumi"]


@pytest.mark.usefixtures("offline")
def test_without_go_the_error_says_what_to_install(place: Place, env: dict[str, str], folder: Path) -> None:
    with pytest.raises(MachineError) as caught:
        pulumi_cli.ready(place, {**env, "PATH": str(folder)})
    assert str(caught.value) == (
        "make: pulumi: no pulumi on PATH, none to download, and no go to build it with; "
        "install the Pulumi CLI, or Go 1.26"
    )


def test_the_cli_is_downloaded_with_its_language_hosts_where_it_can_be(
    place: Place, env: dict[str, str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(release()) as (address, asked):
        monkeypatch.setattr(pulumi_cli, "DOWNLOADS", address)
        cli = pulumi_cli.ready(place, {**env, "PATH": str(folder)})
        assert pulumi_cli.ready(place, {**env, "PATH": str(folder)}) == cli
    assert len(asked) == 1
    assert asked[0].startswith("/releases/sdk/pulumi-v3.250.0-linux-")
    assert sorted(file.name for file in cli.path.parent.iterdir()) == ["pulumi", "pulumi-language-python"]
    assert [file.name for file in cli.path.parent.parent.iterdir()] == ["bin"]


def test_a_download_that_is_no_archive_leaves_nothing_and_the_cli_is_built(
    place: Place, program: MakeProgram, env: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    program("go", GO)
    with serving(b"<html>a portal</html>") as (address, _):
        monkeypatch.setattr(pulumi_cli, "DOWNLOADS", address)
        assert pulumi_cli.ready(place, env).path.read_text() == "built\n"
    assert [file.name for file in (place.work / "pulumi-cli").iterdir()] == ["bin"]


@pytest.mark.parametrize(
    ("system", "machine", "name"),
    [("Linux", "x86_64", "linux-x64"), ("Linux", "aarch64", "linux-arm64"), ("Darwin", "arm64", "darwin-arm64")],
)
def test_the_archive_is_the_one_for_this_machine(system: str, machine: str, name: str) -> None:
    assert pulumi_cli.archive_url("3.250.0", system, machine).endswith(f"/releases/sdk/pulumi-v3.250.0-{name}.tar.gz")
