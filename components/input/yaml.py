"""YAML as Copilot reads it: loading, merging of overrides, interpolation of shell variables. Pure."""

import re
from collections.abc import Mapping
from typing import Any, cast

import yaml
from yaml.composer import ComposerError

from components.input.diagnostics import Problems, did_you_mean
from components.input.scalars import Plain, Unknown, whole
from components.input.value import Value

Tree = object
"""What YAML holds: maps with texts as keys, lists, texts, whole numbers, booleans, None; and what scalars.py adds."""

_TAG = "tag:yaml.org,2002:"


class _Loader(yaml.SafeLoader):
    """YAML whose plain scalars are read as Go's yaml.v3 does when the field is known: `1.10`, `2024-01-01`, `on` and
    `12:30` stay the text that was written, since nothing in a manifest is a fraction, a date or a base-60 number. So do
    `True` and `+1`, which may be meant as texts."""

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        """A map whose keys are texts, and in which none stands twice: the last would win silently."""
        node = cast("yaml.MappingNode", cast("Any", super()).compose_mapping_node(anchor))
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.tag != f"{_TAG}merge":
                key.tag = f"{_TAG}str"
                text = str(cast("Any", key).value)
                if text in seen:
                    raise ComposerError(None, None, f"the key {text} stands twice", key.start_mark)
                seen.add(text)
        return node

    def whole_map(self, node: yaml.MappingNode) -> dict[object, object]:
        """A map in one go: PyYAML's own way accepts a map that holds itself."""
        return cast("dict[object, object]", cast("Any", self).construct_mapping(node, deep=True))

    def whole_list(self, node: yaml.SequenceNode) -> list[object]:
        """A list in one go, likewise."""
        return cast("list[object]", cast("Any", self).construct_sequence(node, deep=True))

    def whole_number(self, node: yaml.ScalarNode) -> int:
        """What is tagged as a number, in a form that a field takes."""
        number = whole(str(cast("Any", node).value))
        if number is None:
            raise ValueError
        return number

    def plain(self, node: yaml.ScalarNode) -> Plain:
        """What may be meant as it is written."""
        return Plain(cast("Any", node).value)

    def tagged(self, tag: str, _node: yaml.Node) -> Unknown:
        """What has a tag of its own, whatever it holds: only a stack of CloudFormation knows its value."""
        remedy = "write the value itself, or a variable such as ${NAME} that the shell has"
        return Unknown(f"the CloudFormation tag !{tag}", remedy)


_Loader.yaml_implicit_resolvers = {}
for _name, _pattern, _first in (
    ("bool", r"true|false", "tf"),
    ("int", r"0|-?[1-9][0-9]{0,17}", "-0123456789"),
    ("plain", r"True|TRUE|False|FALSE|-0|\+(?:0|[1-9][0-9]{0,17})", "TF-+"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("merge", r"<<", "<"),
):
    cast("Any", _Loader).add_implicit_resolver(f"{_TAG}{_name}", re.compile(rf"(?:{_pattern})\Z"), list(_first))
_Loader.yaml_constructors = {
    tag: construct
    for tag, construct in yaml.SafeLoader.yaml_constructors.items()
    if tag in (None, *(f"{_TAG}{name}" for name in ("null", "bool", "int", "str")))
} | {
    f"{_TAG}map": _Loader.whole_map,
    f"{_TAG}seq": _Loader.whole_list,
    f"{_TAG}int": _Loader.whole_number,
    f"{_TAG}plain": _Loader.plain,
}
_Loader.yaml_multi_constructors = {"!": _Loader.tagged}


def load(text: str, file: str, problems: Problems) -> Tree:
    """The tree of a YAML document. A document that is broken, or no map, is noted as a problem and read as empty."""
    try:
        tree = cast("object", yaml.load(text, Loader=_Loader))
    except yaml.MarkedYAMLError as broken:
        place = f"{file}:{broken.problem_mark.line + 1}" if broken.problem_mark else file
        problems.add(place, f"no YAML: {broken.problem or broken.context}", "mend the line")
        return {}
    except yaml.YAMLError as broken:
        problems.add(file, f"no YAML: {' '.join(str(broken).split())}", "mend the file")
        return {}
    except RecursionError:
        problems.add(file, "no YAML that can be read: too many levels", "write fewer levels")
        return {}
    except (ValueError, KeyError):  # a number of thousands of digits; `!!int x` and `!!bool x`
        problems.add(file, "no YAML: a value that is not what its tag says, or too long", "mend the value")
        return {}
    if not isinstance(tree, dict):
        found = "no map at the top" if tree is not None else "empty"
        problems.add(file, found, "write keys and values, such as name: users")
        return {}
    return cast("dict[object, object]", tree)


def merged(base: Tree, over: Tree) -> Tree:
    """Copilot's merge of an override: maps merge deeply, everything else is replaced by what overrides it. An
    override of nothing (`count:` with no value) changes nothing."""
    if over is None:
        return base
    if isinstance(base, dict) and isinstance(over, dict):
        left, right = cast("dict[object, object]", base), cast("dict[object, object]", over)
        return {
            key: merged(left.get(key), right[key]) if key in right else left[key]
            for key in [*left, *(key for key in right if key not in left)]
        }
    return over


_VARIABLE = re.compile(r"(\\?)\$\{([_a-zA-Z][_a-zA-Z0-9]*)\}")


def interpolated(at: Value, variables: Mapping[str, str]) -> Tree:
    """The tree that stands here with `${NAME}` in its texts replaced, as Copilot does from the shell; `\\${NAME}`
    stays, without the backslash. A name that isn't set is a problem, and so is a tag of CloudFormation's."""
    if isinstance(at.value, Unknown):
        at.fail(at.value.remedy)
    if isinstance(at.value, str) and not isinstance(at.value, Plain):
        return _filled(at, at.value, variables)
    if isinstance(at.value, dict):
        return {key: interpolated(inner, variables) for key, inner in at.entries()}
    if isinstance(at.value, list):
        return [interpolated(inner, variables) for inner in at.items()]
    return at.value


def _filled(at: Value, text: str, variables: Mapping[str, str]) -> str | Unknown:
    """The text with its variables replaced; unknown, and told, if one of them isn't set."""
    known = [each for each in variables if each.startswith("COPILOT_")]
    unset = [
        Unknown(
            f"the variable {name} is not set",
            f"export {name}, or write \\${{{name}}} for the text itself ({did_you_mean(name, known)})",
        )
        for escaped, name in _VARIABLE.findall(text)
        if not escaped and name not in variables
    ]
    for each in unset:
        at.fail(each.remedy, each.found)
    if unset:
        return unset[0]
    return _VARIABLE.sub(lambda found: found[0][1:] if found[1] else variables[found[2]], text)
