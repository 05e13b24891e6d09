"""What is read of how a service is reached, `http`, `nlb` and `network` in all their shapes, written and read again."""

from pathlib import Path
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.input.diagnostics import Problems
from components.input.value import Value
from components.manifest.http import Alias, HealthCheck, Http, HttpRule, read_http
from components.manifest.network import Network, read_network
from components.manifest.nlb import Nlb, NlbCheck, NlbListener, read_nlb
from components.manifest.target_container import Containers
from tests.projects import Tree, manifest, read_project, write_project

KNOWN = Containers("users", {"nginx": 8080, "envoy": 443, "worker": None})
ZONE = "Z0123456789ABC"


def http_of(tree: object) -> Http | None:
    problems = Problems()
    found = read_http(Value(tree, "m", "http", problems), KNOWN)
    assert problems.errors == []
    return found


def rules(**fields: object) -> Http:
    found = http_of({"path": "a", **fields})
    assert found is not None
    return found


def rule(**fields: object) -> HttpRule:
    return rules(**fields).main


def nlb_of(tree: object) -> Nlb:
    problems = Problems()
    found = read_nlb(Value(tree, "m", "nlb", problems), KNOWN)
    assert problems.errors == []
    assert found is not None
    return found


def network_of(tree: object) -> Network:
    problems = Problems()
    found = read_network(Value(tree, "m", "network", problems))
    assert problems.errors == []
    return found


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("users.example.com", [("users.example.com", None)]),
        ("Users.Example.COM", [("users.example.com", None)]),
        (["a.example.com", "b.example.com"], [("a.example.com", None), ("b.example.com", None)]),
        (
            [{"name": "a.example.com", "hosted_zone": ZONE}, {"name": "b.example.com"}],
            [("a.example.com", ZONE), ("b.example.com", None)],
        ),
        ([], []),
    ],
)
def test_an_alias_is_a_text_a_list_or_a_list_of_maps(written: object, expected: list[tuple[str, str | None]]) -> None:
    assert rule(alias=written).aliases == tuple(Alias(*item) for item in expected)


def test_a_hosted_zone_beside_the_alias_holds_for_those_that_name_none() -> None:
    written = ["a.example.com", {"name": "b.example.com", "hosted_zone": "ZOTHER"}]
    found = rule(alias=written, hosted_zone=ZONE).aliases
    assert found == (Alias("a.example.com", ZONE), Alias("b.example.com", "ZOTHER"))


@pytest.mark.parametrize("written", ["http1", "HTTP1", "http2", "grpc", "GRPC"])
@pytest.mark.parametrize("key", ["version", "protocolVersion"])
def test_a_version_is_read_in_any_case_and_by_its_old_name(key: str, written: str) -> None:
    assert rule(**{key: written}).version == written.lower()


def test_codes_of_grpc_have_a_default_of_their_own() -> None:
    assert rule(version="grpc").healthcheck == HealthCheck(success_codes="12")
    assert rule(version="grpc", healthcheck="/h").healthcheck == HealthCheck("/h", success_codes="12")
    assert rule(version="grpc", healthcheck={"success_codes": 0}).healthcheck.success_codes == "0"


@pytest.mark.parametrize(
    ("fields", "container", "port"),
    [
        ({}, None, None),
        ({"target_port": 9000}, None, 9000),
        ({"target_container": "users"}, None, None),
        ({"target_container": "users", "target_port": 9000}, None, 9000),
        ({"target_container": "nginx"}, "nginx", 8080),
        ({"targetContainer": "nginx"}, "nginx", 8080),
        ({"target_container": "nginx", "target_port": 9000}, "nginx", 9000),
        ({"target_port": 443}, "envoy", 443),
        ({"target_container": "worker", "target_port": 9000}, "worker", 9000),
    ],
)
def test_a_target_is_a_container_a_port_or_both(fields: Tree, container: str | None, port: int | None) -> None:
    found = rule(**fields)
    assert (found.target_container, found.target_port) == (container, port)


def test_http_false_is_no_http_and_true_to_its_override(tmp_path: Path) -> None:
    assert http_of(False) is None
    nlb = {"port": "80/tcp"}
    override = {"local": {"http": {"path": "api/users"}}}
    content = manifest("users", http=False, nlb=nlb, environments=override)
    write_project(tmp_path, {"users": content, "monolith": manifest("monolith", "/")})
    services = {service.name: service.manifest for service in read_project(tmp_path).services}
    assert services["users"].http == Http(HttpRule("/api/users"))
    assert services["users"].nlb == Nlb((NlbListener(80, 80),))


def test_an_override_of_an_alias_replaces_the_list(tmp_path: Path) -> None:
    override = {"local": {"http": {"alias": "c.example.com"}}}
    own = {"path": "api/users", "alias": ["a.example.com", "b.example.com"]}
    write_project(
        tmp_path,
        {"users": manifest("users", http=own, environments=override), "monolith": manifest("monolith", "/")},
    )
    services = {service.name: service.manifest for service in read_project(tmp_path).services}
    http = services["users"].http
    assert http is not None
    assert http.main.aliases == (Alias("c.example.com"),)


