"""Whatever is written in manifests and config: it is read, or refused line by line; nothing else happens."""

import copy
import json
from pathlib import Path
from typing import cast

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from components.input.diagnostics import InputError, Problems
from components.model.facades import FACADES
from components.platform import checks_for
from components.settings import KEYS, PROJECT, Settings, read_settings
from components.settings.config import read_config
from tests import strategies
from tests.projects import Tree, board, lines_of, manifest, read_project, without_numbers, write_project
from tests.pure.bad_http_nlb import CERTIFICATE
from tests.pure.full import AWS, FULL

FACADE_OR_NONE = st.sampled_from((*FACADES, None))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_project(tmp_path_factory.mktemp("board"), board())


def read_or_lines(folder: Path, config: dict[str, str], shell: dict[str, str] | None = None) -> Settings | None:
    """The settings, or None if they are refused, as they should be: line by line."""
    try:
        return read_settings(config, folder, "local", shell or {}, checks_for)
    except InputError as problem:
        refused = problem
    lines = str(refused).splitlines()
    assert len(lines) == len(refused.problems) == len(set(refused.problems)) >= 1
    assert all("; " in line and ": " in line for line in lines)
    return None


def _checked(read: Settings | None) -> None:
    if read:
        assert sum(read.table.resolve("GET", "/api/users").values()) == 1
        assert {service.environment for service in read.services} == {
            environment.name for environment in read.environments
        }
        assert all(len(str(warning).splitlines()) == 1 for warning in read.warnings)


@given(strategies.trees, FACADE_OR_NONE)
def test_any_tree_as_a_manifest_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, tree: object, facade: str | None
) -> None:
    base = write_project(tmp_path_factory.getbasetemp() / "any", {"monolith": manifest("monolith", "/"), "users": tree})
    config = {"strangler:platform": "aws" if facade else "local", **({"strangler:facade": facade} if facade else {})}
    _checked(read_or_lines(base, config))


@given(st.data(), FACADE_OR_NONE)
def test_any_value_in_a_field_of_a_manifest_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, facade: str | None
) -> None:
    content, path = copy.deepcopy(FULL), data.draw(st.sampled_from(_PLACES))
    _put(content, path, data.draw(strategies.trees))
    if data.draw(st.booleans()):
        content = {**manifest("users"), "environments": {"local": content}}
    base = write_project(tmp_path_factory.getbasetemp() / "field", {"users": content})
    config = {"strangler:platform": "aws" if facade else "local", "strangler:default": "users"}
    _checked(read_or_lines(base, {**config, **({"strangler:facade": facade} if facade else {})}))


@given(st.text(alphabet=st.sampled_from("naetyp:-[]{}&*!|>'\"#%@`?, \n\t~<1.\\$\u2028\x85é"), max_size=60))
@example("{}")
def test_any_text_as_a_manifest_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    base = write_project(tmp_path_factory.getbasetemp() / "text", {"users": text})
    assert read_or_lines(base, {"strangler:platform": "local"}) is None


@given(st.dictionaries(st.sampled_from(KEYS), strategies.trees, max_size=4), FACADE_OR_NONE)
def test_any_json_as_config_is_read_or_refused(folder: Path, values: Tree, facade: str | None) -> None:
    config = {f"{PROJECT}:{key}": json.dumps(value) for key, value in values.items()}
    base = {"strangler:platform": "aws" if facade else "local", **({"strangler:facade": facade} if facade else {})}
    _checked(read_or_lines(folder, {**base, **config}))


@given(strategies.trees.filter(lambda tree: isinstance(tree, (dict, list))))
def test_a_map_or_a_list_may_be_its_json_as_a_text(tree: object) -> None:
    plain, text = ({"strangler:routes": json.dumps({"r": inner})} for inner in (tree, json.dumps(tree)))
    read = [read_config(config, "dev", PROJECT, Problems()).value for config in (plain, text)]
    assert read[0] == read[1]


@given(st.dictionaries(st.one_of(st.sampled_from(KEYS), st.text(max_size=5)), st.text(max_size=30), max_size=4))
@example({"routes": '{"users": 1e999}'})
@example({"routes": '{"users": NaN}'})
@example({"routes": '"\\ud800"'})
@example({"routes": '{"\\ud800": true}'})
@example({"routes": "[" + "9" * 5000 + "]"})
@example({"routes": '{"users": "' + "9" * 5000 + '"}'})
@example({"port": "9" * 5000})
@example({"services": "[[[" * 50_000})
@example({"": ""})
def test_any_text_as_config_is_read_or_refused(folder: Path, values: dict[str, str]) -> None:
    config = {f"{PROJECT}:{key}": value for key, value in values.items()}
    _checked(read_or_lines(folder, {"strangler:platform": "local", **config}))


