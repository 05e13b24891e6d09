"""`observability` of a manifest: whether traces are collected. Pure."""

from components.input.value import Value

_VENDOR = "awsxray"


def read_tracing(at: Value) -> bool:
    """What stands at `observability.tracing`: AWS X-Ray or nothing. Copilot's parser takes it in any case."""
    if not at:
        return False
    if not (isinstance(at.value, str) and at.value.lower() == _VENDOR):
        at.fail(f"give {_VENDOR}, or take it out")
    return True
