"""A service with host names, certificates and a network load balancer on the real engine: it comes, changes, goes."""

from pathlib import Path

import yaml

from tests.engine.projects import must, stack
from tests.projects import Tree, manifest
from tests.standin.driver import Driver
from tools.standin import dns, elb, trace
from tools.standin.cloud import Cloud, Operation
from tools.standin.engine import EngineStack

KEPT = {dns.ZONE, dns.RECORD}
"""What was there before, and the records by which certificates of those names are renewed."""


def users(zone: str) -> Tree:
    """A service that is reached by host names of its own too."""
    alias = [{"name": "users.example.com", "hosted_zone": zone}]
    further = {"path": "admin", "target_port": 8081, "alias": [{"name": "admin.example.com", "hosted_zone": zone}]}
    nlb = {"port": "443/tls", "target_port": 3000, "alias": [{"name": "nlb.example.com", "hosted_zone": zone}]}
    http: Tree = {"path": "api/users", "alias": alias, "additional_rules": [further]}
    return manifest("users", http=http, nlb=nlb)


def asked(cloud: Cloud, url: str) -> set[str | int]:
    """Who answers there."""
    path = url.partition("://")[2].partition("/")[2]
    return trace.names(trace.answer(cloud.snapshot, url.removesuffix(path).rstrip("/"), "GET", f"/{path}"))


def rewrite(project: EngineStack, content: object) -> None:
    """Another manifest of the service users."""
    (project.program / "services/users/manifest.yml").write_text(yaml.safe_dump(content), encoding="utf-8")


def test_a_service_with_names_and_listeners_of_its_own_comes_changes_and_goes(tmp_path: Path) -> None:
    cloud = Cloud()
    zone = Driver(cloud).create(dns.ZONE, "example", name="example.com").id
    services = {"monolith": manifest("monolith", "/"), "users": users(zone)}
    with stack(tmp_path, "refactor-spaces", services, cloud=cloud) as project:
        plan, first = must(project.plan()), must(project.up())
        assert sorted(plan.lines()) == sorted(first.lines())
        assert must(project.up()).lines() == []
        assert must(project.refresh()).lines() == []
        assert asked(cloud, "https://users.example.com/api/users/1") == {"users"}
        assert asked(cloud, "http://users.example.com/api/users/1") == {301}
        assert asked(cloud, "https://users.example.com/other") == {503}
        assert asked(cloud, "https://admin.example.com/admin") == {"users"}
        assert asked(cloud, "https://nlb.example.com/") == {"users"}

        seen: list[set[str | int]] = []

        def still(operation: Operation) -> None:
            found = trace.answer(operation.snapshot, "https://users.example.com", "GET", "/api/users/1")
            seen.append(trace.names(found))

        # Another name beside the first one, which answers all the while.
        names = [{"name": f"{item}.example.com", "hosted_zone": zone} for item in ("people", "users")]
        rewrite(project, {**users(zone), "http": {"path": "api/users", "alias": names}})
        with cloud.watching(still):
            must(project.up())
        assert seen
        assert set[str | int]().union(*seen) == {"users"}
        assert asked(cloud, "https://people.example.com/api/users") == {"users"}
        rule = "delete aws:lb/listenerRule:ListenerRule users-Rule1 admin.example.com"
        assert sorted(must(project.up()).lines()) == [rule, f"{rule} tls"]
        assert must(project.up()).lines() == []

        # Another protocol on a port that is up, and another port of its health check.
        people = {"path": "api/users", "alias": names}
        nlb: Tree = {"port": "443/tcp", "target_port": 3000}
        rewrite(project, {**users(zone), "http": people, "nlb": nlb})
        assert "nlb: found 443/tcp, but the deployed listener uses tls" in project.plan().output
        nlb = {
            **nlb,
            "port": "443/tls",
            "alias": [{"name": "nlb.example.com", "hosted_zone": zone}],
            "healthcheck": {"port": 8081},
        }
        rewrite(project, {**users(zone), "http": people, "nlb": nlb})
        assert (
            "the health check of port 443 changes from traffic-port to 8081 immediately" in must(project.plan()).output
        )

        # Without host names of its own: the certificates, the records and the network load balancer go.
        rewrite(project, manifest("users"))
        must(project.up())
        assert not cloud.of(dns.CERTIFICATE)
        assert {record["type"] for record in cloud.of(dns.RECORD)} == {"CNAME"}
        assert {balancer["loadBalancerType"] for balancer in cloud.of(elb.BALANCER)} == {"application"}
        assert must(project.up()).lines() == []
        must(project.destroy())
    assert {resource.type for resource in cloud.snapshot} == KEPT
