"""The project's own Docker engine: a dockerd with data, log and socket of the project, alive without `make`."""

import contextlib
import ipaddress
import itertools
import os
import re
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from tools.setup.docker_api import answers, networks
from tools.setup.held_ports import held_ports
from tools.setup.place import Place
from tools.setup.run import capture, last_lines
from tools.setup.say import MachineError, say

WHERE = "docker"
START_SECONDS = 120.0
STOP_SECONDS = 60.0
ROUTES = Path("/proc/net/route")
PROC = Path("/proc")
MOUNTS = Path("/proc/mounts")
BRIDGE = re.compile(r"\b(?:br-[0-9a-f]{12}|strg[0-9a-f]{8})\b")
"""The name of a bridge in a rule."""
SUBNETS = 2560
"""How many networks of 256 addresses there are to choose from."""


def data(place: Place) -> Path:
    return place.docker / "data"


def log(place: Place) -> Path:
    return place.docker / "log"


def pid_file(place: Place) -> Path:
    return place.docker / "pid"


def exec_root(place: Place) -> Path:
    """Short, for the sockets in it; gone after a restart of the machine, as it has to be."""
    return Path(f"/run/strangler-{place.mark}")


def bridge(place: Place) -> str:
    """The name of the engine's own bridge, so that several engines on one machine do not take each other's."""
    return f"strg{place.mark}"


def routes(table: str) -> list[ipaddress.IPv4Network]:
    """The networks in the text of /proc/net/route, without the default route."""
    rows = [row.split() for row in table.splitlines()[1:]]
    pairs = [(bytes.fromhex(row[1])[::-1], bytes.fromhex(row[7])[::-1]) for row in rows if len(row) > 7]
    networks = [ipaddress.IPv4Network((to, str(ipaddress.IPv4Address(mask)))) for to, mask in pairs]
    return [network for network in networks if network.prefixlen > 0]


def subnet(mark: str, taken: Sequence[ipaddress.IPv4Network]) -> str:
    """The bridge's address and mask: a network by the clone's mark, free on this machine, and not of Docker's."""
    first = int(mark, 16)
    for number in range(first, first + SUBNETS):
        network = ipaddress.IPv4Network(f"10.{240 + number % SUBNETS // 256}.{number % 256}.0/24")
        if not any(network.overlaps(other) for other in taken):
            return f"{network[1]}/24"
    raise MachineError(WHERE, "no network in 10.240.0.0 to 10.249.255.255 is free", "start an engine, set DOCKER_HOST")


def mtu() -> int:
    """The MTU of the interface with the default route; a larger one in containers would lose their packets."""
    with contextlib.suppress(OSError, ValueError):
        rows = [row.split() for row in ROUTES.read_text().splitlines()[1:]]
        device = next((row[0] for row in rows if row[1] == row[7] == "00000000"), "")
        return int(Path(f"/sys/class/net/{device}/mtu").read_text())
    return 1500


def pid(place: Place) -> int | None:
    """The process id of the own engine, if it runs: a stale file, or one that names another process, says nothing."""
    try:
        number = int(pid_file(place).read_text())
    except (OSError, ValueError):
        return None
    return number if is_own(place, number) else None


def is_own(place: Place, number: int) -> bool:
    """Whether this process is the project's own dockerd (perhaps a script of that name, run by its interpreter)."""
    command = command_line(number)
    return any(Path(word).name == "dockerd" for word in command[:2]) and str(data(place)) in command


def command_line(number: int) -> list[str]:
    """The words with which a process was started; one empty word if it is gone, or dead and not yet waited for."""
    try:
        return Path(f"/proc/{number}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return [""]


def is_alive(number: int) -> bool:
    """Whether a process runs: one that has ended and was not yet waited for doesn't."""
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] not in {"Z", "X"}
    except OSError:
        return False


def forget_dead_containerd(place: Place) -> None:
    """Remove the process id of a containerd that died with its dockerd.

    dockerd itself would take a dead process that nobody has waited for yet as alive, and wait for its answer in vain.
    """
    file = exec_root(place) / "containerd" / "containerd.pid"
    try:
        command = command_line(int(file.read_text()))
    except (OSError, ValueError):
        return
    if Path(command[0]).name != "containerd" or str(file.with_suffix(".toml")) not in command:
        file.unlink(missing_ok=True)


def start(place: Place, dockerd: Path) -> None:
    """See that the own engine runs and answers, whatever an earlier one left behind."""
    number = pid(place)
    if number is not None:
        _await_answer(place, number)
        return
    died = pid_file(place).exists()
    if died:
        say(WHERE, "the project's own engine has died: starting it again")
    begun = time.monotonic()
    others = neighbours(place)
    before = rules() if others else {}
    with held_ports() if died else contextlib.nullcontext():
        pid_file(place).unlink(missing_ok=True)
        place.socket.unlink(missing_ok=True)
        _await_answer(place, launch(place, dockerd))
    if others:
        restore(before, rules(), own_bridges(place))
    say(WHERE, f"started the project's own engine in {time.monotonic() - begun:.0f} s (log: {log(place)})")


def neighbours(place: Place) -> list[Path]:
    """The sockets of the engines of other clones that share this process's network."""
    found: list[Path] = []
    for folder in sorted(PROC.glob("[0-9]*")):
        command = command_line(int(folder.name))
        if not any(Path(word).name == "dockerd" for word in command[:2]) or str(data(place)) in command:
            continue
        after = dict(itertools.pairwise(command))
        if after.get("--exec-root", "").startswith("/run/strangler-") and is_beside(folder):
            found.append(Path(after.get("--host", "").removeprefix("unix://")))
    return [socket for socket in found if answers(socket)]


