"""What the machine says: one line each, on stderr, so that stdout stays clean for `make -s env`."""

import sys


class MachineError(Exception):
    """Something that the user has to fix: where, what was found, what to do."""

    def __init__(self, where: str, found: str, remedy: str) -> None:
        super().__init__(line(where, f"{found}; {remedy}"))


def line(where: str, text: str) -> str:
    """One line of the machine, with every run of white space as one blank."""
    return f"make: {where}: {' '.join(text.split())}"


def say(where: str, text: str) -> None:
    """Print one line on stderr at once."""
    print(line(where, text), file=sys.stderr, flush=True)
