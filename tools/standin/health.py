"""Whether something answers at a URL, from a snapshot alone."""

from __future__ import annotations

from urllib.parse import urlsplit

from tools.standin import actions, deployments, dns, elb, network
from tools.standin.cloud import Object, Snapshot
from tools.standin.values import items, texts

_SERVICE = "aws:ecs/service:Service"


def services_behind(snapshot: Snapshot, target_group: str) -> list[Object]:
    """The ECS services whose tasks are targets of this group."""
    return [
        service
        for service in snapshot.of(_SERVICE)
        if any(item.get("targetGroupArn") == target_group for item in deployments.registered(service))
    ]


def healthy(snapshot: Snapshot, service: Object) -> bool:
    """Whether the service has a task that its balancer reaches now."""
    return (
        deployments.tasks(service)["healthy"] > 0
        and deployments.health_problem(snapshot, service, running=True) is None
    )


def listener_of(snapshot: Snapshot, url: str) -> Object | None:
    """The listener that a URL leads to, by its host and port."""
    parts = urlsplit(url)
    balancer = snapshot.one(elb.BALANCER, dnsName=dns.resolved(snapshot, parts.hostname or ""))
    port = parts.port or (443 if parts.scheme == "https" else 80)
    if balancer is None:
        return None
    return next(
        (
            listener
            for listener in snapshot.where(elb.LISTENER, loadBalancerArn=balancer.id)
            if listener["port"] == port
        ),
        None,
    )


def open_to_internet(snapshot: Snapshot, listener: Object) -> bool:
    """Whether anyone may connect to this listener."""
    balancer = snapshot.get(elb.BALANCER, str(listener["loadBalancerArn"]))
    if balancer is None or balancer["internal"]:
        return False
    groups = texts(balancer["securityGroups"])
    subnets = items(balancer["subnets"])
    routed = all(network.is_public(snapshot, str(subnet)) for subnet in subnets)
    return routed and network.accepts_internet(snapshot, groups, int(listener["port"]))


def url_problem(snapshot: Snapshot, url: str) -> str | None:
    """Why a health check of this URL would fail, or None. Hosts outside of the account are taken to answer."""
    host = urlsplit(url).hostname or ""
    if not host.endswith(".elb.amazonaws.com"):
        return None
    listener = listener_of(snapshot, url)
    if listener is None:
        return "nothing listens there"
    balancer = snapshot.get(elb.BALANCER, str(listener["loadBalancerArn"]))
    if balancer is not None and not balancer["internal"] and not open_to_internet(snapshot, listener):
        return "the load balancer takes no connection from the internet"
    groups = actions.forwarded(listener.inputs, "defaultActions")
    for rule in snapshot.where(elb.RULE, listenerArn=listener.id):
        groups += actions.forwarded(rule.inputs, "actions")
    for group in groups:
        if any(healthy(snapshot, service) for service in services_behind(snapshot, group)):
            return None
    return "no target behind it is healthy"
