"""What the CLI needs besides: the Python language host and the docker plugin, real where they can be had."""

import hashlib
import os
import platform
import shutil
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from tools.setup import pulumi_cli
from tools.setup.place import Place
from tools.setup.pulumi_cli import Cli
from tools.setup.run import capture, patiently
from tools.setup.say import MachineError, say

HOST = "language host"
PLUGIN = "docker plugin"
NAME = "pulumi-language-python"
INSTALL = """
import sys
from pathlib import Path
from tools.offline.docker_plugin.install import install
install(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]))
"""
MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}


def host_ready(place: Place, cli: Cli, env: Mapping[str, str]) -> None:
    """See that the CLI finds a language host: the one next to it, else one on PATH, else the project's own."""
    beside = cli.path.resolve().parent
    path = pulumi_cli.search_path(place, env.get("PATH", ""))
    found = shutil.which(NAME, path=os.pathsep.join([str(beside), path]))
    own = (place.bin if cli.found else beside) / NAME
    text = host_script(place)
    if (found and Path(found) != own) or (own.is_file() and is_current(own, text)):
        say(HOST, f"found {found or own}")
        return
    write_script(own, text)
    say(HOST, f"made {own}")


def is_current(own: Path, text: str) -> bool:
    """Whether this is the script as it has to be, or the host of a downloaded CLI, which is no script."""
    there = own.read_bytes()
    return there == text.encode() or not there.startswith(b"#!")


def host_script(place: Place) -> str:
    script = place.root / "tools" / "offline" / "language_host"
    return f'#!/bin/sh\nexec {quoted(place.python)} -P {quoted(script)} "$@"\n'


def quoted(path: Path) -> str:
    """A path as a word of a shell script."""
    return "'" + str(path).replace("'", "'\\''") + "'"


def write_script(path: Path, text: str) -> None:
    """Write an executable file in one step: whoever runs it meanwhile sees the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    part.write_text(text)
    part.chmod(0o755)
    part.rename(path)


def plugin_ready(place: Place, cli: Cli, env: Mapping[str, str], version: str) -> bool:
    """See that the docker plugin is there; True if it is the stand-in of tools/offline/docker_plugin."""
    folder = place.plugins / f"resource-docker-v{version}"
    stamp = place.stamps / "docker-plugin"
    wanted = stand_in_stamp(place, version)
    if stamp.is_file() and folder.is_dir():
        text = stamp.read_text()
        if text == f"real {version}":
            say(PLUGIN, f"found v{version} of Pulumi")
            return False
        if text == wanted:
            say(PLUGIN, f"found the stand-in for v{version}")
            return True
    place.stamps.mkdir(parents=True, exist_ok=True)
    if is_reachable(version):
        args = [str(cli.path), "plugin", "install", "resource", "docker", f"v{version}"]
        log = place.logs / "plugin.log"
        seconds = patiently(PLUGIN, f"downloading v{version}", args, log, "run it again", env=env)
        stamp.write_text(f"real {version}")
        say(PLUGIN, f"downloaded v{version} in {seconds:.0f} s")
        return False
    place.plugins.mkdir(parents=True, exist_ok=True)
    args = [str(place.python), "-c", INSTALL, str(place.plugins), str(place.python), str(place.root)]
    made = capture(args, env, cwd=place.root)
    if not made.ok:
        raise MachineError(
            PLUGIN, f"the stand-in cannot be installed: {made.reason}", "look into tools/offline/docker_plugin"
        )
    stamp.write_text(wanted)
    say(PLUGIN, f"v{version} cannot be downloaded: made the stand-in of tools/offline/docker_plugin")
    return True


def stand_in_stamp(place: Place, version: str) -> str:
    """What an installed stand-in depends on: its installer, its version and the paths that are written into it."""
    installer = place.root / "tools" / "offline" / "docker_plugin" / "install.py"
    code = installer.read_bytes() if installer.is_file() else b""
    about = f"{version} {place.root} {place.python} {hashlib.sha256(code).hexdigest()}"
    return f"stand-in {hashlib.sha256(about.encode()).hexdigest()[:16]}"


def is_reachable(version: str) -> bool:
    """Whether Pulumi's downloads can be reached from here, which shows within seconds."""
    system, machine = platform.system().lower(), platform.machine()
    name = f"pulumi-resource-docker-v{version}-{system}-{MACHINES.get(machine, machine)}.tar.gz"
    request = urllib.request.Request(f"{pulumi_cli.DOWNLOADS}/releases/plugins/{name}", method="HEAD")
    try:
        with urllib.request.urlopen(request, timeout=pulumi_cli.CONNECT_SECONDS):
            return True
    except OSError:
        return False
