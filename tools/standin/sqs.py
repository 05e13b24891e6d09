"""Queues, who may do what with them, and where messages go that nobody could work on."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final

from tools.standin import iam, kms
from tools.standin.cloud import Object
from tools.standin.kinds import AutoName, Call, Kind, Problem, Ref, refuse
from tools.standin.values import Props, table

QUEUE: Final = "aws:sqs/queue:Queue"
QUEUE_POLICY: Final = "aws:sqs/queuePolicy:QueuePolicy"
REDRIVE_POLICY: Final = "aws:sqs/redrivePolicy:RedrivePolicy"

_RANGES: Final = {
    "delaySeconds": (0, 900),
    "messageRetentionSeconds": (60, 1_209_600),
    "visibilityTimeoutSeconds": (0, 43_200),
    "receiveWaitTimeSeconds": (0, 20),
}
_FOR_FIFO: Final = ("contentBasedDeduplication", "deduplicationScope", "fifoThroughputLimit")


def _queue_problems(inputs: Props) -> Iterator[Problem]:
    """SQS API, CreateQueue: QueueName and Attributes."""
    name, fifo = inputs.get("name"), inputs.get("fifoQueue") is True
    if isinstance(name, str):
        plain = name.removesuffix(".fifo") if fifo else name
        if len(name) > 80 or not re.fullmatch(r"[A-Za-z0-9_-]+", plain):
            yield "name", f"is {name!r}; accepted: up to 80 letters, digits, - and _"
        if fifo and not name.endswith(".fifo"):
            yield "name", f"is {name!r}; the name of a FIFO queue ends with .fifo"
    for key in _FOR_FIFO:
        if inputs.get(key) and not fifo:
            yield key, "is for FIFO queues only"
    for key, (low, high) in _RANGES.items():
        value = inputs.get(key)
        if isinstance(value, (int, float)) and not low <= value <= high:
            yield key, f"is {value:g}; accepted: {low} to {high}"
    if inputs.get("fifoThroughputLimit") == "perMessageGroupId" and inputs.get("deduplicationScope") != "messageGroup":
        yield "fifoThroughputLimit", "is perMessageGroupId, which is for the deduplicationScope messageGroup only"


def _queue_verify(call: Call) -> None:
    """SQS API, DeleteQueue: «you must wait at least 60 seconds before creating a queue with the same name». No minute
    passes here."""
    if call.before is not None:
        return
    name = call.inputs["name"]
    gone = (
        done.before
        for done in call.cloud.history
        if done.type == QUEUE and done.after is None and done.before is not None
    )
    refuse(
        any(queue["name"] == name for queue in gone),
        "AWS.SimpleQueueService.QueueDeletedRecently",
        f"You must wait 60 seconds after deleting the queue {name} before you can create another with the same name.",
    )


def queue_at(call: Call, url: str) -> Object | None:
    """A queue by its URL."""
    return call.snapshot.get(QUEUE, url)


def lets_send(call: Call, queue: Object, topic: str) -> bool:
    """Whether SNS may send to a queue what a topic has: by the queue's policy, and by that of its key."""
    policies = [policy["policy"] for policy in call.snapshot.of(QUEUE_POLICY) if policy["queueUrl"] == queue.id]
    statements = [statement for text in policies for statement in iam.statements(text)]
    may = any(
        table(statement.get("Principal")).get("Service") == "sns.amazonaws.com"
        and statement.get("Action") == "sqs:SendMessage"
        and topic in json.dumps(statement.get("Condition"))
        for statement in statements
    )
    return may and (not queue["kmsMasterKeyId"] or kms.lets(call, str(queue["kmsMasterKeyId"]), "sns.amazonaws.com"))


def _redrive_problems(inputs: Props) -> Iterator[Problem]:
    text = inputs.get("redrivePolicy")
    if not isinstance(text, str):
        return
    tries = table(json.loads(text)).get("maxReceiveCount")
    if not isinstance(tries, int) or not 1 <= tries <= 1000:
        yield "redrivePolicy", f"has the maxReceiveCount {tries}; accepted: 1 to 1000"


