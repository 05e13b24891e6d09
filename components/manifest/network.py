"""`network` of a manifest: where tasks are placed, what their security groups are, Service Connect. Pure."""

import re
from dataclasses import dataclass

from components.input.value import Value
from components.manifest.exports import is_pending
from components.manifest.support import BUILT, Field, Group, State
from components.model.cidr import SUBNET_ID

# EC2's ids: 8 hex digits, or 17 since 2016.
GROUP_ID = re.compile(r"sg-(?:[0-9a-f]{8}|[0-9a-f]{17})")
_CONNECT = re.compile(r"(?=.{1,127}$)[a-z0-9](?:[a-z0-9.-]{0,125}[a-z0-9])?")

MOST_GROUPS = 5
"""Security groups of a task (ECS API, AwsVpcConfiguration)."""

_GROUP = Field(State.KEPT, State.BUILT, "there are no security groups on the local platform")
_GROUP_ID_FIELD = Group({"from_cfn": _GROUP}, short=_GROUP)
_PLACEMENT = Field(State.KEPT, State.BUILT, "a container is never public on the local platform")
_TAGS = Field(State.KEPT, State.REFUSED, "Strangler doesn't look subnets up by their tags: give a list of their ids")
PLACEMENT = Group({"subnets": Group({"from_tags": Group(any_key=_TAGS)}, short=_PLACEMENT)}, short=_PLACEMENT)
"""The fields of `network.vpc.placement`."""

NETWORK = Group(
    {
        "vpc": Group(
            {
                "placement": PLACEMENT,
                "security_groups": Group(
                    {"deny_default": _GROUP, "groups": Group(item=_GROUP_ID_FIELD)},
                    item=_GROUP_ID_FIELD,
                    short=_GROUP,
                ),
            }
        ),
        "connect": Group({"alias": BUILT}, short=BUILT),
    }
)
"""The fields of `network`."""


@dataclass(frozen=True)
class Network:
    """Where tasks are placed, and how they are reached there."""

    placement: str = "public"
    """`public` (default, Copilot's: tasks have public addresses) or `private`."""
    subnets: tuple[str, ...] = ()
    """Ids of the subnets in which tasks are placed instead, without a public address. Default: the environment's."""
    security_groups: tuple[str, ...] = ()
    """Ids of further security groups of the tasks, 5 at most with the environment's own. Default: none."""
    deny_default: bool = False
    """Whether the tasks leave the environment's own security group. Default false."""
    connect: bool = False
    """Whether the service takes part in Service Connect. Default false."""
    connect_alias: str | None = None
    """The name by which others reach the service there. Default: the service's own."""

    @property
    def public(self) -> bool:
        """Whether tasks have public addresses."""
        return self.placement == "public" and not self.subnets


PLACED = Network()
"""The default."""


def read_network(at: Value) -> Network:
    """`network`."""
    vpc, connect = at.get("vpc"), at.get("connect")
    placement, groups = vpc.get("placement"), vpc.get("security_groups")
    listed = groups.get("groups") if groups.is_map() else groups
    remedy = "give a name of lower-case letters, digits, dots and hyphens, such as users"
    alias = connect.get("alias").matching(_CONNECT, remedy)
    deny = groups.get("deny_default").boolean(False)
    found = _ids(listed, GROUP_ID, "give a security group's id, such as sg-0a1b2c3d")
    if deny and not found and not listed:
        groups.get("deny_default").fail(
            "write groups: with the ids of security groups that allow the callers", "no groups"
        )
    if len(found) > MOST_GROUPS - (not deny):
        listed.fail(f"a task allows at most {MOST_GROUPS}, including the environment's own", f"found {len(found)}")
    return Network(
        placement="public" if placement.is_map() else placement.choice("public", ("public", "private")),
        subnets=_subnets(placement),
        security_groups=found,
        deny_default=deny,
        connect=connect.is_map() or connect.boolean(False),
        connect_alias=alias,
    )


def _subnets(placement: Value) -> tuple[str, ...]:
    """The ids at `placement.subnets`. `from_tags` is refused by the table."""
    if not placement.is_map():
        return ()
    subnets = placement.required("subnets", "write subnets: with their ids, or the string public or private")
    if subnets.is_map():
        if not subnets.get("from_tags"):
            subnets.fail("give a list of subnets' ids")
        return ()
    if subnets.value == []:
        subnets.fail("give the ids of subnets, such as subnet-0a1b2c3d", "an empty list")
    return _ids(subnets, SUBNET_ID, "give a subnet's id, such as subnet-0a1b2c3d")


def _ids(at: Value, form: re.Pattern[str], remedy: str) -> tuple[str, ...]:
    """A list of ids. One that isn't known yet is as it is."""
    found: list[str] = []
    for item in at.items():
        text = str(item.value) if is_pending(item.value) else item.matching(form, remedy)
        if text in found:
            item.fail("remove one", f"duplicate {text}")
        elif text:
            found.append(text)
    return tuple(found)
