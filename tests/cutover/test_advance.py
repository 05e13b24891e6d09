"""Steps, verdicts and what is written down, without a stack: what is left of a run, whatever moment it ended in."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.local.envoy.statistics import RequestCount
from tools.cutover.advance import TAKEN_BACK, Advance, Step, steps_from
from tools.cutover.journal import EVENTS, Journal
from tools.cutover.request import Asked
from tools.cutover.routes import Setting, weight_now
from tools.cutover.stack import Stack, UpError, facades_of, reason_of
from tools.cutover.verdict import Verdict, judge
from tools.setup.say import MachineError

ASKED = Asked("posts", (5, 25, 100), bake=0)


class KilledError(BaseException):
    """kill -9: nothing after it happens."""


@dataclass
class Paper:
    """A stack on paper: a config, what is up, and what is to go wrong. kill: before which of its acts it is killed."""

    weight: int = 0
    live: int = 0
    kill: int = -1
    refuses: set[int] = field(default_factory=set[int])
    acts: list[str] = field(default_factory=list[str])
    name: str = "test"

    def _act(self, what: str) -> None:
        if len(self.acts) == self.kill:
            raise KilledError
        self.acts.append(what)

    def routes(self) -> object:
        return {"posts": self.weight}

    def set(self, setting: Setting) -> None:
        self._act(f"set {setting.value}")
        self.weight = int(setting.value)

    def up(self) -> None:
        self._act(f"up {self.weight}")
        if self.weight in self.refuses:
            raise UpError("the service died")
        self.live = self.weight


@dataclass
class Eyes:
    """A watch that finds a weight bad."""

    paper: Paper
    bad: set[int] = field(default_factory=set[int])
    before: str = ""
    every: float = 0

    def trouble(self) -> str:
        return self.before

    def begin(self) -> None:
        pass

    def look(self) -> Verdict:
        return Verdict("5 % errors" if self.paper.live in self.bad else "", "fine")


def go(paper: Paper, folder: Path, *bad: int, before: str = "") -> int:
    journal = Journal.of(folder, "test")
    left = steps_from(ASKED.steps, paper.weight, journal.last("posts"))
    run = Advance(ASKED, cast("Stack", paper), Eyes(paper, set(bad), before), journal)
    return run.run(left, paper.weight, paper.live)


def events(folder: Path) -> list[tuple[str, int, int]]:
    lines = Journal.of(folder, "test").path.read_text().splitlines()
    found = [json.loads(line) for line in lines]
    assert all(set(entry) == {"at", "route", "from", "to", "event", "why"} for entry in found)
    assert all(entry["event"] in EVENTS and entry["at"].endswith("+00:00") for entry in found)
    return [(entry["event"], entry["from"], entry["to"]) for entry in found]


def test_each_step_is_set_made_and_watched(tmp_path: Path) -> None:
    paper = Paper()
    assert go(paper, tmp_path) == 0
    assert paper.acts == ["set 5", "up 5", "set 25", "up 25", "set 100", "up 100"]
    assert events(tmp_path)[:4] == [("started", 0, 5), ("advanced", 0, 5), ("baked", 0, 5), ("started", 5, 25)]


def test_a_bad_step_goes_back_to_the_weight_before_and_says_why(tmp_path: Path) -> None:
    paper = Paper()
    assert go(paper, tmp_path, 25) == TAKEN_BACK
    assert (paper.weight, paper.live) == (5, 5)
    assert paper.acts == ["set 5", "up 5", "set 25", "up 25", "set 5", "up 5"]
    assert events(tmp_path)[-1] == ("taken back", 25, 5)
    assert Journal.of(tmp_path, "test").last("posts")["why"] == "5 % errors"
    assert go(paper, tmp_path) == 0
    assert (paper.weight, paper.live) == (100, 100)


def test_an_up_that_fails_leaves_the_weight_before(tmp_path: Path) -> None:
    paper = Paper(refuses={25})
    assert go(paper, tmp_path) == 1
    assert (paper.weight, paper.live) == (5, 5)
    assert events(tmp_path)[-1] == ("failed", 5, 25)


def test_what_can_not_be_watched_is_not_begun(tmp_path: Path) -> None:
    paper = Paper()
    with pytest.raises(MachineError, match="users-Errors is in alarm already; nothing was changed"):
        go(paper, tmp_path, before="users-Errors is in alarm already")
    assert paper.acts == []


def test_an_interrupt_leaves_what_the_config_says_and_another_run_watches_the_step_again(tmp_path: Path) -> None:
    paper = Paper()

    def interrupted(_seconds: float) -> None:
        raise KeyboardInterrupt

    run = Advance(ASKED, cast("Stack", paper), Eyes(paper), Journal.of(tmp_path, "test"), interrupted)
    with pytest.raises(KeyboardInterrupt):
        run.run(steps_from(ASKED.steps, 0, {}), 0, 0)
    assert (paper.weight, paper.live) == (5, 5)
    assert events(tmp_path)[-1] == ("interrupted", 0, 5)
    assert go(paper, tmp_path, 5) == TAKEN_BACK
    assert (paper.weight, paper.live) == (0, 0)


@given(kill=st.integers(0, 7), bad=st.sampled_from(((), (5,), (25,), (100,))))
def test_killed_before_any_of_its_acts_another_run_comes_to_the_same_end(
    kill: int, bad: tuple[int, ...], tmp_path_factory: pytest.TempPathFactory
) -> None:
    whole, killed = Paper(), Paper(kill=kill)
    folder = tmp_path_factory.mktemp("killed")
    code = go(whole, tmp_path_factory.mktemp("whole"), *bad)
    try:
        go(killed, folder, *bad)
    except KilledError:
        killed.kill = -1
        taken_back = killed.weight < killed.live
        assert (go(killed, folder, *bad) == code) or taken_back
    assert (killed.weight, killed.live) == (whole.weight, whole.live)


def test_half_a_line_of_a_killed_run_is_passed_over(tmp_path: Path) -> None:
    journal = Journal.of(tmp_path, "test")
    journal.note("started", "posts", 0, 5, "x")
    with journal.path.open("a") as file:
        file.write('{"at": "2026-01-01T00:00:00+00:00", "route": "po')
    assert journal.last("posts")["event"] == "started"
    assert steps_from((5, 25), 5, journal.last("posts")) == [Step(0, 5, made=True), Step(5, 25)]
    assert journal.last("users") == {}
    journal.note("baked", "posts", 0, 5, "x")
    assert journal.last("posts")["event"] == "baked"


FAST = RequestCount(1000, 0, ((5, 900), (10, 1000), (100, 1000), (1000, 1000)))
SLOW = RequestCount(1000, 0, ((5, 0), (10, 100), (100, 500), (1000, 1000)))


@pytest.mark.parametrize(
    ("new", "old", "bad", "message"),
    [
        (FAST, FAST, "", "posts: 1000 requests, 0 % errors, p99 9.5 ms, the old side's 9.5 ms"),
        (SLOW, FAST, "more than 2 times as much", "p99 982 ms, the old side's 9.5 ms"),
        (RequestCount(1000, 11), FAST, "1.1 % errors, more than 1 %", "1000 requests"),
        (RequestCount(1000, 10), FAST, "", "latency was not counted"),
        (RequestCount(49, 49), FAST, "", "fewer than 50 requests, so that nothing was judged"),
        (SLOW, RequestCount(10, 0, ((5, 10),)), "", "the old side had too few requests to compare latency with"),
        (RequestCount(1000, 0, ((5, 0), (25, 1000))), RequestCount(1000, 0, ((5, 1000),)), "", "p99 24.8 ms"),
    ],
)
def test_a_step_is_judged_by_errors_and_by_latency_beside_the_old_side(
    new: RequestCount, old: RequestCount, bad: str, message: str
) -> None:
    verdict = judge(Asked("posts"), "posts", new, old)
    assert bool(verdict.bad) == bool(bad)
    assert bad in verdict.bad
    assert message in verdict.summary


def test_a_latency_may_be_given() -> None:
    assert judge(Asked("posts", times=None, latency=100), "posts", SLOW, FAST).bad.endswith("more than 100 ms")
    assert not judge(Asked("posts", times=None, latency=1000), "posts", SLOW, FAST).bad


@pytest.mark.parametrize(
    ("entry", "names"),
    [
        ({"value": "alb"}, ["alb"]),
        ({"value": "refactor-spaces, api-gateway"}, ["refactor-spaces", "api-gateway"]),
        ({"value": '["alb"]', "objectValue": ["alb"]}, ["alb"]),
        ({}, []),
    ],
)
def test_the_facades_are_read_in_each_form(entry: dict[str, Any], names: list[str]) -> None:
    assert facades_of(entry) == names


def test_the_last_weight_is_read_from_the_config() -> None:
    assert weight_now(Paper(weight=25).routes(), "posts") == 25


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("x\n  error: building a failed; its last lines:\n  npm: no such image\nerror: update failed", ""),
        ("error: update failed\n  error: users: it died", "users: it died"),
        ("nothing said\n", "nothing said"),
    ],
)
def test_why_an_up_failed_is_its_first_error_with_what_it_announces(said: str, reason: str) -> None:
    assert reason_of(said) == (reason or "building a failed; its last lines: npm: no such image")
