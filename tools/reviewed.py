"""Whether a plan is still the one that was reviewed: compared before anything is changed, as a whole.

`pulumi up --plan` would be the engine's own way. It refuses plans of this program that are unchanged (an output of a
network that was unknown in the preview, and dependencies that are known only in `up`: pulumi issues 13765 and 16681),
and it does so half-way, with the first part done. Tried out with 3.250; docs/decisions.md.

    python3 -m tools.reviewed note PREVIEW      print what counts of the output of `pulumi preview --json`
    python3 -m tools.reviewed list NOTED        print its operations for a reader, as Markdown
    python3 -m tools.reviewed same NOTED PREVIEW   0 if the preview plans the same, 1 and what differs if not
"""

import json
import re
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

MADE_UP = re.compile(r"-[0-9a-f]{7}(?![0-9a-f])")
"""The end of a name that the provider makes up, another one in each preview."""

SCALER = "aws:appautoscaling/target:Target"
SCALED = "aws:ecs/service:Service"
COUNT = "desiredCount"

Plan = dict[str, dict[str, Any]]
"""Operation, inputs and differing properties by the resource's URN and the operation's place among its own."""


class PlanError(Exception):
    """What is wrong with a file, in one line."""


def note(preview: Mapping[str, Any]) -> Plan:
    """What counts of a plan: everything that would be done, and with which inputs."""
    steps = cast("list[dict[str, Any]]", preview.get("steps") or [])
    scaled = {_parent(step) for step in steps if _token(step["urn"]) == SCALER and step.get("newState")}
    noted: Plan = {}
    for step in steps:
        if step["op"] == "same":
            continue
        state = cast("dict[str, Any]", step.get("newState") or {})
        inputs = cast("dict[str, Any]", state.get("inputs") or {})
        differs = sorted(step.get("detailedDiff") or {})
        if _counted_by_scaler(step, scaled):
            inputs = {key: value for key, value in inputs.items() if key != COUNT}
            differs = [key for key in differs if key != COUNT]
        noted[f"{step['urn']} {step['op']}"] = {"op": step["op"], "inputs": _settled(inputs), "differs": differs}
    return noted


def _counted_by_scaler(step: Mapping[str, Any], scaled: Collection[str]) -> bool:
    """Whether how many tasks an ECS service has is its scaler's. One that takes the place of another starts with as
    many as run at that moment, and its scaler comes anew, below the same parent; of one that stays, the program leaves
    the number as it is. scaled: the parents of scalers."""
    state = cast("dict[str, Any]", step.get("newState") or {})
    return _token(step["urn"]) == SCALED and (_parent(step) in scaled or COUNT in (state.get("ignoreChanges") or ()))


def _parent(step: Mapping[str, Any]) -> str:
    state = cast("dict[str, Any]", step.get("newState") or {})
    return str(state.get("parent") or "")


def _token(urn: str) -> str:
    return urn.split("::")[2].rpartition("$")[2]


def differences(reviewed: Plan, now: Plan) -> list[str]:
    """One line for each operation that only one of them has, or that has other inputs."""
    lines: list[str] = []
    for key in sorted({*reviewed, *now}):
        what = _title(key)
        if key not in now:
            lines.append(f"{what}: was reviewed, and isn't planned any more")
        elif key not in reviewed:
            lines.append(f"{what}: is planned now, and wasn't reviewed")
        elif reviewed[key] != now[key]:
            lines.append(f"{what}: has other inputs than those that were reviewed")
    return lines


def listing(plan: Plan) -> str:
    """A Markdown table of the operations."""
    rows = [
        f"| {entry['op']} | `{_type(key)}` | {_name(key)} | {', '.join(entry['differs'])} |"
        for key, entry in sorted(plan.items())
    ]
    head = "| operation | type | name | differs in |\n| --- | --- | --- | --- |\n"
    return head + "\n".join(rows) if rows else "Nothing would be changed."


def _settled(value: Any) -> Any:
    """The same value without what differs from preview to preview."""
    if isinstance(value, dict):
        return {key: _settled(inner) for key, inner in sorted(cast("dict[str, Any]", value).items())}
    if isinstance(value, list):
        return [_settled(inner) for inner in cast("list[Any]", value)]
    return MADE_UP.sub("-*", value) if isinstance(value, str) else value


def _urn(key: str) -> list[str]:
    return key.rpartition(" ")[0].split("::")


def _type(key: str) -> str:
    return _token(key)


def _name(key: str) -> str:
    return "::".join(_urn(key)[3:])


def _title(key: str) -> str:
    return f"{key.rpartition(' ')[2]} {_type(key)} {_name(key)}"


def read(name: str) -> dict[str, Any]:
    """The JSON object in a file."""
    try:
        found: object = json.loads(Path(name).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise PlanError(f"{name}: is not the JSON of a plan: {error}") from error
    if not isinstance(found, dict):
        raise PlanError(f"{name}: is not the JSON of a plan, but a {type(found).__name__}")
    return cast("dict[str, Any]", found)


def _print_note(preview: str) -> int:
    print(json.dumps(note(read(preview)), indent=1, sort_keys=True))
    return 0


def _print_list(noted: str) -> int:
    print(listing(read(noted)))
    return 0


def _same(noted: str, preview: str) -> int:
    lines = differences(read(noted), note(read(preview)))
    if lines:
        print("the plan has changed since it was reviewed; nothing was done. Run the workflow again, and review:")
        print("\n".join(f"  {line}" for line in lines))
    return 1 if lines else 0


COMMANDS: dict[tuple[str, int], Callable[..., int]] = {
    ("note", 1): _print_note,
    ("list", 1): _print_list,
    ("same", 2): _same,
}


def main(arguments: Sequence[str]) -> int:
    command = COMMANDS.get((arguments[0], len(arguments) - 1)) if arguments else None
    if command is None:
        print("usage: python3 -m tools.reviewed note PREVIEW | list NOTED | same NOTED PREVIEW", file=sys.stderr)
        return 2
    try:
        return command(*arguments[1:])
    except PlanError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
