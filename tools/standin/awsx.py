"""awsx `ec2.Vpc`: a component that makes its children through the engine, so that the aws stand-in sees them."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Final, cast

import grpc
from google.protobuf import struct_pb2
from pulumi.runtime.proto import provider_pb2, resource_pb2, resource_pb2_grpc

from tools.standin import shapes
from tools.standin.cloud import AwsError, Cloud
from tools.standin.provider import Provider
from tools.standin.subnets import Subnet, layout
from tools.standin.values import SIGNATURE, UNKNOWN, Props, from_struct, items, table, to_struct

VPC: Final = "awsx:ec2:Vpc"
_VERSION: Final = version("pulumi-aws")
_RESOURCE: Final = "5cf8f73096256a8f31e491e813e4eb8e"
_VPC_INPUTS: Final = (
    "assignGeneratedIpv6CidrBlock",
    "enableDnsHostnames",
    "enableDnsSupport",
    "enableNetworkAddressUsageMetrics",
    "instanceTenancy",
    "region",
)
_NAT_STRATEGIES: Final = ("none", "single", "oneperaz")


@dataclass(frozen=True)
class Child:
    """A registered resource."""

    token: str
    urn: str
    id: Any
    state: Props

    def reference(self) -> Props:
        """The wire form of a reference to it."""
        return {SIGNATURE: _RESOURCE, "urn": self.urn, "id": self.id, "packageVersion": _VERSION}


class Monitor:
    """The engine's side of a component: registers resources below it."""

    def __init__(self, request: Any) -> None:
        self._channel: Any = grpc.insecure_channel(request.monitorEndpoint)
        self._stub: Any = resource_pb2_grpc.ResourceMonitorStub(self._channel)
        self._providers: Mapping[str, str] = dict(request.providers)
        self._request = request

    def component(self) -> str:
        """Register the component itself; answers its URN."""
        found = self._stub.RegisterResource(
            resource_pb2.RegisterResourceRequest(
                type=self._request.type,
                name=self._request.name,
                parent=self._request.parent,
                custom=False,
                object=struct_pb2.Struct(),
                dependencies=list(self._request.dependencies),
                providers=self._providers,
                aliases=list(self._request.aliases),
                acceptSecrets=True,
                acceptResources=True,
            )
        )
        return str(found.urn)

    def resource(self, token: str, name: str, inputs: Props, parent: str, needs: list[str]) -> Child:
        """Register an aws resource and wait for it."""
        found = self._stub.RegisterResource(
            resource_pb2.RegisterResourceRequest(
                type=token,
                name=name,
                parent=parent,
                custom=True,
                object=to_struct({key: value for key, value in inputs.items() if value is not None}),
                dependencies=[*needs, *self._request.dependencies],
                provider=self._providers.get("aws", ""),
                version=_VERSION,
                acceptSecrets=True,
                acceptResources=True,
                supportsPartialValues=True,
                retainOnDelete=self._request.retainOnDelete,
                protect=self._request.protect,
            )
        )
        return Child(token, str(found.urn), found.id or UNKNOWN, from_struct(found.object))

    def finish(self, urn: str, outputs: Props) -> None:
        self._stub.RegisterResourceOutputs(
            resource_pb2.RegisterResourceOutputsRequest(urn=urn, outputs=to_struct(outputs))
        )

    def zones(self) -> list[str]:
        """The region's zones, asked from the aws plugin."""
        found = self._stub.Invoke(
            resource_pb2.ResourceInvokeRequest(
                tok="aws:index/getAvailabilityZones:getAvailabilityZones",
                args=to_struct({"state": "available"}),
                provider=self._providers.get("aws", ""),
                version=_VERSION,
                acceptResources=True,
            )
        )
        if found.failures:
            raise AwsError("", found.failures[0].reason)
        return cast("list[str]", from_struct(getattr(found, "return"))["names"])

    def close(self) -> None:
        self._channel.close()


class AwsxProvider(Provider):
    """The awsx plugin; `ec2.Vpc` is all that it has."""

    def __init__(self, package: str, version: str, cloud: Cloud) -> None:
        super().__init__(package, version, cloud)

    def Construct(self, request: Any, context: Any) -> Any:  # noqa: N802
        if request.type != VPC:
            context.abort(grpc.StatusCode.UNIMPLEMENTED, f"{request.type}: the stand-in for awsx has {VPC} only")
        inputs = from_struct(request.inputs)
        wrong = [f"{path} {problem}" for path, problem in shapes.problems(VPC, inputs)]
        if wrong:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "; ".join(wrong))
        monitor = Monitor(request)
        try:
            urn, outputs = make_network(monitor, request.name, inputs)
        except AwsError as error:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"{request.type} ({request.name}): {error.message}")
            raise
        except grpc.RpcError as error:
            context.abort(grpc.StatusCode.UNKNOWN, f"{request.type} ({request.name}): {cast('Any', error).details()}")
            raise
        finally:
            monitor.close()
        return provider_pb2.ConstructResponse(urn=urn, state=to_struct(outputs))


