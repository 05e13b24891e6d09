"""Rules in a load balancer that stands already, in whose listener others have rules of their own: after every single
operation each path is answered by who is to answer it, and nothing of theirs is touched."""

import json
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from components.aws.plan.listener_priorities import of_attachments
from components.model.facades import Listener
from tests.engine.projects import must, stack
from tests.projects import Tree, manifest
from tests.standin import sample, shop
from tests.standin.driver import Driver
from tools.standin import cloudwatch, elb, security, trace
from tools.standin.actions import TARGET_GROUP
from tools.standin.cloud import Cloud, Object, Operation, Snapshot
from tools.standin.elsewhere import Account, serving
from tools.standin.engine import EngineStack

OURS = {name: manifest(name) for name in ("posts", "users")}
Answers = dict[str, dict[str | int, float]]


def owners(**routes: float) -> Answers:
    """Who answers which path, by the share of its requests that each service has; the monolith has the rest."""
    found: Answers = {"/": {"monolith": 1.0}, "/admin/1": {"admin": 1.0}, "/health": {200: 1.0}}
    for name in OURS:
        share = routes.get(name, 0.0)
        mine = {name: share, "monolith": 1.0 - share}
        found |= {f"/api/{name}/7": {who: part for who, part in mine.items() if part}}
        found |= {f"/api/{name}x": {"monolith": 1.0}}
    return found


@dataclass(frozen=True)
class Theirs:
    """A monolith behind a load balancer of its own, with rules before and behind our band."""

    cloud: Cloud
    front: sample.Front
    objects: frozenset[tuple[str, str]]

    @property
    def url(self) -> str:
        return f"http://{self.front.balancer['dnsName']}"

    def settings(self) -> Tree:
        return shop.settings(self.front)

    def now(self) -> list[Object | None]:
        return [self.cloud.snapshot.get(*key) for key in sorted(self.objects)]

    @contextmanager
    def watched(
        self, *accepted: Answers, also: str = "", besides: Callable[[Operation], None] | None = None
    ) -> Generator[None]:
        """Fails if after any operation a path isn't answered in one of these ways, at their URL or at another one, or
        if one of their objects is another one then. besides: looks at each operation too."""
        before, wrong, count = self.now(), list[str](), 0
        urls = [self.url, *([also] if also else [])]

        def look(operation: Operation) -> None:
            nonlocal count
            count += 1
            for path in accepted[0]:
                found = [dict(trace.answer(operation.snapshot, url, "GET", path)) for url in urls]
                if not any(one in [answers[path] for answers in accepted] for one in found):
                    wrong.append(f"{path}: {found} after {operation.kind} {operation.urn}")
            if (operation.type, operation.id) in self.objects:
                wrong.append(f"{operation.kind} of their {operation.urn}")
            if besides:
                besides(operation)

        with self.cloud.watching(look):
            yield
        assert count
        assert wrong == []
        assert self.now() == before


def stood() -> Theirs:
    cloud = Cloud()
    front = shop.stood(Driver(cloud))
    return Theirs(cloud, front, frozenset((item.type, item.id) for item in cloud.snapshot))


def rules(snapshot: Snapshot, theirs: Theirs) -> dict[str, int]:
    """Those of ours, by name, with their priorities."""
    found = snapshot.where(elb.RULE, listenerArn=theirs.front.listener.id)
    return {item.name: int(item["priority"]) for item in found if (item.type, item.id) not in theirs.objects}


def move(found: EngineStack, route: str, weight: int) -> list[str]:
    found.set(f"strangler:routes.{route}", str(weight))
    plan = must(found.plan()).lines()
    done = must(found.up()).lines()
    assert sorted(plan) == sorted(done)
    return done


RULE = "aws:lb/listenerRule:ListenerRule"


