"""How many tasks run, where AWS doesn't say. tests/engine/test_scaled_out.py asks a real engine."""

from typing import NoReturn

import pulumi
import pulumi_aws as aws
import pytest

from components.aws.deployed import tasks_of
from components.aws.plan.ecs_services import KnownService

USERS = KnownService("users", "users-1a2b3c4", "arn:cluster", "users", on_fargate=True, count=3)


def test_only_what_the_provider_refused_falls_back_on_the_state(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    error = Exception("invoke of aws:ecs/getService:getService failed: AccessDeniedException\nin detail")

    def refused(**_: str) -> NoReturn:
        raise error

    warnings: list[str] = []
    monkeypatch.setattr(aws.ecs, "get_service", refused)
    # Where a warning goes depends on the tests before: to the last engine that one has set, or to the console.
    monkeypatch.setattr(pulumi.log, "warn", warnings.append)
    assert tasks_of(USERS) == 3
    (line,) = warnings
    assert line.endswith("with the minimum of its range: AccessDeniedException")
    error = KeyError("desired_count")
    with pytest.raises(KeyError):
        tasks_of(USERS)
