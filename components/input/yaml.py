"""YAML as Copilot reads it: loading, merging of overrides, interpolation of environment variables. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

import yaml
from yaml.composer import ComposerError
from yaml.constructor import ConstructorError

from components.input.diagnostics import Problems, did_you_mean
from components.input.files import is_utf8
from components.input.scalars import AmbiguousScalar, FractionScalar, TextList, Unresolved, text_list, whole
from components.input.value import Value, no_line
from components.model.where import Where

if TYPE_CHECKING:
    _Quick = yaml.SafeLoader
else:
    _Quick = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Tree = object
"""What YAML holds: maps with texts as keys, lists, texts, whole numbers, booleans, None; and what scalars.py adds."""

_TAG = "tag:yaml.org,2002:"
_MOST = 100_000
"""Values of a document. Ten lines of aliases make thousands of millions; yaml.v3 refuses such a document too."""


class _Values:
    """Plain scalars as Go's yaml.v3 reads them for a known field: `1.10`, `2024-01-01`, `on` and `12:30` stay text,
    since no field of a manifest is a fraction, a date or a base-60 number. `True` and `+1` stay text too, as they may
    be meant so."""

    def text(self, node: yaml.ScalarNode) -> str:
        """A text. Half a character (a lone surrogate) is refused, as yaml.v3 does; and a NUL, at which a text ends for
        every program that is given it (exec takes no other)."""
        text = str(cast("Any", node).value)
        if "\0" in text:
            raise ConstructorError(None, None, "a NUL, which variables and commands can't contain", node.start_mark)
        if not is_utf8(text):
            raise ConstructorError(None, None, "an escape that isn't a valid character", node.start_mark)
        return text

    def whole_map(self, node: yaml.MappingNode) -> dict[object, object]:
        """A map, built in one step: PyYAML's generator would accept a map that contains itself."""
        return cast("dict[object, object]", cast("Any", self).construct_mapping(node, deep=True))

    def whole_list(self, node: yaml.SequenceNode) -> list[object]:
        """A list, built in one step likewise."""
        return cast("list[object]", cast("Any", self).construct_sequence(node, deep=True))

    def whole_number(self, node: yaml.ScalarNode) -> int:
        """A value tagged as a number, in a form that a field accepts."""
        number = whole(str(cast("Any", node).value))
        if number is None:
            raise ValueError
        return number

    def plain(self, node: yaml.ScalarNode) -> AmbiguousScalar:
        """A scalar that may be meant as text."""
        return AmbiguousScalar(cast("Any", node).value)

    def fraction(self, node: yaml.ScalarNode) -> FractionScalar:
        """A scalar that may be meant as a number that isn't whole."""
        return FractionScalar(cast("Any", node).value)

    def tagged(self, tag: str, node: yaml.Node) -> Unresolved:
        """A value with a tag of CloudFormation's, which only its stack can resolve."""
        remedy = "write the value itself, or an environment variable such as ${NAME}"
        text = self.text(node) if isinstance(node, yaml.ScalarNode) else None
        return Unresolved(f"the CloudFormation tag !{tag}", remedy, tag, text)


class _Loader(_Values, yaml.SafeLoader):
    """By PyYAML's own parser, whose words for mistakes are those of the messages."""

    def scan_to_next_token(self) -> None:
        """Passes over what is between two tokens: PyYAML's own takes a tab for a mistake wherever it stands, go-yaml
        (its scannerc.go) only where it would indent."""
        scanner = cast("Any", self)
        while True:
            super().scan_to_next_token()
            if scanner.peek() != "\t" or not (scanner.flow_level or not scanner.allow_simple_key):
                return
            scanner.forward()


class _QuickLoader(_Values, _Quick):
    """By libyaml, of which yaml.v3's parser is a translation, in a fifth of the time; by PyYAML's own parser where that
    was built without."""


