"""YAML as Copilot reads it."""

from dataclasses import replace
from itertools import pairwise

import pytest
import yaml as pyyaml
from hypothesis import given
from hypothesis import strategies as st

from components.input import yaml as input_yaml
from components.input.diagnostics import Problems
from components.input.value import Value
from components.input.yaml import Tree, interpolated, load, merged
from tests import strategies


def _load(text: str) -> tuple[Tree, list[str]]:
    problems = Problems()
    return load(text, "m.yml", problems).value, [str(problem) for problem in problems.errors]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("1.10", "1.10"),
        ("1.0", "1.0"),
        ("-.5", "-.5"),
        ("1e3", "1e3"),
        ("on", "on"),
        ("yes", "yes"),
        ("No", "No"),
        ("12:30", "12:30"),
        ("-05:00", "-05:00"),
        ("2024-01-01", "2024-01-01"),
        ("0123", "0123"),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        ("=", "="),
        ("true", True),
        ("false", False),
        ("True", "True"),
        ("FALSE", "FALSE"),
        ("+18775217865", "+18775217865"),
        ("-0", "-0"),
        ("'true'", "true"),
        ("12", 12),
        ("-3", -3),
        ("'12'", "12"),
        ("~", None),
        ("null", None),
        ("", None),
        ("[]", []),
        ("{}", {}),
        ("'^/a\\\\.b$'", "^/a\\\\.b$"),
        ('"a\\nb"', "a\nb"),
        ("{a: 1.10}", {"a": "1.10"}),
        ("[1.10, on]", ["1.10", "on"]),
    ],
)
def test_plain_scalars_stay_what_was_written(written: str, read: object) -> None:
    assert _load(f"key: {written}\n") == ({"key": read}, [])


