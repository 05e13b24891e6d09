"""The Docker engine: found, or the project's own, whatever an earlier one left behind."""

import contextlib
import ipaddress
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.setup.conftest import MakeProgram
from tools.offline import own_engine
from tools.setup import client, debian, docker_api, engine, leftovers, stack
from tools.setup.engine import Docker
from tools.setup.place import Place
from tools.setup.say import MachineError

ROUTES = """Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT
eth0 00000000 010200C0 0003 0 0 0 00000000 0 0 0
eth0 000200C0 00000000 0001 0 0 0 00FFFFFF 0 0 0
tun0 0000F00A 00000000 0001 0 0 0 0000FFFF 0 0 0
"""
"""A default route, 192.0.2.0/24 and 10.240.0.0/16, as /proc/net/route has them."""
NEW_CLIENT = "echo Docker version 28.2.2, build 1"
OLD_CLIENT = "echo Docker version 20.10.24+dfsg1, build 1"


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Generator[Place]:
    """A project in a folder with a short path, as sockets need one, and without a real bridge."""
    root = Path(tempfile.mkdtemp(dir="/tmp", prefix="strangler-"))
    place = Place(root)

    def no_bridge(_place: Place, _size: int) -> None:
        pass

    def beside(_place: Place) -> Path:
        return root / "run"

    monkeypatch.setattr(own_engine, "make_bridge", no_bridge)
    monkeypatch.setattr(own_engine, "exec_root", beside)
    monkeypatch.setattr(own_engine, "PROC", root / "proc")
    yield place
    number = own_engine.pid(place)
    if number is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)
    shutil.rmtree(root, ignore_errors=True)


@pytest.fixture
def dockerd(folder: Path) -> Path:
    path = folder / "dockerd"
    source = Path(__file__).with_name("fake_dockerd.py").read_text()
    path.write_text(f"#!{sys.executable}\n{source}")
    path.chmod(0o755)
    return path


def test_the_own_engine_is_started_once_and_answers(home: Place, dockerd: Path) -> None:
    own_engine.start(home, dockerd)
    first = own_engine.pid(home)
    own_engine.start(home, dockerd)
    assert first is not None
    assert own_engine.pid(home) == first
    assert docker_api.answers(home.socket)


