"""The policies of a worker's queues: who may send and receive, and who may use their key. Pure.

They are those of Copilot (its template subscribe.yml at v1.34), but that the service's rights are its role's.
"""

import json
from collections.abc import Iterable


def key(partition: str, account: str) -> str:
    """A key for what waits in queues: SNS sends there only with a key that lets it (SNS developer guide, «Setting up
    Amazon SNS topic encryption with encrypted Amazon SQS queue subscription»), and policies of the account's roles
    say who else uses it."""
    return _policy(
        {"Principal": {"AWS": f"arn:{partition}:iam::{account}:root"}, "Action": "kms:*", "Resource": "*"},
        {
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
            "Resource": "*",
        },
        {
            "Principal": {"Service": "sqs.amazonaws.com"},
            "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*"],
            "Resource": "*",
        },
    )


def take_messages(queue: str, topics: Iterable[str]) -> str:
    """A queue takes what exactly these topics send. All by ARN."""
    return _policy(
        {
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": queue,
            "Condition": {"ArnEquals": {"aws:SourceArn": sorted(topics)}},
        }
    )


def work(queues: Iterable[str], key: str) -> str:
    """Receiving messages of exactly these queues and deleting them, and reading what is encrypted. All by ARN."""
    return _policy(
        {"Action": ["sqs:DeleteMessage", "sqs:ReceiveMessage"], "Resource": sorted(queues)},
        {"Action": "kms:Decrypt", "Resource": key},
    )


def redrive(dead_letters: str, tries: int) -> str:
    """Where a message goes that was received so often and not deleted. dead_letters: the queue's ARN."""
    return _text({"deadLetterTargetArn": dead_letters, "maxReceiveCount": tries})


def _policy(*statements: dict[str, object]) -> str:
    return _text({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **one} for one in statements]})


def _text(document: dict[str, object]) -> str:
    return json.dumps(document, sort_keys=True, separators=(",", ":"))
