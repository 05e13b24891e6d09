"""What `make -s env` prints."""

import os
import subprocess
from pathlib import Path

from tools.setup import environment
from tools.setup.place import SOCKET_PATH_LIMIT, Place


def test_every_line_is_an_export_and_a_shell_reads_back_every_value() -> None:
    wanted = {"A": "two words", "B": "", "C": 'it\'s "quoted" $HOME `id`', "D": "plain"}
    lines = environment.export_lines(wanted)
    assert all(line.startswith("export ") for line in lines.splitlines())
    script = lines + "".join(f'printf "%s\\0" "${name}"; ' for name in wanted)
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split("\0")[:-1] == list(wanted.values())


def test_the_path_does_not_grow_when_it_is_set_again(place: Place) -> None:
    first = [place.venv / "bin", place.bin]
    once = environment.path(place, first, "/usr/bin:/bin")
    assert once == f"{place.venv}/bin:{place.bin}:/usr/bin:/bin"
    assert environment.path(place, first, once) == once


def test_a_folder_that_the_project_no_longer_uses_leaves_the_path(place: Place) -> None:
    old = os.pathsep.join([str(place.work / "pulumi-cli" / "bin"), "/bin"])
    assert environment.path(place, [place.bin], old) == f"{place.bin}:/bin"


def test_a_folder_with_a_similar_name_stays_in_the_path(place: Place) -> None:
    other = f"{place.work}-other/bin"
    assert environment.path(place, [], other) == other


def test_the_socket_lies_in_the_project_unless_its_path_is_too_long() -> None:
    short, long = Place(Path("/home/me/board")), Place(Path("/home") / ("x" * SOCKET_PATH_LIMIT))
    assert short.socket == Path("/home/me/board/.strangler/docker.sock")
    assert long.socket == Path(f"/run/strangler-{long.mark}.sock")
    assert len(str(long.socket)) <= SOCKET_PATH_LIMIT
