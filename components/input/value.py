"""Typed reading of untyped input (YAML, JSON), with the place of each value. Mistakes are collected, not raised."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TypeVar, cast

from components.input.diagnostics import Problems, did_you_mean, one_of, show
from components.input.scalars import Unknown, truth, whole

T = TypeVar("T")

# Go's duration, as in Copilot's manifests: 90s, 2m30s, 1.5m, 500ms.
_PART = r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(h|ms|m|s)"
_UNITS = {"h": Fraction(3600), "m": Fraction(60), "s": Fraction(1), "ms": Fraction(1, 1000)}

_FRACTION = re.compile(r"[0-9]{1,9}\.[0-9]{1,9}")


@dataclass(frozen=True)
class Value:
    """One value of the input and its place. `file` names what it was read from, `path` the keys that lead to it.
    `origins`: of the paths whose values came from elsewhere in the file (an override), the path that was written."""

    value: object
    file: str
    path: str
    problems: Problems
    origins: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def where(self) -> str:
        """The place, as errors name it: `services/users/manifest.yml: http.path`."""
        if not self.path:
            return self.file
        path = self._written
        return f"{self.file}{path}" if self.file.endswith(":") else f"{self.file}: {path}"

    @property
    def _written(self) -> str:
        """The path that the user wrote."""
        for known in sorted(self.origins, key=len, reverse=True):
            rest = self.path[len(known) :]
            if self.path.startswith(known) and rest[:1] in ("", ".", "["):
                return self.origins[known] + rest
        return self.path

    def fail(self, accepted: str, found: str | None = None) -> None:
        """Notes that what stands here isn't what is accepted. Of a value that can't be known, it is told that alone."""
        if isinstance(self.value, Unknown):
            found, accepted = self.value.found, self.value.remedy
        self.problems.add(self.where, f"found {show(self.value)}" if found is None else found, accepted)

    def missing(self, key: str, remedy: str) -> None:
        """Notes a key that must be given here; nothing if what stands here is no map, which is a mistake itself."""
        if self.value is None or self.is_map():
            self.get(key).fail(remedy, "missing")

    def get(self, key: str) -> "Value":
        """The value under a key; None where there is none or where this is no map."""
        inner = cast("dict[object, object]", self.value).get(key) if isinstance(self.value, dict) else None
        return replace(self, value=inner, path=f"{self.path}.{key}" if self.path else key)

    def __bool__(self) -> bool:
        """Whether anything stands here."""
        return self.value is not None

    def is_map(self) -> bool:
        """Whether a map stands here."""
        return isinstance(self.value, dict)

    def require_map(self) -> None:
        """Notes a mistake if something else than a map stands here."""
        if not isinstance(self.value, dict):
            self.fail("give a map")

    def names(self) -> list[str]:
        """The keys of the map that stands here; none if it is no map."""
        return [str(key) for key in cast("dict[object, object]", self.value)] if isinstance(self.value, dict) else []

    def entries(self) -> "Iterator[tuple[str, Value]]":
        """The keys and values of a map; a mistake if it is something else, nothing if it is absent."""
        if self.value is None:
            return
        self.require_map()
        for key, inner in cast("dict[object, object]", self.value if isinstance(self.value, dict) else {}).items():
            yield str(key), replace(self, value=inner, path=f"{self.path}.{key}" if self.path else str(key))

    def items(self) -> "list[Value]":
        """The items of a list; a mistake if it is something else, none if it is absent."""
        if self.value is None:
            return []
        if not isinstance(self.value, list):
            self.fail("give a list")
            return []
        listed = cast("list[object]", self.value)
        return [replace(self, value=each, path=f"{self.path}[{n}]") for n, each in enumerate(listed)]

    def only(self, known: Iterable[str]) -> None:
        """Notes every key that isn't known, with the nearest that is."""
        accepted = sorted(known)
        for key in self.names():
            if key not in accepted:
                self.problems.add(self.get(key).where, "unknown key", did_you_mean(key, accepted))

    def text(self, default: T = None, accepted: str = "give a text") -> str | T:
        """A text. A number or a boolean is taken as it was written, as YAML leaves out the quotes."""
        if self.value is None:
            return default
        if isinstance(self.value, bool):
            return str(self.value).lower()
        if isinstance(self.value, (str, int)):
            return str(self.value)
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
        number = float(str(self.value)) if fraction else whole(self.value)
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
        meant = self.value if isinstance(self.value, int) and low <= self.value <= high else max(low, min(high, 30))
        self.fail(f"give a duration of whole seconds from {low}s to {high}s, such as {int(meant)}s")
        return default

    def texts(self) -> tuple[str, ...]:
        """A list of texts."""
        return tuple(text for each in self.items() if (text := each.text("")))

    def each(self, read: "Callable[[Value], T]") -> dict[str, T]:
        """A map, its values read by a function."""
        return {key: read(inner) for key, inner in self.entries()}


def seconds_of(text: str) -> Fraction | None:
    """The seconds of a duration in Go's form (`90s`, `2m30s`, `1.5h`, `250ms`); None if it is none."""
    if len(text) > 40 or not re.fullmatch(f"(?:{_PART})+", text):
        return None
    return sum((Fraction(number) * _UNITS[unit] for number, unit in re.findall(_PART, text)), Fraction(0))
