"""`observability` of a manifest: whether traces are collected. Pure."""

from components.input.value import Value
from components.manifest.support import Field, Group, State

_VENDOR = "awsxray"

OBSERVABILITY = Group({"tracing": Field(State.LEFT_OUT, State.BUILT, "traces aren't collected on the local platform")})
"""The fields of `observability`."""


def read_tracing(at: Value) -> bool:
    """`observability.tracing`: AWS X-Ray or nothing. Copilot's parser takes it in any case."""
    if not at:
        return False
    if not (isinstance(at.value, str) and at.value.lower() == _VENDOR):
        at.fail(f"give {_VENDOR}, or remove it")
    return True
