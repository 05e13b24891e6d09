"""The config key `routes` in all its forms, through the whole reading of settings."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.model.routes import Route
from tests.projects import board, lines_of, manifest, read_project, write_project

ACTIVE, INACTIVE = 100, 0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_project(tmp_path_factory.mktemp("board"), board())


def _weights(folder: Path, routes: object) -> dict[str, int]:
    settings = read_project(folder, {} if routes is None else {"routes": routes})
    return {route.id: route.weight for route in settings.table.routes}


def _route(folder: Path, name: str, entry: object) -> Route:
    settings = read_project(folder, {"routes": {name: entry}})
    return next(route for route in settings.table.routes if route.id == name)


def test_without_the_key_every_service_but_the_default_has_its_route_switched_off(folder: Path) -> None:
    table = read_project(folder).table
    assert table.default == "monolith"
    assert table.routes == tuple(Route(name, f"/api/{name}", name) for name in ("posts", "threads", "users"))


@pytest.mark.parametrize(
    ("routes", "active"),
    [
        ({"users": True}, {"users": 100}),
        ({"users": False}, {}),
        ({"users": 25}, {"users": 25}),
        ({"users": 0}, {}),
        ({"users": 100}, {"users": 100}),
        ({"users": "true"}, {"users": 100}),
        ({"users": "false"}, {}),
        ({"users": "25"}, {"users": 25}),
        ({"users": None}, {}),
        ({"users": "users"}, {"users": 100}),
        ({"users": "posts"}, {"users": 100}),
        ({"users": {"active": True}}, {"users": 100}),
        ({"users": {"active": "true"}}, {"users": 100}),
        ({"users": {"active": False}}, {}),
        ({"users": {"weight": 40}}, {"users": 40}),
        ({"users": {"weight": "40"}}, {"users": 40}),
        ({"users": {}}, {}),
        ({"users": '{"weight": 40}'}, {"users": 40}),
        ({"users": '{"methods": "[\\"GET\\"]", "weight": 40}'}, {"users": 40}),
        ({"users": True, "posts": 1}, {"users": 100, "posts": 1}),
        ('{"users": true}', {"users": 100}),
        (' {"users": true}\n', {"users": 100}),
        ('{"users": 25, "posts": "true"}', {"users": 25, "posts": 100}),
        ("{}", {}),
        ({}, {}),
        (["users", "posts"], {"users": 100, "posts": 100}),
        ('["users"]', {"users": 100}),
        ([], {}),
        ("users,posts", {"users": 100, "posts": 100}),
        (" users , posts ,", {"users": 100, "posts": 100}),
        ("users", {"users": 100}),
        ('"users,posts"', {"users": 100, "posts": 100}),
        ("", {}),
        ('""', {}),
        (",", {}),
    ],
)
def test_every_form_of_the_key_switches_the_routes_that_it_names(
    folder: Path, routes: object, active: dict[str, int]
) -> None:
    assert _weights(folder, routes) == {"posts": 0, "threads": 0, "users": 0, **active}


@given(st.dictionaries(st.sampled_from(("posts", "threads", "users")), st.integers(0, 100)))
def test_the_map_and_its_json_text_mean_the_same(folder: Path, weights: dict[str, int]) -> None:
    expected = {"posts": 0, "threads": 0, "users": 0, **weights}
    assert _weights(folder, weights) == _weights(folder, json.dumps(weights)) == expected


@given(st.lists(st.sampled_from(("posts", "threads", "users")), unique=True))
def test_the_list_and_its_comma_text_mean_the_same(folder: Path, names: list[str]) -> None:
    expected = {name: 100 if name in names else 0 for name in ("posts", "threads", "users")}
    assert _weights(folder, names) == _weights(folder, ",".join(names)) == expected


def test_a_services_name_sends_the_path_to_that_service(folder: Path) -> None:
    assert _route(folder, "users", "posts") == Route("users", "/api/users", "posts", weight=ACTIVE)


def test_a_map_says_everything_about_a_route(folder: Path) -> None:
    entry = {
        "path": "/api/v2/posts",
        "service": "posts",
        "methods": ["PUT", "GET"],
        "children": False,
        "active": True,
    }
    expected = Route("fresh", "/api/v2/posts", "posts", ("GET", "PUT"), children=False, weight=ACTIVE)
    assert _route(folder, "fresh", entry) == expected


def test_a_map_leaves_the_rest_as_implied(folder: Path) -> None:
    assert _route(folder, "users", {"methods": ["GET"]}) == Route("users", "/api/users", "users", ("GET",))
    assert _route(folder, "users", {"path": "/people"}) == Route("users", "/people", "users")
    assert _route(folder, "users", {"service": "posts"}) == Route("users", "/api/users", "posts")


def test_a_route_beside_the_implied_one_names_its_service(folder: Path) -> None:
    entry = {"path": "/api/users/1", "service": "users", "weight": 5}
    assert _route(folder, "first", entry) == Route("first", "/api/users/1", "users", weight=5)


def test_the_default_service_may_have_a_route_of_its_own_by_a_path(folder: Path) -> None:
    entry = {"path": "/api/users/me", "active": True}
    assert _route(folder, "monolith", entry) == Route("monolith", "/api/users/me", "monolith", weight=ACTIVE)


def test_an_implied_path_that_breaks_the_rules_is_mended_by_a_map(tmp_path: Path) -> None:
    write_project(tmp_path, {**board(), "users": manifest("users", "api/*/a")})
    (line,) = lines_of(tmp_path)
    assert line.startswith("services/users/manifest.yml: http.path: the path '/api/*/a' has ")
    assert lines_of(tmp_path, {"routes": {"users": {"path": "/api/users"}}}) == []


def test_a_mistake_in_an_implied_path_names_the_file_that_it_stands_in(tmp_path: Path) -> None:
    write_project(tmp_path, {**board(), "people": {**manifest("users", "a b"), "image": {"location": "x", "port": 1}}})
    (tmp_path / "services/users/manifest.yml").unlink()
    (line,) = lines_of(tmp_path)
    assert line.startswith("services/people/manifest.yml: http.path: the path '/a b'")


@pytest.mark.parametrize("given_default", ["monolith", None])
def test_the_default_is_named_or_the_one_service_at_the_root(folder: Path, given_default: str | None) -> None:
    config = {"default": given_default} if given_default else {}
    assert read_project(folder, config).table.default == "monolith"


def test_default_none_gives_what_no_route_takes_to_no_service(folder: Path) -> None:
    table = read_project(folder, {"default": "none"}).table
    assert table.default is None
    assert [route.id for route in table.routes] == ["posts", "threads", "users"]
    assert table.resolve("GET", "/api/users") == {None: 1}


def test_another_service_may_be_the_default_and_loses_its_route(folder: Path) -> None:
    table = read_project(folder, {"default": "users"}).table
    assert table.default == "users"
    assert [route.id for route in table.routes] == ["posts", "threads"]


def test_a_service_at_the_root_that_is_not_the_default_has_no_route(tmp_path: Path) -> None:
    write_project(tmp_path, {"one": manifest("one", "/"), "two": manifest("two", "/")})
    assert read_project(tmp_path, {"default": "one"}).table.routes == ()
    (line,) = lines_of(tmp_path, {"default": "one", "routes": "two"})
    assert "unknown route 'two'" in line
    assert "its http.path is /, so it has no default route: give a map with a path" in line


def test_routes_are_sorted_as_they_are_matched(folder: Path) -> None:
    routes = {
        "deep": {"path": "/api/users/1/posts", "service": "posts"},
        "reads": {"path": "/api/users", "service": "posts", "methods": ["GET"]},
        "top": {"path": "/api", "service": "threads"},
    }
    table = read_project(folder, {"routes": routes}).table
    assert [route.id for route in table.routes] == ["deep", "reads", "posts", "threads", "users", "top"]
