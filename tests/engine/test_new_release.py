"""A release with other health checks: the tasks that run are judged and reached as before until the new ones are in
steady state, and a release that fails leaves everything as it was. And a network that can't change."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.engine.projects import must, stack
from tests.engine.test_moved_environments import drops_nothing
from tests.projects import DIGEST, Tree, manifest, write_project
from tests.standin import sample
from tests.standin.driver import Driver
from tools.standin import actions, cloudwatch, deployments, dns, ecs, iam, security, trace
from tools.standin.cloud import Cloud, Operation, Snapshot
from tools.standin.engine import EngineStack, Run

OWNERS = {"/": "monolith", "/api/users": "users", "/api/users/7": "users"}


def users(health: str, *, answers: str | None = None, port: int = 3000) -> Tree:
    """The manifest of a release whose health check asks for a path. answers: the only one that its code has."""
    return manifest(
        "users",
        image={"build": "services/users/Dockerfile", "port": port},
        http={"path": "api/users", "healthcheck": health},
        network={"connect": True},
        variables={"STANDIN_HEALTH": health if answers is None else answers},
    )


@contextmanager
def always_answered(found: EngineStack, *hosts: str) -> Generator[None]:
    """Fails if after any operation a path isn't answered by its owner, or a host name by users, or a task that runs
    could not be started again. hosts: URLs."""
    asked = {**{(str(found.outputs()["url"]), path): owner for path, owner in OWNERS.items()}}
    asked |= {(url, "/api/users"): "users" for url in hosts}
    wrong: list[str] = []

    def look(operation: Operation) -> None:
        snapshot, step = operation.snapshot, f"{operation.kind} {operation.phase} {operation.urn}"
        for (url, path), owner in asked.items():
            got = dict(trace.answer(snapshot, url, "GET", path, greedy_takes_empty=True))
            if got != {owner: 1.0}:
                wrong.append(f"{step}: {url}{path} {got}")
        for service in snapshot.of(ecs.SERVICE):
            problem = deployments.restart_problem(snapshot, service, found.cloud.region, found.cloud.account)
            if problem:
                wrong.append(f"{step}: {service.name}: {problem}")

    with found.cloud.watching(look):
        yield
    assert wrong == []


def test_a_network_that_services_run_in_stays(tmp_path: Path) -> None:
    manifests = {"monolith": manifest("monolith", "/"), "users": users("/old")}
    config: Tree = {"routes": {"users": True}, "environments": {"shared": {"cidr": "10.9.0.0/16"}}}
    with stack(tmp_path, "alb", manifests, config) as found:
        must(found.up())
        found.set("strangler:environments.shared.cidr", "10.8.0.0/16")
        before = found.cloud.snapshot
        for run in (found.plan(), found.up()):
            assert not run.ok
            assert "environments.shared.cidr: found 10.8.0.0/16" in run.output
        assert found.cloud.snapshot is before
        found.set("strangler:environments.shared.cidr", "10.9.0.0/16")
        assert must(found.up()).lines() == []


def release(found: EngineStack, tree: Tree) -> None:
    write_project(found.program, {"users": tree})


@pytest.mark.parametrize("facade", ["alb", "api-gateway", "refactor-spaces"])
def test_a_release_with_another_health_check_drops_nothing_and_neither_does_one_that_fails(
    facade: str, tmp_path: Path
) -> None:
    manifests = {"monolith": manifest("monolith", "/"), "users": users("/old")}
    with stack(tmp_path, facade, manifests, {"routes": {"users": True}}) as found:
        must(found.up())
        (first,) = (group for group in found.cloud.of(actions.TARGET_GROUP) if group["healthCheck"]["path"] == "/old")
        release(found, users("/new", answers="/other"))  # the code hasn't what the manifest promises
        with always_answered(found):
            failed = found.up()
            assert not failed.ok
        assert found.cloud.snapshot.get(first.type, first.id) == first
        release(found, users("/new"))
        with always_answered(found):
            must(found.up())
        assert must(found.up()).lines() == []
        assert len(found.cloud.of(ecs.SERVICE)) == 2
        release(found, users("/old"))
        with always_answered(found):
            must(found.up())
        assert must(found.up()).lines() == []
        checks = {group["healthCheck"]["path"] for group in found.cloud.of(actions.TARGET_GROUP)}
        assert "/old" in checks
        assert "/new" not in checks


KEPT, DROPPED = "https://people.example.com", "https://users.example.com"
"""Host names of the service: of both releases, and of the first one only."""


def names(zone: str, *urls: str) -> list[Tree]:
    return [{"name": url.removeprefix("https://"), "hosted_zone": zone} for url in urls]


def first_release(zone: str, group: str) -> Tree:
    """All that a release may drop. group: of its tasks."""
    return manifest(
        "users",
        http={"path": "api/users", "alias": names(zone, KEPT, DROPPED)},
        secrets={"TOKEN": "/users/token", "KEY": "/users/key"},
        network={"vpc": {"security_groups": {"groups": [group], "deny_default": True}}},
        storage={"volumes": {"data": {"path": "/data", "efs": {"uid": 1000, "gid": 1000}}}},
        publish={"topics": [{"name": "made"}, {"name": "gone"}]},
    )


def second_release(zone: str, group: str) -> Tree:
    """One that has none of that, listens elsewhere, and is in another security group."""
    return manifest(
        "users",
        image={"build": "services/users/Dockerfile", "port": 4000},
        http={"path": "api/users", "alias": names(zone, KEPT)},
        secrets={"TOKEN": "/users/token-2"},
        network={"vpc": {"security_groups": {"groups": [group], "deny_default": True}}},
        publish={"topics": [{"name": "made"}]},
    )


def rights(cloud: Cloud) -> list[str]:
    """What the roles of users allow."""
    return sorted(str(policy["policy"]) for policy in cloud.of(iam.ROLE_POLICY) if policy.name.startswith("users-"))


def in_groups(*groups: str) -> Tree:
    """A release whose tasks are in these security groups besides the environment's; its image is given, as what is
    built has the manifest in it."""
    image = {"location": f"registry.example/users@{DIGEST}", "port": 3000}
    return manifest("users", image=image, network={"vpc": {"security_groups": list(groups)}})


def test_complaint_1_a_release_of_network_settings_only_that_ecs_rolled_back_fails_the_up(tmp_path: Path) -> None:
    cloud = Cloud()
    driver = Driver(cloud)
    network = sample.network(driver)
    group = driver.create(security.GROUP, "own", vpcId=network.vpc.id).id
    subnets = {"publicSubnets": network.subnets, "privateSubnets": network.subnets}
    config: Tree = {"environments": {"shared": {"vpc": {"id": network.vpc.id, **subnets}}}}
    manifests = {"monolith": manifest("monolith", "/"), "users": in_groups()}
    with stack(tmp_path, "alb", manifests, config, cloud) as found:
        must(found.up())
        release(found, in_groups(group))
        found.set("strangler:routes.users", "true")
        cloud.deployment_fails("users", "it crashed")
        failed = found.up()
        (line,) = {error for error in failed.errors if "rolled back" in error}
        assert "service users: ECS rolled back the change of its security groups, as tasks with it did not" in line
        assert "update aws:lb/listenerRule:ListenerRule users" not in failed.lines()
        cloud.clear_failures()
        assert "update aws:ecs/service:Service users" in must(found.up()).lines()
        assert must(found.up()).lines() == []


def of_many_secrets(release: str) -> Tree:
    """With more than have room beside others in one role."""
    return manifest("users", secrets={f"S{number}": f"/board/{release}/secret-{number}" for number in range(40)})


def test_many_secrets_change_without_a_moment_in_which_a_task_cannot_start(tmp_path: Path) -> None:
    manifests = {"monolith": manifest("monolith", "/"), "users": of_many_secrets("first")}
    with stack(tmp_path, "alb", manifests, {"routes": {"users": True}}) as found:
        must(found.up())
        release(found, of_many_secrets("second"))
        found.cloud.deployment_fails("users", "it crashed")
        with always_answered(found):
            assert not found.up().ok
        found.cloud.clear_failures()
        with always_answered(found):
            must(found.up())
        (right,) = (text for text in rights(found.cloud) if "secret-0" in text)
        assert "/board/second/" in right.replace("parameter", "")
        assert must(found.up()).lines() == []


def further(*rules: tuple[str, int]) -> Tree:
    """A release with these further rules: paths, and the ports of sidecars that answer there."""
    sidecars = {f"on-{port}": {"image": f"registry.example/{port}@{DIGEST}", "port": port} for _, port in sorted(rules)}
    listed = [{"path": path, "target_port": port} for path, port in rules]
    return manifest("users", http={"path": "api/users", "additional_rules": listed}, sidecars=sidecars)


ADMIN, METRICS, LOGS = ("api/users/admin", 8081), ("api/users/metrics", 8082), ("api/users/logs", 8083)


def answers(found: EngineStack, rules: Sequence[tuple[str, int]], *, ok: bool = True) -> Run:
    """What an `up` of a release with these further rules did. While it ran, each path was answered by who answered it
    before, or by the main container, or by who answers it after, in this order."""
    asked = {path for path, _ in (ADMIN, METRICS, LOGS)}
    url, seen = str(found.outputs()["url"]), {path: list[str | int]() for path in asked}

    def look(snapshot: Snapshot) -> None:
        for path in asked:
            (answer,) = trace.names(trace.answer(snapshot, url, "GET", f"/{path}", greedy_takes_empty=True))
            seen[path] += [answer] if seen[path][-1:] != [answer] else []

    look(found.cloud.snapshot)
    release(found, further(*rules))
    with found.cloud.watching(lambda operation: look(operation.snapshot)):
        run = found.up()
    assert run.ok is ok, run.output
    own = {path: f"on-{port}" for path, port in (ADMIN, METRICS, LOGS)}
    for path, answered in seen.items():
        wanted = ([own[path]], ["users"], ["users", own[path]], [own[path], "users"])
        assert answered in wanted, (path, answered)
        if ok:
            assert answered[-1] == (own[path] if path in dict(rules) else "users")
    return run


def test_further_rules_come_change_their_order_and_go_without_a_moment_that_nobody_answers(tmp_path: Path) -> None:
    manifests = {"monolith": manifest("monolith", "/"), "users": further()}
    with stack(tmp_path, "api-gateway", manifests, {"routes": {"users": True}}) as found:
        must(found.up())
        answers(found, (ADMIN, METRICS))
        assert must(found.up()).lines() == []
        lines = answers(found, (METRICS, ADMIN)).lines()
        assert "update aws:ecs/service:Service users-internal" in lines, "the manifest lies in the build context"
        assert not [line for line in lines if "listenerRule" in line or "targetGroup" in line]
        # One in the place of another, which another container answers.
        gone = answers(found, (METRICS, LOGS))
        assert "removed additional rules (users-Rule1) match no requests from now on" in gone.output
        assert must(found.up()).lines() == ["delete aws:lb/listenerRule:ListenerRule users-Rule1"]
        found.cloud.deployment_fails("users", "it crashed")
        answers(found, (LOGS,), ok=False)
        found.cloud.clear_failures()
        answers(found, (METRICS, LOGS))  # taken back
        answers(found, ())
        must(found.up())
        assert must(found.up()).lines() == []
        groups = [group.name for group in found.cloud.of(actions.TARGET_GROUP)]
        assert [name for name in groups if "Rule" in name] == []


def test_whatever_a_release_drops_is_there_until_it_is_in_steady_state_and_after_one_that_fails(tmp_path: Path) -> None:
    cloud = Cloud()
    driver = Driver(cloud)
    network, zone = sample.network(driver), driver.create(dns.ZONE, "example", name="example.com").id
    groups = [driver.create(security.GROUP, name, vpcId=network.vpc.id).id for name in ("old", "new")]
    for group in groups:
        driver.create(security.EGRESS, group, securityGroupId=group, ipProtocol="-1", cidrIpv4="0.0.0.0/0")
    subnets = {"publicSubnets": network.subnets, "privateSubnets": network.subnets}
    config: Tree = {"routes": {"users": True}, "environments": {"shared": {"vpc": {"id": network.vpc.id, **subnets}}}}
    manifests = {"monolith": manifest("monolith", "/"), "users": first_release(zone, groups[0])}
    with stack(tmp_path, "alb", manifests, config, cloud) as found:
        must(found.up())
        before = rights(cloud)
        release(found, second_release(zone, groups[1]))
        cloud.deployment_fails("users", "it crashed")
        with always_answered(found, KEPT, DROPPED):
            assert not found.up().ok
        cloud.clear_failures()
        assert set(before) <= set(rights(cloud))
        with always_answered(found, KEPT):
            must(found.up())
        assert must(found.up()).lines() == []
        assert not [text for text in rights(cloud) if "users/key" in text or "gone" in text or "ClientMount" in text]
        release(found, first_release(zone, groups[0]))
        with always_answered(found, KEPT):
            must(found.up())
        assert must(found.up()).lines() == []
        assert len(rights(cloud)) == len(before)


def test_a_service_that_takes_no_more_requests_answers_until_no_route_leads_to_it(tmp_path: Path) -> None:
    def without(**fields: object) -> Tree:
        return manifest("users", network={"connect": True}, nlb={"port": "443/tcp"}, **fields)

    manifests = {"monolith": manifest("monolith", "/"), "users": without()}
    with stack(tmp_path, "alb", manifests, {"routes": {"users": True}}) as found:
        must(found.up())
        release(found, without(http=False))
        found.set("strangler:routes", "{}", path=False)
        drops_nothing(found, {"users": {"users", "monolith"}})
        assert must(found.up()).lines() == []
        assert len(found.cloud.of(ecs.SERVICE)) == 2
        release(found, without())
        drops_nothing(found, {"users": {"monolith"}})
        assert must(found.up()).lines() == []


def test_a_service_of_another_type_is_the_same_service(tmp_path: Path) -> None:
    image: Tree = {"location": f"registry.example/users@{DIGEST}"}
    backend: Tree = {"name": "users", "type": "Backend Service", "image": {**image, "port": 3000}}
    nightly: Tree = {"name": "users", "type": "Scheduled Job", "image": image, "on": {"schedule": "@daily"}}
    web = manifest("users", image=backend["image"])
    with stack(tmp_path, "alb", {"monolith": manifest("monolith", "/"), "users": web}) as found:
        must(found.up())
        (logs,) = (group for group in found.cloud.of(cloudwatch.LOG_GROUP) if group.name == "users")
        for tree in (backend, web, nightly):
            found.set("strangler:routes.users", "true")
            if tree is not web:
                must(found.up())
                found.set("strangler:routes", "{}", path=False)
            release(found, tree)
            drops_nothing(found, {"users": {"users", "monolith"}})
            assert must(found.up()).lines() == []
            assert found.cloud.snapshot.get(logs.type, logs.id)