def is_beside(process: Path) -> bool:
    """Whether a process is in this one's network namespace."""
    try:
        return (process / "ns/net").readlink() == (PROC / "self/ns/net").readlink()
    except OSError:
        return False


def rules() -> dict[str, list[str]]:
    """The rules of the address translation and of the filter, by table, as `iptables-save` has them."""
    return {
        table: [line for line in capture(["iptables-save", "-t", table]).out.splitlines() if line.startswith("-A ")]
        for table in ("nat", "filter")
    }


def own_bridges(place: Place) -> set[str]:
    """The names of the bridges of the own engine's networks."""
    return {bridge(place), *(f"br-{number[:12]}" for number in networks(place.socket))}


def lost(before: Mapping[str, list[str]], after: Mapping[str, list[str]], own: Collection[str]) -> list[list[str]]:
    """The iptables commands that bring back what an engine that started took from others: it empties Docker's chains
    (libnetwork, `removeIPChains`), and makes only its own rules again. The last one first, as each is put in front."""
    return [
        ["iptables", "-t", table, "-I", *shlex.split(line)[1:]]
        for table, lines in before.items()
        for line in reversed(lines)
        if line not in after.get(table, []) and BRIDGE.search(line) and not set(BRIDGE.findall(line)) & set(own)
    ]


def restore(before: Mapping[str, list[str]], after: Mapping[str, list[str]], own: Collection[str]) -> None:
    """Brings back what the own engine took from others when it started."""
    commands = lost(before, after, own)
    failed = [done for done in map(capture, commands) if not done.ok]
    if failed:
        raise MachineError(
            WHERE,
            f"another clone's engine lost rules of its published ports: {failed[0].reason}",
            "run `make up` there once more",
        )
    if commands:
        say(WHERE, f"gave another clone's engine its {len(commands)} rules back, which this one's start had taken")


def _await_answer(place: Place, number: int) -> None:
    begun = time.monotonic()
    while not answers(place.socket):
        if not is_alive(number):
            said = reason(log(place).read_text(errors="replace"))
            raise MachineError(WHERE, f"the engine ended at once: {said}", f"see {log(place)}")
        if time.monotonic() - begun > START_SECONDS:
            raise MachineError(WHERE, f"the engine gives no answer in {START_SECONDS:.0f} s", f"see {log(place)}")
        time.sleep(0.05)


def reason(text: str) -> str:
    """Why an engine did not start: what it says last, without time and level."""
    said = re.findall(r'failed to start daemon: (.*?)"?$', text, re.MULTILINE)
    return said[-1] if said else last_lines(text, 1)


def launch(place: Place, dockerd: Path) -> int:
    """Start dockerd in a session of its own, so that it outlives `make` and no Ctrl-C reaches it.

    Gives its process id.
    """
    for folder in (data(place), exec_root(place)):
        folder.mkdir(parents=True, exist_ok=True)
    forget_dead_containerd(place)
    size = mtu()
    make_bridge(place, size)
    args = [
        str(dockerd),
        *("--data-root", str(data(place)), "--exec-root", str(exec_root(place)), "--pidfile", str(pid_file(place))),
        *("--host", f"unix://{place.socket}", "--bridge", bridge(place), "--mtu", str(size), "--log-level", "warn"),
        # Containers, and with no proxy process their published ports too, outlive an engine that dies.
        *("--live-restore", "--userland-proxy=false"),
    ]
    script = 'log=$1; shift; "$@" </dev/null >>"$log" 2>&1 & echo $!'
    log(place).write_text("")
    shell = subprocess.run(
        ["sh", "-c", script, "sh", str(log(place)), *args],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        cwd="/",
        check=True,
    )
    return int(shell.stdout)


def has_link(name: str) -> bool:
    """Whether there is an interface of this name in the network namespace of this process."""
    return capture(["ip", "link", "show", name]).ok


def make_bridge(place: Place, size: int) -> None:
    name = bridge(place)
    if has_link(name):
        return
    address = subnet(place.mark, routes(ROUTES.read_text()))
    for args in (
        ["link", "add", "name", name, "mtu", str(size), "type", "bridge"],
        ["addr", "add", address, "dev", name],
        ["link", "set", name, "up"],
    ):
        done = capture(["ip", *args])
        if not done.ok:
            raise MachineError(WHERE, f"ip {' '.join(args)}: {done.reason}", "install iproute2, or start an engine")


def stop(place: Place) -> None:
    """End the own engine by its process id, and remove its socket and bridge."""
    number = pid(place)
    if number is None:
        return
    with contextlib.suppress(ProcessLookupError):
        os.kill(number, signal.SIGTERM)
    begun = time.monotonic()
    while is_own(place, number):
        if time.monotonic() - begun > STOP_SECONDS:
            raise MachineError(WHERE, f"the project's own engine (process {number}) does not end", f"see {log(place)}")
        time.sleep(0.1)
    place.socket.unlink(missing_ok=True)
    pid_file(place).unlink(missing_ok=True)
    if has_link(bridge(place)):
        capture(["ip", "link", "delete", bridge(place)])
    # With --live-restore the engine leaves its data folder mounted on itself.
    for mount in mounts_below(MOUNTS.read_text(), (data(place), exec_root(place))):
        capture(["umount", mount])
    shutil.rmtree(exec_root(place), ignore_errors=True)
    say(WHERE, f"stopped the project's own engine (process {number})")


def mounts_below(table: str, folders: Sequence[Path]) -> list[str]:
    """The mount points at or below the folders in the text of /proc/mounts, the last one first."""
    escaped = [row.split()[1] for row in table.splitlines()]
    points = [re.sub(r"\\(\d{3})", lambda found: chr(int(found.group(1), 8)), point) for point in escaped]
    return [point for point in reversed(points) if any(Path(point).is_relative_to(folder) for folder in folders)]
