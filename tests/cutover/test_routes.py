"""The weight of a route in every form that the config may have it in: read, and written without touching the rest."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.projects import board, read_project, write_project
from tools.cutover.routes import Setting, weight_now, with_weight

FORMS: tuple[Any, ...] = (
    None,
    {},
    {"users": True},
    {"posts": True},
    {"posts": False, "users": 25},
    {"posts": 25},
    {"posts": "25"},
    {"posts": "true"},
    {"posts": "users"},
    {"posts": None},
    {"posts": {"methods": ["GET"], "active": True}},
    {"posts": {"methods": ["GET"], "weight": 5}},
    {"posts": {"path": "/p", "testers": {"header": {"name": "X-Preview", "value": "new"}}}},
    {"posts": '{"methods": ["GET"], "active": "true"}', "users": True},
    '{"posts": {"methods": ["GET"], "weight": 5}, "users": true}',
    '{"posts": 40}',
    "users,posts",
    "users",
    '["posts"]',
    ["users"],
    "",
)


def laid(config: Any, setting: Setting) -> Any:
    """The config after `pulumi config set`, which reads numbers and truth values of a path, and takes a key as text."""
    if not setting.path:
        assert setting.key == "routes"
        return setting.value
    changed = json.loads(json.dumps(config or {}))
    *way, last = setting.key.split(".")[1:]
    inner = changed
    for key in way:
        inner = inner[key]
    inner[last] = int(setting.value) if setting.value.isdigit() else setting.value
    return changed


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_project(tmp_path_factory.mktemp("board"), board())


def table(folder: Path, config: Any) -> dict[str, Any]:
    settings = read_project(folder, {} if config is None else {"routes": config})
    return {route.id: route for route in settings.table.routes}


@pytest.mark.parametrize("config", FORMS, ids=json.dumps)
def test_the_weight_is_what_the_program_reads(folder: Path, config: Any) -> None:
    assert weight_now(config, "posts") == table(folder, config)["posts"].weight


@pytest.mark.parametrize("weight", [0, 5, 100])
@pytest.mark.parametrize("config", FORMS, ids=json.dumps)
def test_a_new_weight_changes_nothing_else_of_any_route(folder: Path, config: Any, weight: int) -> None:
    changed = laid(config, with_weight(config, "posts", weight))
    before, after = table(folder, config), table(folder, changed)
    assert weight_now(changed, "posts") == after["posts"].weight == weight
    assert {name: (r.path, r.service, r.methods, r.testers) for name, r in after.items()} == {
        name: (r.path, r.service, r.methods, r.testers) for name, r in before.items()
    }
    assert {name: r.weight for name, r in after.items() if name != "posts"} == {
        name: r.weight for name, r in before.items() if name != "posts"
    }