@pytest.mark.parametrize("key", ["on", "true", "1", "1.10", "null", "~", "2024-01-01", "'a b'"])
def test_keys_are_texts_whatever_they_look_like(key: str) -> None:
    assert _load(f"{key}: x") == ({key.strip("'"): "x"}, [])


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("a: 1\r\nb: 2", {"a": 1, "b": 2}),
        ("\ufeffa: 1\n", {"a": 1}),
        ("# head\na :  1\n# middle\n  # more\nb:\n   c: 2\n", {"a": 1, "b": {"c": 2}}),
        ("a:\n- 1\n- 2\n", {"a": [1, 2]}),
        ("a:\n  text\n", {"a": "text"}),
        ("a: >\n  one\n  two\n", {"a": "one two\n"}),
        ("base: &b {x: 1, y: 2}\nover:\n  <<: *b\n  y: 3\n", {"base": {"x": 1, "y": 2}, "over": {"x": 1, "y": 3}}),
        ("a: &a {x: 1}\nb: &b {y: 2}\nc:\n  <<: [*a, *b]\n", {"a": {"x": 1}, "b": {"y": 2}, "c": {"x": 1, "y": 2}}),
        ("d: &d\n  <<: &e {x: 1}\n  x: 2\n<<: *d\n", {"x": 2, "d": {"x": 2}}),
        ("a: &x [1]\nb: *x\n", {"a": [1], "b": [1]}),
        ('{"a": {"b": [1, "2"]}}', {"a": {"b": [1, "2"]}}),
        ("---\na: 1\n...\n", {"a": 1}),
    ],
)
def test_real_files_with_their_quirks_are_read(text: str, read: object) -> None:
    assert _load(text) == (read, [])


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\nb: [\n", "m.yml:3: invalid YAML: "),
        ("a: 1\n\tb: 2\n", "m.yml:2: invalid YAML: "),
        ("a: 1\n b: 2\n", "m.yml:2: invalid YAML: "),
        ("a: b: c\n", "m.yml:1: invalid YAML: "),
        ("a: 'open\n", "m.yml:2: invalid YAML: "),
        ("a: *nobody\n", "m.yml:1: invalid YAML: "),
        ("a: !!python/object:os.system x\n", "m.yml:1: invalid YAML: could not determine a constructor"),
        ("a: !!float 1.5\n", "m.yml:1: invalid YAML: could not determine a constructor"),
        ("a: &a {b: *a}\n", "m.yml:1: invalid YAML: found unconstructable recursive node"),
        ("a: &a [*a]\n", "m.yml:1: invalid YAML: found unconstructable recursive node"),
        ("? [a]\n: b\n", "m.yml:1: invalid YAML: found unhashable key"),
        ("<<: 5\n", "m.yml:1: invalid YAML: expected a mapping"),
        ("a: 1\nb: 2\na: 3\n", "m.yml:3: invalid YAML: duplicate key a; fix the line"),
        ("environments:\n  test: {}\n  prod: {}\n  test: {}\n", "m.yml:4: invalid YAML: duplicate key test"),
        ("1: a\n'1': b\n", "m.yml:2: invalid YAML: duplicate key 1"),
        ("a: \x00\n", "m.yml: invalid YAML: "),
        ('a: 1\nb: "x\\0"\n', "m.yml:2: invalid YAML: a NUL, which variables and commands can't contain; fix the line"),
        ("a: !!int x\n", "m.yml: invalid YAML: a value that doesn't match its tag"),
        ("a: !!bool x\n", "m.yml: invalid YAML: a value that doesn't match its tag"),
        (f"a: !!int 0x{'f' * 5000}\n", "m.yml: invalid YAML: a value that doesn't match its tag, or is too long"),
        ("a: " + "[" * 5000 + "\n", "m.yml: invalid YAML: nested too deeply"),
        (
            "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
            + "".join(f"{new}: &{new} [{', '.join([f'*{old}'] * 10)}]\n" for old, new in pairwise("abcdefghi")),
            "m.yml: invalid YAML: aliases expand it to more than 100000 values; write fewer",
        ),
        (
            "a: &a {x: 1}\n"
            + "".join(f"{new}: &{new} {{p: *{old}, q: *{old}}}\n" for old, new in pairwise(map(chr, range(97, 123)))),
            "m.yml: invalid YAML: aliases",
        ),
        ("- a\n", "m.yml: not a map; write keys and values, such as name: users"),
        ("just text\n", "m.yml: not a map"),
        ("", "m.yml: empty; write keys and values"),
        ("# nothing\n", "m.yml: empty"),
    ],
)
def test_what_cannot_be_read_is_one_line_with_its_place(text: str, line: str) -> None:
    tree, lines = _load(text)
    assert tree == {}
    assert len(lines) == 1
    assert lines[0].startswith(line)
    assert len(lines[0].splitlines()) == 1


@given(st.text(alphabet=st.sampled_from("ab:-[]{}&*!|>'\"#%@`?, \n\t~<1.\\"), max_size=40))
def test_any_text_is_a_tree_or_one_line(text: str) -> None:
    tree, lines = _load(text)
    assert isinstance(tree, dict)
    assert len(lines) <= 1
    assert all(len(line.splitlines()) == 1 for line in lines)


@pytest.mark.parametrize(
    ("base", "over", "result"),
    [
        ({"a": 1, "b": 2}, {"a": 3}, {"a": 3, "b": 2}),
        ({"a": {"x": 1, "y": 2}}, {"a": {"y": 3, "z": 4}}, {"a": {"x": 1, "y": 3, "z": 4}}),
        ({"a": [1, 2]}, {"a": [3]}, {"a": [3]}),
        ({"a": {"x": 1}}, {"a": "text"}, {"a": "text"}),
        ({"a": "text"}, {"a": {"x": 1}}, {"a": {"x": 1}}),
        ({"a": 1}, {"a": False}, {"a": False}),
        ({"a": 1}, {"a": 0}, {"a": 0}),
        ({"a": 1}, {"a": None}, {"a": 1}),
        ({"a": {"x": 1}}, {"a": {"x": None}}, {"a": {"x": 1}}),
        ({"a": 1}, {"b": 2}, {"a": 1, "b": 2}),
        ({"a": 1}, {"a": ""}, {"a": ""}),
        ({"a": 1}, {"a": []}, {"a": []}),
        ({"a": {"x": 1}}, {"a": {}}, {"a": {"x": 1}}),
    ],
)
def test_maps_merge_deeply_and_all_else_is_replaced(base: Tree, over: Tree, result: Tree) -> None:
    assert merged(base, over) == result