def test_routes_move_out_of_a_monolith_and_back_while_its_own_load_balancer_stays_as_it_is(tmp_path: Path) -> None:
    theirs = stood()
    config: Tree = {**theirs.settings(), "alarms": {"topic": "arn:aws:sns:eu-west-1:123456789012:ops"}}
    function = theirs.cloud.arn("lambda", "function:resize")
    there = Account(theirs.cloud, functions={function: "Active"})
    with serving(there) as asked, stack(tmp_path, "alb", OURS, config, theirs.cloud, asked) as found:
        with theirs.watched(owners()):
            must(found.up())
        assert found.outputs()["url"] == theirs.url
        assert len(theirs.cloud.of(elb.BALANCER)) == 1
        assert set(rules(theirs.cloud.snapshot, theirs)) == {"posts-listener", "users-listener"}

        # A share first, more of it, all; and back.
        with theirs.watched(owners(), owners(users=0.25)):
            assert move(found, "users", 25) == [f"create {RULE} users"]
        with theirs.watched(owners(users=0.25), owners(users=1.0)):
            assert move(found, "users", 100) == [f"update {RULE} users"]
        with theirs.watched(owners(users=1.0), owners()):
            assert move(found, "users", 0) == [f"delete {RULE} users"]
        assert must(found.refresh()).lines() == []

        # Testers, and services that run elsewhere: a target group that the listener leads to already, and a function.
        posts = {"weight": 0, "testers": {"header": {"name": "X-Preview", "value": "posts"}}}
        found.set("strangler:routes.posts", json.dumps(posts))
        (admin,) = (group.id for group in theirs.cloud.of(TARGET_GROUP) if group.name == "admin")
        elsewhere = {"manage": {"targetGroup": admin, "path": "/manage"}, "resize": {"lambda": function, "path": "/r"}}
        found.set("strangler:services", json.dumps(elsewhere), path=False)
        found.set("strangler:routes.manage", "50")
        found.set("strangler:routes.resize", "true")
        before, after = owners(), owners()
        before["/manage/1"] = before["/r"] = {"monolith": 1.0}
        after["/manage/1"], after["/r"] = {"admin": 0.5, "monolith": 0.5}, {"resize": 1.0}
        with theirs.watched(before, after):
            must(found.up())
        watching = {alarm.name for alarm in theirs.cloud.of(cloudwatch.ALARM)}
        assert {f"manage-Listener-{what}" for what in ("Errors", "Latency", "Unhealthy")} < watching
        assert {name for name in watching if "resize" in name} == {"resize-Listener-Errors", "resize-Listener-Latency"}
        named = {"TargetGroup": admin.rpartition(":")[2], "LoadBalancer": theirs.front.balancer["arnSuffix"]}
        (unhealthy,) = (item for item in theirs.cloud.of(cloudwatch.ALARM) if item.name == "manage-Listener-Unhealthy")
        assert [query["metric"]["dimensions"] for query in unhealthy["metricQueries"]] == [named]
        marked = trace.answer(theirs.cloud.snapshot, theirs.url, "GET", "/api/posts/7", headers={"X-Preview": "posts"})
        assert dict(marked) == {"posts": 1.0}
        assert must(found.up()).lines() == []
        found.set("strangler:routes.manage", "0")
        found.set("strangler:routes.resize", "0")
        with theirs.watched(after, before):
            must(found.up())

        # All of them, each in its place in the band.
        found.set("strangler:routes.users", "true")
        with theirs.watched(owners(), owners(users=1.0), owners(users=1.0, posts=1.0), owners(posts=1.0)):
            move(found, "posts", 100)
        assert all(20_000 <= priority <= 29_999 for priority in rules(theirs.cloud.snapshot, theirs).values())
        assert "listener" in found.outputs()["diagram"]

        # The way out: everything of ours goes, and the monolith has it all again.
        with theirs.watched(owners(), owners(users=1.0), owners(users=1.0, posts=1.0), owners(posts=1.0)):
            must(found.destroy())
    assert {(item.type, item.id) for item in theirs.cloud.snapshot} == theirs.objects


def test_the_way_out_leads_over_to_a_load_balancer_of_our_own_beside_theirs(tmp_path: Path) -> None:
    theirs = stood()
    services = {"users": OURS["users"], "posts": OURS["posts"], "shop": manifest("shop", "/")}
    config: Tree = {**theirs.settings(), "routes": {"users": True}}
    with stack(tmp_path, "alb", services, config, cloud=theirs.cloud) as found:
        must(found.up())
        now = owners(users=1.0)

        # Both answer: theirs as before, ours with a default of our own.
        listener = {"listener": theirs.front.listener.id, "ownLoadBalancer": True}
        found.set("strangler:facadeSettings", json.dumps({"alb": listener}), path=False)
        with theirs.watched(now):
            must(found.up())
        urls: dict[str, str] = found.outputs()["urls"]
        assert urls["listener"] == found.outputs()["url"] == theirs.url
        ours = {"/": {"shop": 1.0}, "/api/users/7": {"users": 1.0}, "/api/posts/7": {"shop": 1.0}}
        assert {path: dict(trace.answer(theirs.cloud.snapshot, urls["alb"], "GET", path)) for path in ours} == ours

        # Clients have moved: what is ours leaves their listener.
        found.set("strangler:facadeSettings", "{}", path=False)
        with theirs.watched(now, also=urls["alb"]):
            must(found.up())
        assert found.outputs()["url"] == urls["alb"]
        assert rules(theirs.cloud.snapshot, theirs) == {}
        assert {path: dict(trace.answer(theirs.cloud.snapshot, urls["alb"], "GET", path)) for path in ours} == ours
        assert must(found.up()).lines() == []
        must(found.destroy())
    assert {(item.type, item.id) for item in theirs.cloud.snapshot} == theirs.objects


