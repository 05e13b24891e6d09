"""What `--target` and `--exclude` leave out, and isn't there yet: its outputs are unknown.

An engine of before August 2026 doesn't say so, and the SDK hands on None for each output, on which the first function
of one ends the program with a TypeError (Pulumi pull request 24108).
"""

from typing import Any, cast

import pulumi
from pulumi.runtime import settings


class _Monitor:
    """The engine's, whose answers say what is unknown."""

    def __init__(self, engine: Any) -> None:
        self._engine = engine

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - as the engine's protocol has it
        """In an `up`, what has no id was not made."""
        answer = self._engine.RegisterResource(request)
        if request.custom and not answer.id and not pulumi.runtime.is_dry_run():
            answer.unknown = True
        return answer


def is_unknown() -> None:
    """From now on, in this program."""
    cast("Any", settings.SETTINGS).monitor = _Monitor(settings.get_monitor())
