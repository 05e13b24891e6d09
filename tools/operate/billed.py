"""What of a stack's resources costs something while nothing happens: how much of which price. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from tools.standin.values import rows, table

State = Mapping[str, Any]
"""A resource in a state or a plan: `type`, `parent`, `inputs`."""

ZONES = 2
"""In how many zones a network is, where nothing tells: as many as ours have."""
NETWORK = "$awsx:ec2:Vpc$aws:ec2/vpc:Vpc"
"""What the subnets of an environment's network are in, below the environment."""
FREE_STORAGE = 20
"""GiB of storage that a task has for nothing."""
ALARMS_OF_A_POLICY = 2
"""A policy that tracks a target makes one alarm for more and one for fewer tasks (Application Auto Scaling user
guide, "How target tracking works")."""

BALANCER, ADDRESS, NAT, ZONE = (
    "load balancer",
    "public IPv4 address",
    "NAT gateway",
    "hosted zone",
)
ALARM, DASHBOARD, STORAGE = "metric of an alarm", "dashboard", "Fargate GB of storage over 20"
KEY = "key of KMS"
CPU, MEMORY = "Fargate vCPU", "Fargate GB of memory"

Amounts = Iterator[tuple[str, float]]
Beside = Mapping[str, Mapping[str, Sequence[State]]]
"""Resources by their parent and their type."""


def amounts(resources: Sequence[State]) -> dict[str, float]:
    """How many of each thing that has a price, by its name in the data."""
    beside: dict[str, dict[str, list[State]]] = {}
    for one in resources:
        beside.setdefault(str(one.get("parent", "")), {}).setdefault(one["type"], []).append(one)
    found: dict[str, float] = {}
    for one in resources:
        billed = BILLED.get(one["type"])
        for what, amount in billed(one, beside) if billed else ():
            found[what] = found.get(what, 0) + amount
    return found


def _balancer(one: State, beside: Beside) -> Amounts:
    inputs = one["inputs"]
    yield BALANCER, 1
    if not inputs.get("internal"):
        networks = inputs.get("subnets") or inputs.get("subnetMappings")
        yield ADDRESS, len(rows(networks)) or _public_subnets(one, beside) or ZONES


def _public_subnets(one: State, beside: Beside) -> int:
    """How many there are in the network of the same environment: before that is made, no subnet has an id."""
    kind, _, name = str(one.get("parent", "")).rpartition("::")
    subnets = beside.get(f"{kind}{NETWORK}::{name}", {}).get("aws:ec2/subnet:Subnet", ())
    return sum(1 for subnet in subnets if subnet["inputs"].get("mapPublicIpOnLaunch"))


def _tasks(one: State, beside: Beside) -> Amounts:
    """Tasks while nothing happens: the least number of a service that scales, or the one that it wants."""
    inputs, siblings = one["inputs"], beside[str(one.get("parent", ""))]
    scaled = siblings.get("aws:appautoscaling/target:Target")
    count = float((scaled[-1]["inputs"]["minCapacity"] if scaled else inputs.get("desiredCount")) or 0)
    definition = siblings["aws:ecs/taskDefinition:TaskDefinition"][-1]["inputs"]
    arm = table(definition.get("runtimePlatform")).get("cpuArchitecture") == "ARM64"
    processor = "arm64" if arm else "x86_64"
    yield f"{CPU}, {processor}", count * float(definition["cpu"]) / 1024
    yield f"{MEMORY}, {processor}", count * float(definition["memory"]) / 1024
    storage = float(table(definition.get("ephemeralStorage")).get("sizeInGib", FREE_STORAGE))
    yield STORAGE, count * (storage - FREE_STORAGE)
    if table(inputs.get("networkConfiguration")).get("assignPublicIp"):
        yield ADDRESS, count


def _policy(one: State, _beside: Beside) -> Amounts:
    """One that goes by metric math has alarms of as many metrics as it asks for."""
    tracked = table(one["inputs"].get("targetTrackingScalingPolicyConfiguration"))
    queries = rows(table(tracked.get("customizedMetricSpecification")).get("metrics"))
    yield ALARM, ALARMS_OF_A_POLICY * max(1, sum(1 for query in queries if "metricStat" in query))


def _alarm(one: State, _beside: Beside) -> Amounts:
    queries = rows(one["inputs"].get("metricQueries"))
    yield ALARM, max(1, sum(1 for query in queries if "metric" in query))


BILLED: dict[str, Callable[[State, Beside], Amounts]] = {
    "aws:lb/loadBalancer:LoadBalancer": _balancer,
    "aws:ecs/service:Service": _tasks,
    "aws:ec2/natGateway:NatGateway": lambda _one, _beside: iter([(NAT, 1)]),
    "aws:ec2/eip:Eip": lambda _one, _beside: iter([(ADDRESS, 1)]),
    # A namespace of Cloud Map has one.
    "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace": lambda _one, _beside: iter([(ZONE, 1)]),
    "aws:route53/zone:Zone": lambda _one, _beside: iter([(ZONE, 1)]),
    "aws:cloudwatch/metricAlarm:MetricAlarm": _alarm,
    "aws:kms/key:Key": lambda _one, _beside: iter([(KEY, 1)]),
    "aws:cloudwatch/dashboard:Dashboard": lambda _one, _beside: iter([(DASHBOARD, 1)]),
    "aws:appautoscaling/policy:Policy": _policy,
    # Refactor Spaces makes an API Gateway, a VPC link and a network load balancer (its API reference,
    # CreateApplication); the balancer costs while nothing happens.
    "aws-native:refactorspaces:Application": lambda _one, _beside: iter([(BALANCER, 1)]),
}
"""What a resource is billed for, by its type."""


def before_and_after(steps: Iterable[Mapping[str, Any]]) -> tuple[list[State], list[State]]:
    """The resources that a plan starts from, and those that it leads to. steps: of `pulumi preview --json
    --show-sames`."""
    before, after = dict[str, State](), dict[str, State]()
    for step in steps:
        urn = step["urn"]
        if old := step.get("oldState"):
            before.setdefault(urn, old)
        if (new := step.get("newState")) and not step["op"].startswith(("delete", "discard")):
            after[urn] = new
    return list(before.values()), list(after.values())
