"""What the CLI keeps of a stack in files, read and written here where that is simple: a command of its own to set a key
or to ask for a URL is a fifth of the processor time of an `up`.

Whatever isn't simple is None here, and the CLI's to do.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

import yaml

from tools.standin.values import SIGNATURE, Props, items, rows, table

_KEY: Final = re.compile(r"[a-z][a-z-]*:[A-Za-z][\w-]*")
_BELOW: Final = re.compile(r"[A-Za-z][\w-]*")
_WHOLE: Final = re.compile(r"0|[1-9]\d{0,8}")
_TEXT: Final = re.compile(r"[A-Za-z/{\[].*", re.DOTALL)
"""What nobody takes for a number."""
_OF_SECRETS: Final = {"secretsprovider", "encryptedkey", "encryptionsalt"}
"""Where a stack's settings have the key of its secrets."""


def with_setting(text: str, key: str, value: str, *, path: bool) -> str | None:
    """A stack's settings with a key set as `pulumi config set` sets it, with `--path` or without."""
    top, *below = key.split(".") if path else [key]
    if not (
        _KEY.fullmatch(top) and all(map(_BELOW.fullmatch, below)) and (_WHOLE.fullmatch(value) or _TEXT.match(value))
    ):
        return None
    settings = table(yaml.safe_load(text))
    place: Props = settings.setdefault("config", {})
    last = top
    for part in below:
        found = place.setdefault(last, {})
        if not isinstance(found, dict) or "secure" in found:
            return None
        place, last = cast("Props", found), part
    place[last] = _typed(value) if below else value
    return _written(settings)


def _typed(value: str) -> str | int | bool:
    """What a text is below a key."""
    if value in ("true", "false"):
        return value == "true"
    return int(value) if _WHOLE.fullmatch(value) else value


def _written(settings: Mapping[str, Any]) -> str:
    return yaml.safe_dump(dict(settings), allow_unicode=True)


def outputs(backend: Path, stack: str) -> dict[str, Any] | None:
    """The outputs of the only stack in a folder that has this name."""
    states = [*backend.glob(f".pulumi/stacks/*/{stack}.json")]
    if len(states) != 1:
        return None
    latest = table(table(json.loads(states[0].read_text(encoding="utf-8"))["checkpoint"]).get("latest"))
    found = [row for row in rows(latest.get("resources")) if row["type"] == "pulumi:pulumi:Stack"]
    if len(found) != 1 or items(latest.get("pending_operations")):
        return None
    own = table(found[0].get("outputs"))
    return None if SIGNATURE in json.dumps(own) else own


@dataclass(frozen=True)
class Initialised:
    """What `pulumi stack init` has left: files of the backend, and keys in the stack's settings."""

    files: Mapping[Path, bytes]
    keys: Mapping[str, Any]

    @classmethod
    def seen(cls, backend: Path, settings: Path) -> Initialised:
        files = {file.relative_to(backend): file.read_bytes() for file in backend.rglob("*") if file.is_file()}
        keys = table(yaml.safe_load(settings.read_text(encoding="utf-8")))
        return cls(files, {name: value for name, value in keys.items() if name in _OF_SECRETS})

    def again(self, backend: Path, settings: Path) -> None:
        """Leave the same there."""
        for name, content in self.files.items():
            (backend / name).parent.mkdir(parents=True, exist_ok=True)
            (backend / name).write_bytes(content)
        before = table(yaml.safe_load(settings.read_text(encoding="utf-8")))
        settings.write_text(_written({**before, **self.keys}), encoding="utf-8")


def is_new(backend: Path, settings: Path) -> bool:
    """Whether there is nothing of a stack yet but its config."""
    return not any(backend.iterdir()) and _OF_SECRETS.isdisjoint(table(yaml.safe_load(settings.read_text("utf-8"))))
