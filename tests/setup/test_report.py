"""What `make up` prints at its end."""

import json

import pytest

from components.model.routes import RouteTable
from components.strangler import mermaid
from tests.repository import ROOT
from tests.setup.config_stack import ConfigStack
from tools.setup import report

FORMS = {
    "nothing": "{}",
    "a switch": "{users: true}",
    "a weight": "{posts: 25, users: 100}",
    "a service's name": "{users: threads}",
    "a map": "{posts: {methods: [GET]}, users: {active: true}}",
    "a map with a weight": "{posts: {weight: 0, methods: [GET, POST]}, threads: 100, users: {weight: 30}}",
    "a map as a text": """{users: '{"weight": 30}', posts: ' {"methods": ["GET"]}'}""",
    "a map of a route of its own": "{a-b_c: {path: /api/search, service: posts}, users: true, posts: true, threads: 1}",
    "a list": "[users, posts]",
    "ids with commas": "'users, posts'",
    "an empty text": "''",
    "JSON": """'{"users": {"methods": ["GET"], "weight": 10}, "posts": true}'""",
    "JSON of ids": """'["users"]'""",
    "a text of JSON": """'"users,threads"'""",
}
"""The key `routes` in each form that docs/config.md names."""


def outputs(*weights: int) -> str:
    names = ("posts", "threads", "users")
    routes = {
        name: {"path": f"/api/{name}", "methods": "all", "service": name, "weight": weight}
        for name, weight in zip(names, weights, strict=False)
    }
    diagram = mermaid(RouteTable.of([], "monolith"))
    return json.dumps({"url": "http://127.0.0.1:8080", "routes": routes, "services": {}, "diagram": diagram})


def test_the_url_the_table_and_what_to_type_next_are_printed() -> None:
    assert report.report(outputs(25, 0, 100), {"users": True, "posts": 25}).splitlines() == [
        "",
        "http://127.0.0.1:8080",
        "",
        "  PATH             METHODS  SERVICE   WEIGHT",
        "  /api/posts       all      posts     25",
        "  /api/threads     all      threads   0",
        "  /api/users       all      users     100",
        "  everything else  all      monolith",
        "",
        "What to type next:",
        "  curl -i http://127.0.0.1:8080/api/threads",
        '  eval "$(make -s env)"',
        "  pulumi config set --path routes.threads true -s local && pulumi up -s local --yes",
        "  make down",
    ]


def test_the_command_back_is_shown_where_every_route_is_active() -> None:
    assert "pulumi config set --path routes.users false -s local" in report.report(outputs(100, 100, 100), None)


def test_methods_are_shown_as_a_list_or_as_they_are() -> None:
    assert report.row({"path": "/a", "methods": ["GET", "HEAD"], "service": "a", "weight": 1})[1] == "GET,HEAD"
    assert report.row({"path": "/a", "methods": "GET, HEAD", "service": "a", "weight": 1})[1] == "GET, HEAD"
    assert report.row({"path": "/a", "methods": [], "service": "a", "weight": 1})[1] == "all"


def test_without_a_default_everything_else_is_503() -> None:
    diagram = mermaid(RouteTable.of([], None))
    assert "  everything else  all      503\n" in report.report(
        json.dumps({"url": "http://h", "diagram": diagram}), None
    )


def test_the_default_is_told_wherever_it_runs() -> None:
    ours, elsewhere, none = (mermaid(RouteTable.of([], name), ["legacy"]) for name in ("monolith", "legacy", None))
    assert [report.default_of(diagram) for diagram in (ours, elsewhere, none, "")] == ["monolith", "legacy", "", ""]


def test_a_stack_without_routes_is_shown_its_default_and_no_command_for_a_service_that_is_not_there() -> None:
    text = report.report(outputs(), None)
    assert "  everything else  all      monolith\n\nWhat to type next:\n  curl -i http://127.0.0.1:8080/\n" in text
    assert "pulumi config" not in text


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> ConfigStack:
    return ConfigStack(tmp_path_factory.mktemp("project"), ROOT)


@pytest.mark.parametrize("form", FORMS)
def test_each_switch_works_as_printed_and_changes_its_route_alone(form: str, stack: ConfigStack) -> None:
    stack.write(f"config:\n  strangler:platform: local\n  strangler:routes: {FORMS[form]}\n")
    stored, before = stack.routes()
    for name in list(before):
        route = before[name]
        shown: dict[str, object] = {"id": name, "path": route.path, "weight": route.weight}
        command, _, up = report.switch(shown, stored).partition(" && ")
        assert up == "pulumi up -s local --yes"
        stack.type(command)
        stored, after = stack.routes()
        assert after[name].weight == (0 if route.weight else 100), command
        assert {**after, name: route} == before, command
        before = after
