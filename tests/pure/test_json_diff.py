"""Where two JSON values differ, and what paths into them mean."""

import json
from collections.abc import Iterator
from random import Random
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.compare.json_diff import EXTRA, MISSING, ORDER, TYPE, VALUE, JsonDifference, differences
from components.compare.json_paths import Path, canonical, parse, pruned, render, unordered

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.sampled_from([0.0, 1.0, 1.5])
    | st.text("ab.'\"\\\n[$ é", max_size=3)
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text("ab.'\"\\\n[* é", max_size=3), inner, max_size=4)
    ),
    max_leaves=12,
)


def at(value: object, path: Path) -> object:
    """What a path leads to in a value."""
    for part in path:
        value = cast("dict[object, object]", value)[part]
    return value


def parts(value: object) -> Iterator[object]:
    """A value, and all that is in it."""
    yield value
    if isinstance(value, dict):
        for part in cast("dict[object, object]", value).values():
            yield from parts(part)
    if isinstance(value, list):
        for part in cast("list[object]", value):
            yield from parts(part)


def found(old: object, new: object) -> list[tuple[str, str]]:
    return [(difference.kind, render(difference.path)) for difference in differences(old, new)]


@given(values, values)
def test_there_is_no_difference_if_and_only_if_values_are_equal(old: object, new: object) -> None:
    assert (not list(differences(old, new))) == (canonical(old) == canonical(new))


@given(values)
def test_a_value_does_not_differ_from_itself_however_its_keys_are_ordered(value: object) -> None:
    turned = json.loads(json.dumps(value), object_pairs_hook=lambda pairs: dict(reversed(pairs)))
    assert list(differences(value, turned)) == []


@given(values, values)
def test_a_path_leads_to_what_differs(old: object, new: object) -> None:
    for difference in differences(old, new):
        if difference.kind == EXTRA:  # numbers of elements are the old side's, down to what it hasn't
            *way, last = difference.path
            around = at(old, tuple(way))
            assert isinstance(around, list) or (isinstance(around, dict) and last not in around)
            assert canonical(difference.new) in {canonical(part) for part in parts(new)}
        else:
            assert canonical(at(old, difference.path)) == canonical(difference.old)
        if difference.kind in (VALUE, TYPE, ORDER):
            assert canonical(difference.old) != canonical(difference.new)


@given(values, values)
def test_nothing_differs_once_all_paths_that_differ_are_ignored(old: object, new: object) -> None:
    patterns = [parse(render(difference.path)) for difference in differences(old, new)]
    assert None not in patterns
    known = [pattern for pattern in patterns if pattern is not None]
    assert list(differences(pruned(old, known), pruned(new, known))) == []


@given(values, st.randoms(use_true_random=False))
def test_without_order_a_shuffled_value_is_equal(value: object, random: Random) -> None:
    def shuffled(inner: object) -> object:
        if isinstance(inner, dict):
            return {key: shuffled(item) for key, item in cast("dict[str, object]", inner).items()}
        if isinstance(inner, list):
            mixed = [shuffled(item) for item in cast("list[object]", inner)]
            random.shuffle(mixed)
            return mixed
        return inner

    assert list(differences(unordered(value, None), unordered(shuffled(value), None))) == []


@given(st.lists(st.text(max_size=4) | st.integers(0, 9), max_size=5))
def test_every_path_can_be_written_and_read(parts: list[str | int]) -> None:
    pattern = parse(render(tuple(parts)))
    assert pattern is not None
    assert [step.name for step in pattern] == [None if isinstance(part, int) else part for part in parts]
    assert [step.element for step in pattern] == [isinstance(part, int) for part in parts]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"a": 1}, {"a": 1.0}, [(TYPE, "$.a")]),
        ({"a": 1}, {"a": "1"}, [(TYPE, "$.a")]),
        ({"a": True}, {"a": 1}, [(TYPE, "$.a")]),
        ({"a": None}, {}, [(MISSING, "$.a")]),
        ({}, {"a b": 1}, [(EXTRA, "$['a b']")]),
        ([1, 2, 3], [3, 2, 1], [(ORDER, "$")]),
        ([{"n": 1}, {"n": 2}], [{"n": 0}, {"n": 1}, {"n": 2}], [(EXTRA, "$[*]")]),
        ([{"n": 1, "m": 1}, {"n": 2, "m": 2}], [{"n": 1}, {"n": 2}], [(MISSING, "$[*].m")] * 2),
        ({"a": [{"b": 1}, 2]}, {"a": [2, {"b": 3}]}, [(VALUE, "$.a[*].b")]),
        ([1, 2, 3, 9], [3, 2, 1, 8], [(ORDER, "$"), (VALUE, "$[*]")]),
        ("a", "b", [(VALUE, "$")]),
    ],
)
def test_each_way_to_differ_has_a_name_and_a_path(old: object, new: object, expected: list[tuple[str, str]]) -> None:
    assert found(old, new) == expected


@pytest.mark.parametrize(
    ("path", "left"),
    [
        ("$", None),
        ("$.a", {"b": {"id": 3, "x": [{"id": 4, "y": 5}]}}),
        ("$.b.x[*].id", {"a": [1, 2], "b": {"id": 3, "x": [{"y": 5}]}}),
        ("$.a[*]", {"a": [], "b": {"id": 3, "x": [{"id": 4, "y": 5}]}}),
        ("$..id", {"a": [1, 2], "b": {"x": [{"y": 5}]}}),
        ("$.b.*", {"a": [1, 2], "b": {}}),
        ("$['b']['x']", {"a": [1, 2], "b": {"id": 3}}),
        ("$.nothing[*].such", {"a": [1, 2], "b": {"id": 3, "x": [{"id": 4, "y": 5}]}}),
    ],
)
def test_what_a_path_leads_to_is_left_out_with_all_below(path: str, left: object) -> None:
    pattern = parse(path)
    assert pattern is not None
    assert pruned({"a": [1, 2], "b": {"id": 3, "x": [{"id": 4, "y": 5}]}}, [pattern]) == left


@pytest.mark.parametrize(
    "path", ["", "a", "$a", "$.", "$[0]", "$[a]", "$['a]", "$.a..", "$..[*]", "$.a b", "$[?@.a]", "$['\\q']"]
)
def test_what_is_no_path_is_told_from_one(path: str) -> None:
    assert parse(path) is None


def test_only_the_arrays_that_are_named_are_without_order() -> None:
    patterns = [parse("$.tags")]
    old, new = {"tags": [1, 2], "list": [1, 2]}, {"tags": [2, 1], "list": [2, 1]}
    known = [pattern for pattern in patterns if pattern]
    assert list(differences(unordered(old, known), unordered(new, known))) == [
        JsonDifference(ORDER, ("list",), [1, 2], [2, 1])
    ]
