"""Topics and who may do what with them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from tools.standin.kinds import AutoName, Call, Kind, Problem, Ref
from tools.standin.values import Props

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
    if protocol in ("email", "email-json") and isinstance(endpoint, str) and not address:
        yield "endpoint", f"is {endpoint!r}; accepted: an address"


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
        problems=_subscription_problems,
        refs=(Ref("topic", TOPIC, ("arn",), blocks=False, code="NotFound"),),
        outputs=lambda call, identifier: {
            "arn": identifier,
            "ownerId": call.cloud.account,
            "pendingConfirmation": call.inputs["protocol"] in ("email", "email-json"),
            "confirmationWasAuthenticated": False,
        },
    ),
)
