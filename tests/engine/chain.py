"""What must come before what in a first `up`: as the engine knows it, and as AWS itself wants it. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from tools.standin import actions, dns, docker_image, ec2, ecr, ecs, elb, health, iam, security
from tools.standin import refactorspaces as rs
from tools.standin.catalog import KINDS
from tools.standin.clock import Needs
from tools.standin.cloud import Object, Snapshot
from tools.standin.values import items, rows, table, texts


def of_the_engine(resources: Iterable[Mapping[str, Any]]) -> Needs:
    """From the resources of a state: what the engine waited for before it made each. A component stands for all that
    is in it, unless it is one's own."""
    found = {str(resource["urn"]): resource for resource in resources}
    made = {urn for urn, resource in found.items() if resource["custom"] and not resource["type"].startswith("pulumi:")}
    inside: dict[str, set[str]] = {}
    for urn in made:
        above = str(found[urn].get("parent", ""))
        while above in found:
            inside.setdefault(above, set()).add(urn)
            above = str(found[above].get("parent", ""))

    def needs(urn: str) -> frozenset[str]:
        resource = found[urn]
        named = [str(other) for other in resource.get("dependencies", ())]
        components = [inside[other] for other in named if other in inside and urn not in inside[other]]
        return frozenset(made.intersection([*named, str(resource["parent"])]).union(*components))

    return {urn: needs(urn) for urn in made}


def of_aws(snapshot: Snapshot) -> Needs:
    """From all objects of an account: what each can't do without when it is made, whatever program makes it."""

    def needs(resource: Object) -> Iterator[Object]:
        for ref in KINDS[resource.type].refs:
            for value in ref.values(resource.inputs):
                target = ref.target(snapshot, value, resource.inputs)
                if target is not None:
                    yield target
        if resource.type in _BESIDES:
            yield from _BESIDES[resource.type](snapshot, resource)

    return {resource.urn: frozenset(other.urn for other in needs(resource)) for resource in snapshot}


def longest(needs: Needs, seconds: Callable[[str], float]) -> list[tuple[str, float]]:
    """The chain that ends last if everything begins as soon as it can: URNs, and when each has ended. Of two, the first
    by name."""
    ends: dict[str, float] = {}
    before: dict[str, str | None] = {}

    def end(urn: str) -> float:
        if urn not in ends:
            last = max(sorted(needs[urn]), key=end, default=None)
            before[urn] = last
            ends[urn] = seconds(urn) + (end(last) if last else 0.0)
        return ends[urn]

    at: str | None = max(sorted(needs), key=end)
    chain: list[tuple[str, float]] = []
    while at:
        chain.append((at, ends[at]))
        at = before[at]
    return chain[::-1]


# What no input names


def _of_balancer(snapshot: Snapshot, resource: Object) -> Iterator[Object]:
    """A load balancer that faces the internet: its network's gateway (InvalidSubnet)."""
    if not resource["internal"]:
        for subnet in items(resource["subnets"]):
            found = snapshot.get(ec2.SUBNET, str(subnet))
            yield from snapshot.where(ec2.GATEWAY, vpcId=found["vpcId"]) if found else ()


def _of_listener(snapshot: Snapshot, resource: Object) -> Iterator[Object]:
    """A listener for TLS: its certificate is issued (UnsupportedCertificate)."""
    yield from snapshot.where(dns.VALIDATION, certificateArn=resource["certificateArn"])


def _of_validation(snapshot: Snapshot, resource: Object) -> Iterator[Object]:
    """What AWS finds of a certificate: its record."""
    certificate = snapshot.one(dns.CERTIFICATE, arn=resource["certificateArn"])
    for option in rows(certificate["domainValidationOptions"] if certificate else None):
        yield from snapshot.where(dns.RECORD, name=option["resourceRecordName"])


def _of_image(snapshot: Snapshot, resource: Object) -> Iterator[Object]:
    """A push: the repository."""
    yield from (
        one for one in snapshot.of(ecr.REPOSITORY) if str(resource["imageName"]).startswith(f"{one['repositoryUrl']}:")
    )


