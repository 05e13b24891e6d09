"""`network` of a manifest: where tasks are placed, what their security groups are, Service Connect. Pure."""

import re
from dataclasses import dataclass

from components.input.value import Value

# EC2's ids: 8 hex digits, or 17 since 2016.
_SUBNET_ID = re.compile(r"subnet-(?:[0-9a-f]{8}|[0-9a-f]{17})")
_GROUP_ID = re.compile(r"sg-(?:[0-9a-f]{8}|[0-9a-f]{17})")
_CONNECT = re.compile(r"(?=.{1,127}$)[a-z0-9](?:[a-z0-9.-]{0,125}[a-z0-9])?")

MOST_GROUPS = 5
"""Security groups of a task (ECS API, AwsVpcConfiguration)."""


@dataclass(frozen=True)
class Network:
    """placement: `public` (Copilot's default: tasks have public addresses) or `private`. subnets: ids of the subnets in
    which tasks are placed instead, without a public address. security_groups: ids of further groups of the tasks.
    deny_default: whether the tasks leave the environment's own group. connect: Service Connect; connect_alias: the name
    by which others reach the service there (default: its own)."""

    placement: str = "public"
    subnets: tuple[str, ...] = ()
    security_groups: tuple[str, ...] = ()
    deny_default: bool = False
    connect: bool = False
    connect_alias: str | None = None

    @property
    def public(self) -> bool:
        """Whether tasks have public addresses."""
        return self.placement == "public" and not self.subnets


PLACED = Network()
"""What holds when nothing is said."""


def read_network(at: Value) -> Network:
    """What stands at `network`."""
    vpc, connect = at.get("vpc"), at.get("connect")
    placement, groups = vpc.get("placement"), vpc.get("security_groups")
    listed = groups.get("groups") if groups.is_map() else groups
    alias = connect.get("alias").text(None, "give a name such as users")
    if alias is not None and not _CONNECT.fullmatch(alias):
        connect.get("alias").fail("give a name of lower-case letters, digits, dots and hyphens, such as users")
    deny = groups.get("deny_default").boolean(False)
    found = _ids(listed, _GROUP_ID, "give a security group's id, such as sg-0a1b2c3d")
    if deny and not found and not listed:
        groups.get("deny_default").fail("write groups: with the ids of those that let the callers in", "no groups")
    if len(found) > MOST_GROUPS - (not deny):
        listed.fail(f"a task takes {MOST_GROUPS} at most, the environment's own included", f"found {len(found)}")
    return Network(
        placement="public" if placement.is_map() else placement.choice("public", ("public", "private")),
        subnets=_subnets(placement),
        security_groups=found,
        deny_default=deny,
        connect=connect.is_map() or connect.boolean(False),
        connect_alias=alias,
    )


def _subnets(placement: Value) -> tuple[str, ...]:
    """The ids at `placement.subnets`. `from_tags` is refused by the table of fields."""
    if not placement.is_map():
        return ()
    subnets = placement.get("subnets")
    if not subnets:
        placement.missing("subnets", "write subnets: with their ids, or public or private as a text")
    if subnets.is_map():
        if not subnets.get("from_tags"):
            subnets.fail("give a list of subnets' ids")
        return ()
    found = _ids(subnets, _SUBNET_ID, "give a subnet's id, such as subnet-0a1b2c3d")
    if subnets.value == []:
        subnets.fail("give the ids of subnets, such as subnet-0a1b2c3d", "an empty list")
    return found


def _ids(at: Value, form: re.Pattern[str], remedy: str) -> tuple[str, ...]:
    """A list of ids. Maps (`from_cfn`) are refused by the table of fields."""
    found: list[str] = []
    for each in at.items():
        if each.is_map():
            if not each.get("from_cfn"):
                each.fail(remedy)
            continue
        text = each.text("", remedy)
        if isinstance(each.value, (str, int)) and not form.fullmatch(text):
            each.fail(remedy)
        elif text in found:
            each.fail("name it once", f"{text} twice")
        elif text:
            found.append(text)
    return tuple(found)