def _redrive_verify(call: Call) -> None:
    """SQS API, SetQueueAttributes, RedrivePolicy: the queue of dead letters is there, and of the same kind."""
    queue = queue_at(call, str(call.inputs["queueUrl"]))
    target = table(json.loads(str(call.inputs["redrivePolicy"])))["deadLetterTargetArn"]
    letters = call.snapshot.one(QUEUE, arn=target)
    refuse(letters is None, "InvalidParameterValue", f"Dead letter target {target} does not exist")
    assert letters is not None
    assert queue is not None
    same = bool(letters["fifoQueue"]) is bool(queue["fifoQueue"])
    refuse(not same, "InvalidParameterValue", "the dead-letter queue of a FIFO queue must also be a FIFO queue")


KINDS: Final = (
    Kind(
        QUEUE,
        lambda call: f"https://sqs.{call.cloud.region}.amazonaws.com/{call.cloud.account}/{call.inputs['name']}",
        cfn="AWS::SQS::Queue",
        names={
            "name": "QueueName",
            "messageRetentionSeconds": "MessageRetentionPeriod",
            "visibilityTimeoutSeconds": "VisibilityTimeout",
            "receiveWaitTimeSeconds": "ReceiveMessageWaitTimeSeconds",
            "maxMessageSize": "MaximumMessageSize",
        },
        # pulumi-aws has the end of FIFO queues.
        autoname=AutoName(maximum=80, ends={"fifoQueue": ".fifo"}),
        defaults={
            "contentBasedDeduplication": False,
            "delaySeconds": 0,
            "fifoQueue": False,
            "maxMessageSize": 262_144,
            "messageRetentionSeconds": 345_600,
            "receiveWaitTimeSeconds": 0,
            "visibilityTimeoutSeconds": 30,
        },
        # hashicorp/terraform-provider-aws, internal/service/sqs/queue.go: optional and computed.
        computed=frozenset(
            {
                "deduplicationScope",
                "fifoThroughputLimit",
                "kmsDataKeyReusePeriodSeconds",
                "policy",
                "redriveAllowPolicy",
                "redrivePolicy",
                "sqsManagedSseEnabled",
            }
        ),
        unique=("name",),
        unique_code="QueueNameExists",
        # pulumi-aws waits until the name is free.
        retries=frozenset({"AWS.SimpleQueueService.QueueDeletedRecently"}),
        refs=(
            Ref("kmsMasterKeyId", kms.KEY, ("arn", "id"), blocks=False, prefix="arn:", code="KMS.NotFoundException"),
        ),
        problems=_queue_problems,
        verify=_queue_verify,
        outputs=lambda call, identifier: {"arn": call.cloud.arn("sqs", str(call.inputs["name"])), "url": identifier},
    ),
    Kind(
        QUEUE_POLICY,
        lambda call: str(call.inputs["queueUrl"]),
        replace=frozenset({"queueUrl"}),
        unique=("queueUrl",),
        puts=True,
        json_texts=frozenset({"policy"}),
        refs=(Ref("queueUrl", QUEUE, ("id",), blocks=False, code="AWS.SimpleQueueService.NonExistentQueue"),),
        problems=lambda inputs: iam.policy_problems("policy", inputs.get("policy"), resource=True),
    ),
    # Taken out of a queue itself, pulumi-aws would leave it there: it is computed.
    Kind(
        REDRIVE_POLICY,
        lambda call: str(call.inputs["queueUrl"]),
        replace=frozenset({"queueUrl"}),
        unique=("queueUrl",),
        puts=True,
        json_texts=frozenset({"redrivePolicy"}),
        refs=(Ref("queueUrl", QUEUE, ("id",), blocks=False, code="AWS.SimpleQueueService.NonExistentQueue"),),
        problems=_redrive_problems,
        verify=_redrive_verify,
    ),
)
