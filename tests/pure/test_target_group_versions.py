"""Target groups: which name one has, and which environments keep their network."""

from collections.abc import Mapping
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

from components.aws.plan import moved_networks, target_groups
from components.aws.plan.load_balancers import LOGICAL
from components.aws.plan.subnet_layout import layout
from components.model.environment import EnvironmentSettings, Subnets, Vpc
from components.model.facades import Scheme
from components.model.where import Where
from tests.projects import manifest, read_project, write_project

OLD = {"protocol": "HTTP", "healthCheck": {"path": "/old", "interval": 10}}
NEW = {"protocol": "HTTP", "healthCheck": {"path": "/new", "interval": 10}}


def test_the_first_target_group_has_the_plain_name_and_keeps_it() -> None:
    assert target_groups.name_of("users", OLD, {}) == "users"
    reported = {**OLD, "healthCheck": {"path": "/old", "interval": 10.0, "matcher": "200"}, "arn": "x"}
    assert target_groups.name_of("users", OLD, {"users": reported}) == "users"


def test_another_one_has_a_name_that_follows_from_what_it_is() -> None:
    made = target_groups.name_of("users", NEW, {"users": OLD})
    assert made.startswith("users-V")
    assert target_groups.name_of("users", NEW, {"users": OLD, made: NEW}) == made  # a failed `up` is made again
    assert target_groups.name_of("users", OLD, {"users": OLD, made: NEW}) == "users"  # or taken back
    assert target_groups.name_of("users", NEW, {made: NEW}) == made
    back = target_groups.name_of("users", OLD, {made: NEW})
    assert back not in ("users", made)  # a plain one would be attached by what sends it requests


def test_target_groups_of_others_mean_nothing() -> None:
    assert target_groups.name_of("users", NEW, {"users-internal": OLD, "users2": OLD, "monolith": OLD}) == "users"


def test_a_long_name_stays_within_the_limit_and_is_known_again() -> None:
    plain = "a-service-with-24-letters"[:LOGICAL]
    made = target_groups.name_of(plain, NEW, {plain: OLD})
    assert len(made) <= LOGICAL
    assert target_groups.name_of(plain, NEW, {made: NEW}) == made


def test_in_another_environment_of_the_same_network_it_is_another_one() -> None:
    here, there = target_groups.Home("x", "vpc-1"), target_groups.Home("y", "vpc-1")

    def placed(home: target_groups.Home) -> dict[str, Any]:
        return {**OLD, "vpcId": home.vpc, "tags": {"environment": home.environment}}

    first = {"users": placed(here)}
    assert target_groups.name_of("users", OLD, first, here) == "users"
    assert target_groups.name_of("users", OLD, first, target_groups.Home("y", "vpc-2")) == "users"  # AWS replaces it
    assert target_groups.name_of("users", OLD, {"users": {**OLD, "vpcId": "vpc-1"}}, there) == "users"  # nothing says
    moved = target_groups.name_of("users", OLD, first, there)
    assert moved.startswith("users-V")
    assert target_groups.name_of("users", OLD, {**first, moved: placed(there)}, there) == moved  # a failed `up`
    assert target_groups.name_of("users", OLD, {moved: placed(there)}, there) == moved
    back = target_groups.name_of("users", OLD, {moved: placed(there)}, here)
    assert back not in ("users", moved)
    assert target_groups.name_of("users", OLD, {moved: placed(there), back: placed(here)}, here) == back
    assert target_groups.name_of("users", OLD, {back: placed(here)}, here) == back
    assert target_groups.name_of("users", OLD, {back: placed(here)}, there) == moved


def test_each_version_of_a_service_has_a_priority_of_its_own(tmp_path: Path) -> None:
    write_project(tmp_path, {"monolith": manifest("monolith", "/"), "users": manifest("users")})
    settings = read_project(tmp_path, {"platform": "aws", "facade": "alb"}, "dev")
    placed = [(service, (Scheme.PUBLIC,)) for service in settings.services]
    found = target_groups.versions(placed, {"monolith": OLD, "users": OLD})
    assert set(found) == {"monolith", "users"}
    assert len({version.priority for version in found.values()}) == 2
    assert all(49_900 < version.priority <= 50_000 for version in found.values())
    assert target_groups.versions(placed, {}) == {}
    # One that goes keeps its place until all else is done.
    users = found["users"]
    later = target_groups.versions(placed, {"monolith": OLD, "users": OLD}, known={"goes": users.priority})
    assert later["monolith"] == found["monolith"]
    assert later["users"].priority not in (users.priority, found["monolith"].priority)
    known = {version.name: version.priority for version in later.values()}
    assert target_groups.versions(placed, {"monolith": OLD, "users": OLD}, known=known) == later


