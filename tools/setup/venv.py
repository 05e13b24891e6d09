"""The project's Python: a virtual environment with what the lock names, and nothing of the machine's own."""

import hashlib
import os
import shutil
import sys
import time
from pathlib import Path

from tools.setup import pip, uv
from tools.setup.place import Place
from tools.setup.run import capture, patiently
from tools.setup.say import MachineError, say

WHERE = "python"
NEEDED, ALL = "requirements.txt", "requirements-dev.txt"
"""The locks: what the program needs, and that with what the tools and the tests need, three times as much."""
HALF_MADE = "half made"
"""The stamp while packages are installed, and where that was broken off: a package of which only a part is there looks
to pip and uv like one that is installed."""
PIP_INSTEAD = "pip installs all of it instead"


def lock_hash(place: Place, lock: str) -> str:
    file = place.root / lock
    if not file.is_file():
        raise MachineError(WHERE, f"{lock} is missing", "take it from git again")
    return hashlib.sha256(file.read_bytes()).hexdigest()


def ready(place: Place, lock: str) -> None:
    """See that `.venv` holds what a lock names; a stamp with the hash of the one that was installed says that it does.
    Where all is, there is what the program needs."""
    wanted, everything = (lock_hash(place, name) for name in (lock, ALL))
    stamp = place.venv / "strangler-lock"
    if stamp.is_file() and stamp.read_text() in (wanted, everything) and place.python.exists():
        say(WHERE, f"found {place.venv}")
        return
    begun = time.monotonic()
    half_made = stamp.is_file() and stamp.read_text() == HALF_MADE
    create(place)
    stamp.write_text(HALF_MADE)
    if not with_uv(place, lock, again=half_made):
        remedy = "check whether pip can reach its package index, and run it again"
        with_pip(place, place.root / lock, lock, remedy, again=half_made)
    stamp.write_text(wanted)
    say(WHERE, f"made {place.venv} in {time.monotonic() - begun:.0f} s")


def with_uv(place: Place, lock: str, *, again: bool) -> bool:
    """Install a lock with uv, which pip brings; False where that is left to pip. again: also what seems to be there."""
    variables = uv.variables(pip.own_settings(place.python, os.environ))
    pinned = uv.pinned((place.root / ALL).read_text())
    if variables is None or not pinned:
        return False
    own_lock = place.work / "uv.txt"
    own_lock.parent.mkdir(parents=True, exist_ok=True)
    own_lock.write_text(pinned)
    try:
        with_pip(place, own_lock, "uv", PIP_INSTEAD, again=again)
        patiently(
            WHERE,
            f"installing {lock} into {place.venv}",
            [
                *(str(place.python), "-m", "uv", "pip", "install", "--quiet", *(("--reinstall",) if again else ())),
                *("--python", str(place.python), "--require-hashes", "-r", str(place.root / lock)),
            ],
            place.logs / "uv.log",
            PIP_INSTEAD,
            env={**os.environ, **variables},
        )
    except MachineError as error:
        print(error, file=sys.stderr, flush=True)
        return False
    return True


def with_pip(place: Place, lock: Path, what: str, remedy: str, *, again: bool) -> None:
    """Install a lock with pip. what: what is in it. again: also what seems to be there."""
    patiently(
        WHERE,
        f"installing {what} into {place.venv}",
        [
            str(place.python),
            *("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "--no-compile"),
            *(("--force-reinstall",) if again else ()),
            *("--require-hashes", "-r", str(lock)),
        ],
        place.logs / "pip.log",
        remedy,
    )


def create(place: Place) -> None:
    """Make the virtual environment unless there is one with a Python and a pip that work."""
    if capture([str(place.python), "-m", "pip", "--version"]).ok:
        return
    if Path(sys.prefix) == place.venv:
        raise MachineError(WHERE, f"{place.venv} has no pip", f"remove {place.venv} and run it again")
    shutil.rmtree(place.venv, ignore_errors=True)
    made = capture([sys.executable, "-m", "venv", str(place.venv)], seconds=300)
    if not made.ok:
        raise MachineError(
            WHERE, f"no virtual environment: {made.reason}", "install Python's venv module (Debian: python3-venv)"
        )


def pinned(place: Place, package: str) -> str:
    """The version of a package in the lock of what the program needs."""
    for row in (place.root / "requirements.txt").read_text().splitlines():
        name, equals, rest = row.partition("==")
        if equals and name.strip().lower() == package:
            return rest.split()[0]
    raise MachineError(WHERE, f"no line {package}==… in requirements.txt", "run `make lock`")
