"""Values of the input, their places, and the lines about them."""

from collections.abc import Callable
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.input.diagnostics import InputError, Problem, Problems, did_you_mean, one_of, show
from components.input.value import Value, seconds_of
from components.manifest import limits
from components.model.where import Where
from tests import strategies


def _at(value: object, **origins: str) -> Value:
    return Value(value, "m.yml", "", Problems(), {path.replace("__", "."): place for path, place in origins.items()})


@given(st.text(), st.text(), st.text())
def test_a_problem_is_one_printable_line(where: str, found: str, remedy: str) -> None:
    line = str(Problem(Where(where), found, remedy))
    assert line.isprintable()
    assert len(line.splitlines()) == 1


def test_problems_are_reported_once_each_in_the_order_of_their_places() -> None:
    problems = Problems()
    for where in ("b", "a", "b"):
        problems.add(Where(where), "found x", "give y")
        problems.warn(Where(where), "found z", "give y")
    with pytest.raises(InputError) as refused:
        problems.check()
    assert str(refused.value) == "a: found x; give y\nb: found x; give y"
    assert [str(warning) for warning in problems.warnings] == ["b: found z; give y", "a: found z; give y"]


def test_of_what_must_go_as_a_whole_nothing_else_is_told_whenever_it_is_found() -> None:
    problems = Problems()
    problems.add(Where("f", "a", 1), "found 3", "give a text")
    problems.add(Where("f", "a.b[0]", 3), "found x", "give y")
    problems.add(Where("f", "ab", 4), "found x", "give y")
    problems.add(Where("g", "a"), "found x", "give y")
    problems.refuse(Where("f", "a", 1), "a beside c", "remove it")
    problems.add(Where("f", "a[0]", 2), "found 4", "give a text")
    problems.refuse(Where("f", "a", 1), "a on aws", "remove it there")
    assert [str(problem) for problem in problems.errors] == [
        "f:4: ab: found x; give y",
        "g: a: found x; give y",
        "f:1: a: a beside c; remove it",
        "f:1: a: a on aws; remove it there",
    ]


def test_whether_a_mistake_is_told_already_goes_by_its_place() -> None:
    problems = Problems()
    problems.add(Where("f", "vpc.subnets.public[0].id", 3), "found 3", "give a text")
    within = ("", "vpc", "vpc.subnets.public", "vpc.subnets.public[0]", "vpc.subnets.public[0].id")
    assert [place for place in within if not problems.has_within(Where("f", place))] == []
    without = ("vpc.subnets.pub", "vpc.subnets.private", "vpc.subnets.public[1]", "subnets")
    assert [place for place in without if problems.has_within(Where("f", place))] == []
    assert not problems.has_within(Where("g", "vpc"))


def test_warnings_alone_stop_nothing() -> None:
    problems = Problems()
    problems.warn(Where("a"), "b", "c")
    problems.check()


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "nothing"),
        (True, "true"),
        (5, "5"),
        ("a", "'a'"),
        ("two\nlines", "'two\\nlines'"),
        ({"a": 1}, "a map"),
        ([], "a list"),
        (1.5, "1.5"),
        (date(2026, 1, 2), "2026-01-02"),
        (b"a", "a value of type bytes"),
        ("x" * 200, "'" + "x" * 76 + "…'"),
        (10**200, "1" + "0" * 78 + "…"),
    ],
)
def test_values_are_shown_as_a_user_would_write_them(value: object, shown: str) -> None:
    assert show(value) == shown


@given(strategies.trees)
def test_a_shown_value_fits_in_a_line(value: object) -> None:
    assert len(show(value)) <= 80


@pytest.mark.parametrize(("names", "text"), [(["a"], "a"), (["a", "b"], "a or b"), (["a", "b", "c"], "a, b or c")])
def test_alternatives_are_listed_as_in_a_sentence(names: list[str], text: str) -> None:
    assert one_of(names) == text


@pytest.mark.parametrize(
    ("name", "known", "said"),
    [
        ("user", ["posts", "users"], "did you mean users?"),
        ("USERS", ["posts", "users"], "did you mean users?"),
        ("nat", ["zones", "accessLogs"], "known: accessLogs, zones"),
        ("accesslog", ["zones", "accessLogs"], "did you mean accessLogs?"),
        ("x", [], "there are none"),
    ],
)
def test_the_nearest_known_name_is_reported_or_all_of_them(name: str, known: list[str], said: str) -> None:
    assert did_you_mean(name, known) == said


def test_a_place_is_the_file_and_the_path() -> None:
    at = _at({"a": {"b": [1, {"c": 2}]}})
    assert str(at.where) == "m.yml"
    assert str(at.get("a").get("b").items()[1].get("c").where) == "m.yml: a.b[1].c"
    assert (
        str(Value({}, "Pulumi.dev.yaml: strangler:", "", Problems()).get("x").where) == "Pulumi.dev.yaml: strangler:x"
    )


