"""What is typed beside a verb, what the outputs say, and how a mistake looks."""

from pathlib import Path
from typing import Any

import pytest

from tools.operate import __main__ as operate
from tools.operate.deployed import Service, of_outputs
from tools.operate.lines import of_docker, of_event
from tools.operate.request import Request, request
from tools.operate.status import Alarm, ServiceStatus, Status, short, text
from tools.setup.say import MachineError


def test_what_is_typed_beside_a_verb_is_read_and_what_is_not_its_own_is_passed_over() -> None:
    typed = {"SERVICE": "users", "FOLLOW": "1", "SINCE": "2h", "FILTER": "a b", "CMD": "ls", "DRY": "0", "HOME": "/"}
    assert request("logs", typed) == Request("logs", "users", follow=True, since="2h", filter="a b")
    assert request("exec", typed) == Request("exec", "users", command="ls")
    assert request("open", typed) == Request("open")
    assert request("status", {"SERVICE": "", "DRY": "1"}) == Request("status", dry=True)


@pytest.mark.parametrize(("since", "seconds"), [("90s", 90), ("10m", 600), ("2h", 7200), ("3d", 259200)])
def test_a_time_back_is_a_number_and_a_unit(since: str, seconds: int) -> None:
    assert request("logs", {"SINCE": since}).since_seconds == seconds


@pytest.mark.parametrize(
    ("verb", "variables", "line"),
    [
        *(
            ("logs", {"SINCE": since}, f"SINCE={since}; give a number of s, m, h or d, such as 90s, 10m or 2h")
            for since in ("1w", "1", "h", "0m", "-1h", "1.5h", "yesterday", "12345678s")
        ),
        ("logs", {"FOLLOW": "yes"}, "FOLLOW=yes; give 1, or leave it out"),
        ("status", {"DRY": "true"}, "DRY=true; give 1, or leave it out"),
        ("task", {"SERVICE": "users"}, "CMD is missing; say what to run, such as CMD='rake db:migrate'"),
        ("task", {"CMD": " "}, "CMD is missing; say what to run, such as CMD='rake db:migrate'"),
        ("task", {"CMD": 'sh -c "'}, 'CMD=sh -c ": No closing quotation; close the quotes'),
    ],
)
def test_a_mistake_is_reported_before_anything_is_asked(verb: str, variables: dict[str, str], line: str) -> None:
    with pytest.raises(MachineError) as refused:
        operate.run(verb, "dev", variables, Path("/nowhere"))
    assert str(refused.value) == f"make: {verb}: {line}"


@pytest.mark.parametrize("arguments", [[], ["status"], ["stop", "dev"], ["status", "dev", "more"]])
def test_another_call_says_how(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert operate.main(arguments) == 2
    assert capsys.readouterr().err == "usage: python -m tools.operate status|logs|exec|task|job|open|cost STACK\n"


LOCAL = {"image": "strangler/users:1", "desiredCount": 1, "containers": ["a", "b"]}
ELSEWHERE = {"image": "", "desiredCount": 0}


@pytest.mark.parametrize(
    ("outputs", "line"),
    [
        ({"services": {}}, "STACK=dev: nothing is up; run `pulumi up -s dev`"),
        (
            {"services": [{"name": "users", "image": "x", "desiredCount": 1}]},
            "STACK=dev: an earlier version brought it up, whose outputs don't say where its services are; "
            "run `pulumi up -s dev` once, which changes its outputs and nothing else",
        ),
    ],
)
def test_a_stack_that_does_not_say_what_runs_is_one_line(outputs: dict[str, Any], line: str) -> None:
    with pytest.raises(MachineError) as refused:
        of_outputs("logs", "dev", "strangler", outputs, {})
    assert str(refused.value) == f"make: logs: {line}"


def test_what_runs_elsewhere_is_not_ours_to_ask() -> None:
    found = of_outputs("status", "dev", "strangler", {"services": {"users": LOCAL, "legacy": ELSEWHERE}}, {})
    assert found.services == (Service("users", "strangler/users:1", 1, containers=("a", "b")),)
    assert not found.on_aws


EVERYTHING_ELSEWHERE: dict[str, Any] = {
    "url": "https://x.example.com",
    "services": {"legacy": {"url": "https://legacy.example.com"}},
}


@pytest.mark.parametrize("platform", ["local", "aws"])
def test_where_everything_runs_elsewhere_the_facade_is_ours_all_the_same(platform: str) -> None:
    config = {"strangler:platform": {"value": platform}, "aws:region": {"value": "eu-west-1"}}
    for verb in ("status", "open", "watch", "advance"):
        found = of_outputs(verb, "dev", "strangler", EVERYTHING_ELSEWHERE, config)
        assert found.url == "https://x.example.com"
        assert found.elsewhere == {"legacy": "https://legacy.example.com"}
        assert found.on_aws is (platform == "aws")
        assert found.region == "eu-west-1"
    for verb in ("logs", "exec", "task", "job"):
        with pytest.raises(MachineError, match="STACK=dev: all services run elsewhere: legacy; look there"):
            of_outputs(verb, "dev", "strangler", EVERYTHING_ELSEWHERE, config)


def test_a_line_has_the_same_form_on_both_platforms() -> None:
    on_aws = of_event("users", "ecs/users/0123456789abcdef", 1_795_992_800_123, "GET /\n")
    assert str(on_aws) == "2026-11-29T22:53:20Z users 01234567  GET /"
    sidecar = of_event("users", "ecs/nginx/0123456789abcdef", 1_795_992_800_123, "GET /")
    assert str(sidecar) == "2026-11-29T22:53:20Z users/nginx 01234567  GET /"
    local = of_docker("users-1", "2026-11-29T22:53:20.123456789Z GET /\r")
    assert str(local) == "2026-11-29T22:53:20Z users-1  GET /"


def test_an_image_is_shown_without_its_registry_and_most_of_its_digest() -> None:
    assert short("1.dkr.ecr.eu-west-1.amazonaws.com/a/users@sha256:" + "0123456789abcdef" * 4) == "users@0123456789ab"
    assert short("strangler/users:abc") == "users:abc"


def test_alarms_that_ring_come_first_with_their_reason() -> None:
    status = Status([ServiceStatus("users", 2, 1, "completed", "users:1", ("now: it started",))], [])
    assert text(status, "http://x", [], "").splitlines()[-1] == "Alarms: none"
    alarms = [Alarm("a", "OK", "fine"), Alarm("b", "ALARM", "7 of 9")]
    assert text(Status(status.services, alarms), "http://x", [], "").splitlines()[-3:] == [
        "  ALARM  STATE  REASON",
        "  b      ALARM  7 of 9",
        "  a      OK",
    ]
