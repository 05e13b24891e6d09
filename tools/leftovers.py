"""What AWS has made and Pulumi doesn't know of: its answer never arrived, or the `up` was killed; docs/leftovers.md.

    python3 -m tools.leftovers adopt PLAN TYPE:NAME=ID …   print a file for `pulumi import`: what exists already
    python3 -m tools.leftovers pending STATE               print what an `up` was doing when it was killed
    python3 -m tools.leftovers strays STATE TAGGED         print what has the stack's tags and is not in its state

PLAN: of `pulumi preview --json`; TYPE:NAME as the CLI shows them, such as `aws:cloudwatch:LogGroup:users`. STATE: of
`pulumi stack export`. TAGGED: of `aws resourcegroupstaggingapi get-resources`.

Not `pulumi preview --import-file`: it takes a resource for its own parent where both have the same name (3.272).
"""

import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

Tree = dict[str, Any]


class LeftoversError(Exception):
    """What is wrong with an argument, in one line."""


def adopted(plan: Mapping[str, Any], identifiers: Mapping[str, str]) -> Tree:
    """The file for `pulumi import`: of all planned creations those named here as TYPE:NAME, with their ids."""
    steps = cast("list[Tree]", plan.get("steps") or [])
    planned = {_shown(step["urn"]): step for step in steps if step["op"] == "create" and step["newState"].get("custom")}
    for wanted in identifiers:
        if wanted not in planned:
            known = ", ".join(sorted(planned)) or "nothing"
            raise LeftoversError(f"{wanted}: the next `up` makes no such resource; it makes {known}")
    table, resources = dict[str, str](), list[Tree]()
    for wanted, identifier in identifiers.items():
        state: Tree = planned[wanted]["newState"]
        parent, provider = str(state["parent"]), str(state["provider"]).rpartition("::")[0]
        urn = str(state["urn"])
        resources.append(
            {
                "type": state["type"],
                "name": urn,
                "logicalName": urn.rpartition("::")[2],
                "id": identifier,
                "parent": parent,
            }
            | _provider(provider)
        )
        table |= {parent: parent, provider: provider}
    own = {resource["name"] for resource in resources}
    return {"nameTable": {name: urn for name, urn in table.items() if name not in own}, "resources": resources}


def _shown(urn: str) -> str:
    """A resource as the CLI's lines name it: TYPE:NAME, without the part of the type behind a slash."""
    _, _, types, name = urn.split("::", 3)
    return f"{re.sub('/[^:]*', '', types.rpartition('$')[2])}:{name}"


def _provider(urn: str) -> Tree:
    """Which provider takes it: one of the program's, or the default one of a version."""
    name = urn.rpartition("::")[2]
    return {"version": name[len("default_") :].replace("_", ".")} if name.startswith("default_") else {"provider": urn}


def pending(state: Mapping[str, Any]) -> Iterator[str]:
    """What was under way: `creating URN`."""
    for operation in cast("list[Tree]", state["deployment"].get("pending_operations") or []):
        yield f"{operation['type']} {operation['resource']['urn']}"


def strays(state: Mapping[str, Any], tagged: Mapping[str, Any]) -> Iterator[str]:
    """The ARNs of the tagged resources that the state has not."""
    resources = cast("list[Tree]", state["deployment"].get("resources") or [])
    outputs = [cast("Tree", resource.get("outputs") or {}) for resource in resources]
    known = {str(resource.get("id")) for resource in resources} | {str(output.get("arn")) for output in outputs}
    for resource in cast("list[Tree]", tagged["ResourceTagMappingList"]):
        arn = str(resource["ResourceARN"])
        if not known & {arn, arn.rpartition("/")[2], arn.rpartition(":")[2]}:
            yield arn


def _read(path: str, part: str) -> Tree:
    """The JSON object in a file, which must have this part: another command's file lacks it."""
    try:
        found = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise LeftoversError(
            f"{path}: it can't be read as JSON ({error}); give the file that the command wrote"
        ) from error
    tree = cast("Tree", found) if isinstance(found, dict) else {}
    if not isinstance(tree.get(part), (dict, list)):
        raise LeftoversError(f"{path}: it has no {part}; give the file that the command wrote")
    return tree


def _pairs(texts: Sequence[str]) -> dict[str, str]:
    found = dict(text.split("=", 1) for text in texts if "=" in text)
    if len(found) < len(texts):
        raise LeftoversError(
            "each resource is TYPE:NAME=ID, once, such as aws:cloudwatch:LogGroup:users=/strangler/dev/users/users"
        )
    return found


def main(arguments: Sequence[str]) -> int:
    try:
        match arguments:
            case ["adopt", plan, _, *_]:
                print(json.dumps(adopted(_read(plan, "changeSummary"), _pairs(arguments[2:])), indent=2))
            case ["pending", state]:
                print("\n".join(pending(_read(state, "deployment"))))
            case ["strays", state, tagged]:
                print("\n".join(strays(_read(state, "deployment"), _read(tagged, "ResourceTagMappingList"))))
            case _:
                usage = "adopt PLAN TYPE:NAME=ID … | pending STATE | strays STATE TAGGED"
                print(f"usage: python3 -m tools.leftovers {usage}", file=sys.stderr)
                return 2
    except LeftoversError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