def test_rules_go_over_to_a_load_balancer_of_our_own_in_one_up_and_come_back_in_another(tmp_path: Path) -> None:
    theirs = stood()
    services = {"users": OURS["users"], "posts": OURS["posts"], "shop": manifest("shop", "/")}
    config: Tree = {**theirs.settings(), "routes": {"users": True}}
    ours = {"/": {"shop": 1.0}, "/api/users/7": {"users": 1.0}, "/api/posts/7": {"shop": 1.0}}

    def answers(snapshot: Snapshot, url: str) -> Answers:
        return {path: dict(trace.answer(snapshot, url, "GET", path)) for path in ours}

    with stack(tmp_path, "alb", services, config, cloud=theirs.cloud) as found:
        must(found.up())
        listener = theirs.front.listener.id
        found.set("strangler:facadeSettings", "{}", path=False)
        with theirs.watched(owners(users=1.0), owners()):
            must(found.up())
        own = str(found.outputs()["url"])
        assert own != theirs.url
        assert answers(theirs.cloud.snapshot, own) == ours
        assert rules(theirs.cloud.snapshot, theirs) == {}
        assert must(found.up()).lines() == []

        # And back: what asks at our own is answered until theirs has all of the rules.
        early = list[str]()

        def look(operation: Operation) -> None:
            whole = dict(trace.answer(operation.snapshot, theirs.url, "GET", "/api/users/7")) == {"users": 1.0}
            if not whole and answers(operation.snapshot, own) != ours:
                early.append(f"{operation.kind} {operation.urn}")

        found.set("strangler:facadeSettings", json.dumps({"alb": {"listener": listener}}), path=False)
        with theirs.watched(owners(), owners(users=1.0), besides=look):
            must(found.up())
        assert early == []
        assert found.outputs()["url"] == theirs.url
        assert dict(trace.answer(theirs.cloud.snapshot, theirs.url, "GET", "/api/users/7")) == {"users": 1.0}
        assert len(theirs.cloud.of(elb.BALANCER)) == 1
        assert must(found.up()).lines() == []
        must(found.destroy())
    assert {(item.type, item.id) for item in theirs.cloud.snapshot} == theirs.objects


def test_what_only_the_account_knows_is_told_in_the_plan(tmp_path: Path) -> None:
    theirs = stood()
    driver, front = Driver(theirs.cloud), theirs.front
    config: Tree = {**theirs.settings(), "routes": {"users": 25}}
    with stack(tmp_path, "alb", OURS, config, cloud=theirs.cloud) as found:
        # A rule of theirs has a priority that a rule of ours would have.
        listener = Listener(front.listener.id)
        priority = of_attachments(listener, OURS)["users"]
        meets = sample.rule(driver, front, "meets", priority, sample.fixed(404), "/old")
        run = found.plan()
        assert not run.ok
        assert f"the priority {priority}, needed for one of our rules, is used by {meets.id}; set" in run.output
        found.set("strangler:facadeSettings.alb.listenerPriorities", "30000-39999")
        must(found.plan())

        # Its default action has no target group for the rest of the requests.
        forwards = driver.latest(front.listener)["defaultActions"]
        driver.update(front.listener, defaultActions=[sample.fixed(503)])
        run = found.plan()
        assert not run.ok
        assert (
            "routes: weights for users, and the default action of facadeSettings.alb.listener answers by" in run.output
        )
        driver.update(front.listener, defaultActions=forwards)

        # Its security group doesn't let it reach our tasks; it is in another network than our tasks are to be in.
        (opened,) = (rule for rule in theirs.cloud.of(security.EGRESS) if rule.name == "shop-lb-to-network")
        driver.delete(opened)
        closed = must(found.plan()).output
        assert f"its security groups {front.balancer_group.id} let out nothing to all of 10.1.0.0/16" in closed
        found.set("strangler:environments.shared.vpc.id", "vpc-0a1b2c3d")
        run = found.plan()
        assert not run.ok
        assert "environments.shared.vpc: found vpc-0a1b2c3d; the load balancer of facadeSettings.alb.lis" in run.output
        assert f"give {front.network.vpc.id}" in run.output

        # It isn't there.
        found.set("strangler:facadeSettings.alb.listener", front.listener.id[:-4] + "0000")
        run = found.plan()
        assert not run.ok
        assert "check that it exists and that this login may read it" in run.output
        assert "Traceback" not in run.output
