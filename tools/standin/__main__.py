"""`python -m tools.standin plan STACK [arguments of pulumi preview]`, in the project's folder."""

from __future__ import annotations

import sys
from pathlib import Path

from tools.standin.plan import PlanError, plan


def main(arguments: list[str]) -> int:
    if len(arguments) < 2 or arguments[0] != "plan":
        print("usage: python -m tools.standin plan STACK [arguments of `pulumi preview`]", file=sys.stderr)
        return 2
    try:
        return plan(arguments[1], arguments[2:], Path.cwd())
    except PlanError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