_IMPLICIT = (
    ("bool", r"true|false", "tf"),
    ("int", r"0|-?[1-9][0-9]{0,17}", "-0123456789"),
    ("plain", r"True|TRUE|False|FALSE|-0|\+(?:0|[1-9][0-9]{0,17})", "TF-+"),
    ("fraction", r"[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?", "-+.0123456789"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("merge", r"<<", "<"),
)
for _loader in cast("tuple[Any, Any]", (_Loader, _QuickLoader)):
    _loader.yaml_implicit_resolvers = {}
    for _name, _pattern, _first in _IMPLICIT:
        _loader.add_implicit_resolver(f"{_TAG}{_name}", re.compile(rf"(?:{_pattern})\Z"), list(_first))
    _loader.yaml_constructors = {
        tag: construct
        for tag, construct in yaml.SafeLoader.yaml_constructors.items()
        if tag in (None, *(f"{_TAG}{name}" for name in ("null", "bool", "int", "str")))
    } | {
        f"{_TAG}str": _Values.text,
        f"{_TAG}map": _Values.whole_map,
        f"{_TAG}seq": _Values.whole_list,
        f"{_TAG}int": _Values.whole_number,
        f"{_TAG}plain": _Values.plain,
        f"{_TAG}fraction": _Values.fraction,
    }
    _loader.yaml_multi_constructors = {"!": _Values.tagged}


def load(text: str | None, file: str, problems: Problems) -> Value:
    """The map of a YAML document, located in `file`. A document that is invalid, or not a map, is reported and read as
    an empty map. text: None if that of the file can't be read, which is reported already."""
    found = _load(text, file, problems)
    if found is None:
        return Value({}, file, "", problems)
    if not found.is_map() or not found.value:
        found = replace(found, value=None if found.value == {} else found.value)
        problems.add(Where(file), "not a map" if found else "empty", "write keys and values, such as name: users")
        return Value({}, file, "", problems)
    return found


def load_list(text: str | None, file: str, problems: Problems) -> Value:
    """The list of a YAML document, likewise; an empty document is an empty list."""
    found = _load(text, file, problems)
    if not found:
        return Value([], file, "", problems)
    if not isinstance(found.value, list):
        problems.add(Where(file), "not a list", "write a list, with a - before each item")
        return Value([], file, "", problems)
    return found


def _load(text: str | None, file: str, problems: Problems) -> Value | None:
    """What a YAML document holds; None, and reported, if it is invalid."""

    def invalid(found: str, remedy: str, line: int | None = None) -> None:
        problems.add(Where(file, line=line), found, remedy)

    if text is None:
        return None
    try:
        read = _document(text)
    except _TooManyError:
        return invalid(f"invalid YAML: aliases expand it to more than {_MOST} values", "write fewer")
    except yaml.MarkedYAMLError as broken:
        mark = broken.problem_mark
        line = mark.line + 1 if mark else None
        return invalid(f"invalid YAML: {broken.problem or broken.context}", "fix the line", line)
    except yaml.YAMLError as broken:
        return invalid(f"invalid YAML: {' '.join(str(broken).split())}", "fix the file")
    except RecursionError:
        return invalid("invalid YAML: nested too deeply", "use fewer levels")
    except (ValueError, KeyError):  # a number of thousands of digits; `!!int x` and `!!bool x`
        return invalid("invalid YAML: a value that doesn't match its tag, or is too long", "fix the value")
    if read.second and read.tree:
        where = Where(file, line=read.second)
        problems.warn(where, "another document, which Copilot doesn't read", "remove it")
    return Value(read.tree, file, "", problems, line_of=_Lines(read.root).of if read.root else no_line)


class _TooManyError(Exception):
    """A document has more values than anybody writes."""


@dataclass(frozen=True)
class _Document:
    """What a text holds. Whoever is given it leaves it as it is: it may have been given to others."""

    tree: Tree
    root: yaml.Node | None
    second: int | None
    """The line of another document behind it."""


@lru_cache(maxsize=256)
def _document(text: str) -> _Document:
    """The first document of a text. PyYAML takes 20 ms for a manifest of 60 lines, and where many projects are read, as
    by tests, most of their manifests are the same."""
    try:
        return _read(_QuickLoader(text))
    except (yaml.YAMLError, ValueError, KeyError, RecursionError):  # which the other tells in its words
        return _read(_Loader(text))


def _read(loader: Any) -> _Document:
    """The first document, which is all that yaml.v3 reads."""
    node = cast("yaml.Node | None", loader.get_node() if loader.check_node() else None)
    more = None if loader.check_event(yaml.StreamEndEvent) else loader.peek_event()
    if node:
        _make_keys_texts(node, set())
    if node and _size(node, {}) > _MOST:
        raise _TooManyError
    tree = cast("object", loader.construct_document(node)) if node else None
    return _Document(tree, node, more.start_mark.line + 1 if more else None)


def _make_keys_texts(node: yaml.Node, seen: set[yaml.Node]) -> None:
    """In all maps of a node. Raises ComposerError for duplicates, of which the last would win silently."""
    if node in seen or not isinstance(node, yaml.CollectionNode):
        return
    seen.add(node)
    parts = cast("list[Any]", cast("Any", node).value)
    if isinstance(node, yaml.MappingNode):
        keys: set[str] = set()
        for key, _ in parts:
            if isinstance(key, yaml.ScalarNode) and key.tag != f"{_TAG}merge":
                key.tag = f"{_TAG}str"
                text = str(cast("Any", key).value)
                if text in keys:
                    raise ComposerError(None, None, f"duplicate key {text}", key.start_mark)
                keys.add(text)
        parts = [part for pair in parts for part in pair]
    for part in parts:
        _make_keys_texts(part, seen)


def _size(node: yaml.Node, known: dict[yaml.Node, int]) -> int:
    """How many values a node becomes: an alias is all of what it names, once more. known: those of the nodes seen; one
    that holds itself is refused later."""
    if node not in known:
        known[node] = 1
        parts = cast("list[Any]", cast("Any", node).value) if isinstance(node, yaml.CollectionNode) else []
        inner = [part for pair in parts for part in pair] if isinstance(node, yaml.MappingNode) else parts
        known[node] = 1 + sum(_size(part, known) for part in inner)
    return known[node]


_INDEX = re.compile(r"\[([0-9]+)\]")


@dataclass(frozen=True)
class _Lines:
    """Where in a document the values of a tree were written."""

    root: yaml.Node

    def of(self, path: str) -> int:
        """The line of a path, or of the innermost value around it that is there: at the top, where that begins."""
        node, rest, line = self.root, path, self.root.start_mark.line + 1
        while rest:
            found = self._inside(node, rest)
            if found is None:
                break
            node, rest, line = found
        return line

    def _inside(self, node: yaml.Node, rest: str) -> tuple[yaml.Node, str, int] | None:
        """The value with which a path begins, what is left of the path, and the value's line: that of its key."""
        if isinstance(node, yaml.SequenceNode):
            index = _INDEX.match(rest)
            items = cast("Any", node).value
            if index is None or int(index[1]) >= len(items):
                return None
            item = items[int(index[1])]
            return item, rest[index.end() :].removeprefix("."), item.start_mark.line + 1
        if not isinstance(node, yaml.MappingNode):
            return None
        pairs = {str(key.value): (key, inner) for key, inner in node.value}
        # A key may hold dots itself: the longest one with which the path begins is meant.
        for name in sorted(pairs, key=len, reverse=True):
            after = rest[len(name) :]
            if rest.startswith(name) and after[:1] in ("", ".", "["):
                key, inner = pairs[name]
                return inner, after.removeprefix("."), key.start_mark.line + 1
        return None


def merged(base: Tree, over: Tree) -> Tree:
    """Copilot's merge of an override: maps merge deeply, everything else is replaced. An override without a value
    (`count:`) changes nothing."""
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
    """The tree with `${NAME}` in its texts replaced by environment variables, as Copilot does; `\\${NAME}` stays,
    without the backslash. A text that is then JSON of a list of texts is that list. An unset variable is reported; a
    tag of CloudFormation's is so by whoever reads what it stands at: under a key that nobody knows it does no harm."""
    if isinstance(at.value, Unresolved) and at.value.text is not None:
        filled = _filled(replace(at, value=at.value.text), at.value.text, variables)
        return replace(at.value, text=filled) if isinstance(filled, str) else filled
    if isinstance(at.value, str) and not isinstance(at.value, (AmbiguousScalar, FractionScalar)):
        filled = _filled(at, at.value, variables)
        return (text_list(filled) or filled) if isinstance(filled, str) else filled
    if isinstance(at.value, dict):
        return {key: interpolated(inner, variables) for key, inner in at.entries()}
    if isinstance(at.value, TextList):
        return at.value
    if isinstance(at.value, list):
        return [interpolated(inner, variables) for inner in at.places()]
    return at.value


def _filled(at: Value, text: str, variables: Mapping[str, str]) -> str | Unresolved:
    """The text with its variables replaced; unresolved, and reported, if one of them isn't set."""
    known = [name for name in variables if name.startswith("COPILOT_")]
    unset = [
        Unresolved(
            f"the variable {name} is not set",
            f"export {name}, or write \\${{{name}}} for the literal text ({did_you_mean(name, known)})",
        )
        for escaped, name in _VARIABLE.findall(text)
        if not escaped and name not in variables
    ]
    unset += [
        Unresolved(f"the variable {name} is not UTF-8", "export it as UTF-8 text")
        for escaped, name in _VARIABLE.findall(text)
        if not escaped and not is_utf8(variables.get(name, ""))
    ]
    for variable in unset:
        at.fail(variable.remedy, variable.found)
    if unset:
        return unset[0]
    return _VARIABLE.sub(lambda found: found[0][1:] if found[1] else variables[found[2]], text)
