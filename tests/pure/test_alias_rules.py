"""Services looked at together: the rules of their own on a load balancer, host names, and what a user is warned of."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from components.aws.plan import container_ports
from components.aws.plan.alb_priorities import HOST_DEPTH, MAX_SEGMENTS, host_priorities, plain_band
from components.aws.plan.alias_rules import HostName, alias_rules, host_names, known_priorities, standing
from components.aws.plan.alias_rules import priorities as alias_priorities
from components.aws.plan.container_ports import Port
from components.aws.plan.stable_slots import settle
from components.manifest.http import Alias, Http, HttpRule
from components.manifest.manifest import Manifest
from components.manifest.nlb import Nlb, NlbListener
from components.model.facades import Scheme
from components.settings.service import Service
from tests.projects import Tree, lines_of, manifest, read_project, without_numbers, write_project
from tests.pure.bad_http_nlb import CERTIFICATE

ZONE = "Z0123456789ABC"


def placed(name: str, path: str, *hosts: str, further: tuple[HttpRule, ...] = ()) -> Service:
    aliases = tuple(Alias(host, ZONE) for host in hosts)
    return Service(Manifest(name, 3000, Http(HttpRule(path, aliases=aliases), further)), "shared")


def warnings(folder: Path, users: Tree, config: Tree) -> list[str]:
    write_project(folder, {"monolith": manifest("monolith", "/"), "users": users})
    return without_numbers(read_project(folder, {"platform": "aws", **config}).warnings)


def test_a_service_without_an_alias_has_no_rule_of_its_own() -> None:
    assert alias_rules(placed("users", "/api/users")) == ()


def test_the_longer_path_of_a_host_name_comes_first() -> None:
    services = [
        placed("a", "/", "x.example.com"),
        placed("b", "/api", "x.example.com"),
        placed("c", "/api/c", "x.example.com"),
    ]
    (a,), (b,), (c,) = (alias_rules(service) for service in services)
    given = alias_priorities(services)
    assert given[c.name] < given[b.name] < given[a.name]
    assert (a.paths, b.paths) == ((), ("/api", "/api/*"))


def test_a_further_rule_without_a_name_is_a_rule_by_its_path_behind_all_host_names() -> None:
    service = placed("a", "/", "x.example.com", further=(HttpRule("/admin"),))
    named, by_path = alias_rules(service)
    given = alias_priorities([service])
    assert (by_path.name, by_path.hosts, by_path.paths) == ("a-Rule1", (), ("/admin", "/admin/*"))
    assert given[named.name] < given[by_path.name]


names = st.text(alphabet="abcdefgh", min_size=1, max_size=6)
depths = st.dictionaries(names, st.integers(0, HOST_DEPTH), max_size=60)


@given(depths)
def test_rules_by_host_name_are_in_the_order_of_their_paths_and_before_every_route(found: dict[str, int]) -> None:
    made = host_priorities(found)
    assert set(made) == set(found)
    assert len(set(made.values())) == len(found)
    in_order = [-found[name] for name in sorted(made, key=made.__getitem__)]
    assert in_order == sorted(in_order)
    assert all(416 < priority < plain_band(MAX_SEGMENTS, 0).start for priority in made.values())


@given(depths, names, st.integers(0, HOST_DEPTH))
def test_what_moves_never_goes_where_another_rule_by_host_name_still_is(
    found: dict[str, int], name: str, depth: int
) -> None:
    found.pop(name, None)
    few, more = host_priorities(found), host_priorities({**found, name: depth})
    for old, new in ((few, more), (more, few)):
        arriving = {new[rule] for rule in new if old.get(rule) != new[rule]}
        assert arriving.isdisjoint(old.values())


numbers = st.integers(0, 30)


@given(st.dictionaries(names, numbers, max_size=12), st.dictionaries(names, numbers, max_size=12))
def test_what_comes_takes_no_place_that_another_has_and_then_stays(
    wanted: dict[str, int], found: dict[str, int]
) -> None:
    known = {name: number for number, name in {number: name for name, number in found.items()}.items()}
    places = dict.fromkeys(wanted, range(31))
    made = settle(wanted, known, places)
    assert len({*made.values()}) == len(made)
    assert all(made[name] == known[name] for name in made.keys() & known.keys())
    assert {made[name] for name in made.keys() - known.keys()}.isdisjoint(known.values())
    assert settle(wanted, made, places) == made


def test_services_whose_rules_have_one_place_take_each_others_environments() -> None:
    def place(name: str) -> int:
        (found,) = alias_priorities([placed(name, "/", "x.example.com")]).values()
        return found

    first = place("a")
    other = next(name for name in (f"b{number}" for number in range(10_000)) if place(name) == first)
    (moved,) = alias_priorities([placed(other, "/", "x.example.com")], None, {"a x.example.com": first}).items()
    assert moved[0] == f"{other} x.example.com"
    assert moved[1] != first
    # The one that went is gone.
    assert alias_priorities([placed(other, "/", "x.example.com")], None, dict([moved])) == dict([moved])


def test_of_a_load_balancer_those_of_its_listeners_are_known_once() -> None:
    rules = {
        "a x.example.com": {"listenerArn": "http", "priority": 500.0},
        "a x.example.com tls": {"listenerArn": "https", "priority": 500.0},
        "b x.example.com": {"listenerArn": "elsewhere", "priority": 501.0},
    }
    assert known_priorities(rules, ["http", "https"]) == {"a x.example.com": 500}


def test_a_host_name_is_that_of_all_services_that_answer_there() -> None:
    services = [placed("a", "/", "x.example.com"), placed("b", "/b", "x.example.com", "w.example.com")]
    assert host_names(services) == (
        HostName("w.example.com", ZONE, ("b",)),
        HostName("x.example.com", ZONE, ("a", "b")),
    )


def test_an_alias_behind_an_internal_load_balancer_is_warned_of(tmp_path: Path) -> None:
    users = manifest("users", http={"path": "u", "alias": [{"name": "a.example.com", "hosted_zone": ZONE}]})
    config: Tree = {"facade": "api-gateway"}
    assert warnings(tmp_path, users, config) == [
        "the environment users: a.example.com: reachable only inside the environment's network; its load balancer is "
        "internal; set loadBalancer: public"
    ]
    public: Tree = {"environments": {"users": {"loadBalancer": "public"}}}
    assert warnings(tmp_path, users, {**config, **public}) == []


def test_an_alias_without_a_certificate_is_warned_of(tmp_path: Path) -> None:
    users = manifest("users", http={"path": "u", "alias": "a.example.com"})
    (warning,) = warnings(tmp_path, users, {"facade": "refactor-spaces"})
    assert warning == (
        "services/users/manifest.yml: http.alias: a.example.com answers without TLS; give the environment "
        "users certificates (strangler:environments.users.certificates), or the alias a hosted_zone"
    )
    given_one: Tree = {"environments": {"users": {"certificates": [CERTIFICATE]}}}
    assert warnings(tmp_path, users, {"facade": "refactor-spaces", **given_one}) == []


def test_a_service_that_takes_no_http_stands_beside_others_on_both_platforms(tmp_path: Path) -> None:
    users = manifest("users", http=False, nlb={"port": "80/tcp"})
    write_project(tmp_path, {"monolith": manifest("monolith", "/"), "posts": manifest("posts"), "users": users})
    for config in ({}, {"platform": "aws", "facade": "api-gateway"}, {"platform": "aws", "facade": "alb"}):
        settings = read_project(tmp_path, config)
        assert [route.id for route in settings.table.routes] == ["posts"]
        assert {service.name for service in settings.services} == {"monolith", "posts", "users"}


def test_what_takes_no_http_may_share_an_environment_with_what_does(tmp_path: Path) -> None:
    users = manifest("users", http=False, nlb={"port": "80/tcp"})
    write_project(tmp_path, {"monolith": manifest("monolith", "/"), "users": users})
    shared: Tree = {"services": {"users": {"environment": "monolith"}}}
    assert lines_of(tmp_path, {"platform": "aws", "facade": "refactor-spaces", **shared}) == []


def test_rules_by_host_name_take_room_beside_the_routes_of_alb(tmp_path: Path) -> None:
    def messages(count: int) -> list[str]:
        hosts = [f"h{number}.example.com" for number in range(count)]
        users = manifest("users", http={"path": "u", "alias": hosts})
        write_project(tmp_path, {"monolith": manifest("monolith", "/"), "users": users})
        read = read_project(tmp_path, {"platform": "aws", "facade": "alb"})
        return [str(problem) for problem in read.warnings if "load balancer rules" in str(problem)]

    assert messages(90) == []
    (line,) = messages(150)
    assert "routes, which with the services' own need 104 load balancer rules" in line


def test_a_task_opens_the_ports_that_are_reached_and_udp_where_a_network_load_balancer_says_so() -> None:
    http = Http(HttpRule("/", target_port=8081), (HttpRule("/a", target_container="nginx", target_port=80),))
    nlb = Nlb(
        (NlbListener(53, 53, "udp"), NlbListener(443, 8081, "tls"), NlbListener(81, 81, target_container="nginx"))
    )
    found = Manifest("users", 3000, http, nlb)
    assert container_ports.opened(found) == (Port(None, 53, "udp"), Port(None, 3000), Port(None, 8081))
    assert container_ports.opened(found, "nginx") == (Port("nginx", 80), Port("nginx", 81))
    assert container_ports.target_of(found) == Port(None, 8081)
    assert container_ports.target_of(Manifest("users", 3000, None, nlb)) == Port(None, 3000)


def test_a_port_of_udp_is_not_opened_for_tcp_as_well() -> None:
    found = Manifest("dns", 53, None, Nlb((NlbListener(53, 53, "udp"),)))
    assert container_ports.opened(found) == (Port(None, 53, "udp"),)


def test_what_is_in_hand_when_a_task_goes_is_given_the_longest_of_its_times() -> None:
    nlb = Nlb((NlbListener(80, 80, deregistration_delay=5), NlbListener(81, 81, deregistration_delay=90)))
    assert Manifest("a", 1, Http(HttpRule("/")), nlb).drain == 90
    assert Manifest("a", 1, Http(HttpRule("/"))).drain == 60
    assert Manifest("a", 1, None, nlb).grace_period == 60


def test_a_rule_waits_for_its_service_only_where_it_attaches_its_target_group_already() -> None:
    service = placed("users", "/", "a.example.com", further=(HttpRule("/b", aliases=(Alias("b.example.com", None),)),))
    groups = {"users": {"arn": "1"}, "users-Rule1": {"arn": "2"}, "users-internal": {"arn": "3"}}
    forwards = {"tags": {"environment": "shared"}, "actions": [{"type": "forward", "targetGroupArn": "1"}]}
    redirects = {**forwards, "actions": [{"type": "redirect"}]}
    first = "users a.example.com"
    assert standing(service, Scheme.PUBLIC, groups, {first: forwards}) == {first}
    assert standing(service, Scheme.PUBLIC, groups, {first: redirects, f"{first} tls": forwards}) == {first}
    elsewhere = {**forwards, "tags": {"environment": "users"}}
    for rules in ({}, {first: redirects}, {first: elsewhere}, {"users-Rule1 b.example.com": forwards}):
        assert standing(service, Scheme.PUBLIC, groups, rules) == set()
    assert standing(service, Scheme.INTERNAL, groups, {first: forwards}) == set()
    assert standing(service, Scheme.PUBLIC, {}, {first: forwards}) == set()
