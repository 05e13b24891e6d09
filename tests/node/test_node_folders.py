"""The services' folders hold together: shared files, data, locks and manifests."""

import json
import re
from typing import Any

import pytest
import yaml

from tests.node.docker_cli import ROOT, SERVICES

FOLDERS = ROOT / "services"
MICROSERVICES = tuple(service for service in SERVICES if service != "monolith")
SHARED = ("app.js", "server.js", "Dockerfile", ".dockerignore", ".npmrc")


def load_json(service: str, name: str) -> dict[str, Any]:
    return json.loads((FOLDERS / service / name).read_text())


@pytest.mark.parametrize("name", SHARED)
def test_a_shared_file_is_the_same_in_every_service(name: str) -> None:
    assert len({(FOLDERS / service / name).read_bytes() for service in SERVICES}) == 1


def test_a_service_has_tests_of_its_own_routes_and_no_copy_of_the_common_ones() -> None:
    for service in SERVICES:
        assert [file.name for file in (FOLDERS / service / "test").iterdir()] == ["routes.test.js"]


@pytest.mark.parametrize("service", SERVICES)
def test_versions_are_exact_and_the_lock_agrees_and_names_no_registry(service: str) -> None:
    package = load_json(service, "package.json")
    lock = load_json(service, "package-lock.json")
    assert package["name"] == service
    assert lock["packages"][""]["dependencies"] == package["dependencies"]
    for name, version in package["dependencies"].items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version)
        assert lock["packages"][f"node_modules/{name}"]["version"] == version
    assert all("resolved" not in entry for entry in lock["packages"].values())
    assert all("integrity" in entry for path, entry in lock["packages"].items() if path)


def test_all_services_have_the_same_packages() -> None:
    locks = [load_json(service, "package-lock.json")["packages"] for service in SERVICES]
    assert all({path: lock[path] for path in lock if path} == {p: locks[0][p] for p in locks[0] if p} for lock in locks)


def test_each_microservice_has_its_own_part_of_the_monoliths_data() -> None:
    whole = load_json("monolith", "db.json")
    assert set(whole) == set(MICROSERVICES)
    for service in MICROSERVICES:
        assert load_json(service, "db.json") == {service: whole[service]}


@pytest.mark.parametrize("service", SERVICES)
def test_the_manifest_is_the_tutorials(service: str) -> None:
    manifest = yaml.safe_load((FOLDERS / service / "manifest.yml").read_text())
    assert manifest["name"] == service
    assert manifest["type"] == "Load Balanced Web Service"
    assert manifest["image"] == {"build": f"services/{service}/Dockerfile", "port": 3000}
    assert manifest["http"]["path"] == ("/" if service == "monolith" else f"api/{service}")
    assert (manifest["cpu"], manifest["memory"], manifest["count"]) == (256, 512, 1)


def test_the_base_image_has_a_pinned_tag() -> None:
    dockerfile = (FOLDERS / "monolith" / "Dockerfile").read_text()
    assert re.search(r"^ARG NODE_IMAGE=node:\d+\.\d+\.\d+-alpine\d+\.\d+$", dockerfile, re.M)
