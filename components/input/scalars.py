"""What a YAML scalar means in a field of a known type, as in Go's yaml.v3, and unresolved values. Pure."""

import json
import re
from dataclasses import dataclass
from math import isfinite
from typing import cast

# The words of yaml.v3 (its decode.go) for a field that is known to be a boolean, and its forms of whole numbers, but
# for those that say one thing and mean another (010 is 8 there, 1.5 is 1).
_WORDS = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "true", "True", "TRUE"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "off", "Off", "OFF", "false", "False", "FALSE"), False),
}
_WHOLE = re.compile(
    r"(?P<sign>[-+]?)(?:0[xX](?P<hex>[0-9a-fA-F_]+)|0[bB](?P<binary>[01_]+)|0[oO](?P<octal>[0-7_]+)"
    r"|(?P<decimal>0|[1-9][0-9_]*)(?:\.0*)?)"
)
_BASES = {"hex": 16, "binary": 2, "octal": 8, "decimal": 10}


class AmbiguousScalar(str):
    """An unquoted scalar that is a number or a boolean where one is wanted, and elsewhere the text as it was written,
    which its value would lose: `True`, `+1`."""

    __slots__ = ()

    @property
    def typed(self) -> object:
        """Its value in a field that accepts anything."""
        yes = truth(str(self))
        return whole(str(self)) if yes is None else yes


class FractionScalar(str):
    """An unquoted scalar with a fraction or an exponent: a number where anything is accepted, and elsewhere the text as
    it was written, such as the version `1.10`."""

    __slots__ = ()

    @property
    def typed(self) -> object:
        """Its value in a field that accepts anything: as JSON of Go's has it, where 100.0 is 100."""
        number = float(self)
        if not isfinite(number):
            return str(self)
        return int(number) if number.is_integer() and abs(number) < 10**15 else number


class TextList(list[str]):
    """A list of texts that was written as a text, such as `["a", "b"]`, from a shell's variable: it is a list where one
    is wanted, and elsewhere the text."""

    def __init__(self, items: list[str], text: str) -> None:
        """text: as it was written."""
        super().__init__(items)
        self.text = text


def text_list(text: str) -> TextList | None:
    """A text as a list, if it is JSON of one: as Copilot reads it once variables are replaced (v1.34, its
    interpolate.go), but for an empty list, which stays a text there."""
    if not text.startswith("["):
        return None
    try:
        found: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    items = cast("list[object]", found) if isinstance(found, list) else []
    texts = [item for item in items if isinstance(item, str)]
    return TextList(texts, text) if texts and len(texts) == len(items) else None


@dataclass(frozen=True)
class Unresolved:
    """Stands for a value that can't be resolved here: a tag of CloudFormation's, or a variable that isn't set. It is
    reported once, whatever it is read as afterwards."""

    found: str
    """What was found, such as `the variable NAME is not set`."""
    remedy: str
    """What to do about it."""
    tag: str = ""
    """The tag of CloudFormation's, such as `Ref`. Default: there is none."""
    text: str | None = None
    """What stands behind the tag, if that is a text. Default: it isn't, or there is no tag."""


def truth(value: object) -> bool | None:
    """A value as a boolean; None if it is not one."""
    if isinstance(value, bool):
        return value
    return _WORDS.get(value) if isinstance(value, str) else None


def whole(value: object) -> int | None:
    """A value as a whole number; None if it is not one."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    found = _WHOLE.fullmatch(value) if isinstance(value, str) and len(value) <= 40 else None
    if not found:
        return None
    form, digits = next((form, digits) for form in _BASES if (digits := found[form]))
    return int(f"{found['sign']}{digits.replace('_', '') or '0'}", _BASES[form])