def test_further_rules_have_the_same_fields_and_defaults() -> None:
    found = rules(additional_rules=[{"path": "/admin/", "target_container": "nginx"}, {"path": "/"}])
    assert found.additional == (HttpRule("/admin", target_container="nginx", target_port=8080), HttpRule("/"))


@pytest.mark.parametrize(
    ("written", "port", "protocol"),
    [(80, 80, "tcp"), ("80", 80, "tcp"), ("80/tcp", 80, "tcp"), ("443/TLS", 443, "tls"), ("53/udp", 53, "udp")],
)
def test_a_port_of_a_network_load_balancer_has_a_protocol(written: object, port: int, protocol: str) -> None:
    (found,) = nlb_of({"port": written}).listeners
    assert (found.port, found.target_port, found.protocol) == (port, port, protocol)


@pytest.mark.parametrize(
    ("fields", "container", "port"),
    [
        ({}, None, 80),
        ({"target_port": 3000}, None, 3000),
        ({"target_container": "nginx"}, "nginx", 8080),
        ({"target_container": "nginx", "target_port": 81}, "nginx", 81),
        ({"target_port": 443}, "envoy", 443),
    ],
)
def test_a_listener_sends_to_its_own_port_unless_it_says_otherwise(
    fields: Tree, container: str | None, port: int
) -> None:
    (found,) = nlb_of({"port": "80/tcp", **fields}).listeners
    assert (found.target_container, found.target_port) == (container, port)


def test_a_network_load_balancer_has_copilots_defaults() -> None:
    assert nlb_of({"port": 80}) == Nlb((NlbListener(80, 80, "tcp", None, NlbCheck(None, 3, 3, 30, 10)),), (), 60)


def test_a_network_load_balancer_has_names_checks_and_further_listeners() -> None:
    found = nlb_of(
        {
            "port": "443/tls",
            "alias": [{"name": "nlb.example.com", "hosted_zone": ZONE}],
            "healthcheck": {"port": 81, "grace_period": "2m"},
            "additional_listeners": [{"port": "53/udp", "deregistration_delay": "5s"}],
        }
    )
    assert found.aliases == (Alias("nlb.example.com", ZONE),)
    assert (found.grace_period, found.tls) == (120, True)
    first, second = found.listeners
    assert first.healthcheck == NlbCheck(port=81)
    assert (second.port, second.transport, second.deregistration_delay) == (53, "udp", 5)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (None, Network()),
        ({"vpc": {"placement": "private"}}, Network(placement="private")),
        ({"vpc": {"placement": {"subnets": ["subnet-0a1b2c3d"]}}}, Network(subnets=("subnet-0a1b2c3d",))),
        ({"vpc": {"security_groups": ["sg-0a1b2c3d"]}}, Network(security_groups=("sg-0a1b2c3d",))),
        ({"vpc": {"security_groups": {"groups": ["sg-0a1b2c3d"]}}}, Network(security_groups=("sg-0a1b2c3d",))),
        (
            {"vpc": {"security_groups": {"deny_default": True, "groups": ["sg-0a1b2c3d"]}}},
            Network(security_groups=("sg-0a1b2c3d",), deny_default=True),
        ),
        ({"connect": True}, Network(connect=True)),
        ({"connect": False}, Network()),
        ({"connect": {"alias": "frontend.local"}}, Network(connect=True, connect_alias="frontend.local")),
    ],
)
def test_a_network_in_all_its_shapes(written: object, expected: Network) -> None:
    assert network_of(written) == expected


def test_tasks_are_public_unless_they_are_placed_otherwise() -> None:
    assert Network().public
    assert not Network(placement="private").public
    assert not Network(subnets=("subnet-0a1b2c3d",)).public


# What is written out and read again is the same.

labels = st.text(alphabet="abcdefghij0123456789", min_size=1, max_size=12)
hosts = labels.map(lambda label: f"{label}.example.com")
zones = st.none() | labels.map(lambda label: f"Z{label.upper()}")
aliases = st.lists(st.builds(Alias, hosts, zones), max_size=4, unique_by=lambda build: build.name).map(tuple)
http_ports = st.integers(1, 65535)
paths = st.lists(labels, max_size=3).map(lambda parts: "/" + "/".join(parts))
targets = st.sampled_from([(None, None), ("nginx", 8080), ("envoy", 443), ("worker", 9), (None, 9000)])
checks = st.builds(
    HealthCheck,
    path=paths,
    port=st.none() | http_ports,
    success_codes=st.sampled_from(("200", "200,301", "200-399")),
    healthy_threshold=st.integers(2, 10),
    unhealthy_threshold=st.integers(2, 10),
    interval=st.integers(121, 300),
    timeout=st.integers(2, 120),
    grace_period=st.integers(0, 600),
)


