"""uv, which installs a lock in a fifth of pip's time: pip weighs every file of every release, one after the other.

It finds packages by pip's settings, as these are what a user has told. Where one of them has no counterpart here, or uv
fails, pip installs.
"""

import re
from collections.abc import Mapping

VARIABLES = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
    "default-timeout": "UV_HTTP_TIMEOUT",
    "timeout": "UV_HTTP_TIMEOUT",
    "retries": "UV_HTTP_RETRIES",
}
"""pip's settings of where packages come from, and what uv calls them."""
SWITCHES = {"no-cache-dir": "UV_NO_CACHE"}
WITH_COMMAS = "UV_FIND_LINKS"
"""The variable whose values have commas between them, where the others have blanks."""
ANY_INDEX = {"UV_INDEX_STRATEGY": "unsafe-best-match"}
"""A package may come from any index, as with pip; the lock's hashes say which is the right one."""
OF_PIP_ONLY = frozenset(
    {
        *("break-system-packages", "cache-dir", "config-file", "disable-pip-version-check", "no-color", "no-compile"),
        *("no-index", "no-input", "no-python-version-warning", "no-warn-script-location", "progress-bar", "quiet"),
        *("require-virtualenv", "root-user-action", "verbose"),
    }
)
"""Settings without which the same is installed. What a `config-file` says is told beside it."""


def variables(settings: Mapping[str, str]) -> dict[str, str] | None:
    """pip's settings as uv's variables; None if one of them has none."""
    on = {setting for setting, value in settings.items() if is_on(value)}
    if "no-index" in on or settings.keys() - VARIABLES.keys() - SWITCHES.keys() - OF_PIP_ONLY:
        return None
    values = {setting: split(settings.get(setting, "")) for setting in VARIABLES}
    named = {VARIABLES[name]: joined(VARIABLES[name], words) for name, words in values.items() if words}
    switched = {name: "true" for setting, name in SWITCHES.items() if setting in on}
    return {**ANY_INDEX, **named, **switched}


def split(value: str) -> list[str]:
    """The values of a setting. `pip config list` writes the end of a line as Python does."""
    return value.replace("\\n", " ").split()


def joined(variable: str, values: list[str]) -> str:
    return ("," if variable == WITH_COMMAS else " ").join(values)


def is_on(value: str) -> bool:
    """Whether pip takes a setting for a yes."""
    return value.lower() in {"1", "true", "yes", "on", "y", "t"}


def pinned(lock: str) -> str:
    """uv's own lines of a lock, with their hashes; nothing if it isn't in there."""
    found = re.search(r"^uv==(?:.*\\\n)*.*\n?", lock, re.MULTILINE)
    return found[0] if found else ""