def make_network(monitor: Monitor, name: str, inputs: Props) -> tuple[str, Props]:
    if inputs.get("availabilityZoneNames") and inputs.get("numberOfAvailabilityZones"):
        raise AwsError("", "Only one of [availabilityZoneNames] and [numberOfAvailabilityZones] can be specified")
    strategy = str(table(inputs.get("natGateways")).get("strategy") or "OnePerAz")
    if strategy.lower() not in _NAT_STRATEGIES:
        raise AwsError("", f"natGateways.strategy is {strategy!r}; accepted: None, Single, OnePerAz")
    zones = _zones(monitor, inputs)
    cidr = str(inputs.get("cidrBlock") or "10.0.0.0/16")
    subnets = layout(name, inputs, cidr, zones)
    kinds = {subnet.type.lower() for subnet in subnets}
    if strategy.lower() != "none" and "public" not in kinds:
        raise AwsError("", "natGateways need public subnets; use the strategy None")
    urn = monitor.component()
    made = _Network(monitor, name, inputs, strategy.lower(), zones).make(urn, cidr, subnets)
    outputs = _outputs(made, subnets)
    monitor.finish(urn, outputs)
    return urn, outputs


def _zones(monitor: Monitor, inputs: Props) -> list[str]:
    if inputs.get("availabilityZoneNames"):
        return cast("list[str]", inputs["availabilityZoneNames"])
    wanted = int(inputs.get("numberOfAvailabilityZones") or 3)
    found = monitor.zones()
    if wanted > len(found):
        raise AwsError(
            "", f"The configured region for this provider does not have at least {wanted} Availability Zones."
        )
    return found[:wanted]


@dataclass(frozen=True)
class _Made:
    """What the network consists of, per subnet name where there is one of a kind per subnet."""

    vpc: Child
    gateway: Child
    subnets: dict[str, Child]
    tables: dict[str, Child]
    associations: dict[str, Child]
    routes: dict[str, Child]
    eips: dict[str, Child]
    nats: dict[str, Child]