@st.composite
def http_rules(draw: st.DrawFn) -> HttpRule:
    container, port = draw(targets)
    return HttpRule(
        path=draw(paths),
        healthcheck=draw(checks),
        deregistration_delay=draw(st.integers(0, 3600)),
        stickiness=draw(st.booleans()),
        target_container=container,
        target_port=port,
        version=draw(st.sampled_from(("http1", "http2"))),
        aliases=draw(aliases),
        redirect=draw(st.booleans()),
    )


@st.composite
def network_balancers(draw: st.DrawFn) -> Nlb:
    numbers = draw(st.lists(http_ports, min_size=1, max_size=4, unique=True))
    return Nlb(tuple(draw(listeners(number)) for number in numbers), draw(aliases), draw(st.integers(0, 600)))


@st.composite
def listeners(draw: st.DrawFn, port: int) -> NlbListener:
    protocol = draw(st.sampled_from(("tcp", "udp", "tls")))
    container, target = draw(st.sampled_from([("nginx", 8080), ("worker", 9), (None, 9000)]))
    return NlbListener(
        port=port,
        target_port=target,
        protocol=protocol,
        target_container=container,
        healthcheck=NlbCheck(
            draw(st.none() | http_ports),
            draw(st.integers(2, 10)),
            draw(st.integers(2, 10)),
            draw(st.integers(5, 300)),
            draw(st.integers(2, 120)),
        ),
        ssl_policy=draw(st.none() | st.just("ELBSecurityPolicy-TLS13-1-2-2021-06")) if protocol == "tls" else None,
        stickiness=draw(st.booleans()) if protocol != "tls" else False,
        deregistration_delay=draw(st.integers(0, 3600)),
    )


def given_only(tree: Tree) -> Tree:
    """Without what is not given."""
    return {key: value for key, value in tree.items() if value is not None}


def names_written(found: tuple[Alias, ...]) -> list[Tree]:
    return [given_only({"name": item.name, "hosted_zone": item.hosted_zone}) for item in found]


def rule_written(found: HttpRule) -> Tree:
    check = found.healthcheck
    seconds = {name: f"{getattr(check, name)}s" for name in ("interval", "timeout", "grace_period")}
    return given_only(
        {
            "path": found.path,
            "healthcheck": given_only({**vars(check), **seconds}),
            "deregistration_delay": f"{found.deregistration_delay}s",
            "stickiness": found.stickiness,
            "target_container": found.target_container,
            "target_port": found.target_port,
            "version": found.version,
            "alias": names_written(found.aliases),
            "redirect_to_https": found.redirect,
        }
    )


def listener_written(found: NlbListener) -> Tree:
    check = found.healthcheck
    seconds = {name: f"{getattr(check, name)}s" for name in ("interval", "timeout")}
    return given_only(
        {
            "port": f"{found.port}/{found.protocol}",
            "target_container": found.target_container,
            "target_port": found.target_port,
            "healthcheck": given_only({**vars(check), **seconds}),
            "ssl_policy": found.ssl_policy,
            "stickiness": found.stickiness,
            "deregistration_delay": f"{found.deregistration_delay}s",
        }
    )


@given(http_rules(), st.lists(http_rules(), max_size=2))
def test_http_that_is_written_out_and_read_again_is_the_same(main: HttpRule, further: list[HttpRule]) -> None:
    written = {**rule_written(main), "additional_rules": [rule_written(item) for item in further]}
    assert http_of(written) == Http(main, tuple(further))


@given(network_balancers())
def test_nlb_that_is_written_out_and_read_again_is_the_same(found: Nlb) -> None:
    first, *further = map(listener_written, found.listeners)
    check = cast("Tree", first["healthcheck"])
    written: Tree = {
        **first,
        "healthcheck": {**check, "grace_period": f"{found.grace_period}s"},
        "alias": names_written(found.aliases),
        "additional_listeners": further,
    }
    assert nlb_of(written) == found


ids = st.text(alphabet="0123456789abcdef", min_size=8, max_size=8)


@given(
    st.sampled_from(("public", "private")),
    st.lists(ids, max_size=3, unique=True),
    st.lists(ids, min_size=1, max_size=4, unique=True),
    st.booleans(),
    st.none() | labels,
)
def test_a_network_that_is_written_out_and_read_again_is_the_same(
    placement: str, subnets: list[str], groups: list[str], deny: bool, alias: str | None
) -> None:
    found = Network(
        placement="public" if subnets else placement,
        subnets=tuple(f"subnet-{subnet}" for subnet in subnets),
        security_groups=tuple(f"sg-{group}" for group in groups),
        deny_default=deny,
        connect=alias is not None,
        connect_alias=alias,
    )
    written: Tree = {
        "vpc": {
            "placement": {"subnets": list(found.subnets)} if subnets else placement,
            "security_groups": {"groups": list(found.security_groups), "deny_default": deny},
        },
        "connect": {"alias": alias} if alias else False,
    }
    assert network_of(written) == found
