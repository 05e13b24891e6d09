"""How answers differ, what of that is noise, and what the report says."""

import gzip
import json
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.compare.answer import Answer
from components.compare.answers import Difference, Rules, compare
from components.compare.findings import MOST_KINDS, Tally, suggested, suggested_unordered
from components.compare.latency import Latency
from components.compare.report import Report, to_json, to_text
from components.compare.rules import mistake_of_ignored, rules_of
from components.compare.run import Progress
from components.compare.written import write

JSON = "application/json; charset=utf-8"


def answer(body: object = b"", status: int = 200, **headers: str) -> Answer:
    """An answer with a body of bytes, or the JSON of anything else."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {"content-type": JSON, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return Answer(status, tuple(named.items()), content)


def kinds(old: Answer, new: Answer, rules: Rules | None = None) -> list[tuple[str, str]]:
    return [(difference.kind, difference.path) for difference in compare(old, new, rules or Rules())]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (answer({"a": 1}), answer({"a": 1}), []),
        (answer({"a": 1, "b": 2}), answer({"b": 2, "a": 1}), []),
        (answer({"a": 1}), answer({"a": 2}, status=404), [("status", "")]),
        (answer({"a": 1}), answer({"a": 1.0}), [("type", "$.a")]),
        (answer(b"{"), answer({}), [("format", "$")]),
        (answer(b"{"), answer(b"["), [("text", "$")]),
        (answer(b"\xe9", content_type="text/html"), answer(b"\xc3\xa9", content_type="text/html"), [("charset", "$")]),
        (
            answer(b"\xe9", content_type="text/html; charset=nothing"),
            answer(b"x", content_type="text/html; charset=nothing"),
            [("bytes", "$")],
        ),
        (
            answer(b"\xe9", content_type="text/html; charset=latin-1"),
            answer(b"\xc3\xa9", content_type="text/html; charset=utf-8"),
            [("header", "content-type")],
        ),
        (answer(b"ab", content_type="image/png"), answer(b"ac", content_type="image/png"), [("bytes", "$")]),
        (answer({}, content_type="application/json;charset=UTF-8"), answer({}), []),
        (answer({}, cache_control="no-cache, private"), answer({}, cache_control="Private,no-cache"), []),
        (answer({}, cache_control="no-cache"), answer({}), [("header", "cache-control")]),
        (answer({}, set_cookie="sid=1; Path=/; HttpOnly"), answer({}, set_cookie="sid=2; HttpOnly; path=/"), []),
        (answer({}, set_cookie="sid=1; Secure"), answer({}, set_cookie="sid=1"), [("header", "set-cookie")]),
        (answer({}, date="now", server="a", x_request_id="1"), answer({}, date="then", connection="close"), []),
        (answer({}, location="/a"), answer({}, location="/b"), [("header", "location")]),
        (answer(gzip.compress(b"{}"), content_encoding="gzip"), answer({}), [("header", "content-encoding")]),
        (answer(b"[" * 100_000), answer(b"[" * 100_001), [("text", "$")]),
        (answer(b"NaN"), answer(b"1"), [("format", "$")]),
        (Answer(0, failure="no response in time"), answer({}), [("failure", "")]),
        (Answer(0, failure="no response in time"), Answer(0, failure="no response in time"), [("failure", "")]),
    ],
)
def test_answers_differ_in_what_clients_see(old: Answer, new: Answer, expected: list[tuple[str, str]]) -> None:
    assert kinds(old, new) == expected


def test_deep_json_is_compared_as_text_rather_than_not_at_all() -> None:
    deep = b"[" * (sys.getrecursionlimit() - 300) + b"%s" + b"]" * (sys.getrecursionlimit() - 300)
    assert kinds(answer(deep % b"1"), answer(deep % b"2")) == [("text", "$")]


def test_a_body_of_another_length_that_zips_to_a_bomb_is_read_to_its_limit_only() -> None:
    bomb = gzip.compress(b"0" * 100_000_000)
    assert len(answer(bomb, content_encoding="gzip").content) == 8 * 1024 * 1024


def test_what_is_ignored_is_left_out() -> None:
    old, new = answer({"a": 1, "l": [1, 2]}, etag="1"), answer({"a": 2, "l": [2, 1]}, etag="2")
    assert kinds(old, new) == [("header", "etag"), ("value", "$.a"), ("order", "$.l")]
    assert kinds(old, new, rules_of(["$.a", "ETag"], ["$.l"])) == []
    assert kinds(old, new, rules_of(["$.a", "ETag"], True)) == []
    assert kinds(old, new, rules_of(["$", "etag"], False)) == []


def test_the_same_json_in_other_bytes_is_told_on_wish() -> None:
    assert kinds(answer(b'{"a":1}'), answer(b'{"a": 1}'), Rules(bytes=True)) == [("bytes", "$")]


@pytest.mark.parametrize("text", ["", "$.", "x y", "$a", "é"])
def test_what_cannot_be_ignored_is_told(text: str) -> None:
    assert mistake_of_ignored(text)


VALUE = Difference("value", "$.a", "1", "2")


def tally(found: int = 0, noise: int = 0, both: int = 0, neither: int = 0) -> Tally:
    made, nothing = Tally(), list[Difference]()
    for count, new, old in ((found, [VALUE], nothing), (noise, nothing, [VALUE]), (both, [VALUE], [VALUE])):
        for _ in range(count):
            made.add("GET", "/api/users", new, old)
    for _ in range(neither):
        made.add("GET", "/api/users", nothing, nothing)
    return made


@pytest.mark.parametrize(
    ("counts", "is_finding"),
    [
        ({"found": 1, "neither": 10_000}, True),
        ({"both": 10_000}, False),
        ({"found": 52, "noise": 48, "both": 50}, False),
        ({"found": 48, "noise": 52}, False),
        ({"found": 100, "noise": 20}, True),
        ({"noise": 1}, False),
    ],
)
def test_a_finding_is_what_noise_does_not_explain(counts: dict[str, int], is_finding: bool) -> None:
    made = tally(**counts)
    assert [kind.path for kind in made.findings] == ["$.a"] * is_finding
    assert [kind.path for kind in made.noisy] == ["$.a"] * (not is_finding)


@given(
    st.lists(
        st.tuples(
            st.booleans(),
            st.dictionaries(st.sampled_from("abc"), st.integers(0, 2) | st.lists(st.integers(0, 2), max_size=3)),
            st.dictionaries(st.sampled_from("abc"), st.integers(0, 2) | st.lists(st.integers(0, 2), max_size=3)),
        ),
        max_size=5,
    )
)
def test_what_the_noise_suggests_leaves_no_noise(
    pairs: list[tuple[bool, dict[str, object], dict[str, object]]],
) -> None:
    def noisy(rules: Rules) -> Tally:
        made = Tally()
        for has_header, one, other in pairs:
            old = answer(one, etag="1") if has_header else answer(one)
            made.add("GET", "/", [], compare(old, answer(other), rules))
        return made

    found = noisy(Rules()).noisy
    rules = rules_of(suggested(found), suggested_unordered(found))
    assert [kind for kind in noisy(rules).noisy if kind.kind not in ("status", "failure")] == []


def test_what_is_kept_does_not_grow_with_the_requests() -> None:
    made = Tally()
    for number in range(20_000):
        made.add("GET", f"/api/users/{number}", [Difference("value", f"$.n{number}", "1", "2"), VALUE], [])
    assert len(made.kinds) == MOST_KINDS
    assert made.beyond == 20_000 - MOST_KINDS + 1
    assert made.count == MOST_KINDS + made.beyond
    assert all(len(kind.examples) <= 3 for kind in made.kinds.values())


@given(st.lists(st.floats(0.0001, 30), min_size=1, max_size=50), st.sampled_from([50, 99, 100]))
def test_a_percentile_is_that_of_the_durations_within_two_percent(seconds: list[float], percent: int) -> None:
    latency = Latency()
    for duration in seconds:
        latency.add(duration)
    exact = sorted(seconds)[max(0, -(-len(seconds) * percent // 100) - 1)]
    assert abs(latency.percentile(percent) - exact) <= 0.02 * exact


def report(made: Tally, most: int = 0) -> Report:
    return Report("users", "local", "users", datetime(2026, 11, 30, 1, 2, 3, tzinfo=UTC), Progress(made), most)


def test_the_report_says_what_was_found_in_three_forms(tmp_path: Path) -> None:
    made = tally(found=2, neither=3)
    made.add("GET", "/<script>alert(1)</script>", [], [Difference("header", "x-<b>", "\x1b[2J<i>", "é\ud800")])
    page = write(report(made), tmp_path)
    written = json.loads(page.with_suffix(".json").read_text())
    assert written == json.loads(json.dumps(to_json(report(made))))
    assert (written["route"], written["at"], written["requests"], written["skipped"], written["max"]) == (
        "users",
        "2026-11-30T01:02:03Z",
        6,
        0,
        0,
    )
    assert written["findings"] == [
        {
            "kind": "value",
            "path": "$.a",
            "count": 2,
            "old": "1",
            "new": "2",
            "example": {"method": "GET", "path": "/api/users"},
            "examples": [{"method": "GET", "path": "/api/users"}] * 2,
        }
    ]
    assert [kind["path"] for kind in written["noise"]] == ["x-<b>"]
    assert written["suggested"] == {"ignore": ["x-<b>"], "unordered": []}
    assert set(written["latency"]) == {"old", "new"}
    assert page == tmp_path / ".strangler/reports/local/compare-users.html"
    html = page.read_text()
    assert "<script" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "<i>" not in html
    assert not re.search(r"(src|href)=", html)
    text = to_text(report(made))
    assert text.startswith(
        "users: 6 requests compared, 1 finding\n\nFindings: old against new\n          2  another value $.a\n"
    )
    assert "\x1b" not in text + html
    assert 'ignore: ["x-<b>"]' in text


def test_findings_may_be_allowed_and_a_side_that_is_away_is_no_side_that_is_equal() -> None:
    assert report(tally(neither=1)).is_good
    assert not report(tally(found=1)).is_good
    assert report(tally(found=1), most=1).is_good
    away = tally(neither=9)
    away.unanswered = 1
    assert not report(away).is_good
