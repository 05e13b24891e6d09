"""Comparisons that `up` doesn't make on AWS: whether the machine that runs it reaches the facade is not known. Pure."""

from components.settings.stack import Stack


def check(stack: Stack) -> None:
    """Tells of routes that are to be compared before they move, and have moved or are about to."""
    for route in stack.table.routes:
        at = stack.config.get("routes").get(route.id).get("compare")
        if at and route.weight:
            remedy = f"run `make compare ROUTE={route.id} STACK={stack.name}` before the weight rises from 0"
            stack.problems.warn(at.where, "`up` compares on the platform local only", remedy)
