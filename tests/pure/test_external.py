"""Services that run elsewhere: as they are read, as they become the default, and as facades lead there."""

from pathlib import Path
from typing import Any, cast

import pytest

from components.aws.plan.external_groups import ExternalGroup, mistake
from components.aws.plan.external_integrations import planned
from components.aws.plan.refactor_spaces_routes import home
from components.local.envoy import config
from components.local.envoy.state import Target, external_data, table_data, target_of
from components.model.facades import Endpoint
from components.model.routes import Route, RouteTable
from components.settings import Settings
from components.settings.external import ExternalService
from components.strangler import mermaid
from tests.projects import Tree, board, read_project, write_project

URL = "https://Legacy.example.com:443/"
FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:legacy:live"
LEGACY = ExternalService("legacy", Endpoint.URL, "https://legacy.example.com")


def read(folder: Path, legacy: Tree, **more: object) -> Settings:
    write_project(folder, board())
    return read_project(folder, {"services": {"legacy": legacy}, **more})


def test_it_is_read_with_its_url_in_one_form(tmp_path: Path) -> None:
    (found,) = read(tmp_path, {"url": URL}, default="legacy").external
    assert (found.address, found.host, found.port, found.tls) == (LEGACY.address, "legacy.example.com", 443, True)
    other = ExternalService("legacy", Endpoint.URL, "http://legacy.example.com:8080")
    assert (other.host, other.host_name, other.port) == ("legacy.example.com:8080", "legacy.example.com", 8080)


def test_as_the_default_it_leaves_the_monolith_a_service_like_any_other(tmp_path: Path) -> None:
    settings = read(tmp_path, {"url": URL}, default="legacy", routes={"old": {"path": "/old", "service": "monolith"}})
    assert settings.table.default == "legacy"
    assert [route.id for route in settings.table.routes if route.service == "monolith"] == ["old"]
    assert "legacy" not in [service.name for service in settings.services]


def test_a_path_is_its_implied_route_and_the_path_of_all_makes_it_the_default(tmp_path: Path) -> None:
    settings = read(tmp_path / "one", {"url": URL, "path": "/old"}, routes={"legacy": True})
    assert Route("legacy", "/old", "legacy", weight=100) in settings.table.routes
    assert settings.table.default == "monolith"
    settings = read(tmp_path / "other", {"url": URL, "path": "/"}, exclude="monolith")
    assert settings.table.default == "legacy"


def test_without_a_path_it_has_no_route_of_its_own(tmp_path: Path) -> None:
    assert "legacy" not in {route.service for route in read(tmp_path, {"url": URL}).table.routes}


@pytest.mark.parametrize(("facade", "where"), [("alb", ["shared"]), ("api-gateway", [])])
def test_where_everything_runs_elsewhere_there_is_a_network_only_for_a_facade_that_needs_one(
    facade: str, where: list[str], tmp_path: Path
) -> None:
    config: Tree = {
        "platform": "aws",
        "facade": facade,
        "default": "legacy",
        "services": {"legacy": {"lambda": FUNCTION}},
    }
    settings = read_project(tmp_path, config)
    assert [environment.name for environment in settings.environments] == where
    assert settings.services == ()


def test_a_function_is_known_with_its_version_or_alias() -> None:
    found = ExternalService("legacy", Endpoint.LAMBDA, FUNCTION)
    assert (found.function, found.qualifier) == (FUNCTION.removesuffix(":live"), "live")
    assert ExternalService("legacy", Endpoint.LAMBDA, found.function).qualifier is None


def _target(service: ExternalService, weight: int = 0) -> Target:
    table = RouteTable.of([Route("old", "/old", "legacy", weight=weight)], None if weight else "legacy")
    return target_of({"services": {"legacy": external_data(service)}, "table": table_data(table)})


def _actions(target: Target) -> list[dict[str, Any]]:
    (host,) = cast("list[dict[str, Any]]", config.route_configuration(target, 8080)["virtual_hosts"])
    return [entry["route"] for entry in host["routes"] if "route" in entry]


