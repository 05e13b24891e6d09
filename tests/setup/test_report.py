"""What `make up` prints at its end."""

import json

from tools.setup import report


def outputs(*weights: int) -> str:
    names = ("posts", "threads", "users")
    routes = [
        {"id": name, "path": f"/api/{name}", "methods": "all", "service": name, "weight": weight}
        for name, weight in zip(names, weights, strict=False)
    ]
    return json.dumps({"url": "http://127.0.0.1:8080", "routes": routes, "services": []})


def test_the_url_the_table_and_what_to_type_next_are_printed() -> None:
    assert report.report(outputs(25, 0, 100)).splitlines() == [
        "",
        "http://127.0.0.1:8080",
        "",
        "  PATH          METHODS  SERVICE  WEIGHT",
        "  /api/posts    all      posts    25",
        "  /api/threads  all      threads  0",
        "  /api/users    all      users    100",
        "",
        "What to type next:",
        "  curl -i http://127.0.0.1:8080/api/users",
        '  eval "$(make -s env)"',
        "  pulumi config set --path routes.threads true -s local && pulumi up -s local --yes",
        "  make down",
    ]


def test_the_way_back_is_shown_where_every_route_is_active() -> None:
    assert "pulumi config set --path routes.users false -s local" in report.report(outputs(100, 100, 100))


def test_methods_are_shown_as_a_list_or_as_they_are() -> None:
    assert report.row({"path": "/a", "methods": ["GET", "HEAD"], "service": "a", "weight": 1})[1] == "GET,HEAD"
    assert report.row({"path": "/a", "methods": "GET, HEAD", "service": "a", "weight": 1})[1] == "GET, HEAD"
    assert report.row({"path": "/a", "methods": [], "service": "a", "weight": 1})[1] == "all"


def test_a_stack_without_routes_has_an_empty_table() -> None:
    text = report.report('{"url": "http://127.0.0.1:8080"}')
    assert "  PATH  METHODS  SERVICE  WEIGHT\n\nWhat to type next:\n  curl -i http://127.0.0.1:8080/\n" in text
