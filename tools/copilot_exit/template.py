"""CloudFormation's templates, read as far as a delete is concerned. Pure."""

import copy
import json
from collections.abc import Mapping
from typing import Any, cast

import yaml

Template = dict[str, Any]

KEEPS = ("Retain", "RetainExceptOnCreate")
"""The second keeps a resource as the first does, but for the operation that was to create it (template reference,
DeletionPolicy attribute)."""
NESTED = "AWS::CloudFormation::Stack"


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short tags."""


def _tagged(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    """A short tag as its long form: `!Ref X` is {Ref: X}, `!GetAtt A.B` is {Fn::GetAtt: [A, B]}."""
    construct = cast("Any", loader)
    if isinstance(node, yaml.ScalarNode):
        value: Any = construct.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = construct.construct_sequence(node, deep=True)
    else:
        value = construct.construct_mapping(node, deep=True)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


cast("Any", _Loader).add_multi_constructor("!", _tagged)
# A date stays text, as CloudFormation reads it: '2010-09-09' is a version, and JSON has no dates.
_Loader.yaml_implicit_resolvers = {
    first: [found for found in resolvers if found[0] != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read(body: str | Mapping[str, Any]) -> Template:
    """What GetTemplate answers: text in YAML, or a map if the template was JSON."""
    found = yaml.load(body, Loader=_Loader) if isinstance(body, str) else json.loads(json.dumps(body))
    return cast("Template", found) if isinstance(found, dict) else {}


def resources(template: Template) -> dict[str, dict[str, Any]]:
    """By logical id."""
    return cast("dict[str, dict[str, Any]]", template.get("Resources") or {})


def properties(template: Template, logical_id: str) -> dict[str, Any]:
    """A resource's properties."""
    return cast("dict[str, Any]", resources(template).get(logical_id, {}).get("Properties") or {})


def policy(template: Template, logical_id: str) -> str:
    """A resource's DeletionPolicy, or AWS's default (template reference, DeletionPolicy attribute): Snapshot for a DB
    cluster and for a DB instance outside of one, Delete for all else."""
    resource = resources(template).get(logical_id, {})
    if resource.get("DeletionPolicy"):
        return str(resource["DeletionPolicy"])
    kind = resource.get("Type")
    alone = kind == "AWS::RDS::DBInstance" and "DBClusterIdentifier" not in properties(template, logical_id)
    return "Snapshot" if alone or kind == "AWS::RDS::DBCluster" else "Delete"


def retained(template: Template, nested: Mapping[str, str]) -> Template:
    """The template with every resource kept, custom resources too: then their functions aren't called on delete.
    nested: where a nested stack's template will lie, by its logical id."""
    kept = copy.deepcopy(template)
    for name, resource in resources(kept).items():
        resource |= {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
        if name in nested:
            resource.setdefault("Properties", {})["TemplateURL"] = nested[name]
    return kept


def condition(template: Template, name: str, parameters: Mapping[str, str]) -> bool | None:
    """Whether a condition holds with these parameters; None: it takes functions that aren't read here."""
    return _holds(cast("Template", template.get("Conditions") or {}), {"Condition": name}, parameters, 0)


def _holds(conditions: Template, expression: Any, parameters: Mapping[str, str], depth: int) -> bool | None:
    if not isinstance(expression, dict) or len(cast("Template", expression)) != 1 or depth > len(conditions) + 8:
        return None
    ((function, given),) = cast("Template", expression).items()
    if function == "Condition":
        return _holds(conditions, conditions.get(str(given)), parameters, depth + 1)
    if not isinstance(given, list):
        return None
    parts = cast("list[Any]", given)
    if function == "Fn::Equals" and len(parts) == 2:
        left, right = (_text(part, parameters) for part in parts)
        return None if left is None or right is None else left == right
    below = [_holds(conditions, part, parameters, depth + 1) for part in parts]
    if function == "Fn::Not" and len(below) == 1:
        return None if below[0] is None else not below[0]
    if function == "Fn::And":
        return False if False in below else None if None in below else True
    if function == "Fn::Or":
        return True if True in below else None if None in below else False
    return None


def _text(value: Any, parameters: Mapping[str, str]) -> str | None:
    if isinstance(value, dict):
        return parameters.get(str(cast("Template", value).get("Ref")))
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, (str, int, float)) else None
