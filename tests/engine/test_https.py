"""The facade `alb` gets a name and TLS, other names, a web ACL, and goes back to plain HTTP, while clients ask: after
every single operation all of them are answered by the owner of the path, or told to come by https."""

import json
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.engine.projects import must, stack
from tests.projects import Tree, manifest
from tests.standin.driver import Driver
from tests.standin.test_waf import web_acl
from tools.standin import apigateway, dns, ecs, elb, trace, waf
from tools.standin.cloud import Cloud, Operation, Snapshot
from tools.standin.engine import EngineStack

WWW, APP = "www.example.com", "app.example.com"
TWO = {"monolith": manifest("monolith", "/"), "users": manifest("users")}
OWNERS = {"/": "monolith", "/api/users": "users", "/api/users/7": "users", "/api/usersx": "monolith"}
TOLD = {403: 1.0}
"""What is sent by plain HTTP and can't be redirected."""


def ask(snapshot: Snapshot, url: str, method: str, path: str) -> trace.Answer:
    """The answer to a client that follows redirects, if a load balancer answers."""
    if ".execute-api." in dns.resolved(snapshot, urlsplit(url).hostname or ""):
        return trace.answer(snapshot, url, method, path)
    return trace.followed(snapshot, url, method, path)


def answered(snapshot: Snapshot, url: str, *others: str) -> bool:
    """Whether a client gets every path's owner there. others: who may have it instead."""
    return all(
        any(
            dict(ask(snapshot, url, "GET", path)) == {one: 1.0}
            and dict(ask(snapshot, url, "POST", path)) in ({one: 1.0}, {} if "https" in url else TOLD)
            for one in (owner, *others)
        )
        for path, owner in OWNERS.items()
    )


def reached(snapshot: Snapshot, host: str) -> list[str]:
    """The URLs of a host name, if its record is there."""
    return [f"{scheme}://{host}" for scheme in ("http", "https")] if dns.resolved(snapshot, host) != host else []


@contextmanager
def watched(found: EngineStack, urls: Callable[[Snapshot], list[str]], *others: str) -> Generator[None]:
    """Fails if one of the URLs that there are after an operation doesn't answer everything then. others: who may answer
    instead of a path's owner."""
    silent: list[str] = []
    count = 0

    def look(operation: Operation) -> None:
        nonlocal count
        count += 1
        silent.extend(
            f"{url} after {operation.kind} {operation.urn}"
            for url in urls(operation.snapshot)
            if not answered(operation.snapshot, url, *others)
        )

    with found.cloud.watching(look):
        yield
    assert count
    assert silent == []


def set_alb(found: EngineStack, **settings: object) -> None:
    found.set("strangler:facadeSettings", json.dumps({"alb": settings}), path=False)


def settled(found: EngineStack) -> bool:
    return must(found.up()).lines() == [] and must(found.refresh()).lines() == []


