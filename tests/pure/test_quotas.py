"""Quotas that AWS raises on request: more than an account starts with is a warning that names the key to say so."""

from pathlib import Path

import pytest

from tests.projects import Tree, board, manifest, read_project, write_project

C = "Pulumi.dev.yaml: strangler:"
CERTIFICATE = "arn:aws:acm:eu-west-1:123456789012:certificate/12345678-1234-1234-1234-1234567890"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_project(tmp_path_factory.mktemp("board"), board())


def _messages(folder: Path, facade: str, **config: object) -> list[str]:
    """The warnings about everything but VPCs, unless the config says how many there may be."""
    quotas = config.pop("quotas", {"vpcs": 100})
    found = read_project(folder, {"platform": "aws", "facade": facade, "quotas": quotas, **config}, "dev")
    return [str(problem) for problem in found.warnings]


def _routes(number: int, **fields: object) -> Tree:
    return {f"r{n}": {"path": f"/r{n}", "service": "users", **fields} for n in range(number)}


def _many(folder: Path, number: int, **fields: object) -> Path:
    names = [f"s{n}" for n in range(number)]
    return write_project(folder, {name: manifest(name, f"/{name}", **fields) for name in names})


def test_the_vpc_quota_counts_the_default_vpc_and_one_more_during_a_change_of_facade(folder: Path) -> None:
    (line,) = _messages(folder, "refactor-spaces", quotas={})
    assert line == (
        f"{C}environments: 4 networks are created; with the default VPC, and one more while a facade changes, 6 VPCs; "
        "an account starts with 5: have AWS raise it (Service Quotas), then set strangler:quotas {vpcs: …}"
    )
    assert _messages(folder, "alb", quotas={}) == []
    assert _messages(folder, "refactor-spaces", quotas={"vpcs": 6}) == []


def test_a_network_that_exists_takes_nothing_of_the_vpc_quota(folder: Path) -> None:
    lists = {kind: [f"subnet-0a1b2c3{end}" for end in "de"] for kind in ("publicSubnets", "privateSubnets")}
    there = {"users": {"vpc": {"id": "vpc-0a1b2c3d", **lists}}}
    assert _messages(folder, "refactor-spaces", quotas={}, environments=there) == []


def test_a_raised_quota_that_is_too_low_still_is_reported_by_its_number(folder: Path) -> None:
    (line,) = _messages(folder, "alb", quotas={"rules": 110}, routes=_routes(110))
    assert line.endswith("; strangler:quotas sets the account's limit to 110: have AWS raise it")


def test_rules_of_a_load_balancer(folder: Path) -> None:
    # 100 rules, less two for each of the four services, one for the default, and those of the three implied routes
    assert _messages(folder, "alb", routes=_routes(88)) == []
    (line,) = _messages(folder, "alb", routes=_routes(89))
    assert line.startswith(
        f"{C}routes: 92 routes, which with the services' own need 97 load balancer rules, and 4 more after every "
        "service's health check has changed; an account starts with 100"
    )
    assert _messages(folder, "alb", routes=_routes(89), quotas={"rules": 101}) == []


def test_https_takes_three_rules_of_port_80_and_not_a_rule_for_each_route(folder: Path) -> None:
    secure: Tree = {"facadeSettings": {"alb": {"domain": {"name": "www.example.com", "hostedZone": "Z1"}}}}
    assert _messages(folder, "alb", routes=_routes(85), **secure) == []
    (line,) = _messages(folder, "alb", routes=_routes(86), **secure)
    assert "89 routes, which with the services' own need 97 load balancer rules, and 4 more" in line


def test_certificates_of_the_facades_names_count(folder: Path) -> None:
    names = [{"name": f"n{n}.example.com", "hostedZone": "Z1"} for n in range(20)]

    def messages(number: int) -> list[str]:
        given = {"shared": {"certificates": [f"{CERTIFICATE}{n}" for n in range(10, 10 + number)]}}
        return _messages(folder, "alb", environments=given, facadeSettings={"alb": {"domain": names}})

    assert messages(6) == []
    (line,) = messages(7)
    wanted = f"{C}environments.shared.certificates: 27 certificates on one load balancer; an account starts with 25"
    assert line.startswith(wanted)


def test_a_route_with_more_methods_than_a_rule_has_values_for_takes_several_rules(folder: Path) -> None:
    assert _messages(folder, "alb", routes=_routes(44, methods=["GET", "POST", "PUT", "PATCH"])) == []
    (line,) = _messages(folder, "alb", routes=_routes(45, methods=["GET", "POST", "PUT", "PATCH"]))
    assert "48 routes, which with the services' own need 98 load balancer rules" in line


def test_routes_of_an_http_api(folder: Path) -> None:
    # 300 routes, less `$default` and two for each of the three implied routes
    assert _messages(folder, "api-gateway", routes=_routes(146)) == []
    (line,) = _messages(folder, "api-gateway", routes=_routes(147))
    assert line.startswith(f"{C}routes: 150 routes, which take 301 of the API; an account starts with 300")
    assert _messages(folder, "api-gateway", routes=_routes(147), quotas={"vpcs": 100, "routes": 301}) == []


def test_vpc_links(tmp_path: Path) -> None:
    assert _messages(_many(tmp_path / "ten", 10), "api-gateway", default="s0") == []
    (line,) = _messages(_many(tmp_path / "eleven", 11), "api-gateway", default="s0")
    assert line.startswith(
        f"{C}services: services in 11 environments, each of which needs a VPC link; an account starts"
    )


def test_listeners_of_a_load_balancer(tmp_path: Path) -> None:
    folder = _many(tmp_path, 51)
    shared: Tree = {f"s{n}": {"environment": "shared"} for n in range(51)}
    (line,) = _messages(folder, "api-gateway", default="s0", services=shared)
    assert line.startswith(
        f"{C}services: 51 services share the environment shared, which needs 52 listeners; an account"
    )
    assert _messages(folder, "api-gateway", default="s0", services=shared, quotas={"vpcs": 9, "listeners": 52}) == []


def test_certificates_of_a_load_balancer_of_which_the_first_does_not_count(folder: Path) -> None:
    def given(number: int) -> Tree:
        return {"users": {"certificates": [f"{CERTIFICATE}{n}" for n in range(10, 10 + number)]}}

    assert _messages(folder, "refactor-spaces", environments=given(26)) == []
    (line,) = _messages(folder, "refactor-spaces", environments=given(27))
    assert line.startswith(
        f"{C}environments.users.certificates: 27 certificates on one load balancer; an account starts with 25"
    )


def test_on_this_machine_no_quota_counts(folder: Path) -> None:
    assert read_project(folder, {"routes": _routes(400)}).warnings == ()
