"""What a scalar of YAML is where its field is known, as Go's yaml.v3 takes it, and what can't be known here. Pure."""

import re
from dataclasses import dataclass

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


class Plain(str):
    """A scalar without quotes that is a number or a boolean where one is wanted, and elsewhere the text that was
    written, which its value would not tell: `True`, `+1`."""

    __slots__ = ()

    @property
    def typed(self) -> object:
        """What it is where anything can stand."""
        yes = truth(str(self))
        return whole(str(self)) if yes is None else yes


@dataclass(frozen=True)
class Unknown:
    """What stands for a value that can't be known here: a tag of CloudFormation's, or a variable that isn't set. found
    and remedy: what is told of it, once, whatever is asked of it afterwards."""

    found: str
    remedy: str


def truth(value: object) -> bool | None:
    """Whether a value says yes or no where a boolean is wanted; None if it is none."""
    if isinstance(value, bool):
        return value
    return _WORDS.get(value) if isinstance(value, str) else None


def whole(value: object) -> int | None:
    """The number that a value is where a whole number is wanted; None if it is none."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    found = _WHOLE.fullmatch(value) if isinstance(value, str) and len(value) <= 40 else None
    if not found:
        return None
    form, digits = next((form, digits) for form in _BASES if (digits := found[form]))
    return int(f"{found['sign']}{digits.replace('_', '') or '0'}", _BASES[form])