def test_a_live_system_turns_to_https_and_back(tmp_path: Path) -> None:
    cloud = Cloud()
    zone = Driver(cloud).create(dns.ZONE, "example", name="example.com").id
    acls = [web_acl(Driver(cloud), name) for name in ("one", "two")]
    with stack(tmp_path, "alb", TWO, {"routes": {"users": True}}, cloud=cloud) as found:
        must(found.up())
        plain = str(found.outputs()["url"])
        containers = {item.name: item["containerDefinitions"] for item in cloud.of(ecs.TASK_DEFINITION)}

        # To https: by the load balancer's own name, as services have it in COPILOT_LB_DNS, and by the new one.
        set_alb(found, domain={"name": WWW, "hostedZone": zone}, webAcl=acls[0])
        plan = must(found.plan()).lines()
        with watched(found, lambda snapshot: [plain, *reached(snapshot, WWW)]):
            run = must(found.up())
        assert {line.split(maxsplit=1)[1] for line in run.lines()} == {line.split(maxsplit=1)[1] for line in plan}
        assert not [line for line in run.lines() if "ecs/" in line]
        assert {item.name: item["containerDefinitions"] for item in cloud.of(ecs.TASK_DEFINITION)} == containers
        assert found.outputs()["url"] == f"https://{WWW}"
        assert f"http://{found.outputs()['dnsTarget']}" == plain
        assert [url for url in (plain, f"http://{WWW}", f"https://{WWW}") if not answered(cloud.snapshot, url)] == []
        assert dict(trace.answer(cloud.snapshot, plain, "GET", "/")) == {302: 1.0}
        assert dict(trace.answer(cloud.snapshot, plain, "POST", "/")) == TOLD
        (balancer,) = cloud.of(elb.BALANCER)
        assert waf.web_acl_of(cloud.snapshot, balancer.id) == acls[0]
        assert settled(found)

        # Another name next to it, another web ACL, and a route goes back.

        found.set("strangler:routes.users", "false")
        names = [{"name": name, "hostedZone": zone} for name in (APP, WWW)]
        set_alb(found, domain=names, webAcl=acls[1])
        with watched(found, lambda snapshot: [plain, *reached(snapshot, WWW), *reached(snapshot, APP)], "monolith"):
            must(found.up())
        assert waf.web_acl_of(cloud.snapshot, balancer.id) == acls[1]
        found.set("strangler:routes.users", "true")
        must(found.up())
        assert found.outputs()["url"] == f"https://{APP}"
        assert answered(cloud.snapshot, f"https://{WWW}")

        # The first of them goes, the other one answers all the while.
        set_alb(found, domain=names[1])
        with watched(found, lambda snapshot: [plain, *reached(snapshot, WWW), *reached(snapshot, APP)]):
            must(found.up())
        assert reached(cloud.snapshot, APP) == []
        assert waf.web_acl_of(cloud.snapshot, balancer.id) is None

        # A name takes the place of another one.
        set_alb(found, domain=names[0])
        with watched(found, lambda snapshot: [plain, *reached(snapshot, WWW), *reached(snapshot, APP)]):
            must(found.up())
        assert found.outputs()["url"] == f"https://{APP}"
        assert reached(cloud.snapshot, WWW) == []

        # Back to plain HTTP.
        set_alb(found)
        with watched(found, lambda _: [plain]):
            must(found.up())
        assert found.outputs()["url"] == plain
        assert dict(trace.answer(cloud.snapshot, plain, "POST", "/api/users")) == {"users": 1.0}
        assert not cloud.of(dns.CERTIFICATE)
        assert [item["port"] for item in cloud.of(elb.LISTENER)] == [80]
        assert settled(found)
        must(found.destroy())
    # The records by which AWS would renew other certificates of these names stay.
    assert {item.type for item in cloud.snapshot} == {dns.ZONE, dns.RECORD, waf.WEB_ACL}
    assert {str(item["type"]) for item in cloud.of(dns.RECORD)} == {"CNAME"}


def test_a_record_of_somebody_else_fails_the_up_and_leaves_the_traffic(tmp_path: Path) -> None:
    cloud = Cloud()
    zone = Driver(cloud).create(dns.ZONE, "example", name="example.com").id
    inputs: dict[str, Any] = {"zoneId": zone, "name": WWW, "type": "A", "ttl": 60, "records": ["192.0.2.1"]}
    theirs = Driver(cloud).create(dns.RECORD, "theirs", **inputs)
    with stack(tmp_path, "alb", TWO, {"routes": {"users": True}}, cloud=cloud) as found:
        must(found.up())
        plain = str(found.outputs()["url"])
        set_alb(found, domain={"name": WWW, "hostedZone": zone})
        with watched(found, lambda _: [plain]):
            run = found.up()
        assert not run.ok
        assert any("but it already exists" in line for line in run.errors)
        assert theirs in list(cloud.snapshot)

        # Their own record leads there, with a certificate of theirs: nothing of it is made or changed.
        given = Driver(cloud).create(dns.CERTIFICATE, "given", domainName="*.example.com", validationMethod="DNS")
        cloud.change(given, issued=True)
        found.set("strangler:environments", json.dumps({"shared": {"certificates": [given["arn"]]}}), path=False)
        set_alb(found, domain={"name": WWW})
        cloud.forget(theirs)
        (balancer,) = cloud.of(elb.BALANCER)
        alias = {"name": balancer["dnsName"], "zoneId": balancer["zoneId"], "evaluateTargetHealth": True}
        changed: dict[str, Any] = {"zoneId": zone, "name": WWW, "type": "A", "aliases": [alias]}
        theirs = Driver(cloud).create(dns.RECORD, "theirs", **changed)
        with watched(found, lambda _: [plain, f"http://{WWW}"]):
            must(found.up())
        assert answered(cloud.snapshot, f"https://{WWW}")
        assert theirs in list(cloud.snapshot)
        assert [item["domainName"] for item in cloud.of(dns.CERTIFICATE)] == ["*.example.com"]


