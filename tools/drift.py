"""What differs on AWS from what the state says, as one issue that CI opens, updates and closes.

python3 -m tools.drift note REFRESH    print, as Markdown, what the output of `pulumi refresh --preview-only --json`
                                       says; nothing if nothing differs
python3 -m tools.drift tell FOLDER STACK...   make the issue say what FOLDER/<stack>.md have; close it if all of
                                       them are there and have nothing. With GitHub's CLI, `gh`
"""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from tools.reviewed import PlanError, listing, note, read

TITLE = "Drift: AWS has something else than Pulumi's state"
DIFFERS = ("update", "delete")
"""What becomes of the step `refresh` of a resource that differs, or is gone (pulumi/pkg/backend/display/json.go)."""
HEAD = """`pulumi refresh --preview-only` found this, by the workflow `drift`. Nothing was changed. For each stack:

- `pulumi up --refresh -s <stack>` makes it as the program says; see its plan first.
- `pulumi refresh -s <stack>` takes it into the state. What the program says otherwise, the next `up` changes back.

This issue closes when nothing differs any more."""
UNSEEN = "It could not be looked at: see the run of the workflow."


@dataclass(frozen=True)
class Issue:
    """An open issue."""

    number: int
    body: str


@dataclass(frozen=True)
class Action:
    """What is to be done with the issue: arguments of `gh issue`, and its text on stdin, if any."""

    arguments: tuple[str, ...]
    text: str | None = None


def section(refresh: Mapping[str, Any]) -> str:
    """A table of what differs; empty if nothing does."""
    steps = [step for step in cast("list[dict[str, Any]]", refresh.get("steps") or []) if step["op"] in DIFFERS]
    noted = note({"steps": steps})
    return listing(noted) if noted else ""


def body(found: Mapping[str, str | None]) -> str:
    """The issue's text. found: the section of each stack; None: it could not be looked at."""
    parts = [f"## {stack}\n\n{UNSEEN if text is None else text}" for stack, text in found.items() if text != ""]
    return "\n\n".join([HEAD, *parts])


def action(found: Mapping[str, str | None], issue: Issue | None) -> Action | None:
    """What is to be done; None: nothing. A stack that could not be looked at neither opens an issue nor lets one
    close."""
    if not any(found.values()) and (issue is None or None not in found.values()):
        done = ("--comment", "Nothing differs any more.")
        return Action(("close", str(issue.number), *done)) if issue else None
    text = body(found)
    if issue is None:
        return Action(("create", "--title", TITLE, "--body-file", "-"), text)
    same = issue.body.replace("\r\n", "\n").strip() == text.strip()
    return None if same else Action(("edit", str(issue.number), "--body-file", "-"), text)


def _gh(*arguments: str, text: str | None = None) -> str:
    try:
        done = subprocess.run(["gh", "issue", *arguments], input=text, capture_output=True, text=True, check=False)
    except OSError as error:
        raise PlanError(f"gh: {error.strerror}; install GitHub's CLI") from error
    if done.returncode != 0:
        raise PlanError(f"gh issue {arguments[0]}: {' '.join((done.stderr or done.stdout).split())}")
    return done.stdout


def _tell(folder: str, *stacks: str) -> int:
    files = {stack: Path(folder, f"{stack}.md") for stack in stacks}
    found = {name: file.read_text(encoding="utf-8").strip() if file.is_file() else None for name, file in files.items()}
    listed = json.loads(_gh("list", "--state", "open", "--limit", "500", "--json", "number,title,body"))
    issue = next((Issue(item["number"], item["body"]) for item in listed if item["title"] == TITLE), None)
    todo = action(found, issue)
    if todo:
        print(_gh(*todo.arguments, text=todo.text), end="")
    return 0


def _note(refresh: str) -> int:
    text = section(read(refresh))
    print(text, end="\n" if text else "")
    return 0


COMMANDS: dict[str, Callable[..., int]] = {"note": _note, "tell": _tell}


def main(arguments: Sequence[str]) -> int:
    if len(arguments) < 2 or arguments[0] not in COMMANDS or (arguments[0] == "note" and len(arguments) != 2):
        print("usage: python3 -m tools.drift note REFRESH | tell FOLDER STACK...", file=sys.stderr)
        return 2
    try:
        return COMMANDS[arguments[0]](*arguments[1:])
    except PlanError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
