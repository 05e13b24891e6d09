"""Queues, their keys, and what topics send there: each rule of AWS's is noticed when it is broken."""

from __future__ import annotations

import json
from typing import Any

import pytest

from components.aws.plan import queue_policies
from tests.standin.driver import Driver, RefusedError
from tools.standin import autoscaling, kms, sns, sqs
from tools.standin.cloud import AwsError, Object

ACCOUNT = "123456789012"


@pytest.fixture
def driver() -> Driver:
    return Driver()


def key(driver: Driver, policy: str | None = None) -> Object:
    return driver.create(kms.KEY, "queues", policy=policy or queue_policies.key("aws", ACCOUNT))


@pytest.mark.parametrize(
    ("inputs", "problem"),
    [
        ({"name": "a.b"}, "name is 'a.b'; accepted: up to 80"),
        ({"name": "a" * 81}, "accepted: up to 80"),
        ({"name": "a", "fifoQueue": True}, "the name of a FIFO queue ends with .fifo"),
        ({"contentBasedDeduplication": True}, "is for FIFO queues only"),
        ({"deduplicationScope": "queue"}, "is for FIFO queues only"),
        ({"delaySeconds": 901}, "delaySeconds is 901; accepted: 0 to 900"),
        ({"messageRetentionSeconds": 59}, "accepted: 60 to 1209600"),
        ({"visibilityTimeoutSeconds": 43_201}, "accepted: 0 to 43200"),
        ({"fifoQueue": True, "fifoThroughputLimit": "perMessageGroupId"}, "for the deduplicationScope messageGroup"),
    ],
)
def test_a_queue_that_sqs_refuses(driver: Driver, inputs: dict[str, Any], problem: str) -> None:
    assert driver.problems(sqs.QUEUE, "x", delaySeconds=900, visibilityTimeoutSeconds=0) == []
    assert any(problem in found for found in driver.problems(sqs.QUEUE, "x", **inputs))


def test_the_name_that_pulumi_makes_up_ends_as_that_of_a_fifo_queue_must(driver: Driver) -> None:
    assert driver.create(sqs.QUEUE, "x", fifoQueue=True)["name"].endswith(".fifo")
    assert not driver.create(sqs.QUEUE, "x")["name"].endswith(".fifo")


def test_a_name_is_taken_and_for_a_minute_after_its_queue_is_gone(driver: Driver) -> None:
    made = driver.create(sqs.QUEUE, "x", name="orders")
    with pytest.raises(AwsError, match="QueueNameExists"):
        driver.create(sqs.QUEUE, "y", name="orders")
    driver.delete(made)
    with pytest.raises(AwsError, match="You must wait 60 seconds"):
        driver.create(sqs.QUEUE, "y", name="orders")


def test_dead_letters_go_to_a_queue_that_there_is_of_the_same_kind(driver: Driver) -> None:
    queue = driver.create(sqs.QUEUE, "x")
    letters, in_order = driver.create(sqs.QUEUE, "dead"), driver.create(sqs.QUEUE, "fifo", fifoQueue=True)

    def to(arn: str, tries: int = 5) -> dict[str, str]:
        return {"queueUrl": queue.id, "redrivePolicy": queue_policies.redrive(arn, tries)}

    with pytest.raises(AwsError, match="does not exist"):
        driver.create(sqs.REDRIVE_POLICY, "x", **to(f"{letters['arn']}-other"))
    with pytest.raises(AwsError, match="must also be a FIFO queue"):
        driver.create(sqs.REDRIVE_POLICY, "x", **to(in_order["arn"]))
    with pytest.raises(RefusedError, match="accepted: 1 to 1000"):
        driver.create(sqs.REDRIVE_POLICY, "x", **to(letters["arn"], 1001))
    driver.create(sqs.REDRIVE_POLICY, "x", **to(letters["arn"]))


def test_a_key_that_nobody_could_change_is_refused(driver: Driver) -> None:
    policy = queue_policies.key("aws", "210987654321")
    with pytest.raises(AwsError, match="not allow you to update the key policy"):
        key(driver, policy)
    assert driver.problems(kms.KEY, "x", deletionWindowInDays=6) == [
        "deletionWindowInDays is 6, less than the minimum 7"
    ]


