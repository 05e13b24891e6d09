"""Writes docs/components.md and the pages below it from the schema that Pulumi's own analyzer makes of the public
components.

    python -m tools.components_pages           # writes the pages
    python -m tools.components_pages schema    # prints the schema

What programs in other languages see is the same schema: `pulumi package get-schema`.
"""

import json
import re
import sys
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, cast

from components.public.hosted import provider

ROOT = Path(__file__).resolve().parents[1]
NAME = "strangler"

PAGES = {
    "components.md": (),
    "components/facades.md": ("AlbFacade", "HttpApiFacade", "RefactorSpacesFacade"),
    "components/services.md": ("Environment", "FargateWebService", "FargateWorker", "ScheduledJob"),
    "components/deploy.md": (),
}
"""The pages in docs/, with the components that each describes. What is written by hand is in tools/pages/."""

COMPARED = {
    "routes": {
        "`AlbFacade` in Python": "examples/alb-facade/python/__main__.py",
        "`pulumi-aws` in Python": "docs/compared/pulumi_aws.py",
        "Terraform": "docs/compared/terraform.tf",
        "CDK in TypeScript": "docs/compared/cdk.ts",
    },
    "service": {
        "`Environment`, `FargateWebService`, `AlbFacade` in Python": "docs/compared/service_ours.py",
        "`awsx` and `pulumi-aws` in Python": "docs/compared/service_awsx.py",
        "Terraform with `terraform-aws-modules/ecs`": "docs/compared/service_module.tf",
        "CDK in TypeScript": "docs/compared/service_cdk.ts",
    },
}
"""The programs that are counted, by what they make."""

Properties = Mapping[str, Mapping[str, Any]]


def schema() -> dict[str, Any]:
    """Of the package. In a process of its own: Pulumi's providers bring a copy of Google's message types along, which
    the plugins of tools/standin have too."""
    return cast("dict[str, Any]", json.loads(provider(NAME, "0.0.0").schema or ""))


def page(name: str, found: Mapping[str, Any]) -> str:
    """A document. name: one of PAGES. found: the schema."""
    parts = [_intro(name)]
    resources = {_short(token): resource for token, resource in found["resources"].items()}
    for component in PAGES[name]:
        resource = resources[component]
        parts += [f"## {component}", _text(resource["description"]), "### Inputs"]
        parts += [_table(resource["inputProperties"], resource.get("requiredInputs", ()), outputs=False)]
        parts += ["### Outputs", _table(resource["properties"], resource.get("required", ()), outputs=True)]
    used = _used([resources[component]["inputProperties"] for component in PAGES[name]], found["types"])
    parts += ["## Types"] if used else []
    for token, kind in found["types"].items():
        if token in used:
            parts += [f"### {_short(token)}", _text(kind["description"])]
            parts += [_table(kind["properties"], kind.get("required", ()), outputs=False)]
    return "\n\n".join(parts) + "\n"


def _used(properties: Iterable[Properties], types: Mapping[str, Any]) -> set[str]:
    """The tokens of the types that these name, by way of others too."""
    found: set[str] = set()
    ahead = list(properties)
    while ahead:
        for token in re.findall(r"#/types/([\w:/-]+)", json.dumps(ahead.pop())):
            if token not in found:
                found.add(token)
                ahead.append(types[token]["properties"])
    return found


def _intro(name: str) -> str:
    """What is written by hand, with the programs that the tests run."""
    text = (ROOT / "tools/pages" / Path(name).name).read_text(encoding="utf-8").strip()
    for counted, programs in COMPARED.items():
        text = text.replace(f"[[counted {counted}]]", _counted(programs))
    return re.sub(r"^\[\[(.+)\]\]$", lambda found: _program(found[1]), text, flags=re.MULTILINE)


def _counted(programs: Mapping[str, str]) -> str:
    """How long the programs are: lines that aren't empty, and words as `wc -w` counts them."""
    rows = ["| program | lines | words |", "| --- | ---: | ---: |"]
    for name, path in programs.items():
        text = (ROOT / path).read_text(encoding="utf-8")
        rows.append(f"| {name} | {sum(1 for line in text.splitlines() if line.strip())} | {len(text.split())} |")
    return "\n".join(rows)


def _program(path: str) -> str:
    language = {".py": "python", ".yaml": "yaml", ".ts": "typescript", ".go": "go"}[Path(path).suffix]
    return f"<!-- {path} -->\n\n```{language}\n{(ROOT / path).read_text(encoding='utf-8').strip()}\n```"


def _table(properties: Properties, required: Collection[str], *, outputs: bool) -> str:
    """The required ones first; in bold, where they are to be given."""
    rows = ["| name | type | meaning |", "| --- | --- | --- |"]
    for name, about in sorted(properties.items(), key=lambda item: (item[0] not in required, item[0])):
        shown = f"**`{name}`**" if name in required and not outputs else f"`{name}`"
        rows.append(f"| {shown} | {_kind(about)} | {_text(about['description'])} |")
    return "\n".join(rows)


def _kind(about: Mapping[str, Any]) -> str:
    """A type, as words."""
    if "$ref" in about:
        name = _short(about["$ref"])
        return f"[{name}](#{name.lower()})"
    if about["type"] == "array":
        return f"list of {_kind(about['items'])}"
    if about["type"] == "object":
        return f"map of {_kind(about['additionalProperties'])}"
    return str(about["type"])


def _short(token: str) -> str:
    return token.rpartition(":")[2]


def _text(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    if sys.argv[1:] == ["schema"]:
        print(json.dumps(schema()))
    else:
        made = schema()
        for path in PAGES:
            (ROOT / "docs" / path).write_text(page(path, made), encoding="utf-8")
