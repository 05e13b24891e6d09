"""Debian's packages, installed as root."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from tools.setup.place import Place
from tools.setup.run import capture, patiently
from tools.setup.say import MachineError, say

VERSION = Path("/etc/debian_version")


def refuse_elsewhere(where: str, found: str, remedy: str) -> None:
    """Unless packages can be installed here."""
    if not VERSION.exists():
        raise MachineError(where, f"{found}, and only on Debian one can be installed here", remedy)
    if os.geteuid() != 0:
        raise MachineError(where, f"{found}, and only root can install one", f"{remedy}, or run it as root")


def install(
    where: str, what: str, packages: Sequence[str], perhaps: Sequence[str], place: Place, env: Mapping[str, str]
) -> None:
    """packages: the first one as apt's pattern; perhaps: those that some of Debian's versions have."""
    apt = {**env, "DEBIAN_FRONTEND": "noninteractive"}
    log, remedy = place.logs / "apt.log", f"check whether apt can reach Debian's packages, or install {what} yourself"
    if not capture(["apt-get", "--simulate", "install", packages[0]], apt).ok:
        patiently(where, "reading Debian's list of packages", ["apt-get", "update"], log, remedy, env=apt)
    more = [name for name in perhaps if capture(["apt-cache", "show", name], apt).out.strip()]
    command = ["apt-get", "install", "--yes", "--no-install-recommends", *packages, *more]
    seconds = patiently(where, f"installing Debian's {what}", command, log, remedy, env=apt)
    say(where, f"installed Debian's {what} in {seconds:.0f} s")
