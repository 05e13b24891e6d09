"""`pulumi package add` in projects in TypeScript, YAML and Python: with what it makes, programs come to the same as
those in Python that import the package."""

import os
import shutil
from functools import reduce
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.engine.projects import must
from tests.package.plugins import package
from tests.package.test_examples import EXAMPLES, IMAGES, SERVICES, USERS, Standing, standing
from tests.package.wheel import environment, run
from tools.standin import trace
from tools.standin.cloud import Cloud
from tools.standin.engine import EngineStack
from tools.standin.values import table

Graph = dict[str, Any]

BUILDS = "setuptools==84.2.1"
"""What builds the SDK for Python, which names no version of it."""

OWN = ('moved = aws.sqs.Queue("moved")\n', '        "variables": {"MOVED_QUEUE_URL": moved.url},\n')
"""What the programs in other languages haven't: the host of YAML knows types by a provider's schema, and the stand-in
for AWS has none."""


def graph(stack: EngineStack) -> Graph:
    """The resources of a stack's state by type and name, with what was asked for, and the outputs; without what the
    engine adds, and the providers."""
    resources = stack.state()["resources"]
    return {
        f"{resource['urn'].partition('::')[2].partition('::')[2]}": resource.get("inputs")
        for resource in resources
        if not resource["type"].startswith("pulumi:")
    } | {"outputs": stack.outputs()}


def brought_up(program: Path, example: Path, path: str, **beside: Path) -> Graph:
    """What a program comes to in an account of its own, with a quarter of the requests moved. beside: what lies in its
    folder besides, by name."""
    account = standing() if example is EXAMPLES else Standing(Cloud(), None, IMAGES)
    with EngineStack(program, account.cloud, config=account.config, environment={"PATH": path}) as stack:
        for name, place in beside.items():
            (stack.program / name).symlink_to(place)
        main = stack.program / "__main__.py"
        if main.exists():
            stack.rewrite(reduce(lambda text, line: text.replace(line, ""), OWN, main.read_text(encoding="utf-8")))
        must(stack.up())
        url = account.url or stack.outputs()["url"]
        assert dict(trace.answer(account.cloud.snapshot, url, "GET", USERS)) == {"users": 0.25, "monolith": 0.75}
        return graph(stack)


@pytest.fixture(scope="module")
def in_python(venv: Path, path: str) -> dict[Path, Graph]:
    """What the examples in Python come to, which import the package itself."""
    return {example: brought_up(example / "python", example, path, venv=venv) for example in (EXAMPLES, SERVICES)}


def add(project: Path, plugin: Path, path: str, folder: Path) -> str:
    """What `pulumi package add` says in a project. Where npm finds its packages, it knows from the user's own files."""
    variables = {"HOME": os.environ["HOME"], "PATH": path}
    return package(folder, "add", str(plugin), project=project, variables=variables)


@pytest.fixture(scope="module")
def typescript(plugin: Path, path: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The dependencies of both examples in TypeScript, and the SDK of all components."""
    folder = tmp_path_factory.mktemp("typescript")
    project = folder / "project"
    shutil.copytree(EXAMPLES / "typescript", project, ignore=shutil.ignore_patterns("node_modules", "sdks"))
    assert 'import * as strangler from "@pulumi/strangler";' in add(project, plugin, path, folder)
    for name in ("package.json", "package-lock.json"):
        assert (SERVICES / "typescript" / name).read_bytes() == (EXAMPLES / "typescript" / name).read_bytes()
    return project


@pytest.fixture(scope="module")
def in_yaml(plugin: Path, path: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An example in YAML to which the components came."""
    folder = tmp_path_factory.mktemp("yaml")
    shutil.copytree(EXAMPLES / "yaml", folder / "project")
    add(folder / "project", plugin, path, folder)
    return folder / "project"


@pytest.mark.parametrize("example", [EXAMPLES, SERVICES], ids=lambda folder: folder.name)
@pytest.mark.parametrize("language", ["typescript", "yaml"])
def test_a_program_in_another_language_makes_the_same(
    request: pytest.FixtureRequest,
    in_python: dict[Path, Graph],
    path: str,
    tmp_path: Path,
    example: Path,
    language: str,
) -> None:
    project = shutil.copytree(example / language, tmp_path / "project")
    added: Path = request.getfixturevalue({"typescript": "typescript", "yaml": "in_yaml"}[language])
    packages = yaml.safe_load((added / "Pulumi.yaml").read_text(encoding="utf-8"))["packages"]
    with (project / "Pulumi.yaml").open("a", encoding="utf-8") as file:
        file.write(yaml.safe_dump({"packages": packages}))
    beside = {"node_modules": added / "node_modules"} if language == "typescript" else {}
    found, expected = brought_up(project, example, path, **beside), in_python[example]
    if example is EXAMPLES:
        assert found == expected
    # What AWS and Pulumi make up differs: names and ids.
    asked, wanted = ({urn: {*table(one)} for urn, one in every.items()} for every in (found, expected))
    assert asked == wanted


def test_an_sdk_for_python_makes_the_same_and_stands_beside_the_package(
    in_python: dict[Path, Graph], plugin: Path, path: str, tmp_path: Path
) -> None:
    """By a repository's address the CLI gives the SDK its owner's name (pulumi/pulumi v3.250.0, setSpecNamespace), as
    the plugin does here; by a folder's it would have the package's own."""
    owned, project = tmp_path / "owned", tmp_path / "project"
    shutil.copytree(plugin, owned, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
    main = (owned / "__main__.py").read_text(encoding="utf-8")
    named = main.replace('name="strangler"', 'name="strangler", namespace="shop"')
    assert named != main
    (owned / "__main__.py").write_text(named, encoding="utf-8")
    shutil.copytree(EXAMPLES / "python", project, ignore=shutil.ignore_patterns("venv", "__pycache__"))
    python = environment(tmp_path / "venv")
    (project / "venv").symlink_to(tmp_path / "venv")
    assert "import shop_strangler as strangler" in add(project, owned, path, tmp_path)
    assert (project / "requirements.txt").read_text(encoding="utf-8").splitlines()[1:] == ["sdks/shop-strangler"]
    (tmp_path / "builds").write_text(f"{BUILDS}\n", encoding="utf-8")
    install = f"uv pip install --no-deps --build-constraints {tmp_path}/builds --python {python} ./sdks/shop-strangler"
    run(project, *install.split())
    files = run(
        tmp_path, str(python), "-c", "import pulumi_strangler as a, shop_strangler as b; print(a.deploy, b.AlbFacade)"
    )
    assert "shop_strangler.alb_facade" in files
    (project / "venv").unlink()
    program = (project / "__main__.py").read_text(encoding="utf-8").replace("pulumi_strangler", "shop_strangler")
    program = program.replace('"facade",\n    {\n', '"facade",\n    **{\n')
    (project / "__main__.py").write_text(program, encoding="utf-8")
    assert brought_up(project, EXAMPLES, path, venv=tmp_path / "venv") == in_python[EXAMPLES]
