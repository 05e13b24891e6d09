"""The variables with which every program of the project runs, here and in any shell."""

import os
import shlex
from collections.abc import Mapping
from pathlib import Path

from tools.setup.place import Place


def path(place: Place, first: list[Path], old: str) -> str:
    """PATH with the project's folders in front, each once, however often it has been set before."""
    own = [str(folder) for folder in first]
    rest = [folder for folder in old.split(os.pathsep) if folder and not is_own(place, folder)]
    return os.pathsep.join(dict.fromkeys([*own, *rest]))


def is_own(place: Place, folder: str) -> bool:
    return Path(folder).is_relative_to(place.work) or Path(folder).is_relative_to(place.venv)


def export_lines(variables: Mapping[str, str]) -> str:
    """The lines that a shell evaluates; every value is quoted as one word."""
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in sorted(variables.items()))