def test_an_engine_that_was_killed_is_started_again_over_its_leftovers(
    home: Place, dockerd: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own_engine.start(home, dockerd)
    first = own_engine.pid(home)
    assert first is not None
    os.kill(first, signal.SIGKILL)
    while own_engine.is_own(home, first):
        pass
    assert home.socket.exists()
    assert own_engine.pid_file(home).exists()
    own_engine.start(home, dockerd)
    assert own_engine.pid(home) not in {None, first}
    assert "has died: starting it again" in capsys.readouterr().err


def test_a_pid_file_that_names_another_process_stops_nothing_and_keeps_no_engine_away(
    home: Place, dockerd: Path
) -> None:
    home.docker.mkdir(parents=True)
    own_engine.pid_file(home).write_text(str(os.getpid()))
    assert own_engine.pid(home) is None
    own_engine.stop(home)
    own_engine.start(home, dockerd)
    assert own_engine.pid(home) not in {None, os.getpid()}


@pytest.mark.parametrize("text", ["", "no number", "999999999"])
def test_a_broken_pid_file_names_no_engine(home: Place, text: str) -> None:
    home.docker.mkdir(parents=True)
    own_engine.pid_file(home).write_text(text)
    assert own_engine.pid(home) is None


def test_an_engine_that_cannot_start_says_why_in_one_line(home: Place, dockerd: Path) -> None:
    own_engine.data(home).mkdir(parents=True)
    (own_engine.data(home) / "refuse").write_text("no space left on device")
    with pytest.raises(MachineError) as caught:
        own_engine.start(home, dockerd)
    assert str(caught.value) == (
        f"make: docker: the engine ended at once: no space left on device; see {own_engine.log(home)}"
    )


def test_a_process_that_ended_and_was_not_waited_for_is_not_alive() -> None:
    process = subprocess.Popen(["true"])
    while own_engine.is_alive(process.pid):
        pass
    assert own_engine.command_line(process.pid) == [""]
    process.wait()
    assert not own_engine.is_alive(process.pid)
    assert own_engine.is_alive(os.getpid())


def test_what_is_mounted_in_the_engines_folders_is_found_last_first() -> None:
    table = (
        "/dev/vda / ext4 rw 0 0\n"
        "/dev/vda /mÿ\\040board/data ext4 rw 0 0\n"
        "overlay /mÿ\\040board/data/overlay2/1/merged overlay rw 0 0\n"
        "/dev/vda /mÿ\\040board/data2 ext4 rw 0 0\n"
        "nsfs /run/strangler-1/netns/default nsfs rw 0 0\n"
    )
    found = own_engine.mounts_below(table, (Path("/mÿ board/data"), Path("/run/strangler-1")))
    assert found == ["/run/strangler-1/netns/default", "/mÿ board/data/overlay2/1/merged", "/mÿ board/data"]


def test_a_stopped_engine_leaves_no_socket_and_no_pid_file(home: Place, dockerd: Path) -> None:
    own_engine.start(home, dockerd)
    own_engine.stop(home)
    assert own_engine.pid(home) is None
    assert not home.socket.exists()
    assert not own_engine.pid_file(home).exists()


@pytest.mark.parametrize("text", ["", "999999999", "1"])
def test_the_process_id_of_a_dead_containerd_is_forgotten(home: Place, text: str) -> None:
    file = own_engine.exec_root(home) / "containerd" / "containerd.pid"
    file.parent.mkdir(parents=True)
    file.write_text(text)
    own_engine.forget_dead_containerd(home)
    assert file.exists() == (text == "")


def test_the_bridge_takes_a_network_that_no_route_covers() -> None:
    taken = own_engine.routes(ROUTES)
    assert taken == [ipaddress.IPv4Network("192.0.2.0/24"), ipaddress.IPv4Network("10.240.0.0/16")]
    assert own_engine.subnet("00000000", taken) == "10.241.0.1/24"
    assert own_engine.subnet("000009ff", []) == "10.249.255.1/24"


def test_two_clones_have_bridges_sockets_and_networks_of_their_own() -> None:
    one, two = Place(Path("/home/me/one")), Place(Path("/home/me/two"))
    assert own_engine.bridge(one) != own_engine.bridge(two)
    assert own_engine.exec_root(one) != own_engine.exec_root(two)
    assert own_engine.subnet(one.mark, []) != own_engine.subnet(two.mark, [])
    assert len(own_engine.bridge(one)) <= 15


def test_nothing_answers_at_a_socket_that_is_missing_or_dead(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert not docker_api.answers(tmp_path / "missing")
    assert not docker_api.answers(tmp_path / "file")


def test_a_docker_host_that_answers_is_used(
    home: Place, dockerd: Path, program: MakeProgram, env: dict[str, str]
) -> None:
    docker = program("docker", OLD_CLIENT)
    own_engine.start(home, dockerd)
    other = Place(home.root / "other")
    host = f"unix://{home.socket}"
    assert engine.ready(other, {**env, "DOCKER_HOST": host}) == Docker(host, docker, own=False)


def test_the_engine_of_another_clone_is_used_and_none_started_beside_it(
    home: Place, dockerd: Path, program: MakeProgram, env: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other clone's engine is a process as `make` starts it, in a folder in place of /proc."""
    docker = program("docker", OLD_CLIENT)
    own_engine.start(home, dockerd)
    number = own_engine.pid(home)
    command = Path(f"/proc/{number}/cmdline").read_bytes().decode().replace(str(home.root / "run"), "/run/strangler-x")
    listed, here = home.root / "proc" / str(number) / "ns", home.root / "proc/self/ns"
    for folder in (listed, here):
        folder.mkdir(parents=True)
        (folder / "net").symlink_to("net:[1]")

    def words(_number: int) -> list[str]:
        return command.split("\0")

    def nowhere(_env: object) -> str:
        return "unix:///nowhere/docker.sock"

    other = Place(home.root / "other")
    with monkeypatch.context() as patch:
        patch.setattr(own_engine, "command_line", words)
        patch.setattr(engine, "default_host", nowhere)
        assert engine.ready(other, env) == Docker(f"unix://{home.socket}", docker, own=False)
        (listed / "net").unlink()
        (listed / "net").symlink_to("net:[2]")
        assert own_engine.neighbours(other) == [], "an engine in another network takes nothing from this one"


def test_an_engine_that_starts_gives_back_what_it_took_from_anothers_rules() -> None:
    port = "-A DOCKER -d 127.0.0.1/32 ! -i br-0123456789ab -p tcp --dport 8080 -j DNAT --to-destination 10.1.0.2:80"
    first = "-A DOCKER-ISOLATION-STAGE-1 -i br-0123456789ab ! -o br-0123456789ab -j DOCKER-ISOLATION-STAGE-2"
    last = "-A DOCKER-ISOLATION-STAGE-1 -j RETURN"
    own = "-A DOCKER-ISOLATION-STAGE-1 -i br-ffffffffffff ! -o br-ffffffffffff -j DOCKER-ISOLATION-STAGE-2"
    comment = "-A DOCKER -i br-0123456789ab -m comment --comment 'two words' -j ACCEPT"
    before = {"nat": [port], "filter": [first, comment, own, last]}
    after = {"nat": list[str](), "filter": [last]}
    assert own_engine.lost(before, after, {"br-ffffffffffff"}) == [
        ["iptables", "-t", "nat", "-I", *port.split()[1:]],
        ["iptables", "-t", "filter", "-I", *comment.split(" 'two words' ")[0].split()[1:], "two words", "-j", "ACCEPT"],
        ["iptables", "-t", "filter", "-I", *first.split()[1:]],
    ]
    assert own_engine.lost(before, before, set()) == []


def test_a_docker_host_without_an_answer_is_an_error_and_not_passed_over(home: Place, env: dict[str, str]) -> None:
    with pytest.raises(MachineError) as caught:
        engine.ready(home, {**env, "DOCKER_HOST": "unix:///nowhere/docker.sock"})
    assert str(caught.value) == (
        "make: docker: no engine answers at DOCKER_HOST=unix:///nowhere/docker.sock; start it, or unset DOCKER_HOST"
    )


@pytest.mark.usefixtures("dockerd")
def test_the_own_engine_is_taken_again_even_if_its_socket_is_docker_host_and_it_is_dead(
    home: Place, program: MakeProgram, env: dict[str, str]
) -> None:
    docker = program("docker", OLD_CLIENT)
    own_engine.data(home).mkdir(parents=True)
    host = f"unix://{home.socket}"
    assert engine.ready(home, {**env, "DOCKER_HOST": host}) == Docker(host, docker, own=True)


def test_the_engine_of_the_users_context_is_found(
    home: Place, dockerd: Path, program: MakeProgram, env: dict[str, str]
) -> None:
    own_engine.start(home, dockerd)
    host = f"unix://{home.socket}"
    docker = program("docker", f'[ "$1" = context ] && echo "{host}" || {OLD_CLIENT}')
    other = Place(home.root / "other")
    assert engine.ready(other, {**env, "DOCKER_CONTEXT": "mine"}) == Docker(host, docker, own=False)


@pytest.mark.parametrize(
    ("on_debian", "user", "found"),
    [(False, 0, "only on Debian one can be installed here"), (True, 1000, "only root can install one")],
)
def test_where_no_engine_can_be_made_the_error_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, on_debian: bool, user: int, found: str
) -> None:
    def who() -> int:
        return user

    mark = tmp_path / "debian_version"
    if on_debian:
        mark.touch()
    monkeypatch.setattr(debian, "VERSION", mark)
    monkeypatch.setattr(os, "geteuid", who)
    with pytest.raises(MachineError, match=f"^make: docker: no engine answers, and {found}; start a Docker engine"):
        debian.refuse_elsewhere("docker", "no engine answers", engine.REMEDY)


def test_debians_packages_are_installed_only_if_something_is_missing(
    home: Place, program: MakeProgram, env: dict[str, str]
) -> None:
    calls = Path(env["HOME"]) / "calls"
    program("apt-get", f'echo "$@" >> "{calls}"')
    program("apt-cache", '[ "$2" = docker-cli ] && echo Package: docker-cli')
    engine.install_missing(home, {**env, "PATH": f"{env['PATH']}"})
    asked = calls.read_text().splitlines()
    assert "--no-install-recommends" in asked[-1]
    assert asked[-1].endswith(r"^docker\.io$ iptables iproute2 docker-cli")
    calls.unlink()
    for name in ("dockerd", "iptables", "ip"):
        program(name, "")
    program("docker", OLD_CLIENT)
    engine.install_missing(home, env)
    assert not calls.exists()


def test_packages_that_cannot_be_installed_are_one_line(home: Place, program: MakeProgram, env: dict[str, str]) -> None:
    program("apt-get", "echo E: Unable to locate package >&2; exit 100")
    with pytest.raises(MachineError, match=r"^make: docker: .* E: Unable to locate package .*; check whether apt"):
        engine.install_missing(home, env)


def test_a_client_with_buildkit_is_preferred_to_an_earlier_one_without(tmp_path: Path, env: dict[str, str]) -> None:
    found: list[Path] = []
    for name, text in (("new", f'[ "$1" = buildx ] && exit 1; {NEW_CLIENT}'), ("old", OLD_CLIENT)):
        path = tmp_path / name / "docker"
        path.parent.mkdir()
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)
        found.append(path)
    path = os.pathsep.join(str(executable.parent) for executable in found)
    assert client.clients(path) == found
    assert client.with_buildkit(client.clients(path), env) == found[1]
    assert client.with_buildkit(found[:1], env) is None


def test_a_new_client_with_buildx_has_buildkit(program: MakeProgram, env: dict[str, str]) -> None:
    assert client.has_buildkit(program("docker", NEW_CLIENT), env)


def test_a_client_that_breaks_has_no_buildkit(program: MakeProgram, env: dict[str, str]) -> None:
    assert not client.has_buildkit(program("docker", "echo Segmentation fault >&2; exit 139"), env)


def test_only_what_carries_the_projects_folder_is_removed(
    place: Place, program: MakeProgram, env: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    calls = Path(env["HOME"]) / "calls"
    listing = '[ "$1" = ps ] && echo a1 && echo a2; [ "$1 $2" = "network ls" ] && echo n1; true'
    docker = Docker("unix:///x", program("docker", f'echo "$@" >> "{calls}"; {listing}'), own=False)
    leftovers.remove(place, docker, env)
    label = f"--filter label=strangler.folder={place.root}"
    assert calls.read_text().splitlines() == [
        f"ps --all --quiet {label}",
        "rm --force --volumes a1 a2",
        f"network ls --quiet {label}",
        "network rm n1",
        f"volume ls --quiet {label}",
    ]
    assert "removed 2 containers" in capsys.readouterr().err


def test_a_container_that_a_killed_up_did_not_record_goes_first_and_the_others_stay(
    place: Place, program: MakeProgram, env: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    (place.root / "Pulumi.yaml").write_text("name: strangler\n")
    resources = [
        {"type": "docker:index/container:Container", "outputs": {"name": "known"}},
        {"type": "pulumi:index:Stash", "outputs": {"name": "unknown"}},
    ]
    stack.checkpoint(place).parent.mkdir(parents=True, exist_ok=True)
    stack.checkpoint(place).write_text(json.dumps({"checkpoint": {"latest": {"resources": resources}}}))
    calls = Path(env["HOME"]) / "calls"
    docker = Docker(
        "unix:///x",
        program("docker", f'echo "$@" >> "{calls}"; [ "$1" = ps ] && echo known unknown strangler-task-1; true'),
        True,
    )
    leftovers.remove_unknown_containers(place, docker, env, stack.containers(place))
    assert calls.read_text().splitlines()[1:] == ["rm --force unknown strangler-task-1"]
    assert capsys.readouterr().err.splitlines() == [
        "make: down: removed strangler-task-1, which ran a one-off task",
        "make: down: removed unknown, which a killed up had made and not recorded",
    ]


def test_an_engine_with_a_container_is_not_idle(program: MakeProgram, env: dict[str, str]) -> None:
    assert not leftovers.is_idle(Docker("unix:///x", program("docker", "echo a1"), own=True), env)
    assert leftovers.is_idle(Docker("unix:///x", program("docker", ""), own=True), env)


def test_a_folder_on_path_that_cannot_be_read_has_no_client(program: MakeProgram) -> None:
    found = program("docker", OLD_CLIENT)
    nowhere = f"/{'x' * 300}"  # as for a folder without rights, `stat` fails with an error that pathlib passes on
    assert client.clients(f"{nowhere}{os.pathsep}{found.parent}") == [found]


def test_an_engine_in_which_another_clone_runs_something_is_left_alone(
    home: Place, dockerd: Path, program: MakeProgram, env: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    program("docker", f'case "$1" in ps) echo /another/clone;; *) {NEW_CLIENT};; esac')
    monkeypatch.setattr(os, "environ", env)
    own_engine.start(home, dockerd)
    with pytest.raises(MachineError, match=r"also runs what /another/clone made; run `make down` there first"):
        leftovers.empty_own_engine(home)
    assert own_engine.pid(home) is not None
