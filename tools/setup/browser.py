"""A browser for the tests of pages: the one on PATH, else, as root on Debian, Debian's Chromium."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from tools.setup import debian
from tools.setup.place import Place
from tools.setup.say import MachineError, say

WHERE = "browser"
VARIABLE = "STRANGLER_CHROMIUM"
"""The browser's path, for the tests."""
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKAGE = r"^chromium$"
REMEDY = "install Chromium, or Chrome"


def ready(place: Place, env: Mapping[str, str]) -> Path:
    """See that there is one."""
    found = on_path(env)
    if found is None:
        debian.refuse_elsewhere(WHERE, "no Chromium on PATH", REMEDY)
        debian.install(WHERE, "Chromium", [PACKAGE], [], place, env)
        found = on_path(env)
    if found is None:
        raise MachineError(WHERE, "Debian's Chromium is installed and not on PATH", REMEDY)
    say(WHERE, f"found {found}")
    return found


def on_path(env: Mapping[str, str]) -> Path | None:
    found = (shutil.which(name, path=env.get("PATH", "")) for name in NAMES)
    return next((Path(path) for path in found if path), None)