def test_a_place_is_where_the_value_was_written() -> None:
    at = _at({"count": {"range": "1"}, "cpu": 1, "cpus": 1}, cpu="over.cpu", count__range="over.count.range")
    assert str(at.get("cpu").where) == "m.yml: over.cpu"
    assert str(at.get("cpus").where) == "m.yml: cpus"
    assert str(at.get("count").where) == "m.yml: over.count"
    assert str(at.get("count").get("range").get("min").where) == "m.yml: over.count.range.min"
    assert str(Value([5], "f", "a", Problems(), {"a": "x.a"}).items()[0].where) == "f: x.a[0]"


def test_of_two_overrides_a_place_is_in_the_one_that_says_most_about_it() -> None:
    at = _at({"count": {"range": "1", "spot": 1}}, count="one.count", count__range="two.count.range")
    assert str(at.get("count").get("range").where) == "m.yml: two.count.range"
    assert str(at.get("count").get("spot").where) == "m.yml: one.count.spot"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0s", 0),
        ("90s", 90),
        ("2m30s", 150),
        ("1h", 3600),
        ("1h1m1s", 3661),
        ("1.5m", 90),
        (".5m", 30),
        ("2.m", 120),
        ("1500ms", Fraction(3, 2)),
        ("1s500ms", Fraction(3, 2)),
        ("0.1h", 360),
    ],
)
def test_durations_are_read_as_go_does(text: str, seconds: int | Fraction) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "5", "s", "5 s", "-5s", "5S", "5d", "1m 30s", ".s", "1..5s", "\u0663s", "5s5", "1e3s"]
)
def test_what_is_no_duration_is_none(text: str) -> None:
    assert seconds_of(text) is None


@given(st.integers(0, 999), st.integers(0, 59), st.integers(0, 59))
def test_hours_minutes_and_seconds_add_up(hours: int, minutes: int, seconds: int) -> None:
    assert seconds_of(f"{hours}h{minutes}m{seconds}s") == hours * 3600 + minutes * 60 + seconds


@given(st.one_of(strategies.trees, st.text(alphabet="0123456789.hms", max_size=8)))
def test_every_way_of_reading_gives_a_value_of_its_kind_or_one_problem(value: object) -> None:
    readings: list[tuple[Callable[[Value], object], type]] = [
        (lambda at: at.integer(0, 0, 9), int),
        (lambda at: at.boolean(False), bool),
        (lambda at: at.text(""), str),
        (lambda at: at.choice("a", ("a", "b")), str),
        (lambda at: at.duration(5, 0, 60), int),
    ]
    for read, kind in readings:
        at = _at(value)
        assert isinstance(read(at), kind)
        assert len(at.problems.errors) <= 1


@given(st.integers(0, 9))
def test_a_number_may_be_written_as_a_text(number: int) -> None:
    assert _at(number).integer(-1, 0, 9) == _at(str(number)).integer(-1, 0, 9) == number


@pytest.mark.parametrize(
    ("text", "number"),
    [("0", 0), ("0o10", 8), ("0x1F", 31), ("0b11", 3), ("1_0", 10), ("+1", 1), ("1.0", 1)],
)
def test_a_number_has_the_forms_that_copilots_reader_takes(text: str, number: int) -> None:
    assert _at(text).integer(-1, 0, 100) == number


@pytest.mark.parametrize("text", ["08", "010", "1.5", " 1", "_1", "0x", "1e3", "", "\u0661", "9" * 5000])
def test_other_texts_are_no_numbers(text: str) -> None:
    at = _at(text)
    assert at.integer(-1, 0, 10**9) == -1
    assert len(at.problems.errors) == 1


@pytest.mark.parametrize(
    ("text", "numbers"), [("1-10", (1, 10)), ("0-0", (0, 0)), ("1", None), ("1-", None), ("a-b", None), ("1-2-3", None)]
)
def test_a_span_is_two_numbers(text: str, numbers: tuple[int, int] | None) -> None:
    assert limits.span(text) == numbers


def test_every_task_size_that_fargate_documents_is_accepted_and_none_beside() -> None:
    documented = {
        256: {512, 1024, 2048},
        512: set(range(1024, 4097, 1024)),
        1024: set(range(2048, 8193, 1024)),
        2048: set(range(4096, 16385, 1024)),
        4096: set(range(8192, 30721, 1024)),
        8192: set(range(16384, 61441, 4096)),
        16384: set(range(32768, 122881, 8192)),
    }
    for cpu in (*documented, 0, 128, 300, 32768):
        accepted = {memory for memory in range(0, 131073, 256) if limits.mistake(cpu, memory) is None}
        assert accepted == documented.get(cpu, set())