def test_a_name_goes_from_one_facade_to_the_other_while_clients_ask(tmp_path: Path) -> None:
    cloud = Cloud()
    zone = Driver(cloud).create(dns.ZONE, "example", name="example.com").id
    own = {"domain": {"name": WWW, "hostedZone": zone}}
    settings: Tree = {"routes": {"users": True}, "facadeSettings": {"api-gateway": own, "alb": own}}
    with stack(tmp_path, "api-gateway", TWO, settings, cloud=cloud) as found:
        must(found.up())
        assert found.outputs()["url"] == f"https://{WWW}"
        before = dns.resolved(cloud.snapshot, WWW)
        found.set("strangler:facade", "alb")
        with watched(found, lambda _: [f"https://{WWW}"]):
            run = must(found.up())
        assert f"update {dns.RECORD} {WWW}" in run.lines()
        assert (before, dns.resolved(cloud.snapshot, WWW)) == (
            "d-15.execute-api.eu-west-1.amazonaws.com",
            cloud.of(elb.BALANCER)[0]["dnsName"],
        )
        assert not cloud.of(apigateway.API)
        assert [item["name"] for item in cloud.of(dns.RECORD) if item["type"] == "CNAME"] == [f"_check.{WWW}."]


def test_a_name_turns_between_two_facades_before_one_of_them_goes(tmp_path: Path) -> None:
    cloud = Cloud()
    zone = Driver(cloud).create(dns.ZONE, "example", name="example.com").id
    own = {"domain": {"name": WWW, "hostedZone": zone}}
    settings: Tree = {"routes": {"users": True}, "facadeSettings": {"api-gateway": own, "alb": own}}
    with stack(tmp_path, "api-gateway,alb", TWO, settings, cloud=cloud) as found:
        must(found.up())

        # In one step the services would leave the load balancer of the one before the name leads to the other.
        found.set("strangler:facade", "alb")
        run = found.up()
        assert not run.ok
        (line,) = [line for line in run.errors if line.startswith("facade: ")]
        assert line.startswith(f"facade: {WWW} points to api-gateway, whose load balancer the services would leave")
        assert line.endswith("deploy alb,api-gateway first, which moves the name, then alb alone")

        # As that says, and back, which makes new tasks beside the old ones.
        for facades in ("alb,api-gateway", "alb", "alb,api-gateway", "api-gateway"):
            found.set("strangler:facade", facades)
            with watched(found, lambda _: [f"https://{WWW}"]):
                must(found.up())
        assert ".execute-api." in dns.resolved(cloud.snapshot, WWW)


def test_a_system_that_begins_with_https_can_go_straight_back(tmp_path: Path) -> None:
    cloud = Cloud()
    zone = Driver(cloud).create(dns.ZONE, "example", name="example.com").id
    secure: Tree = {"facadeSettings": {"alb": {"domain": {"name": WWW, "hostedZone": zone}}}}
    with stack(tmp_path, "alb", TWO, {"routes": {"users": True}, **secure}, cloud=cloud) as found:
        must(found.up())
        plain = f"http://{found.outputs()['dnsTarget']}"
        assert answered(cloud.snapshot, plain)
        set_alb(found)
        with watched(found, lambda _: [plain]):
            must(found.up())
        assert found.outputs()["url"] == plain


def test_an_alias_for_all_names_below_one_leads_to_its_service(tmp_path: Path) -> None:
    cloud = Cloud()
    zone = Driver(cloud).create(dns.ZONE, "example", name="example.com").id
    aliases = [{"name": name, "hosted_zone": zone} for name in ("example.com", "*.example.com")]
    users = manifest("users", http={"path": "/", "alias": aliases})
    with stack(tmp_path, "alb", {**TWO, "users": users}, {"default": "monolith"}, cloud=cloud) as found:
        must(found.up())
        for host in ("example.com", "a.example.com"):
            assert trace.names(trace.followed(cloud.snapshot, f"http://{host}", "GET", "/x")) == {"users"}, host
        url = str(found.outputs()["url"])
        assert trace.names(trace.answer(cloud.snapshot, url, "GET", "/x")) == {"monolith"}
        assert must(found.up()).lines() == []
