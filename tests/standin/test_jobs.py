"""State machines and the rules that start them: each rule of AWS's is noticed when it is broken."""

from __future__ import annotations

import json
from typing import Any

import pytest

from components.aws.plan import iam_policies, state_machine
from components.manifest.manifest import Job
from components.manifest.schedule import Schedule
from tests.standin import sample
from tests.standin.driver import Driver
from tools.standin import ecs, iam, jobs
from tools.standin.cloud import AwsError, Object

ACCOUNT = "123456789012"
CLUSTER = "arn:aws:ecs:eu-west-1:123456789012:cluster/a"


@pytest.fixture
def driver() -> Driver:
    return Driver()


def role(driver: Driver, name: str, service: str, policy: str) -> Object:
    """A role that a service may assume, with these rights."""
    made = driver.create(iam.ROLE, name, assumeRolePolicy=iam_policies.trust_service(service, ACCOUNT))
    driver.create(iam.ROLE_POLICY, name, role=made["name"], policy=policy)
    return made


def task(driver: Driver) -> Object:
    container = {"name": "nightly", "image": f"nightly@{sample.DIGEST}", "essential": True}
    started = sample.role(driver, "execution")
    return driver.create(
        ecs.TASK_DEFINITION,
        "nightly",
        family="nightly",
        cpu="256",
        memory="512",
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        executionRoleArn=started["arn"],
        containerDefinitions=json.dumps([container]),
    )


def rights(definition: Object) -> str:
    return iam_policies.run_task(
        [definition["executionRoleArn"]],
        "arn:aws:ecs:eu-west-1:1:cluster/a",
        definition["arn"],
        "arn:aws:events:*:*:rule",
    )


def written(definition: Object) -> str:
    placed = state_machine.Placed("aws", CLUSTER, definition["arn"], ["subnet-1"], ["sg-1"], public=True)
    return state_machine.definition(Job(Schedule()), placed)


def machine(driver: Driver, **inputs: Any) -> Object:
    definition = task(driver)
    role_arn = role(driver, "machine", "states", rights(definition))["arn"]
    return driver.create(jobs.MACHINE, "nightly", **{"definition": written(definition), "roleArn": role_arn, **inputs})


def test_a_machine_with_its_rights_is_made_and_a_rule_starts_it(driver: Driver) -> None:
    made = machine(driver)
    starter = role(driver, "schedule", "events", iam_policies.start_execution(made["arn"]))
    rule = driver.create(jobs.RULE, "nightly", scheduleExpression="cron(0 0 * * ? *)")
    driver.create(jobs.TARGET, "nightly", rule=rule["name"], arn=made["arn"], roleArn=starter["arn"])
    with pytest.raises(AwsError, match="since it has targets"):
        driver.delete(rule)


def test_a_machine_whose_role_may_not_run_its_task_is_refused(driver: Driver) -> None:
    definition = task(driver)
    small = role(driver, "machine", "states", iam_policies.start_execution("arn:aws:states:::a"))
    with pytest.raises(AwsError, match=r"AccessDeniedException.*ecs:RunTask"):
        driver.create(jobs.MACHINE, "nightly", definition=written(definition), roleArn=small["arn"])


def test_a_machine_is_assumed_by_step_functions(driver: Driver) -> None:
    definition = task(driver)
    other = role(driver, "machine", "events", rights(definition))
    with pytest.raises(AwsError, match="can't assume"):
        driver.create(jobs.MACHINE, "nightly", definition=written(definition), roleArn=other["arn"])


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "is not JSON"),
        ('{"StartAt": "a", "States": {"b": {"End": true}}}', "starts at 'a'"),
        ('{"StartAt": "a", "States": {"a": {"Type": "Task"}}}', "neither Next nor End"),
    ],
)
def test_a_definition_that_is_none_is_refused(driver: Driver, text: str, problem: str) -> None:
    found = driver.problems(jobs.MACHINE, "x", definition=text, roleArn="arn:aws:iam::1:role/a")
    assert any(problem in message for message in found), found


@pytest.mark.parametrize("text", ["rate(1 minutes)", "rate(5 minute)", "cron(0 0 * * *)", "cron(0 0 * * * *)"])
def test_a_schedule_that_eventbridge_does_not_know_is_refused(driver: Driver, text: str) -> None:
    with pytest.raises(AwsError, match="ScheduleExpression is not valid"):
        driver.create(jobs.RULE, "x", scheduleExpression=text)


def test_a_rule_that_may_not_start_its_target_is_refused(driver: Driver) -> None:
    made = machine(driver)
    starter = role(driver, "schedule", "events", iam_policies.start_execution("arn:aws:states:::other"))
    rule = driver.create(jobs.RULE, "nightly", scheduleExpression="rate(1 minute)")
    with pytest.raises(AwsError, match="the rule would fail unseen"):
        driver.create(jobs.TARGET, "nightly", rule=rule["name"], arn=made["arn"], roleArn=starter["arn"])