@given(
    st.dictionaries(st.sampled_from(("users", "posts", "new", "monolith", "shared")), strategies.trees, max_size=3),
    st.sampled_from(("routes", "services", "environments")),
    FACADE_OR_NONE,
)
def test_any_entry_of_the_maps_in_config_is_read_or_refused(
    folder: Path, entries: Tree, key: str, facade: str | None
) -> None:
    base = {"strangler:platform": "aws" if facade else "local", **({"strangler:facade": facade} if facade else {})}
    _checked(read_or_lines(folder, {**base, f"strangler:{key}": json.dumps(entries)}))


def _places(tree: Tree, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for key, inner in tree.items():
        found.append((*path, key))
        if isinstance(inner, dict):
            found += _places(cast("Tree", inner), (*path, key))
    return found


_PLACES = _places(FULL)


def _put(tree: Tree, path: tuple[str, ...], value: object) -> None:
    here = tree
    for key in path[:-1]:
        here = cast("Tree", here[key])
    here[path[-1]] = value


WRONG = st.sampled_from(
    cast("tuple[object, ...]", ([[]], [[1]], [{"a": 1}], {"a": {"b": ["c"]}}, [None, [2, 3]], {"": [[""]]}))
)
"""What no field can be: lists of lists and of maps, maps that mean nothing."""


@given(st.sampled_from(_PLACES), WRONG)
def test_a_mistake_anywhere_in_a_valid_manifest_is_reported_with_the_path_to_it(
    tmp_path_factory: pytest.TempPathFactory, path: tuple[str, ...], wrong: object
) -> None:
    content = copy.deepcopy(FULL)
    _put(content, path, wrong)
    base = write_project(tmp_path_factory.getbasetemp() / "mistake", {"users": content})
    config: Tree = {**AWS, "default": "none"}
    try:
        messages = without_numbers(read_project(base, config).warnings)
    except InputError as refused:
        messages = without_numbers([*refused.problems, *refused.warnings])
    assert any(line.startswith(f"services/users/manifest.yml: {'.'.join(path)}") for line in messages), (
        path,
        wrong,
        messages,
    )


_VALID: Tree = {
    "facade": "api-gateway",
    "default": "monolith",
    "port": 8080,
    "strict": False,
    "allowMutableTags": False,
    "deleteImages": False,
    "keepReleases": 5,
    "routes": {
        "users": True,
        "posts": {"path": "/api/posts", "service": "posts", "methods": ["GET"], "children": True, "active": False},
        "threads": {"weight": 100},
    },
    "services": {"posts": {"count": 2, "environment": "posts", "timeout": "5m"}},
    "environments": {
        "users": {
            "cidr": "10.7.0.0/16",
            "zones": 3,
            "nat": "single",
            "containerInsights": True,
            "loadBalancer": "internal",
            "accessLogs": "logs",
            "certificates": [CERTIFICATE],
            "sslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
        },
        "posts": {
            "vpc": {
                "id": "vpc-0a1b2c3d",
                "publicSubnets": ["subnet-0a1b2c3d", "subnet-0a1b2c3e"],
                "privateSubnets": ["subnet-0a1b2c3f", "subnet-0a1b2c40"],
            }
        },
    },
}


def test_the_valid_config_is_valid(folder: Path) -> None:
    assert lines_of(folder, {"platform": "aws", **_VALID}, "dev") == []


@given(st.sampled_from(_places(_VALID)), WRONG)
def test_a_mistake_anywhere_in_a_valid_config_is_reported_with_the_path_to_it(
    folder: Path, path: tuple[str, ...], wrong: object
) -> None:
    content = copy.deepcopy(_VALID)
    _put(content, path, wrong)
    lines = lines_of(folder, {"platform": "aws", **content}, "dev")
    place = f"Pulumi.dev.yaml: strangler:{'.'.join(path)}"
    assert any(line.startswith(place) for line in lines), (path, wrong, lines)


@given(st.sampled_from([path for path in _places(_VALID) if len(path) > 1]), st.text(min_size=1, max_size=8))
@strategies.part_of_examples(50)
def test_an_unknown_key_anywhere_in_a_valid_config_is_an_error(folder: Path, path: tuple[str, ...], key: str) -> None:
    content = copy.deepcopy(_VALID)
    _put(content, (*path[:-1], f"zz{key}"), "x")
    lines = lines_of(folder, {"platform": "aws", **content}, "dev")
    shown = "".join(
        character if character.isprintable() else repr(character)[1:-1]
        for character in f"{'.'.join(path[:-1])}.zz{key}"
    )
    assert any(line.startswith(f"Pulumi.dev.yaml: strangler:{shown}") for line in lines), lines