def test_envoy_sends_the_host_of_the_url_unless_the_clients_is_kept() -> None:
    assert {action.get("host_rewrite_literal") for action in _actions(_target(LEGACY))} == {"legacy.example.com"}
    (shared, *_) = _actions(_target(LEGACY, 25))
    hosts = {cluster.get("host_rewrite_literal") for cluster in shared["weighted_clusters"]["clusters"]}
    assert hosts == {"legacy.example.com", None}
    kept = ExternalService("legacy", Endpoint.URL, LEGACY.address, keeps_host=True)
    assert {action.get("host_rewrite_literal") for action in _actions(_target(kept))} == {None}


def test_envoy_checks_the_certificate_of_the_url_by_the_ca_and_the_name() -> None:
    service = ExternalService("legacy", Endpoint.URL, LEGACY.address, ca="PEM")
    (cluster,) = config.clusters(_target(service).upstreams.values())
    tls = cast("dict[str, Any]", cluster["transport_socket"])["typed_config"]
    checked = tls["common_tls_context"]["validation_context"]
    assert tls["sni"] == "legacy.example.com"
    assert checked["trusted_ca"] == {"inline_string": "PEM"}
    assert checked["match_typed_subject_alt_names"][0]["matcher"] == {"exact": "legacy.example.com"}
    plain = ExternalService("legacy", Endpoint.URL, "http://legacy.example.com")
    assert "transport_socket" not in config.clusters(_target(plain).upstreams.values())[0]


def test_what_gets_no_request_needs_not_answer() -> None:
    assert set(_target(LEGACY).asked) == {"legacy"}
    unused = RouteTable.of([Route("old", "/old", "legacy")], None)
    assert target_of({"services": {"legacy": external_data(LEGACY)}, "table": table_data(unused)}).asked == {}


def test_an_http_api_hands_the_path_on_and_calls_a_function_with_the_whole_event() -> None:
    found = planned(LEGACY)
    assert (found.type, found.uri, found.parameters) == (
        *("HTTP_PROXY", "https://legacy.example.com"),
        {"overwrite:path": "$request.path"},
    )
    function = planned(ExternalService("legacy", Endpoint.LAMBDA, FUNCTION))
    assert function.uri == (f"arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/{FUNCTION}/invocations")


GROUP = ExternalGroup("ip", "HTTP", "vpc-1")


@pytest.mark.parametrize(
    ("group", "vpc", "says"),
    [
        (ExternalGroup("ip", "TCP", "vpc-1"), "vpc-1", "a target group of TCP"),
        (GROUP, "vpc-2", "a target group in vpc-1, and the load balancer is in vpc-2"),
        (GROUP, None, "a target group in vpc-1, and the load balancer is in a VPC that is created for it"),
        (ExternalGroup("ip", "HTTP", "vpc-1", ("theirs",)), "vpc-1", "a target group that is already behind theirs"),
    ],
)
def test_a_target_group_that_a_load_balancer_of_ours_cannot_have_is_told_before(
    group: ExternalGroup, vpc: str | None, says: str
) -> None:
    found = mistake(group, vpc, {"ours"})
    assert found
    assert found[0] == says


def test_a_target_group_of_the_same_network_will_do_and_so_does_one_of_functions() -> None:
    assert mistake(ExternalGroup("ip", "HTTP", "vpc-1", ("ours",)), "vpc-1", {"ours"}) is None
    assert mistake(ExternalGroup("lambda"), "vpc-1", set()) is None


def test_an_application_of_refactor_spaces_stays_where_it_is_if_its_default_runs_elsewhere() -> None:
    vpcs = {"monolith": "vpc-1", "users": "vpc-2"}
    assert home("monolith", "vpc-2", vpcs) == "monolith"
    assert home(None, "vpc-2", vpcs) == "users"
    assert home(None, None, vpcs) is None
    assert home(None, "vpc-9", vpcs) is None


def test_the_diagram_has_another_shape_for_it() -> None:
    table = RouteTable.of([Route("users", "/api/users", "users", weight=100)], "legacy")
    text = mermaid(table, {"legacy"})
    assert "s-legacy[/legacy/]" in text
    assert "s-users[users]" in text
