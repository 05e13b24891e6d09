"""Schedules of jobs, each as Copilot translates it. Cases without a mark are of its own tests, or of its rules."""

import pytest

from components.manifest.schedule import Wrong, expression, loss

GOOD = {
    "rate(5 minutes)": "rate(5 minutes)",
    "rate(1 hour)": "rate(1 hour)",
    "cron(0 3 * * ? *)": "cron(0 3 * * ? *)",
    "cron(0 9 ? * 2#1 2030)": "cron(0 9 ? * 2#1 2030)",
    "@hourly": "cron(0 * * * ? *)",
    "@daily": "cron(0 0 * * ? *)",
    "@midnight": "cron(0 0 * * ? *)",
    "@weekly": "cron(0 0 ? * 1 *)",
    "@monthly": "cron(0 0 1 * ? *)",
    "@yearly": "cron(0 0 1 1 ? *)",
    "@annually": "cron(0 0 1 1 ? *)",
    "@every 1m": "rate(1 minute)",
    "@every 60s": "rate(1 minute)",
    "@every 2m": "rate(2 minutes)",
    "@every 1h30m": "rate(90 minutes)",
    "@every 1.5h": "rate(90 minutes)",
    "@every 1m60s": "rate(2 minutes)",
    "* * * * *": "cron(* * * * ? *)",
    "0 9 * * 1-5": "cron(0 9 ? * 2-6 *)",
    "0 9 * * 0,6": "cron(0 9 ? * 1,7 *)",
    "0 0 * * 0": "cron(0 0 ? * 1 *)",
    "0 0 ? * MON-FRI": "cron(0 0 ? * MON-FRI *)",
    "0 0 1 * *": "cron(0 0 1 * ? *)",
    "0 0 1-31/2 * ?": "cron(0 0 1-31/2 * ? *)",
    "*/5 0,12 * JAN-mar *": "cron(*/5 0,12 * JAN-mar ? *)",
    "0 0 */2 * *": "cron(0 0 * * ? *)",
    "0 0 */2 * 1": "cron(0 0 ? * 2 *)",
    "0 0 * * */2": "cron(0 0 * * ? *)",
    "0 0 * * 1-5/2": "cron(0 0 ? * 2-6/3 *)",
    "59 23 31 12 *": "cron(59 23 31 12 ? *)",
}
BAD = {
    "@every 89s": "whole minutes",
    "@every 30s": "one at least",
    "@every 0m": "one at least",
    "@every 1d": "whole minutes",
    "@every": "give one of @hourly",
    "@fortnightly": "give one of @hourly",
    "rate(1 minutes)": "rate(1 minute)",
    "rate(5 minute)": "rate(5 minutes)",
    "rate(0 minutes)": "rate(5 minutes)",
    "cron(0 3 * * *)": "six fields",
    "cron(0 3 * * * *)": "six fields",
    "every day": "give @daily",
    "None": "give @daily",
    "0 0 * * * *": "give @daily",
    "60 * * * *": "from 0 to 59",
    "0 24 * * *": "from 0 to 23",
    "0 0 0 * *": "from 1 to 31",
    "0 0 32 * *": "from 1 to 31",
    "0 0 * 13 *": "from 1 to 12 or jan to dec",
    "0 0 * * 7": "from 0 to 6 or sun to sat",
    "0 0 * * 5-1": "from 0 to 6",
    "0/0 * * * *": "from 0 to 59",
    "0 0 1 * 1": "write * for one of them",
    "TZ=UTC 0 0 * * *": "give @daily",
    "CRON_TZ=UTC @daily": "give @daily",
}


@pytest.mark.parametrize("text", GOOD)
def test_a_schedule_is_what_copilot_makes_of_it(text: str) -> None:
    assert expression(text) == GOOD[text]


@pytest.mark.parametrize("text", BAD)
def test_what_copilot_or_eventbridge_refuses_is_refused_with_what_to_write(text: str) -> None:
    found = expression(text)
    assert isinstance(found, Wrong)
    assert BAD[text] in found.remedy


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0 0 */2 * *", "runs every day"),
        ("0 0 */2 * 1", "runs every day"),
        ("0 0 * * */2", "runs every day"),
        ("0 0 * * 1-5/2", "is raised by one"),
    ],
)
def test_what_copilot_loses_of_a_schedule_is_told(text: str, said: str) -> None:
    found = loss(text)
    assert found is not None
    assert said in found[0]


@pytest.mark.parametrize("text", [text for text in GOOD if "2 * " not in text and "/2" not in text])
def test_nothing_is_told_of_a_schedule_that_stays_what_it_is(text: str) -> None:
    assert loss(text) is None
