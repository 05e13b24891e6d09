"""docs/your-app.md: the program and the CLI take its manifests, stack files and commands, which mean what it says."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.manifest.variables import Secret
from components.model.environment import Vpc
from components.platform import checks_for
from components.settings import Settings, read_settings
from tests.repository import ROOT
from tests.setup.config_stack import ConfigStack

TEXT = (ROOT / "docs" / "your-app.md").read_text(encoding="utf-8")
PLAIN = "config:\n  strangler:platform: local\n"
ROUTES = re.findall(r"^\| `(pulumi config set [^`]+)` \| (.+) \|$", TEXT, re.MULTILINE)
SHELL = {"DATABASE_HOST": "172.17.0.1"}


def example(marker: str) -> dict[str, Any]:
    """The YAML block behind a comment."""
    found = re.search(rf"<!-- {re.escape(marker)}[^>]*-->\n\n```yaml\n(.*?)```", TEXT, re.DOTALL)
    assert found is not None, marker
    return yaml.safe_load(found[1])


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bookshop's two services, as the document writes them."""
    folder = tmp_path_factory.mktemp("bookshop")
    shop, changed = example("services/shop/manifest.yml"), example("services/books/manifest.yml")
    books = {
        **shop,
        **{key: shop[key] | value if key in ("image", "http") else value for key, value in changed.items()},
    }
    for manifest in (shop, books):
        service = folder / "services" / str(manifest["name"])
        service.mkdir(parents=True)
        (service / "Dockerfile").write_text("FROM scratch\n")
        (service / "manifest.yml").write_text(yaml.safe_dump(manifest))
    return folder


def settings(project: Path, stack: str) -> Settings:
    """What a stack file of the document means."""
    config = example(f"Pulumi.{stack}.yaml")["config"]
    texts = {key: value if isinstance(value, str) else json.dumps(value) for key, value in config.items()}
    return read_settings(texts, project, stack, SHELL, checks_for)


def test_on_this_machine_the_services_have_the_database_of_the_shell(project: Path) -> None:
    local = settings(project, "local")
    assert local.warnings == ()
    assert local.table.default == "shop"
    for service in local.services:
        assert dict(service.manifest.variables) == {"DATABASE_URL": "postgresql://shop:secret@172.17.0.1:15432/shop"}
        assert service.manifest.secrets == ()


def test_the_stack_file_has_several_paths_for_one_service(project: Path) -> None:
    found = {
        route.id: (route.path, route.service, route.methods, route.weight)
        for route in settings(project, "local").table.routes
    }
    assert found == {
        "books": ("/api/books", "books", ("GET", "HEAD"), 100),
        "search": ("/api/search", "books", (), 50),
    }


def test_on_aws_the_services_have_the_secret_the_group_and_the_network_of_the_database(project: Path) -> None:
    prod = settings(project, "prod")
    assert prod.warnings == ()
    for service in prod.services:
        assert dict(service.manifest.variables) == {}
        assert dict(service.manifest.secrets) == {"DATABASE_URL": Secret("ssm", "/shop/prod/database-url")}
        assert service.manifest.network.security_groups == ("sg-0123456789abcdef0",)
        assert service.environment == "shared"
    (shared,) = prod.environments
    assert shared.vpc == Vpc(
        "vpc-0123456789abcdef0",
        ("subnet-0a1b2c3d4e5f60001", "subnet-0a1b2c3d4e5f60002"),
        ("subnet-0a1b2c3d4e5f60003", "subnet-0a1b2c3d4e5f60004"),
    )


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, project: Path) -> ConfigStack:
    return ConfigStack(tmp_path_factory.mktemp("config"), project)


@pytest.mark.parametrize(("command", "shown"), ROUTES, ids=[command for command, _ in ROUTES])
def test_each_kind_of_route_means_what_is_shown_beside_it(command: str, shown: str, stack: ConfigStack) -> None:
    stack.write(PLAIN)
    stack.type(command)
    rows = [
        (route.path, ", ".join(route.methods) or "all", route.service, str(route.weight))
        for route in stack.routes()[1].values()
    ]
    assert tuple(shown.split(" | ")) in rows


def test_every_form_of_a_route_has_its_example() -> None:
    assert len(ROUTES) == 10


def test_a_map_is_made_key_by_key(stack: ConfigStack) -> None:
    stack.write(PLAIN)
    (first,) = re.findall(r"key by key: `(pulumi config set --path routes.search.path [^`]+)`", TEXT)
    stack.type(first)
    for key, value in re.findall(r"`(routes\.search\.\w+) (\w+)`", TEXT):
        stack.type(f"pulumi config set --path {key} {value} -s local")
    search = stack.routes()[1]["search"]
    assert (search.path, search.service, search.weight) == ("/api/search", "books", 50)


def test_a_value_becomes_a_map_only_after_it_was_taken_out(stack: ConfigStack) -> None:
    stack.write(f"{PLAIN}  strangler:routes:\n    books: 25\n")
    with pytest.raises(AssertionError, match="expected a map"):
        stack.type("pulumi config set --path routes.books.methods[0] GET -s local")
    stack.type("pulumi config rm --path routes.books -s local")
    stack.type("pulumi config set --path routes.books.methods[0] GET -s local")
    assert stack.routes()[1]["books"].methods == ("GET",)