@given(strategies.trees)
def test_merging_nothing_changes_nothing(tree: Tree) -> None:
    assert merged(tree, None) == tree
    assert merged({"k": tree}, {}) == {"k": tree}
    assert merged(tree, tree) == tree


def _interpolated(tree: Tree, variables: dict[str, str]) -> tuple[Tree, list[str]]:
    problems = Problems()
    result = interpolated(Value(tree, "m.yml", "", problems), variables)
    return result, [str(problem) for problem in problems.errors]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("${TAG}", "v1"),
        ("a-${TAG}-b", "a-v1-b"),
        ("${TAG}${TAG}", "v1v1"),
        ("${_x9}", "under"),
        ("\\${TAG}", "${TAG}"),
        ("\\${UNDEFINED}", "${UNDEFINED}"),
        ("$TAG", "$TAG"),
        ("$${TAG}", "$v1"),
        ("${TAG:-x}", "${TAG:-x}"),
        ("${}", "${}"),
        ("${1}", "${1}"),
        ("${EMPTY}", ""),
        ("${NESTED}", "${TAG}"),
    ],
)
def test_variables_are_replaced_in_texts(written: str, read: str) -> None:
    variables = {"TAG": "v1", "_x9": "under", "EMPTY": "", "NESTED": "${TAG}"}
    assert _interpolated({"a": [written, {"b": written}]}, variables) == ({"a": [read, {"b": read}]}, [])


def test_keys_numbers_and_booleans_are_not_interpolated() -> None:
    tree: Tree = {"${TAG}": 1, "b": True, "c": None}
    assert _interpolated(tree, {}) == (tree, [])


def test_each_variable_that_is_not_set_is_named_with_its_place_and_two_ways_out() -> None:
    tree: Tree = {"http": {"alias": ["a", "${DOMAIN}"]}, "variables": {"A": "${OTHER}"}}
    _, lines = _interpolated(tree, {"COPILOT_ENVIRONMENT_NAME": "test"})
    assert lines == [
        "m.yml: http.alias[1]: the variable DOMAIN is not set; export DOMAIN, or write \\${DOMAIN} for the literal "
        "text (known: COPILOT_ENVIRONMENT_NAME)",
        "m.yml: variables.A: the variable OTHER is not set; export OTHER, or write \\${OTHER} for the literal "
        "text (known: COPILOT_ENVIRONMENT_NAME)",
    ]


def test_a_misspelt_name_of_copilots_own_is_recognised() -> None:
    _, (line,) = _interpolated({"a": "${COPILOT_ENVIROMENT_NAME}"}, {"COPILOT_ENVIRONMENT_NAME": "test"})
    assert "did you mean COPILOT_ENVIRONMENT_NAME?" in line


@given(strategies.trees)
def test_trees_without_variables_stay_as_they_are(tree: Tree) -> None:
    if "${" not in repr(tree):
        assert _interpolated(tree, {}) == (tree, [])


@given(strategies.trees)
def test_libyaml_and_pyyamls_own_parser_read_the_same(tree: object) -> None:
    text = pyyaml.safe_dump({"name": tree, "all": {"a": tree, "b": [tree]}}, allow_unicode=True)
    places = ("name", "all.a", "all.b[0]")
    found: list[object] = []
    for parser in ("_QuickLoader", "_Loader"):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(input_yaml, "_QuickLoader", getattr(input_yaml, parser))
            getattr(input_yaml, "_document").cache_clear()  # noqa: B009 -- it is private
            problems = Problems()
            read = load(text, "m.yml", problems)
            found.append((repr(read.value), [replace(read, path=path).where for path in places], problems.errors))
    assert found[0] == found[1]
