"""The Pulumi CLI: the one on PATH, else Pulumi's own download, else built with Go from tools/offline/go.mod."""

import os
import platform
import re
import shutil
import time
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tools.offline import go_build
from tools.setup.place import Place
from tools.setup.run import capture
from tools.setup.say import MachineError, say

WHERE = "pulumi"
OLDEST = (3, 250, 0)
DOWNLOADS = "https://get.pulumi.com"
CONNECT_SECONDS = 5.0
MACHINES = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}


@dataclass(frozen=True)
class Cli:
    """The CLI, and whether it is the machine's own on PATH rather than one in the project's folder."""

    path: Path
    found: bool


def own_path(place: Place) -> Path:
    return place.work / "pulumi-cli" / "bin" / "pulumi"


def search_path(place: Place, path: str) -> str:
    """PATH without the folders that the project itself puts there."""
    own = {str(place.venv), str(place.work)}
    kept = [folder for folder in path.split(os.pathsep) if not any(folder.startswith(mine) for mine in own)]
    return os.pathsep.join(kept)


def parse(version: str) -> tuple[int, ...]:
    """The numbers of a version like v3.250.0; empty if it is none (a build without a version)."""
    found = re.match(r"v?(\d+)\.(\d+)\.(\d+)", version.strip())
    return tuple(int(part) for part in found.groups()) if found else ()


def pinned(place: Place) -> str:
    """The version that is downloaded or built: the one of tools/offline/go.mod."""
    found = re.search(r"pulumi/pkg/v3 v(\S+)", (place.root / "tools" / "offline" / "go.mod").read_text())
    if found is None:
        raise MachineError(WHERE, "tools/offline/go.mod names no pulumi/pkg/v3", "take the file from git again")
    return found.group(1)


def ready(place: Place, env: Mapping[str, str]) -> Cli:
    """See that there is a CLI."""
    wanted = ".".join(map(str, OLDEST))
    outside = shutil.which("pulumi", path=search_path(place, env.get("PATH", "")))
    if outside:
        version = capture([outside, "version"], {**env, "PULUMI_SKIP_UPDATE_CHECK": "true"}).out.strip()
        if parse(version) >= OLDEST:
            say(WHERE, f"found {version} at {outside}")
            return Cli(Path(outside), found=True)
        say(WHERE, f"{outside} is {version or 'of no version'}, older than {wanted}: not used")
    own = own_path(place)
    stamp = place.stamps / "pulumi"
    version = pinned(place)
    if own.is_file() and stamp.is_file() and stamp.read_text() == version:
        say(WHERE, f"found v{version} at {own}")
        return Cli(own, found=False)
    place.stamps.mkdir(parents=True, exist_ok=True)
    if not download(place, version):
        go_build.build(own, place, env, version)
    stamp.write_text(version)
    return Cli(own, found=False)


def archive_url(version: str, system: str, machine: str) -> str:
    return f"{DOWNLOADS}/releases/sdk/pulumi-v{version}-{system.lower()}-{MACHINES.get(machine, machine)}.tar.gz"


def download(place: Place, version: str) -> bool:
    """Pulumi's own release of the CLI with its language hosts; False where it cannot be reached."""
    url = archive_url(version, platform.system(), platform.machine())
    folder = own_path(place).parent
    part = folder.with_name("download")
    begun = time.monotonic()
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        with urllib.request.urlopen(url, timeout=CONNECT_SECONDS) as answer:
            say(WHERE, f"downloading v{version} from {DOWNLOADS} …")
            with (part / "pulumi.tar.gz").open("wb") as file:
                shutil.copyfileobj(answer, file)
        unpacked = capture(["tar", "-xzf", str(part / "pulumi.tar.gz"), "-C", str(part)], seconds=300)
        if not unpacked.ok:
            raise OSError(unpacked.reason)
    except OSError as error:
        shutil.rmtree(part, ignore_errors=True)
        say(WHERE, f"nothing to download from {DOWNLOADS}: {getattr(error, 'reason', error)}")
        return False
    shutil.rmtree(folder, ignore_errors=True)
    (part / "pulumi").rename(folder)
    shutil.rmtree(part, ignore_errors=True)
    say(WHERE, f"downloaded v{version} in {time.monotonic() - begun:.0f} s")
    return True