def test_a_policy_of_a_queue_says_who_and_of_what(driver: Driver) -> None:
    queue = driver.create(sqs.QUEUE, "x")
    policy = queue_policies.work([queue["arn"]], "arn:aws:kms:eu-west-1:123456789012:key/1")
    (problem, *_) = driver.problems(sqs.QUEUE_POLICY, "x", queueUrl=queue.id, policy=policy)
    assert "Principal is required" in problem


def subscribed(driver: Driver, *, fifo: bool = False, let: bool = True, encrypted: bool = True, **more: Any) -> Object:
    """A subscription of a queue to a topic."""
    topic = driver.create(sns.TOPIC, "x", name="orders")
    used = key(driver)["arn"] if encrypted else "arn:aws:kms:eu-west-1:123456789012:alias/aws/sqs"
    queue = driver.create(sqs.QUEUE, "x", fifoQueue=fifo, kmsMasterKeyId=used)
    if let:
        policy = queue_policies.take_messages(queue["arn"], [topic["arn"]])
        driver.create(sqs.QUEUE_POLICY, "x", queueUrl=queue.id, policy=policy)
    return driver.create(
        sns.SUBSCRIPTION, "x", **{"topic": topic["arn"], "protocol": "sqs", "endpoint": queue["arn"], **more}
    )


def test_a_queue_that_takes_what_a_topic_sends_is_subscribed(driver: Driver) -> None:
    made = subscribed(driver)
    assert made["pendingConfirmation"] is False
    assert driver.replaces(made, filterPolicy='{"a":["b"]}') == []
    assert driver.replaces(made, endpoint=f"{made['endpoint']}-other") == ["endpoint"]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"endpoint": "arn:aws:sqs:eu-west-1:123456789012:other"}, "no queue"),
        ({"fifo": True}, "FIFO SQS Queues can not be subscribed to"),
        ({"let": False}, "it would be dropped unseen"),
    ],
)
def test_a_subscription_that_would_get_nothing_is_refused(driver: Driver, more: dict[str, Any], message: str) -> None:
    with pytest.raises(AwsError, match=message):
        subscribed(driver, **more)


def test_a_queue_encrypted_with_a_key_of_awss_own_gets_nothing_from_sns(driver: Driver) -> None:
    with pytest.raises(AwsError):
        subscribed(driver, encrypted=False)


@pytest.mark.parametrize(
    ("policy", "problem"),
    [
        ({name: ["x"] for name in "abcdef"}, "has 6 keys; accepted: 5"),
        ({"a": "x"}, "accepted: a list of values"),
        ({"a": {"b": ["x"]}}, "accepted: a list of values"),
        ({"a": list(range(16)), "b": list(range(10))}, "more than 150 combinations"),
    ],
)
def test_a_filter_that_sns_refuses(driver: Driver, policy: dict[str, Any], problem: str) -> None:
    inputs = {"topic": "t", "protocol": "sqs", "endpoint": "q", "filterPolicy": json.dumps(policy)}
    assert any(problem in found for found in driver.problems(sns.SUBSCRIPTION, "x", **inputs))


STAT = {"metric": {"metricName": "m", "namespace": "n"}, "stat": "Sum"}
M, E = {"id": "m", "metricStat": STAT, "returnData": False}, {"id": "e", "expression": "FILL(m, 0) / 2"}


@pytest.mark.parametrize(
    ("metrics", "problem"),
    [
        ([M, {**E, "id": "m"}], "has an id twice"),
        ([M], "should return exactly one query"),
        ([{**M, "returnData": True}, E], "should return exactly one query"),
        ([{**M, "id": "n"}, E], "names 'm', which no query has"),
        ([{"id": "m", "returnData": False}, E], "'m' has neither an expression nor a metricStat"),
    ],
)
def test_metric_math_that_the_scaler_refuses(driver: Driver, metrics: list[Any], problem: str) -> None:
    def of(queries: list[Any]) -> list[str]:
        tracked = {"targetValue": 1, "customizedMetricSpecification": {"metrics": queries}}
        inputs = {
            "serviceNamespace": "ecs",
            "scalableDimension": "ecs:service:DesiredCount",
            "resourceId": "service/a/b",
        }
        return driver.problems(
            autoscaling.POLICY,
            "x",
            **inputs,
            policyType="TargetTrackingScaling",
            targetTrackingScalingPolicyConfiguration=tracked,
        )

    assert of([M, E]) == []
    assert any(problem in found for found in of(metrics))
