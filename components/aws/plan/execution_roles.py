"""With which role ECS starts the tasks of a service, where the secrets that it may read have another policy. Pure.

Rights that a release changes come beside the old ones, which go last: until it is in steady state, and after one that
fails, tasks of the one before start. A role holds so many characters of inline policies only. Where the old policy and
the new one have no room together, the new one belongs to a role of its own.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from components.aws.plan.iam_policies import ROLE, read_secrets, secret_arn
from components.manifest.variables import Secret
from components.model.names import short_hash

Outputs = Mapping[str, Mapping[str, Any]]
"""Of resources that the stack has, by logical name."""


@dataclass(frozen=True)
class StackAccount:
    """Where a stack is."""

    partition: str
    """`aws`, `aws-cn`, …"""
    region: str
    """Such as eu-west-1."""
    account: str
    """Its id."""


def place_of(clusters: Outputs) -> StackAccount | None:
    """Where a stack's clusters are; None if it has none. clusters: those that it has."""
    for outputs in clusters.values():
        _, partition, _, region, account, _ = str(outputs.get("arn")).split(":", 5)
        return StackAccount(partition, region, account)
    return None


def version_of(service: str, secrets: Iterable[Secret], place: StackAccount | None, policies: Outputs) -> str:
    """What the names of the role and of its rights end with; empty for the first one. place: None before the first
    `up`. policies: the rights of roles that the stack has."""
    stem, listed = f"{service}-secrets", list(secrets)
    known = {
        name.removeprefix(stem): str(outputs.get("policy"))
        for name, outputs in policies.items()
        if name == stem or name.startswith(f"{stem}-V")
    }
    if place is None or not listed or "" not in known:
        # Nothing is in the first one's way; but tasks run with another.
        last = f"-V{_hash(listed, place)}" if place and listed else ""
        return last if last in known else ""
    wanted = _text(listed, place)
    # There may be those of a release that failed, too.
    if known[""] == wanted or len(known[""]) + 2 * len(wanted) <= ROLE:
        return ""
    return f"-V{_hash(listed, place)}"


def _text(secrets: Iterable[Secret], place: StackAccount) -> str:
    return read_secrets(secret_arn(secret, place.partition, place.region, place.account) for secret in secrets)


def _hash(secrets: Iterable[Secret], place: StackAccount) -> str:
    # A role's name has 64 characters: 40 of the service, `-execution`, this, and 8 of Pulumi's.
    return short_hash(_text(secrets, place), 4)
