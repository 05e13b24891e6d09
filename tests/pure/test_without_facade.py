"""Backends, workers and jobs only: what their config may say, and what it may leave out."""

from pathlib import Path

import pytest

from components.model.facades import FACADES
from tests.projects import Tree, lines_of, manifest, read_project, without_numbers, write_project

STOCK: Tree = manifest("stock", "/", type="Backend Service")
JOB: Tree = {
    "name": "nightly",
    "type": "Scheduled Job",
    "image": {"build": "services/nightly/Dockerfile"},
    "on": {"schedule": "@daily"},
}
ALONE: dict[str, object] = {"stock": STOCK, "nightly": JOB}
TOLD = (
    "services: only Backend Services, workers and jobs: there is no facade and no URL; "
    "the first Load Balanced Web Service adds one"
)


@pytest.mark.parametrize("platform", ["aws", "local"])
@pytest.mark.parametrize("facade", [None, *FACADES])
def test_they_need_no_facade_and_may_name_one(platform: str, facade: str | None, tmp_path: Path) -> None:
    write_project(tmp_path, ALONE)
    settings = read_project(tmp_path, {"platform": platform, "facade": facade}, "test")
    assert (settings.has_facade, settings.facades, settings.table.routes) == (False, (), ())
    assert TOLD in map(str, settings.warnings)


def test_without_a_facade_they_share_an_environment_on_aws(tmp_path: Path) -> None:
    write_project(tmp_path, ALONE)
    settings = read_project(tmp_path, {"platform": "aws"}, "test")
    assert [one.name for one in settings.environments] == ["shared"]


def test_routes_mean_nothing_there(tmp_path: Path) -> None:
    write_project(tmp_path, ALONE)
    assert lines_of(tmp_path, {"platform": "aws", "routes": {"stock": True}}, "test") == [
        "Pulumi.test.yaml: strangler:routes: routes, but no service that can get requests from a facade; remove it"
    ]


def test_none_of_them_is_the_default(tmp_path: Path) -> None:
    write_project(tmp_path, ALONE)
    (line,) = lines_of(tmp_path, {"platform": "aws", "default": "stock"}, "test")
    assert line.startswith("Pulumi.test.yaml: strangler:default: the service stock can't get requests from a facade")


def test_with_a_web_service_a_facade_has_to_be_named(tmp_path: Path) -> None:
    write_project(tmp_path, {**ALONE, "web": manifest("web", "/")})
    assert lines_of(tmp_path, {"platform": "aws"}, "test") == [
        "Pulumi.test.yaml: strangler:facade: missing; give refactor-spaces, api-gateway or alb"
    ]


def test_a_backends_own_mistakes_are_told_without_a_facade_too(tmp_path: Path) -> None:
    alias = {**STOCK, "http": {"path": "/", "alias": "stock.example.com"}}
    write_project(tmp_path, {**ALONE, "stock": alias})
    (line,) = without_numbers(lines_of(tmp_path, {"platform": "aws"}, "test"))
    assert line.startswith("services/stock/manifest.yml: http.alias: stock.example.com without a certificate")
