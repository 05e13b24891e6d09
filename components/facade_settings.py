"""Which facades a stack has. Pure."""

from components.cursor import Cursor
from components.problems import one_of, show

FACADES = ("refactor-spaces", "api-gateway", "alb")


def read_facades(at: Cursor, *, required: bool) -> tuple[str, ...]:
    """The facades that stand at `at`, the main one first: a name, names with commas, or a list."""
    accepted = f"give {one_of(FACADES)}"
    if not at:
        if required:
            at.fail(accepted, "missing")
        return ()
    if isinstance(at.value, str):
        names = [(each.strip(), at) for each in at.value.split(",")]
    elif isinstance(at.value, list):
        names = [(each.text(""), each) for each in at.items()]
        if not names:
            at.fail(accepted, "an empty list")
    else:
        names = []
        at.fail(f"{accepted}, or several of them as a list")
    found: list[str] = []
    for name, place in names:
        if name not in FACADES:
            place.fail(accepted, f"found {show(name)}")
        elif name in found:
            place.fail("name it once", f"the facade {name} twice")
        else:
            found.append(name)
    return tuple(found)
