"""How a command that a release waits for is followed to its end, whatever runs it."""

import sys
import threading
from collections.abc import Generator
from pathlib import Path

import pulumi
import pytest

from components.before import failure
from components.model.command import CommandError
from tests.components.system import deployed


class Command:
    """Writes lines, and ends with a code; without one, only once it is stopped."""

    def __init__(self, code: int | None, *lines: str, stops: bool = True) -> None:
        self._code, self._lines, self._stops = code, lines, stops
        self._ended = threading.Event()

    def lines(self) -> Generator[str, None, int]:
        yield from self._lines
        if self._code is not None:
            return self._code
        assert self._ended.wait(30)
        return 143

    def stop(self) -> None:
        self._ended.set()
        if not self._stops:
            raise CommandError("nobody answers")


def followed(command: Command, seconds: float = 60, *, interrupted: bool = False) -> tuple[str | None, list[str]]:
    said: list[str] = []
    return failure(command, said.append, seconds, lambda: interrupted), said


def test_a_command_that_ends_well_is_no_failure_and_what_it_writes_is_told() -> None:
    assert followed(Command(0, "one", "two")) == (None, ["one", "two"])


def test_another_code_is_told_with_the_last_lines() -> None:
    why, _ = followed(Command(3, *(f"line {number}" for number in range(20))))
    assert why == "\n  ".join(
        ["it ended with exit code 3; its last lines:", *(f"line {number}" for number in range(10, 20))]
    )
    assert followed(Command(1))[0] == "it ended with exit code 1"


def test_a_command_that_takes_too_long_is_stopped() -> None:
    assert followed(Command(None, "begun"), 0.1)[0] == "not finished after 0 s; its last lines:\n  begun"


def test_an_interrupt_stops_it_and_one_that_can_t_be_stopped_is_told() -> None:
    assert followed(Command(None), interrupted=True)[0] == "interrupted"
    assert (
        followed(Command(None, stops=False), interrupted=True)[0] == "interrupted, it is still running: nobody answers"
    )


SERVICE, STASH = "aws:ecs/service:Service", "pulumi:index:Stash"


def test_on_aws_the_service_waits_for_the_command_and_the_command_for_what_a_task_needs(tmp_path: Path) -> None:
    record = deployed(tmp_path, config={"services": {"users": {"before": "rake db:migrate"}}})
    (remembered,) = record.of(STASH)
    assert remembered.name == "users-before"
    assert remembered.inputs["input"] == {"release": "arn:TaskDefinition/users"}
    assert remembered.options.hooks.before_create
    assert remembered.options.hooks.before_update
    assert remembered.urn in record.one(SERVICE, "users").options.dependencies
    needed = {record.one("RolePolicyAttachment", "users-execution").urn, record.one("TaskDefinition", "users").urn}
    assert needed <= set(remembered.options.dependencies)


def test_a_service_that_is_scaled_to_zero_runs_no_command(tmp_path: Path) -> None:
    record = deployed(tmp_path, config={"services": {"users": {"before": "rake db:migrate", "count": 0}}})
    assert record.of(STASH) == []


def test_on_aws_the_plan_says_so_if_boto3_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    config = {"services": {"users": {"before": "rake db:migrate"}}}
    with pytest.raises(
        pulumi.RunError, match=r"services\.users\.before: boto3 is not installed, .* `pip install boto3`"
    ):
        deployed(tmp_path, config=config, preview=True)