def _of_definition(snapshot: Snapshot, resource: Object) -> Iterator[Object]:
    """A task definition: its roles."""
    yield from (
        one for one in snapshot.of(iam.ROLE) if one["arn"] in (resource["executionRoleArn"], resource["taskRoleArn"])
    )


def _of_service(snapshot: Snapshot, resource: Object) -> Iterator[Object]:
    """An ECS service: its target group is tied to a load balancer (InvalidParameterException); and for a first task in
    steady state, its image, the rights to pull it, the way there, and the way of the health checks."""
    balancers: list[Object] = []
    for target in rows(resource["loadBalancers"]):
        arn = str(target["targetGroupArn"])
        yield from (
            rule
            for rule in snapshot.of(elb.RULE)
            if _its_own(rule) and arn in actions.forwarded(rule.inputs, "actions")
        )
        balancers += [owner for owner in (elb.owner_of(snapshot, arn),) if owner]
    definition = snapshot.one(ecs.TASK_DEFINITION, arn=resource["taskDefinition"])
    if definition:
        yield definition
        text = str(definition["containerDefinitions"])
        yield from (image for image in snapshot.of(docker_image.IMAGE) if str(image["repoDigest"]) in text)
        role = str(definition["executionRoleArn"]).rpartition("/")[2]
        yield from (*snapshot.where(iam.ATTACHMENT, role=role), *snapshot.where(iam.ROLE_POLICY, role=role))
    network = table(resource["networkConfiguration"])
    for subnet in texts(network.get("subnets")):
        for association in snapshot.where(ec2.ASSOCIATION, subnetId=subnet):
            yield from (association, *snapshot.where(ec2.ROUTE, routeTableId=association["routeTableId"]))
    groups = {
        *texts(network.get("securityGroups")),
        *(str(one) for owner in balancers for one in items(owner["securityGroups"])),
    }
    for kind in (security.INGRESS, security.EGRESS):
        yield from (rule for rule in snapshot.of(kind) if rule["securityGroupId"] in groups)


def _its_own(rule: Object) -> bool:
    """Whether a rule is a service's: those of a facade come when the service is there."""
    return "LoadBalancedWebService$" in rule.urn


def _of_application(snapshot: Snapshot, resource: Object) -> Iterator[Object]:
    """An application of Refactor Spaces: subnets for its own load balancer."""
    yield from snapshot.where(ec2.SUBNET, vpcId=resource["vpcId"])


def _url(resource: Object) -> str:
    return str(table(resource["urlEndpoint"]).get("url"))


def _of_endpoint(snapshot: Snapshot, resource: Object) -> Iterator[Object]:
    """A service of Refactor Spaces: its URL can be looked up."""
    yield from (one for one in snapshot.of(elb.BALANCER) if f"//{one['dnsName']}" in _url(resource))


def _of_route(snapshot: Snapshot, resource: Object) -> Iterator[Object]:
    """An active route of Refactor Spaces: who answers at its URL, and the DEFAULT route."""
    for endpoint in snapshot.where(rs.SERVICE, serviceIdentifier=resource["serviceIdentifier"]):
        listener = health.listener_of(snapshot, _url(endpoint))
        for rule in snapshot.where(elb.RULE, listenerArn=listener.id if listener else ""):
            for group in actions.forwarded(rule.inputs, "actions"):
                yield from health.services_behind(snapshot, group)
    if resource["routeType"] != "DEFAULT":
        yield from snapshot.where(rs.ROUTE, routeType="DEFAULT")


_BESIDES: Mapping[str, Callable[[Snapshot, Object], Iterator[Object]]] = {
    elb.BALANCER: _of_balancer,
    elb.LISTENER: _of_listener,
    dns.VALIDATION: _of_validation,
    docker_image.IMAGE: _of_image,
    ecs.TASK_DEFINITION: _of_definition,
    ecs.SERVICE: _of_service,
    rs.APPLICATION: _of_application,
    rs.SERVICE: _of_endpoint,
    rs.ROUTE: _of_route,
}
