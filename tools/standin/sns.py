"""Topics and who may do what with them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from math import prod
from typing import Any, Final, cast

from tools.standin import sqs
from tools.standin.kinds import AutoName, Call, Kind, Problem, Ref, refuse
from tools.standin.values import Props, table

TOPIC: Final = "aws:sns/topic:Topic"
TOPIC_POLICY: Final = "aws:sns/topicPolicy:TopicPolicy"
SUBSCRIPTION: Final = "aws:sns/topicSubscription:TopicSubscription"


def _topic_problems(inputs: Props) -> Iterator[Problem]:
    name, fifo = inputs.get("name"), inputs.get("fifoTopic") is True
    if isinstance(name, str):
        plain = name.removesuffix(".fifo") if fifo else name
        if len(name) > 256 or not re.fullmatch(r"[A-Za-z0-9_-]+", plain):
            yield "name", f"is {name!r}; accepted: up to 256 letters, digits, - and _"
        if fifo and not name.endswith(".fifo"):
            yield "name", f"is {name!r}; the name of a FIFO topic ends with .fifo"
    if inputs.get("contentBasedDeduplication") and not fifo:
        yield "contentBasedDeduplication", "is for FIFO topics only"


def _subscription_problems(inputs: Props) -> Iterator[Problem]:
    """SNS API, Subscribe."""
    protocol, endpoint = inputs.get("protocol"), inputs.get("endpoint")
    address = isinstance(endpoint, str) and re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", endpoint)
    yield from _filter_problems(inputs)
    if protocol in ("email", "email-json") and isinstance(endpoint, str) and not address:
        yield "endpoint", f"is {endpoint!r}; accepted: an address"


def _filter_problems(inputs: Props) -> Iterator[Problem]:
    """SNS developer guide, «Filter policy constraints in Amazon SNS», for attributes."""
    text = inputs.get("filterPolicy")
    if not isinstance(text, str) or inputs.get("filterPolicyScope") not in (None, "MessageAttributes"):
        return
    try:
        policy: Any = json.loads(text)
    except ValueError as error:
        yield "filterPolicy", f"is not JSON: {error}"
        return
    values = {key: value for key, value in table(policy).items() if key != "$or"}
    if len(values) > 5:
        yield "filterPolicy", f"has {len(values)} keys; accepted: 5"
    for key, value in values.items():
        if not isinstance(value, list) or not value:
            yield "filterPolicy", f"has {value!r} for {key}; accepted: a list of values"
    lists = [cast("list[object]", value) for value in values.values() if isinstance(value, list)]
    if prod(map(len, lists)) > 150:
        yield "filterPolicy", "has more than 150 combinations of values"


def _subscription_verify(call: Call) -> None:
    """SNS developer guide, «Amazon SNS message delivery for FIFO topics»: only a FIFO topic sends to a FIFO queue. What
    may not be delivered SNS drops unseen (its «Message delivery status»): here it is refused at once."""
    if call.inputs["protocol"] != "sqs":
        return
    topic, queue = str(call.inputs["topic"]), call.snapshot.one(sqs.QUEUE, arn=call.inputs["endpoint"])
    refuse(queue is None, "InvalidParameter", f"no queue {call.inputs['endpoint']}")
    assert queue is not None
    refused = queue["fifoQueue"] and not topic.endswith(".fifo")
    refuse(refused, "InvalidParameter", "Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to")
    allowed = sqs.lets_send(call, queue, topic)
    refuse(not allowed, "AccessDenied", f"{queue['name']} doesn't take what {topic} sends: it would be dropped unseen")


def _arn(call: Call) -> str:
    return call.cloud.arn("sns", str(call.inputs["name"]))


KINDS: Final = (
    Kind(
        TOPIC,
        _arn,
        cfn="AWS::SNS::Topic",
        names={"name": "TopicName"},
        autoname=AutoName(maximum=256),
        unique=("name",),
        unique_code="InvalidParameter",
        puts=True,
        problems=_topic_problems,
        outputs=lambda call, identifier: {"arn": identifier, "owner": call.cloud.account},
    ),
    Kind(
        TOPIC_POLICY,
        lambda call: str(call.inputs["arn"]),
        replace=frozenset({"arn"}),
        unique=("arn",),
        puts=True,
        json_texts=frozenset({"policy"}),
        refs=(Ref("arn", TOPIC, ("arn",), blocks=False, code="NotFound"),),
        outputs=lambda call, _identifier: {"owner": call.cloud.account},
    ),
    # What was never confirmed can't be unsubscribed, and goes with its topic, or after 48 hours (pulumi-aws,
    # sns.TopicSubscription).
    Kind(
        SUBSCRIPTION,
        lambda call: f"{call.inputs['topic']}:{call.cloud.new_id('', 12)}",
        cfn="AWS::SNS::Subscription",
        names={"topic": "TopicArn", "rawMessageDelivery": "RawMessageDelivery"},
        defaults={"confirmationTimeoutInMinutes": 1, "endpointAutoConfirms": False, "rawMessageDelivery": False},
        json_texts=frozenset({"filterPolicy"}),
        computed=frozenset({"filterPolicyScope"}),
        problems=_subscription_problems,
        verify=_subscription_verify,
        refs=(Ref("topic", TOPIC, ("arn",), blocks=False, code="NotFound"),),
        outputs=lambda call, identifier: {
            "arn": identifier,
            "ownerId": call.cloud.account,
            "filterPolicyScope": "MessageAttributes" if call.get("filterPolicy") else "",
            "pendingConfirmation": call.inputs["protocol"] in ("email", "email-json"),
            "confirmationWasAuthenticated": False,
        },
    ),
)
