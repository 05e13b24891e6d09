"""What `ignore` and `unordered` say, as rules. Pure."""

import re
from collections.abc import Iterable, Sequence

from components.compare.answers import Rules
from components.compare.json_paths import FORMS, Pattern, parse

_HEADER = re.compile(r"[!#%&'*+.^_`|~0-9A-Za-z-]+")


def mistake_of_ignored(text: str) -> str | None:
    """What to do about a text that `ignore` can't have; None if it can."""
    if text.startswith("$"):
        return None if parse(text) is not None else FORMS
    return None if _HEADER.fullmatch(text) else "write a header name, or a JSON path that begins with $"


def mistake_of_unordered(text: str) -> str | None:
    """What to do about a text that `unordered` can't have; None if it can."""
    return None if parse(text) is not None else FORMS


def rules_of(ignore: Iterable[str], unordered: Sequence[str] | bool, *, exact: bool = False) -> Rules:
    """The rules that these texts are, in which there is no mistake. unordered: true for all arrays. exact: whether
    JSON must have the same bytes."""
    listed = list(ignore)
    headers = frozenset(text.lower() for text in listed if not text.startswith("$"))
    if isinstance(unordered, bool):
        return Rules(_patterns(listed), headers, None if unordered else (), exact)
    return Rules(_patterns(listed), headers, _patterns(unordered), exact)


def _patterns(texts: Iterable[str]) -> tuple[Pattern, ...]:
    found = (parse(text) for text in texts)
    return tuple(pattern for pattern in found if pattern is not None)