def mistakes(
    environment: EnvironmentSettings,
    vpc: str,
    made: str | None,
    services: tuple[str, ...] = ("shared",),
    subnets: Mapping[str, Mapping[str, Any]] | None = None,
) -> list[str]:
    """What is wrong with an environment `shared`, whose network is `vpc`, made with the range `made`."""
    running: Mapping[str, Mapping[str, Any]] = {name: {"tags": {"environment": name}} for name in services}
    networks = {"shared": {"cidrBlock": made}} if made else {}
    groups = {"shared-tasks": {"vpcId": vpc}}
    return list(moved_networks.mistakes([environment], running, networks, groups, subnets or {}))


def test_a_network_in_which_services_run_stays() -> None:
    plain = EnvironmentSettings("shared", IPv4Network("10.1.0.0/16"))
    existing = EnvironmentSettings("shared", IPv4Network("10.1.0.0/16"), vpc=Vpc("vpc-2", (), ()))
    assert mistakes(plain, "vpc-1", "10.1.0.0/16") == []
    assert mistakes(existing, "vpc-2", None) == []
    for environment, vpc, made, start in (
        (plain, "vpc-1", "10.2.0.0/16", "environments.shared.cidr: found 10.1.0.0/16, and the network there has 10.2."),
        (plain, "vpc-2", None, "environments.shared.vpc: found none, and the services there run in vpc-2"),
        (existing, "vpc-1", "10.1.0.0/16", "environments.shared.vpc: found vpc-2, and the services there run in vpc-1"),
        (existing, "vpc-1", None, "environments.shared.vpc: found vpc-2, and the services there run in vpc-1"),
    ):
        (line,) = mistakes(environment, vpc, made)
        assert line.startswith(start)
        assert line.endswith("use a new environment, see docs/facades.md")


def test_a_network_without_services_may_change() -> None:
    plain = EnvironmentSettings("shared", IPv4Network("10.1.0.0/16"))
    assert mistakes(plain, "vpc-1", "10.2.0.0/16", services=()) == []


def test_a_subnet_in_which_services_run_stays() -> None:
    there = {
        f"shared-{kind}-{number}": {
            "cidrBlock": f"10.1.{block}.0/24",
            "availabilityZone": f"eu-west-1{'ab'[number - 1]}",
        }
        for block, (kind, number) in enumerate([("public", 1), ("public", 2), ("private", 1), ("private", 2)])
    }
    range_ = IPv4Network("10.1.0.0/16")

    def found(public: str, zones: tuple[str, ...] = ("eu-west-1a", "eu-west-1b")) -> list[str]:
        own = Subnets((public, "10.1.1.0/24"), ("10.1.2.0/24", "10.1.3.0/24"), zones)
        environment = EnvironmentSettings(
            "shared", range_, subnets=own, place=lambda path: Where("copilot/environments/shared/manifest.yml", path, 7)
        )
        return mistakes(environment, "vpc-1", "10.1.0.0/16", subnets=there)

    assert found("10.1.0.0/24") == []
    (line,) = found("10.1.9.0/24")
    assert line.startswith(
        "copilot/environments/shared/manifest.yml:7: network.vpc.subnets.public: found 10.1.9.0/24 in eu-west-1a, and "
        "the services there run in 10.1.0.0/24 in eu-west-1a: AWS can't move"
    )
    (line,) = found("10.1.0.0/24", ("eu-west-1a", "eu-west-1c"))
    assert "found 10.1.1.0/24 in eu-west-1c, and the services there run in 10.1.1.0/24 in eu-west-1b" in line
    (line,) = mistakes(EnvironmentSettings("shared", range_), "vpc-1", "10.1.0.0/16", subnets=there)
    assert line.startswith(
        "environments.shared.subnets.public: found 10.1.0.0/19, and the services there run in 10.1.0."
    )


def test_more_or_fewer_zones_move_no_subnet() -> None:
    range_ = IPv4Network("10.1.0.0/16")
    for before, after in ((2, 4), (3, 2)):
        laid = layout(range_, before)
        there = {
            f"shared-{kind}-{number}": {"cidrBlock": block, "availabilityZone": "eu-west-1a"}
            for kind, blocks in (("public", laid.public), ("private", laid.private))
            for number, block in enumerate(blocks, start=1)
        }
        environment = EnvironmentSettings("shared", range_, zones=after)
        assert mistakes(environment, "vpc-1", "10.1.0.0/16", subnets=there) == []
