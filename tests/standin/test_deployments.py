"""ECS deployments: which tasks run when, and what an operation says when they don't."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.standin import sample
from tests.standin.driver import Driver
from tests.standin.sample import DIGEST, Front, forward
from tools.standin import cloudwatch, deployments, ecr, ecs, health, iam, security
from tools.standin.cloud import Object, Operation
from tools.standin.kinds import IncompleteError

IMAGE = f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/web@{DIGEST}"


def tasks(driver: Driver, service: Object) -> dict[str, Any]:
    return driver.latest(service).hidden["tasks"]


def test_the_first_deployment_that_fails_leaves_a_service_that_never_becomes_stable(
    driver: Driver, front: Front
) -> None:
    driver.cloud.deployment_fails("web", "it crashed")
    with pytest.raises(IncompleteError, match="timeout while waiting for state to become 'tfSTABLE'"):
        sample.web(driver, front, "web", 1, "/*")
    left = driver.cloud.named(ecs.SERVICE, "web")
    assert left.hidden["problem"] == "it crashed"
    assert left.hidden["tasks"]["healthy"] == 0
    driver.cloud.clear_failures()
    assert tasks(driver, driver.update(left))["healthy"] == 1


def test_a_deployment_that_ecs_rolls_back_is_a_success_that_reports_the_old_task_definition(
    driver: Driver, front: Front
) -> None:
    service = sample.web(driver, front, "web", 1, "/*")
    new = sample.task_definition(driver, "web", cpu="512", memory="1024")
    driver.cloud.deployment_fails("web", "it crashed")
    after = driver.update(service, taskDefinition=new["arn"])
    assert after["taskDefinition"] == service["taskDefinition"]
    assert after.inputs["taskDefinition"] == new["arn"]
    assert tasks(driver, service) == {"taskDefinition": service["taskDefinition"], "running": 1, "healthy": 1}


def test_a_deployment_that_ecs_rolls_back_takes_its_network_and_target_groups_back_too(
    driver: Driver, front: Front
) -> None:
    service = sample.web(driver, front, "web", 1, "/*")
    driver.cloud.deployment_fails("web", "it crashed")
    before = service["networkConfiguration"]
    network = {**before, "assignPublicIp": not before["assignPublicIp"]}
    after = driver.update(service, networkConfiguration=network)
    assert after["networkConfiguration"] == before
    assert after["loadBalancers"] == service["loadBalancers"]
    assert after.inputs["networkConfiguration"] == network


def test_without_a_circuit_breaker_a_failing_deployment_times_out_and_the_old_tasks_stay(
    driver: Driver, front: Front
) -> None:
    service = driver.update(sample.web(driver, front, "web", 1, "/*"), deploymentCircuitBreaker=None)
    new = sample.task_definition(driver, "web", cpu="512", memory="1024")
    driver.cloud.deployment_fails("web")
    with pytest.raises(IncompleteError, match=r"\(arn:aws:ecs.*\) update: timeout"):
        driver.update(service, taskDefinition=new["arn"])
    assert tasks(driver, service)["taskDefinition"] == service["taskDefinition"]
    assert tasks(driver, service)["healthy"] == 1


def test_an_update_that_may_stop_first_has_no_tasks_meanwhile(driver: Driver, front: Front) -> None:
    service = sample.web(driver, front, "web", 1, "/*")
    driver.update(
        service, deploymentMinimumHealthyPercent=0, deploymentMaximumPercent=100, availabilityZoneRebalancing="DISABLED"
    )
    new = sample.task_definition(driver, "web", cpu="512", memory="1024")
    driver.cloud.history.clear()
    driver.update(service, taskDefinition=new["arn"])
    counts = [operation.after.hidden["tasks"]["healthy"] for operation in driver.cloud.history if operation.after]
    assert counts == [0, 1]


def test_a_rolling_update_has_the_old_tasks_meanwhile(driver: Driver, front: Front) -> None:
    service = sample.web(driver, front, "web", 1, "/*")
    new = sample.task_definition(driver, "web", cpu="512", memory="1024")
    driver.cloud.history.clear()
    driver.update(service, taskDefinition=new["arn"])
    running = [
        operation.after.hidden["tasks"]["taskDefinition"] for operation in driver.cloud.history if operation.after
    ]
    assert running == [service["taskDefinition"], new["arn"]]


def test_a_service_that_goes_stops_its_tasks_first(driver: Driver, front: Front) -> None:
    service = sample.web(driver, front, "web", 1, "/*")
    driver.cloud.history.clear()
    driver.delete(service)
    assert [(operation.phase, operation.after is None) for operation in driver.cloud.history] == [
        ("begin", False),
        ("end", True),
    ]
    stopping = driver.cloud.history[0].after
    assert stopping is not None
    assert stopping.hidden["tasks"]["healthy"] == 0


def _remove_image(driver: Driver) -> None:
    driver.cloud.change(driver.cloud.named(ecr.REPOSITORY, "web"), images=[])


def _remove_policy(driver: Driver) -> None:
    driver.delete(driver.cloud.named(iam.ATTACHMENT, "web"))


def _remove_logs(driver: Driver) -> None:
    driver.delete(driver.cloud.named(cloudwatch.LOG_GROUP, "web"))


def _close_port(driver: Driver) -> None:
    driver.delete(driver.cloud.named(security.INGRESS, "front-task-in"))


def _close_way_out(driver: Driver) -> None:
    driver.delete(driver.cloud.named(security.EGRESS, "front-task-out"))


@pytest.mark.parametrize(
    ("take_away", "problem"),
    [
        (_remove_image, "CannotPullContainerError"),
        (_remove_policy, "is not authorized to perform ecr:GetAuthorizationToken"),
        (_remove_logs, "log group web-.* does not exist"),
        (_close_port, "Task failed ELB health checks"),
        (_close_way_out, "CannotPullContainerError: no egress rule"),
    ],
)
def test_a_task_that_lacks_something_does_not_become_healthy(
    driver: Driver, front: Front, take_away: Any, problem: str
) -> None:
    group = sample.target_group(driver, front, "web")
    sample.rule(driver, front, "web", 1, sample.forward((group["arn"], 1)), "/*")
    definition = sample.task_definition(driver, "web")
    take_away(driver)
    with pytest.raises(IncompleteError):
        sample.service(driver, front, "web", group, definition)
    left = driver.cloud.named(ecs.SERVICE, "web")
    assert re.search(problem, left.hidden["problem"])


def test_a_secret_needs_a_role_that_may_read_it(driver: Driver, front: Front) -> None:
    arn = "arn:aws:ssm:eu-west-1:123456789012:parameter/db/password"
    secrets = [{"name": "DB", "valueFrom": arn}]
    group = sample.target_group(driver, front, "web")
    sample.rule(driver, front, "web", 1, sample.forward((group["arn"], 1)), "/*")
    repository = sample.repository(driver, "web")
    logs = driver.create(cloudwatch.LOG_GROUP, "web")
    text = sample.definitions(f"{repository['repositoryUrl']}@{DIGEST}", logs["name"], secrets=secrets)
    definition = sample.task_definition(driver, "web", containerDefinitions=text)
    with pytest.raises(IncompleteError):
        sample.service(driver, front, "web", group, definition)
    left = driver.cloud.named(ecs.SERVICE, "web")
    assert f"is not authorized to perform ssm:GetParameters on {arn}" in left.hidden["problem"]
    role = driver.cloud.named(iam.ROLE, "web")
    statement = {"Effect": "Allow", "Action": "ssm:GetParameters", "Resource": arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    driver.create(iam.ROLE_POLICY, "secrets", role=role["name"], policy=policy)
    assert tasks(driver, driver.update(left))["healthy"] == 1


def test_a_service_that_does_not_wait_succeeds_at_once(driver: Driver, front: Front) -> None:
    driver.cloud.deployment_fails("web")
    group = sample.target_group(driver, front, "web")
    sample.rule(driver, front, "web", 1, sample.forward((group["arn"], 1)), "/*")
    definition = sample.task_definition(driver, "web")
    service = sample.service(driver, front, "web", group, definition, waitForSteadyState=False)
    assert tasks(driver, service)["healthy"] == 0


def test_tasks_are_judged_by_the_path_that_their_own_code_has(driver: Driver, front: Front) -> None:
    group = sample.target_group(driver, front, "web")
    sample.rule(driver, front, "web", 10, forward((group["arn"], 1)), "/*")
    definition = sample.task_definition(driver, "web")
    text = sample.definitions(*_image_and_logs(definition), environment=[{"name": "STANDIN_HEALTH", "value": "/old"}])
    definition = sample.task_definition(driver, "web", containerDefinitions=text)
    driver.update(group, healthCheck={"path": "/old"})
    service = sample.service(driver, front, "web", group, definition)
    assert health.healthy(driver.cloud.snapshot, driver.latest(service))
    driver.update(group, healthCheck={"path": "/new"})
    assert not health.healthy(driver.cloud.snapshot, driver.latest(service))


def test_tasks_stay_in_the_target_group_that_they_were_registered_with(driver: Driver, front: Front) -> None:
    """ECS API, UpdateService: with other load balancers, new tasks start, and the old ones stop when these run."""
    old, new = (sample.target_group(driver, front, name) for name in ("old", "new"))
    for number, group in enumerate((old, new)):
        sample.rule(driver, front, group.name, 10 + number, forward((group["arn"], 1)), f"/{group.name}")
    service = sample.service(driver, front, "web", old, sample.task_definition(driver, "web"))
    seen: list[list[str]] = []

    def look(operation: Operation) -> None:
        behind = [group.name for group in (old, new) if health.services_behind(operation.snapshot, str(group["arn"]))]
        seen.append(behind)

    with driver.cloud.watching(look):
        target = {"targetGroupArn": new["arn"], "containerName": "web", "containerPort": sample.PORT}
        driver.update(service, loadBalancers=[target])
    assert seen == [["old"], ["new"]]


def test_tasks_that_run_are_judged_and_started_again_where_they_are(driver: Driver, front: Front) -> None:
    service = sample.web(driver, front, "web", 1, "/*")
    other = driver.create(security.GROUP, "other", vpcId=front.network.vpc.id)
    configuration = {**service["networkConfiguration"], "securityGroups": [other.id]}
    new = sample.task_definition(driver, "web", cpu="512", memory="1024")
    after = driver.update(service, taskDefinition=new["arn"], networkConfiguration=configuration)
    assert after["taskDefinition"] == service["taskDefinition"]  # rolled back: nothing lets the balancer in there

    def again() -> str | None:
        cloud = driver.cloud
        return deployments.restart_problem(cloud.snapshot, driver.latest(service), cloud.region, cloud.account)

    assert again() is None
    assert health.healthy(driver.cloud.snapshot, driver.latest(service))
    _remove_policy(driver)
    assert "is not authorized to perform ecr:GetAuthorizationToken" in str(again())
    _close_port(driver)
    assert not health.healthy(driver.cloud.snapshot, driver.latest(service))
    driver.cloud.change(driver.latest(service), tasks={"taskDefinition": "", "running": 0, "healthy": 0})
    assert again() is None  # there is none


def _image_and_logs(definition: Object) -> tuple[str, str]:
    """Of the container of a task definition."""
    (container,) = json.loads(definition["containerDefinitions"])
    return container["image"], container["logConfiguration"]["options"]["awslogs-group"]