class _Network:
    """Registers the children, each as soon as what it needs is there."""

    def __init__(self, monitor: Monitor, name: str, inputs: Props, strategy: str, zones: list[str]) -> None:
        self.monitor = monitor
        self.name = name
        self.inputs = inputs
        self.strategy = strategy
        self.zones = zones
        self.own_tags = table(inputs.get("tags"))
        self.tags = {"Name": name, **self.own_tags}

    def make(self, component: str, cidr: str, subnets: list[Subnet]) -> _Made:
        passed = {key: self.inputs[key] for key in _VPC_INPUTS if self.inputs.get(key) is not None}
        vpc = self._register("ec2/vpc:Vpc", self.name, {**passed, "cidrBlock": cidr, "tags": self.tags}, component)
        with ThreadPoolExecutor(max_workers=8 + 8 * len(subnets)) as pool:
            return self._below(pool, vpc, subnets)

    def _below(self, pool: ThreadPoolExecutor, vpc: Child, subnets: list[Subnet]) -> _Made:
        gateway = pool.submit(
            self._register,
            "ec2/internetGateway:InternetGateway",
            self.name,
            {"vpcId": vpc.id, "tags": self.tags},
            vpc.urn,
        )
        made: dict[str, dict[str, Future[Child]]] = {
            word: {} for word in ("subnets", "tables", "associations", "routes", "eips", "nats")
        }
        for subnet in subnets:
            self._subnet(pool, vpc, subnet, made)
        for subnet in subnets:
            self._default_route(pool, subnet, gateway, made)
        done = {key: {name: future.result() for name, future in value.items()} for key, value in made.items()}
        return _Made(vpc=vpc, gateway=gateway.result(), **done)

    def _subnet(
        self, pool: ThreadPoolExecutor, vpc: Child, spec: Subnet, made: dict[str, dict[str, Future[Child]]]
    ) -> None:
        tags = {"Name": spec.name, "SubnetType": spec.type}
        public = spec.type.lower() == "public"
        subnet = pool.submit(
            self._register,
            "ec2/subnet:Subnet",
            spec.name,
            {
                "vpcId": vpc.id,
                "availabilityZone": spec.zone,
                "mapPublicIpOnLaunch": public,
                "cidrBlock": spec.cidr,
                "tags": {**self.tags, **spec.tags, **tags},
            },
            vpc.urn,
        )
        table = pool.submit(
            lambda: self._register(
                "ec2/routeTable:RouteTable",
                spec.name,
                {"vpcId": vpc.id, "tags": {**self.tags, **tags}},
                subnet.result().urn,
            )
        )
        made["subnets"][spec.name], made["tables"][spec.name] = subnet, table
        made["associations"][spec.name] = pool.submit(
            lambda: self._register(
                "ec2/routeTableAssociation:RouteTableAssociation",
                spec.name,
                {"routeTableId": table.result().id, "subnetId": subnet.result().id},
                table.result().urn,
                subnet.result().urn,
            )
        )
        number = self.zones.index(spec.zone) + 1
        if public and (self.strategy == "oneperaz" or (self.strategy == "single" and not made["nats"])):
            self._nat(pool, f"{self.name}-{number}", subnet, made)

    def _nat(
        self, pool: ThreadPoolExecutor, name: str, subnet: Future[Child], made: dict[str, dict[str, Future[Child]]]
    ) -> None:
        tags = {**self.own_tags, "Name": name}
        given = items(table(self.inputs.get("natGateways")).get("elasticIpAllocationIds"))
        position = len(made["nats"])
        if not given:
            made["eips"][name] = pool.submit(
                lambda: self._register("ec2/eip:Eip", name, {"tags": tags}, subnet.result().urn)
            )

        def nat() -> Child:
            eip = made["eips"][name].result() if not given else None
            allocation = eip.id if eip else given[position]
            inputs = {"subnetId": subnet.result().id, "allocationId": allocation, "tags": tags}
            needs = [eip.urn] if eip else []
            return self._register("ec2/natGateway:NatGateway", name, inputs, subnet.result().urn, *needs)

        made["nats"][name] = pool.submit(nat)

    def _default_route(
        self, pool: ThreadPoolExecutor, spec: Subnet, gateway: Future[Child], made: dict[str, dict[str, Future[Child]]]
    ) -> None:
        table = made["tables"][spec.name]
        kind = spec.type.lower()
        if kind == "public":
            target, field = gateway, "gatewayId"
        elif kind == "private" and self.strategy != "none":
            number = 1 if self.strategy == "single" else self.zones.index(spec.zone) + 1
            target, field = made["nats"][f"{self.name}-{number}"], "natGatewayId"
        else:
            return
        made["routes"][spec.name] = pool.submit(
            lambda: self._register(
                "ec2/route:Route",
                spec.name,
                {
                    "routeTableId": table.result().id,
                    field: target.result().id,
                    "destinationCidrBlock": "0.0.0.0/0",
                },
                table.result().urn,
                target.result().urn,
            )
        )

    def _register(self, token: str, name: str, inputs: Props, parent: str, *needs: str) -> Child:
        return self.monitor.resource(f"aws:{token}", name, inputs, parent, [parent, *needs])


def _outputs(made: _Made, subnets: list[Subnet]) -> Props:
    def ids(kind: str) -> list[Any]:
        return [made.subnets[subnet.name].id for subnet in subnets if subnet.type.lower() == kind]

    return {
        "vpc": made.vpc.reference(),
        "vpcId": made.vpc.id,
        "internetGateway": made.gateway.reference(),
        "publicSubnetIds": ids("public"),
        "privateSubnetIds": ids("private"),
        "isolatedSubnetIds": ids("isolated"),
        "subnets": [subnet.reference() for subnet in made.subnets.values()],
        "publicSubnets": [
            made.subnets[subnet.name].reference() for subnet in subnets if subnet.type.lower() == "public"
        ],
        "privateSubnets": [
            made.subnets[subnet.name].reference() for subnet in subnets if subnet.type.lower() == "private"
        ],
        "isolatedSubnets": [
            made.subnets[subnet.name].reference() for subnet in subnets if subnet.type.lower() == "isolated"
        ],
        "routeTables": [item.reference() for item in made.tables.values()],
        "routeTableAssociations": [association.reference() for association in made.associations.values()],
        "routes": [route.reference() for route in made.routes.values()],
        "natGateways": [nat.reference() for nat in made.nats.values()],
        "eips": [eip.reference() for eip in made.eips.values()],
        "vpcEndpoints": [],
        "subnetLayout": [{"type": subnet.type} for subnet in subnets],
    }
