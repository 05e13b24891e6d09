"""Typed reading of untyped input (YAML, JSON), with the place of each value. Mistakes are collected, not raised."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TypeVar, cast

from components.input.diagnostics import Problems, did_you_mean, one_of, show
from components.input.scalars import TextList, Unresolved, truth, whole
from components.model.where import Where, is_within

T = TypeVar("T")

# Go's duration, as in Copilot's manifests: 90s, 2m30s, 1.5m, 500ms.
_PART = r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(h|ms|m|s|us|µs|μs|ns)"
_UNITS = {
    "h": Fraction(3600),
    "m": Fraction(60),
    "s": Fraction(1),
    "ms": Fraction(1, 1000),
    **dict.fromkeys(("us", "µs", "μs"), Fraction(1, 10**6)),
    "ns": Fraction(1, 10**9),
}

_FRACTION = re.compile(r"[0-9]{1,9}\.[0-9]{1,9}")


def no_line(_path: str) -> int | None:
    """The line of a path in input that has no lines, such as config."""
    return None


def as_named(key: str) -> str:
    """A key of ours in input that has our names, such as config."""
    return key


@dataclass(frozen=True)
class Value:
    """One value of the input and its place."""

    value: object
    """What YAML or JSON holds there; None where there is nothing."""
    file: str
    """What it was read from, as messages name it, such as `services/users/manifest.yml`."""
    path: str
    """The keys that lead to it, such as `http.alias[0].name`; empty at the top."""
    problems: Problems
    """Where mistakes are noted."""
    origins: Mapping[str, str] = field(default_factory=dict[str, str])
    """For paths whose values came from elsewhere in the file (an override): the path that the user wrote.
    Default: none."""
    line_of: Callable[[str], int | None] = field(default=no_line, compare=False)
    """The line of the file in which a path was written, counted from 1. Default: there are no lines."""
    spelled: Callable[[str], str] = field(default=as_named, compare=False)
    """How who wrote it writes a key that has a name of ours: programs in other languages have `keepHost` for
    `keep_host`. Default: as we do."""

    @property
    def where(self) -> Where:
        """The place. For a missing key, the line of the map in which it is missing; none at the top."""
        path = self._written
        return Where(self.file, path, self.line_of(path) if path else None)

    @property
    def _written(self) -> str:
        """The path that the user wrote."""
        for known in sorted(self.origins, key=len, reverse=True):
            if is_within(self.path, known):
                return self.origins[known] + self.path[len(known) :]
        if isinstance(self.value, dict):
            # What is wrong with a map as a whole came with what was put into it last.
            for known, origin in reversed(list(self.origins.items())):
                if is_within(known, self.path):
                    return origin.removesuffix(known[len(self.path) :])
        return self.path

    @property
    def is_override(self) -> bool:
        """Whether it was written elsewhere than where it is read."""
        return self._written != self.path

    def fail(self, accepted: str, found: str | None = None) -> None:
        """Reports this value as invalid. An unresolved value (CloudFormation tag, unset variable) is reported with its
        own reason instead."""
        if isinstance(self.value, Unresolved):
            found, accepted = self.value.found, self.value.remedy
        self.problems.add(self.where, f"found {show(self.value)}" if found is None else found, accepted)

    def refuse(self, accepted: str, found: str | None = None) -> None:
        """Reports that this can't be here, whatever its value is."""
        self.problems.refuse(self.where, f"found {show(self.value)}" if found is None else found, accepted)

    def required(self, key: str, remedy: str) -> "Value":
        """The value under a key that must be given. Where this is no map, that alone is the mistake."""
        inner = self.get(key)
        if not inner and (self.value is None or self.is_map()):
            inner.fail(remedy, "missing")
        return inner

    def get(self, key: str) -> "Value":
        """The value under a key that has a name of ours; None where there is none or where this is no map."""
        return self._under(key, self.spelled(key))

    def entry(self, key: str) -> "Value":
        """The value under a key that is the user's own, such as a container's name, likewise."""
        return self._under(key, key)

    def _under(self, key: str, written: str) -> "Value":
        inner = cast("dict[object, object]", self.value).get(key) if isinstance(self.value, dict) else None
        return self._at(inner, f"{self.path}.{written}" if self.path else written)

    def _at(self, inner: object, path: str) -> "Value":
        """A value inside. Written out, as `replace` takes four times as long, and every key of every manifest comes by
        here."""
        return Value(inner, self.file, path, self.problems, self.origins, self.line_of, self.spelled)

    def __bool__(self) -> bool:
        """Whether there is a value."""
        return self.value is not None

    def is_map(self) -> bool:
        """Whether the value is a map."""
        return isinstance(self.value, dict)

    def require_map(self) -> None:
        """Reports a value that is not a map."""
        if not isinstance(self.value, dict):
            self.fail("give a map")

    def names(self) -> list[str]:
        """The keys of a map; none if the value is not a map."""
        return [str(key) for key in cast("dict[object, object]", self.value)] if isinstance(self.value, dict) else []

    def entries(self) -> "Iterator[tuple[str, Value]]":
        """The keys and values of a map. Anything else is reported, unless the value is absent."""
        if self.value is None:
            return
        self.require_map()
        for key, inner in cast("dict[object, object]", self.value if isinstance(self.value, dict) else {}).items():
            yield str(key), self._at(inner, f"{self.path}.{key}" if self.path else str(key))

    def items(self) -> "list[Value]":
        """The items of a list, without those that hold nothing, as yaml.v3 drops them. Anything else is reported,
        unless the value is absent."""
        return [item for item in self.places() if item]

    def places(self) -> "list[Value]":
        """The same with those that hold nothing."""
        if self.value is None:
            return []
        if not isinstance(self.value, list):
            self.fail("give a list")
            return []
        listed = cast("list[object]", self.value)
        return [self._at(item, f"{self.path}[{n}]") for n, item in enumerate(listed)]

    def only(self, known: Iterable[str]) -> None:
        """Reports every unknown key, with the nearest known one."""
        accepted = sorted(known)
        for key in self.names():
            if key not in accepted:
                self.problems.add(self.get(key).where, "unknown key", did_you_mean(key, accepted))

    def text(self, default: T = None, accepted: str = "give a text") -> str | T:
        """A text. A number or a boolean is taken as it was written, as YAML leaves out the quotes; of a value with a
        tag of CloudFormation's, the text behind it, as Copilot's reader does (v1.34.1, asked), and a warning tells."""
        if self.value is None:
            return default
        if isinstance(self.value, bool):
            return str(self.value).lower()
        if isinstance(self.value, TextList):
            return self.value.text
        if isinstance(self.value, (str, int)):
            return str(self.value)
        if isinstance(self.value, Unresolved) and self.value.text is not None:
            found = f"{self.value.found}, which Copilot ignores: using {show(self.value.text)} as it is"
            self.problems.warn(self.where, found, self.value.remedy)
            return self.value.text
        self.fail(accepted)
        return default

    def matching(self, form: re.Pattern[str], accepted: str, default: T = None) -> str | T:
        """A text of a certain form."""
        text = self.text(None, accepted)
        if text is None:
            return default
        if form.fullmatch(text):
            return text
        self.fail(accepted)
        return default

    def integer(self, default: T, low: int, high: int, unit: str = "") -> int | T:
        """A whole number from `low` to `high`; its text will do, as an interpolated variable is one."""
        if self.value is None:
            return default
        number = whole(self.value)
        if number is not None and low <= number <= high:
            return number
        self.fail(f"give a whole number from {low} to {high}{unit}")
        return default

    def number(self, default: T, low: int, high: int) -> float | T:
        """A number from `low` to `high`, with a fraction or without."""
        if self.value is None:
            return default
        fraction = isinstance(self.value, str) and _FRACTION.fullmatch(self.value)
        number = float(str(self.value)) if fraction or isinstance(self.value, float) else whole(self.value)
        if number is not None and low <= number <= high:
            return number
        self.fail(f"give a number from {low} to {high}")
        return default

    def boolean(self, default: T) -> bool | T:
        """true or false, or another word that YAML has for it; its text will do, as an interpolated variable is one."""
        if self.value is None:
            return default
        found = truth(self.value)
        if found is not None:
            return found
        self.fail("give true or false")
        return default

    def choice(self, default: T, accepted: Iterable[str], *, any_case: bool = False) -> str | T:
        """One of the accepted texts. any_case: capitals are taken for small letters."""
        if self.value is None:
            return default
        listed = list(accepted)
        written = self.value.lower() if isinstance(self.value, str) and any_case else self.value
        if isinstance(written, str) and written in listed:
            return written
        self.fail(f"give {one_of(listed)}")
        return default

    def duration(self, default: T, low: int, high: int) -> int | T:
        """A duration in Go's form, whole seconds from `low` to `high`."""
        if self.value is None:
            return default
        seconds = seconds_of(self.value) if isinstance(self.value, str) else None
        if seconds is not None and low <= seconds <= high and seconds.denominator == 1:
            return int(seconds)
        if isinstance(self.value, str) and (days := re.fullmatch(r"([0-9]{1,4})d", self.value)):
            hours = 24 * int(days[1])
            meant = f"{hours}h" if low <= 3600 * hours <= high else f"{high // 3600}h at most"
            self.fail(f"durations can't use days: write {meant}")
            return default
        meant = self.value if isinstance(self.value, int) and low <= self.value <= high else max(low, min(high, 30))
        self.fail(f"give a duration in whole seconds from {low}s to {high}s, such as {int(meant)}s")
        return default

    def texts(self) -> tuple[str, ...]:
        """A list of texts."""
        return tuple(text for item in self.items() if (text := item.text("")))

    def mapped(self, read: "Callable[[Value], T]") -> dict[str, T]:
        """A map, its values read by a function."""
        return {key: read(inner) for key, inner in self.entries()}


