"""Mistakes in what a user wrote: collected, so that all of them are reported in one go, a line each. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches

from components.model.where import Where


@dataclass(frozen=True)
class Problem:
    """One mistake: where it is, what was found there, and what is accepted or to be done instead."""

    where: Where
    """The file, line and path, or the config key."""
    found: str
    """What is wrong there."""
    remedy: str
    """What is accepted, or to be done instead."""

    @property
    def reason(self) -> str:
        """What to say of it to somebody who is told its place anyway: a part of a line."""
        return _printable(f"{self.found}; {self.remedy}")

    def __str__(self) -> str:
        return f"{_printable(str(self.where))}: {self.reason}"


class InputError(Exception):
    """What a user wrote can't be used. Its text is one line for each problem.
    warnings: what was found besides, and may be the reason."""

    def __init__(self, problems: Iterable[Problem], warnings: Iterable[Problem] = ()) -> None:
        self.problems, self.warnings = tuple(problems), tuple(warnings)
        super().__init__("\n".join(map(str, self.problems)))


@dataclass
class Problems:
    """Collects problems and warnings while input is read."""

    errors: list[Problem] = field(default_factory=list[Problem])
    """In the order in which they were found. Default: none."""
    warnings: list[Problem] = field(default_factory=list[Problem])
    """What was found besides, likewise. Default: none."""

    refused: list[Problem] = field(default_factory=list[Problem])
    """The errors with what must go as a whole. Default: none."""

    def add(self, where: Where, found: str, remedy: str) -> None:
        """Notes a mistake, once. What must go as a whole has no other."""
        problem = Problem(where, found, remedy)
        if problem not in self.errors and not any(where.is_within(gone.where) for gone in self.refused):
            self.errors.append(problem)

    def refuse(self, where: Where, found: str, remedy: str) -> None:
        """Notes what must go as a whole, whatever else is wrong with it or in it."""
        self.errors = [one for one in self.errors if one in self.refused or not one.where.is_within(where)]
        problem = Problem(where, found, remedy)
        if problem not in self.errors:
            self.errors.append(problem)
            self.refused.append(problem)

    def warn(self, where: Where, found: str, remedy: str) -> None:
        """Notes what is no mistake, but won't do what its author may expect; once."""
        problem = Problem(where, found, remedy)
        if problem not in self.warnings:
            self.warnings.append(problem)

    def check(self) -> None:
        """Raises InputError if there was a mistake."""
        if self.errors:
            raise InputError(in_order(self.errors), in_order(self.warnings))

    def has_within(self, place: Where) -> bool:
        """Whether a mistake is noted there or in it."""
        return any(problem.where.is_within(place) for problem in self.errors)


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """File by file and line by line, as one goes through them with an editor; those of one place as they were found."""
    return sorted(problems, key=lambda problem: (problem.where.source, problem.where.line or 0))


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else repr(character)[1:-1] for character in text)


def show(value: object) -> str:
    """A value as a user would write it, cut to what fits in a line."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        text = repr(value)
        return text if len(text) <= 80 else text[:77] + "…'"
    if isinstance(value, dict):
        return "a map"
    if isinstance(value, list):
        return "a list"
    # Of other things, what they say of themselves may be anything.
    text = str(value) if isinstance(value, (int, float, date)) else f"a value of type {type(value).__name__}"
    return text if len(text) <= 80 else text[:79] + "…"


def one_of(names: Iterable[str]) -> str:
    """`a`, `a or b`, `a, b or c`."""
    listed = list(names)
    return listed[0] if len(listed) == 1 else f"{', '.join(listed[:-1])} or {listed[-1]}"


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """What to say of an unknown name: the nearest known one, or all of them."""
    listed = sorted(known)
    if not listed:
        return "there are none"
    near = get_close_matches(name.lower(), [other.lower() for other in listed], n=1, cutoff=0.6)
    if near:
        best = next(other for other in listed if other.lower() == near[0])
        return f"did you mean {best}?"
    return f"known: {', '.join(listed)}"
