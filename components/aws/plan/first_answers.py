"""What AWS says of a service that runs elsewhere, before the first request is led there: whether it would be answered.
Pure.

Sources: ELB API, TargetHealth (a target that no load balancer uses is `unused`, reason Target.NotInUse; without health
checks it is `unavailable`, reason Target.HealthCheckDisabled) and LoadBalancerState; Lambda API,
GetFunctionConfiguration (State, StateReason); Lambda developer guide, "Lambda function states" (an inactive function
fails its first call, which wakes it); Refactor Spaces API, CreateRoute (a function that isn't active is woken, one that
has failed refuses the route).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Finding:
    """What comes of asking once."""

    wrong: str | None = None
    """Why nothing would be answered. Default: nothing tells that."""
    passing: bool = False
    """Whether it may be otherwise in a moment. Default false."""
    unknown: str | None = None
    """What AWS can't tell before the switch. Default: it tells all."""
    remedy: str = ""
    """What to do. Default: what one does where that kind of service doesn't answer."""


def of_targets(found: Sequence[Mapping[str, Any]]) -> Finding:
    """Of a target group. found: what DescribeTargetHealth tells of each of its targets."""
    states = [(str(one["TargetHealth"]["State"]), str(one["TargetHealth"].get("Reason", ""))) for one in found]
    if not states:
        return Finding("it has no registered targets")
    if any(state == "healthy" for state, _ in states):
        return Finding()
    counted = Counter(f"{state} ({reason})" if reason else state for state, reason in states)
    reported = ", ".join(f"{number} {what}" for what, number in sorted(counted.items()))
    if all(reason in _UNKNOWN for _, reason in states):
        why = " and ".join(sorted({_UNKNOWN[reason] for _, reason in states}))
        return Finding(
            unknown=f"whether one of its targets is healthy can't be known before the switch, as {why}: {reported}"
        )
    return Finding(
        f"none of its targets is healthy: {reported}", passing=any(state == "initial" for state, _ in states)
    )


_UNKNOWN = {
    "Target.NotInUse": "no load balancer uses it yet, or none in its targets' zones",
    "Target.HealthCheckDisabled": "its health checks are turned off",
}
"""Reasons that say nothing of a target's health, and what they mean."""


def of_function(found: Mapping[str, Any], *, woken: bool) -> Finding:
    """Of a Lambda function. found: what GetFunctionConfiguration tells. woken: whether all that calls it wakes it
    first."""
    state = str(found.get("State", "Active"))  # functions that are older than states have none
    if state == "Active" or (woken and state == "Inactive"):
        return Finding()
    reason = " ".join(str(found.get("StateReason", "")).split())
    return Finding(f"it is {state}{f' ({reason})' if reason else ''}", passing=state == "Pending")


def of_load_balancer(found: Mapping[str, Any]) -> Finding:
    """Of the load balancer of a listener. found: what DescribeLoadBalancers tells of it."""
    state = str(found["State"]["Code"])
    # One that is impaired routes requests, and can't scale.
    if state in ("active", "active_impaired"):
        return Finding()
    reason = " ".join(str(found["State"].get("Reason", "")).split())
    reported = f"its load balancer is {state}{f' ({reason})' if reason else ''}"
    return Finding(reported, passing=state == "provisioning")
