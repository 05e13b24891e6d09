"""Durations as Copilot's manifests have them. Pure."""

from dataclasses import replace

from components.input.value import Value


def in_seconds(at: Value) -> Value:
    """A duration whose number may lack its unit, where Copilot deploys it as none at all (`http` and `count` at
    v1.34.1, asked: its readers of what has several forms pass over values of another type)."""
    number = str(at.value)
    if isinstance(at.value, bool) or not (number.isascii() and number.isdecimal()):
        return at
    if int(number):
        found = f"{number} without a unit is read as {number}s"
        at.problems.warn(at.where, found, f"write {number}s: Copilot waits for 0s")
    return replace(at, value=f"{number}s")
