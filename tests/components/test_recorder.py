"""The helper that runs every program of the component tests."""

import pulumi
import pytest

from tests.components.recorder import run


def _raise(_value: object) -> None:
    raise RuntimeError("seen")


def test_complaint_20_what_a_program_raises_fails_its_test() -> None:
    """At once, and in what it does when a value is known."""

    def at_once() -> None:
        _raise(None)

    def later() -> None:
        pulumi.export("never", pulumi.Output.from_input(1).apply(_raise))

    for program in (at_once, later):
        with pytest.raises(RuntimeError, match="seen"):
            run(program)
