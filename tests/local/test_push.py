"""A push to a real registry, which wants a login, through the program's own component: on the real Pulumi engine and a
real Docker engine, with everything of AWS but the registry stood in for."""

import base64
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker
import pytest

from tests.engine.projects import must, project
from tests.engine.warm import WarmStack
from tests.projects import manifest
from tests.repository import ROOT
from tests.tools.registry import NEXT_PASSWORD, PASSWORD, USER, Registry, running_registry
from tools.offline.docker_plugin.docker_engine import DEFAULT_HOST
from tools.offline.docker_plugin.install import install
from tools.standin import deployments, ecr, ecs
from tools.standin.cloud import Cloud
from tools.standin.engine import EngineStack, Run

IMAGE = "docker:index/image:Image"
CONFIG = {"strangler:platform": "aws", "strangler:facade": "alb", "strangler:default": "shop"}


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """A registry that wants a user and a password, in ECR's place."""
    with running_registry(tmp_path_factory.mktemp("registry")) as found:
        yield found


@pytest.fixture(scope="module")
def engine() -> Iterator[Any]:
    """The engine that builds and pushes."""
    api = docker.APIClient(base_url=os.environ.get("DOCKER_HOST") or DEFAULT_HOST, timeout=120, version="auto")
    yield api
    api.close()


@pytest.fixture
def stack(registry: Registry, engine: Any, tmp_path: Path) -> Iterator[EngineStack]:
    """One service, whose image has a file of its own, before its first `up`."""
    registry.accept(PASSWORD)
    folder = project(tmp_path, {"shop": manifest("shop", "/")})
    (folder / "services/shop/Dockerfile").write_text("FROM scratch\nCOPY app.js /\n", encoding="utf-8")
    (folder / "services/shop/app.js").write_text("1", encoding="utf-8")
    cloud = Cloud(registry=registry.address, registry_password=PASSWORD)
    environment = {name: os.environ[name] for name in ("DOCKER_HOST", "STRANGLER_DOCKER") if name in os.environ}
    with WarmStack(folder, cloud, config=CONFIG, environment=environment, real=("docker",)) as made:
        install(made.plugins, Path(sys.executable), ROOT)
        yield made
        for repository in cloud.of(ecr.REPOSITORY):
            forget_local(engine, repository["repositoryUrl"])


def forget_local(engine: Any, repository: str) -> None:
    """Removes the engine's own copies of a repository's images."""
    found: list[dict[str, Any]] = engine.images(repository)
    for item in found:
        engine.remove_image(item["Id"], force=True)


def local_copies(engine: Any, registry: Registry) -> set[str]:
    """The names of a registry's images that the engine has built or pulled."""
    found: list[dict[str, Any]] = engine.images()
    return {tag for item in found for tag in item["RepoTags"] or () if tag.startswith(f"{registry.address}/")}


def running_image(cloud: Cloud) -> str:
    """The image in the task definition that the service runs."""
    (service,) = cloud.of(ecs.SERVICE)
    definition = deployments.task_definition(cloud.snapshot, str(service["taskDefinition"]))
    assert definition is not None
    return str(json.loads(definition["containerDefinitions"])[0]["image"])


def pull(engine: Any, image: str, password: str) -> None:
    """A pull from the registry, as none of its layers is on the engine any more."""
    repository, _, digest = image.partition("@")
    forget_local(engine, repository)
    engine.pull(repository, tag=digest, auth_config={"username": USER, "password": password})
    assert image in engine.inspect_image(image)["RepoDigests"]


def assert_secret(password: str, stack: EngineStack, *runs: Run) -> None:
    """The login stands in nothing that was printed and in no file of the stack, as it is or as Docker writes it."""
    exported = json.dumps(stack.state())
    forms = {password, base64.b64encode(f"{USER}:{password}".encode()).decode()}
    for form in forms:
        assert form not in exported
        for run in runs:
            assert form not in run.output + repr(run.errors)
    files = [path for path in stack.folder.rglob("*") if path.is_file() and ".venv" not in path.parts]
    assert any("backend" in file.parts for file in files)
    for file in files:
        content = file.read_bytes()
        assert not any(form.encode() in content for form in forms), file


def test_complaint_4_a_preview_builds_and_pushes_nothing(stack: EngineStack, registry: Registry, engine: Any) -> None:
    before = registry.repositories(PASSWORD), local_copies(engine, registry)
    plan = must(stack.plan())
    assert [create.name for create in plan.of("create") if create.type == IMAGE] == ["shop"]
    assert (registry.repositories(PASSWORD), local_copies(engine, registry)) == before
    assert_secret(PASSWORD, stack, plan)


def test_complaint_2_what_runs_is_what_the_registry_has_and_old_releases_stay_after_a_new_one_and_after_destroy(
    stack: EngineStack, registry: Registry, engine: Any
) -> None:
    runs = [must(stack.up())]
    first = running_image(stack.cloud)
    (repository,) = stack.cloud.of(ecr.REPOSITORY)
    tag = next(resource for resource in stack.state()["resources"] if resource["type"] == IMAGE)["outputs"]["imageName"]
    held = registry.digest(repository.id, tag.rpartition(":")[2], PASSWORD)
    assert held
    assert first == f"{registry.address}/{repository.id}@{held}"

    (stack.program / "services/shop/app.js").write_text("2", encoding="utf-8")
    runs += [must(stack.plan()), must(stack.up())]
    second = running_image(stack.cloud)
    assert second != first
    for item in (first, second):
        assert registry.digest(repository.id, item.partition("@")[2], PASSWORD) == item.partition("@")[2]
    pull(engine, first, PASSWORD)

    runs.append(must(stack.destroy()))
    assert [item.id for item in stack.cloud.of(ecr.REPOSITORY)] == [repository.id]
    assert stack.cloud.of(ecs.SERVICE) == ()
    pull(engine, first, PASSWORD)
    pull(engine, second, PASSWORD)
    assert_secret(PASSWORD, stack, *runs)


def test_complaint_5_a_renewed_login_is_an_empty_plan_and_the_next_push_uses_it(
    stack: EngineStack, registry: Registry
) -> None:
    runs = [must(stack.up())]
    registry.accept(NEXT_PASSWORD)
    stack.cloud.registry_password = NEXT_PASSWORD
    runs += [must(stack.plan()), must(stack.up())]
    assert [run.lines() for run in runs[1:]] == [[], []]
    (stack.program / "services/shop/app.js").write_text("3", encoding="utf-8")
    runs.append(must(stack.up()))
    digest = running_image(stack.cloud).partition("@")[2]
    (repository,) = stack.cloud.of(ecr.REPOSITORY)
    assert registry.digest(repository.id, digest, NEXT_PASSWORD) == digest
    for password in (PASSWORD, NEXT_PASSWORD):
        assert_secret(password, stack, *runs)


def test_a_login_that_the_registry_refuses_fails_the_up_and_starts_nothing(
    stack: EngineStack, registry: Registry
) -> None:
    stack.cloud.registry_password = NEXT_PASSWORD
    failed = stack.up()
    assert not failed.ok
    assert "pushing image" in failed.output
    assert stack.cloud.of(ecs.SERVICE) == ()
    assert_secret(NEXT_PASSWORD, stack, failed)
    stack.cloud.registry_password = PASSWORD
    must(stack.up())
    assert running_image(stack.cloud).startswith(f"{registry.address}/")
