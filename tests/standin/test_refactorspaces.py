"""Refactor Spaces: order, health, what can't be changed, what can't be deleted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from tests.standin import sample
from tests.standin.driver import Driver
from tests.standin.sample import Front
from tools.standin import ec2, elb, operations, security
from tools.standin import refactorspaces as rs
from tools.standin.catalog import KINDS
from tools.standin.cloud import AwsError, Object
from tools.standin.kinds import Call, IncompleteError, Settings
from tools.standin.values import UNKNOWN


@dataclass(frozen=True)
class Facade:
    driver: Driver
    front: Front
    ids: dict[str, str]
    service: Object

    def route(self, name: str, path: str | None = None, **changes: Any) -> Object:
        """A DEFAULT route without a path, an active path route with one."""
        inputs: dict[str, Any] = {"routeType": "DEFAULT"}
        if path is not None:
            part = {"sourcePath": path, "activationState": "ACTIVE", "includeChildPaths": True, **changes}
            inputs = {"routeType": "URI_PATH", "uriPathRoute": part}
        return self.driver.create(
            rs.ROUTE, name, **self.ids, serviceIdentifier=self.service["serviceIdentifier"], **inputs
        )

    @property
    def url(self) -> str:
        return f"http://{self.front.balancer['dnsName']}"


@pytest.fixture
def facade() -> Facade:
    driver = Driver()
    front = sample.front(driver, sample.network(driver))
    sample.web(driver, front, "monolith", 1, "/*")
    environment = driver.create(rs.ENVIRONMENT, "facade", networkFabricType="NONE")
    ids = {"environmentIdentifier": environment["environmentIdentifier"]}
    application = driver.create(rs.APPLICATION, "facade", **ids, vpcId=front.network.vpc.id, proxyType="API_GATEWAY")
    ids["applicationIdentifier"] = application["applicationIdentifier"]
    service = driver.create(
        rs.SERVICE,
        "monolith",
        **ids,
        endpointType="URL",
        urlEndpoint={"url": f"http://{front.balancer['dnsName']}"},
    )
    return Facade(driver, front, ids, service)


def test_ids_are_composite_and_identifiers_have_fourteen_characters(facade: Facade) -> None:
    route = facade.route("default")
    assert route.id == "|".join([*facade.ids.values(), route["routeIdentifier"]])
    assert {len(part) for part in route.id.split("|")} == {14}
    assert facade.service.id == "|".join([*facade.ids.values(), facade.service["serviceIdentifier"]])


def test_the_first_route_is_the_default(facade: Facade) -> None:
    with pytest.raises(AwsError, match="first route of an application must be of type DEFAULT"):
        facade.route("users", "/users")
    facade.route("default")
    with pytest.raises(AwsError, match="has a DEFAULT route already"):
        facade.route("another")
    facade.route("users", "/users")


def test_the_default_goes_last_and_is_active_while_others_are(facade: Facade) -> None:
    default = facade.route("default")
    users = facade.route("users", "/users")
    with pytest.raises(AwsError, match="can't be deleted while other routes exist"):
        facade.driver.delete(default)
    with pytest.raises(AwsError, match="can't be inactive while other routes are active"):
        facade.driver.update(default, defaultRoute={"activationState": "INACTIVE"})
    facade.driver.delete(users)
    facade.driver.update(default, defaultRoute={"activationState": "INACTIVE"})
    with pytest.raises(AwsError, match="no route can be active while the DEFAULT route is not"):
        facade.route("users", "/users")
    facade.route("users", "/users", activationState="INACTIVE")


def test_a_path_with_the_same_methods_is_there_once(facade: Facade) -> None:
    facade.route("default")
    facade.route("users", "/users", methods=["GET", "HEAD"])
    with pytest.raises(AwsError, match="a route for /users with the same methods exists"):
        facade.route("again", "/users", methods=["GET"])
    with pytest.raises(AwsError, match="a route for /users with the same methods exists"):
        facade.route("all", "/users")
    facade.route("writes", "/users", methods=["POST"])


@pytest.mark.parametrize("path", ["/users/", "/", "users", "/a//b", "/a b", "/{id}/{id}"])
def test_paths_that_a_route_does_not_take(facade: Facade, path: str) -> None:
    facade.route("default")
    with pytest.raises(AwsError, match="ValidationException"):
        facade.route("x", path)


def test_a_parameter_clashes_with_a_parent_that_includes_its_children(facade: Facade) -> None:
    facade.route("default")
    facade.route("users", "/users")
    with pytest.raises(AwsError, match="clashes with /users"):
        facade.route("user", "/users/{id}")


def test_below_one_resource_there_is_one_parameter(facade: Facade) -> None:
    """As in the REST API behind it: a sibling already has a variable path part."""
    facade.route("default")
    facade.route("one", "/users/{id}/posts")
    facade.route("two", "/users/{id}/threads")
    with pytest.raises(AwsError, match=r"\{name\} and \{id\} below one resource"):
        facade.route("three", "/users/{name}/names")
    with pytest.raises(AwsError, match=r"clashes with /: \{tenant\} and \{proxy\+\}"):
        facade.route("four", "/{tenant}/users")


def test_a_path_route_needs_a_path_and_a_state(facade: Facade) -> None:
    facade.route("default")
    inputs: dict[str, Any] = {**facade.ids, "serviceIdentifier": facade.service["serviceIdentifier"]}
    for part in (
        None,
        {"activationState": "ACTIVE"},
        {"sourcePath": "/a"},
        {"sourcePath": "/a", "activationState": "ON"},
    ):
        given = {"uriPathRoute": part} if part else {}
        with pytest.raises(AwsError, match="ValidationException"):
            facade.driver.create(rs.ROUTE, "x", **inputs, routeType="URI_PATH", **given)


def test_an_unknown_nested_key_is_refused_in_preview_and_a_wrong_value_only_by_aws(facade: Facade) -> None:
    def found(part: dict[str, Any]) -> list[str]:
        inputs = {**facade.ids, "serviceIdentifier": "svc-0123456789", "routeType": "URI_PATH", "uriPathRoute": part}
        return facade.driver.problems(rs.ROUTE, "x", **inputs)

    assert any("uriPathRoute.path is not a property" in message for message in found({"path": "/a"}))
    assert found({"sourcePath": "nonsense/", "activationState": "PERHAPS"}) == []


def test_tags_are_a_list(facade: Facade) -> None:
    assert any(
        "tags should be a list" in message for message in facade.driver.problems(rs.ENVIRONMENT, "x", tags={"a": "b"})
    )


def test_flipping_a_path_route_in_place_looks_like_an_update_and_fails_at_up(facade: Facade) -> None:
    facade.route("default")
    users = facade.route("users", "/users")
    flipped = {**users.inputs["uriPathRoute"], "activationState": "INACTIVE"}
    assert facade.driver.changes(users, uriPathRoute=flipped) == ["uriPathRoute.activationState"]
    assert facade.driver.replaces(users, uriPathRoute=flipped) == []
    with pytest.raises(AwsError, match="NotUpdatableException"):
        facade.driver.update(users, uriPathRoute=flipped)
    with pytest.raises(AwsError, match="NotUpdatableException"):
        facade.driver.update(users, tags=[{"key": "a", "value": "b"}])
    assert rs.is_active(facade.driver.latest(users))


def test_everything_else_of_a_path_route_plans_a_replacement_that_deletes_first(facade: Facade) -> None:
    facade.route("default")
    users = facade.route("users", "/users")
    moved = {**users.inputs["uriPathRoute"], "sourcePath": "/people"}
    assert facade.driver.replaces(users, uriPathRoute=moved) == ["uriPathRoute.sourcePath"]
    assert facade.driver.replaces(users, serviceIdentifier="svc-0000000000") == ["serviceIdentifier"]
    assert operations.needs_delete_first(KINDS[rs.ROUTE], users.inputs, users.inputs)


def test_an_update_in_preview_makes_identifiers_unknown(facade: Facade) -> None:
    environment = facade.driver.cloud.of(rs.ENVIRONMENT)[0]
    call = Call(facade.driver.cloud, Settings("eu-west-1"), environment.urn, dict(environment.inputs), environment)
    assert operations.planned(KINDS[rs.ENVIRONMENT], call, environment.attributes)["environmentIdentifier"] is UNKNOWN


def test_services_and_applications_have_no_update_and_environments_do(facade: Facade) -> None:
    tags = [{"key": "a", "value": "b"}]
    for token in (rs.APPLICATION, rs.SERVICE):
        with pytest.raises(AwsError, match="UnsupportedActionException"):
            facade.driver.update(facade.driver.cloud.of(token)[0], tags=tags)
    facade.driver.update(facade.driver.cloud.of(rs.ENVIRONMENT)[0], tags=tags)


def test_a_route_to_what_is_not_healthy_fails_once_and_stays_failed(facade: Facade) -> None:
    facade.route("default")
    driver = facade.driver
    driver.cloud.change(driver.cloud.named("aws:ecs/service:Service", "monolith"), tasks={})
    with pytest.raises(IncompleteError, match=r"SERVICE_ENDPOINT_HEALTH_CHECK_FAILURE.*no target behind it is healthy"):
        facade.route("users", "/users")
    failed = driver.cloud.named(rs.ROUTE, "users")
    assert failed.hidden["state"] == "FAILED"
    assert not rs.is_active(driver.update(failed)), "an empty patch repairs nothing"
    facade.route("later", "/later", activationState="INACTIVE")


def test_a_route_to_a_balancer_that_is_closed_to_the_internet_fails(facade: Facade) -> None:
    facade.driver.delete(facade.driver.cloud.named(security.INGRESS, "front-lb-in"))
    with pytest.raises(IncompleteError, match="takes no connection from the internet"):
        facade.route("default")


@pytest.mark.parametrize(
    "url",
    ["ftp://example.com", "http://", "http://example.com/?", "http://example.com/a.", "http://" + "a" * 2048 + ".com"],
)
def test_urls_that_a_service_does_not_take(facade: Facade, url: str) -> None:
    with pytest.raises(AwsError, match="ValidationException"):
        facade.driver.create(rs.SERVICE, "x1234", **facade.ids, endpointType="URL", urlEndpoint={"url": url})


def test_a_service_needs_an_endpoint_that_resolves(facade: Facade) -> None:
    create = facade.driver.create
    with pytest.raises(AwsError, match="urlEndpoint is required"):
        create(rs.SERVICE, "users", **facade.ids, endpointType="URL")
    gone = {"url": "http://gone-1.eu-west-1.elb.amazonaws.com"}
    with pytest.raises(AwsError, match="does not resolve"):
        create(rs.SERVICE, "users", **facade.ids, endpointType="URL", urlEndpoint=gone)
    inner = sample.front(facade.driver, facade.front.network, "inner", internal=True)
    private: dict[str, Any] = {"endpointType": "URL", "urlEndpoint": {"url": f"http://{inner.balancer['dnsName']}"}}
    with pytest.raises(AwsError, match="vpcId is required"):
        create(rs.SERVICE, "users", **facade.ids, **private)
    create(rs.SERVICE, "users", **facade.ids, **private, vpcId=facade.front.network.vpc.id)


@pytest.mark.parametrize("name", ["ab", "a" * 64, "env-a", "app-a", "svc-a", "-abc", "a.b.c"])
def test_names_that_refactor_spaces_does_not_take(facade: Facade, name: str) -> None:
    endpoint = {"url": facade.url}
    with pytest.raises(AwsError, match="ValidationException"):
        facade.driver.create(rs.SERVICE, "x", name=name, **facade.ids, endpointType="URL", urlEndpoint=endpoint)


def test_the_proxys_vpc_needs_two_zones(facade: Facade) -> None:
    vpc = facade.driver.create(ec2.VPC, "small", cidrBlock="10.9.0.0/16")
    ids = {"environmentIdentifier": facade.ids["environmentIdentifier"]}
    with pytest.raises(AwsError, match="needs subnets in two zones"):
        facade.driver.create(rs.APPLICATION, "other", **ids, vpcId=vpc.id, proxyType="API_GATEWAY")


def test_deletion_goes_from_the_routes_to_the_environment(facade: Facade) -> None:
    driver = facade.driver
    default = facade.route("default")
    environment, application = driver.cloud.of(rs.ENVIRONMENT)[0], driver.cloud.of(rs.APPLICATION)[0]
    for doomed in (environment, application, facade.service):
        with pytest.raises(AwsError, match="ConflictException"):
            driver.delete(doomed)
    subnet = driver.cloud.snapshot.get(ec2.SUBNET, facade.front.network.subnets[0])
    assert subnet is not None
    for resource in (default, facade.service):
        driver.delete(resource)
    for resource in (
        driver.cloud.of("aws:ecs/service:Service")[0],
        driver.cloud.of(elb.RULE)[0],
        facade.front.listener,
    ):
        driver.delete(resource)
    driver.delete(facade.front.balancer)
    with pytest.raises(AwsError, match=r"DependencyViolation.*Application"):
        driver.delete(subnet)
    for resource in (application, environment, subnet):
        driver.delete(resource)


def test_what_is_write_only_is_never_read_back(facade: Facade) -> None:
    facade.route("default")
    users = facade.route("users", "/users")
    drifted = facade.driver.cloud.drift(users, uriPathRoute={"sourcePath": "/other"})
    read = operations.reread(KINDS[rs.ROUTE], drifted, users.attributes)
    assert read["uriPathRoute"]["sourcePath"] == "/users"
    assert read["routeIdentifier"] == users["routeIdentifier"]
