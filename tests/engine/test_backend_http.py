"""A backend behind the internal load balancer of its environment: it comes, changes and goes, and at every moment at
which its name leads somewhere it is answered there."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from tests.engine.projects import must, stack
from tests.projects import Tree, as_yaml, manifest
from tools.standin import actions, dns, ecs, elb, health, security, trace
from tools.standin.cloud import Cloud, Operation, Snapshot
from tools.standin.engine import EngineStack

HOST = "stock.shared.test.strangler.internal"
STOCK: Tree = {
    "name": "stock",
    "type": "Backend Service",
    "image": {"build": "services/stock/Dockerfile", "port": 3000},
    "http": {"path": "/"},
}


def inside(snapshot: Snapshot, path: str) -> dict[str | int, float]:
    """Who answers a task that asks by the backend's name."""
    listener = health.listener_of(snapshot, f"http://{HOST}")
    if listener is None:
        return {trace.UNREACHABLE: 1.0}
    return dict(trace.balanced(snapshot, listener, trace.Request("GET", path, HOST)))


@contextmanager
def watched(found: EngineStack, *, least: int = 1) -> Generator[None]:
    """Fails if the name leads somewhere after an operation, and not to the backend. least: after how many operations it
    leads somewhere."""
    astray: list[str] = []
    led = 0

    def look(operation: Operation) -> None:
        nonlocal led
        if dns.resolved(operation.snapshot, HOST) == HOST:
            return
        led += 1
        answers = [inside(operation.snapshot, path) for path in ("/", "/deep/er")]
        if answers != [{"stock": 1.0}] * 2:
            astray.append(f"{answers} after {operation.kind} {operation.urn}")

    with found.cloud.watching(look):
        yield
    assert astray == []
    assert led >= least


def write(found: EngineStack, **fields: object) -> None:
    (found.program / "services/stock/manifest.yml").write_text(as_yaml({**STOCK, **fields}), encoding="utf-8")


def test_a_backends_name_leads_to_it_whatever_changes(tmp_path: Path) -> None:
    cloud = Cloud()
    with stack(tmp_path, "alb", {"web": manifest("web", "/"), "stock": STOCK}, cloud=cloud) as found:
        plan = must(found.plan())
        with watched(found):
            first = must(found.up())
        assert sorted(plan.lines()) == sorted(first.lines())
        assert must(found.up()).lines() == []
        assert must(found.refresh()).lines() == []
        (balancer,) = (one for one in cloud.of(elb.BALANCER) if one["internal"])
        public = str(found.outputs()["url"])
        assert dns.resolved(cloud.snapshot, HOST) == balancer["dnsName"]
        assert dict(trace.answer(cloud.snapshot, f"http://{balancer['dnsName']}", "GET", "/")) == {504: 1.0}
        assert dict(trace.answer(cloud.snapshot, public, "GET", "/stock")) == {"web": 1.0}

        # Another release with another health check: the new tasks have a target group of their own.
        (found.program / "services/stock/Dockerfile").write_text("FROM scratch\nLABEL a=b\n", encoding="utf-8")
        write(found, http={"path": "/", "healthcheck": "/health"})
        with watched(found):
            must(found.up())
        (group,) = (one for one in cloud.of(actions.TARGET_GROUP) if one.name.startswith("stock"))
        assert group["healthCheck"]["path"] == "/health"
        assert must(found.up()).lines() == []

        # A further rule comes to tasks that run, and goes.
        live: Tree = {"path": "/", "healthcheck": "/health"}
        for http in ({**live, "additional_rules": [{"path": "deep"}]}, live, live):
            write(found, http=http)
            with watched(found, least=0):
                must(found.up())
        assert len([one for one in cloud.of(actions.TARGET_GROUP) if one.name.startswith("stock")]) == 1

        # A release that dies leaves the one before.
        (found.program / "services/stock/Dockerfile").write_text("FROM scratch\nLABEL a=c\n", encoding="utf-8")
        cloud.deployment_fails("stock", "it crashed")
        with watched(found):
            assert not found.up().ok
        cloud.clear_failures()
        with watched(found):
            must(found.up())

        # Its http goes and comes again; its tasks stay in front of who calls it otherwise.
        (found.program / "services/stock/manifest.yml").write_text(as_yaml({**STOCK, "http": None}), encoding="utf-8")
        with watched(found, least=0):
            must(found.up())
        assert dns.resolved(cloud.snapshot, HOST) == HOST
        assert {service.name for service in cloud.of(ecs.SERVICE)} == {"web", "stock"}
        write(found, http=live)
        with watched(found):
            must(found.up())

        # It goes, and takes the load balancer, its security group and the zone with it.
        (found.program / "services/stock/manifest.yml").unlink()
        with watched(found, least=0):
            must(found.up())
        assert [one["internal"] for one in cloud.of(elb.BALANCER)] == [False]
        assert not cloud.of(dns.ZONE)
        assert [one.name for one in cloud.of(security.GROUP) if "backends" in one.name] == []
        assert {service.name for service in cloud.of(ecs.SERVICE)} == {"web"}
        must(found.destroy())
    assert not list(cloud.snapshot)