@dataclass(frozen=True)
class Seconds:
    """How an input writes seconds: manifests and config as `timeout: 30s`, programs as `timeout_seconds: 30`. Who
    reads by it has the bounds for both."""

    suffix: str = ""
    """Behind the key, whose value is a whole number then. Default: none, and the value is a duration in Go's form."""

    def at(self, at: Value, key: str) -> Value:
        """Where the seconds of this key are."""
        return at.get(f"{key}{self.suffix}")

    def read(self, at: Value, key: str, default: T, low: int, high: int) -> int | T:
        """Whole seconds from `low` to `high`."""
        place = self.at(at, key)
        return place.integer(default, low, high) if self.suffix else place.duration(default, low, high)

    def shown(self, seconds: int) -> str:
        """Seconds as they are written."""
        return str(seconds) if self.suffix else f"{seconds}s"


DURATIONS, NUMBERS = Seconds(), Seconds("_seconds")
"""As YAML has them, and as programs do."""


def seconds_of(text: str) -> Fraction | None:
    """The seconds of a duration in Go's form (`90s`, `2m30s`, `1.5h`, `250ms`); None if it is none."""
    if len(text) > 40 or not re.fullmatch(f"(?:{_PART})+", text):
        return None
    return sum((Fraction(number) * _UNITS[unit] for number, unit in re.findall(_PART, text)), Fraction(0))
