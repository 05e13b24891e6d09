"""`pulumi package add` in projects in Go, TypeScript, YAML and Python: with what it makes, programs come to the same as
those in Python that import the package."""

import os
import shutil
import sysconfig
from collections.abc import Callable, Mapping
from functools import cache, reduce
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.engine.projects import must
from tests.package.plugins import VERSION, package
from tests.package.repository_server import Repository
from tests.package.test_examples import EXAMPLES, IMAGES, SERVICES, USERS, Standing, standing
from tests.package.wheel import environment, run, wheel
from tests.repository import ROOT
from tools.standin import trace
from tools.standin.cloud import Cloud
from tools.standin.engine import EngineStack, isolated_environment
from tools.standin.values import table

Graph = dict[str, Any]

ACQUIRES = "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"
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


def brought_up(program: Path, example: Path, variables: Mapping[str, str], **beside: Path) -> Graph:
    """What a program comes to in an account of its own, with a quarter of the requests moved. variables: the CLI's.
    beside: what lies in its folder besides, by name."""
    account = standing() if example is EXAMPLES else Standing(Cloud(), None, IMAGES)
    with EngineStack(program, account.cloud, config=account.config, environment=variables) as stack:
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
def in_python(venv: Path, path: str) -> Callable[[Path], Graph]:
    """What an example in Python comes to, which imports the package itself: brought up once."""

    @cache
    def found(example: Path) -> Graph:
        return brought_up(example / "python", example, {"PATH": path}, venv=venv)

    return found


def add(project: Path, plugin: Path | str, variables: Mapping[str, str], folder: Path) -> str:
    """What `pulumi package add` says in a project. plugin: its folder or address. variables: the CLI's. Where npm and
    Go find their packages, they know from the user's own files."""
    return package(folder, "add", str(plugin), project=project, variables={"HOME": os.environ["HOME"], **variables})


@pytest.fixture(scope="module")
def typescript(plugin: Path, path: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The dependencies of both examples in TypeScript, and the SDK of all components."""
    folder = tmp_path_factory.mktemp("typescript")
    project = folder / "project"
    shutil.copytree(EXAMPLES / "typescript", project, ignore=shutil.ignore_patterns("node_modules", "sdks"))
    assert 'import * as strangler from "@pulumi/strangler";' in add(project, plugin, {"PATH": path}, folder)
    for name in ("package.json", "package-lock.json"):
        assert (SERVICES / "typescript" / name).read_bytes() == (EXAMPLES / "typescript" / name).read_bytes()
    return project


@pytest.fixture(scope="module")
def in_yaml(plugin: Path, path: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An example in YAML to which the components came."""
    folder = tmp_path_factory.mktemp("yaml")
    shutil.copytree(EXAMPLES / "yaml", folder / "project")
    add(folder / "project", plugin, {"PATH": path}, folder)
    return folder / "project"


@pytest.mark.parametrize("example", [EXAMPLES, SERVICES], ids=lambda folder: folder.name)
@pytest.mark.parametrize("language", ["typescript", "yaml"])
def test_a_program_in_another_language_makes_the_same(
    request: pytest.FixtureRequest,
    in_python: Callable[[Path], Graph],
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
    found, expected = brought_up(project, example, {"PATH": path}, **beside), in_python(example)
    if example is EXAMPLES:
        assert found == expected
    # What AWS and Pulumi make up differs: names and ids.
    asked, wanted = ({urn: {*table(one)} for urn, one in every.items()} for every in (found, expected))
    assert asked == wanted


MISTAKEN = """name: alb-facade
runtime: yaml
resources:
  facade:
    type: strangler:AlbFacade
    properties:
      listenerArn: arn:listener
      targets:
        users (new):
          targetGroupArn: arn:users
          stickinessSeconds: 0
      defaultTarget: user
      routes: []
"""


def test_mistakes_in_a_program_in_another_language_are_told_by_the_names_that_it_has(
    in_yaml: Path, path: str, tmp_path: Path
) -> None:
    packages = yaml.safe_load((in_yaml / "Pulumi.yaml").read_text(encoding="utf-8"))["packages"]
    text = MISTAKEN + yaml.safe_dump({"packages": packages})
    (tmp_path / "Pulumi.yaml").write_text(text, encoding="utf-8")
    with EngineStack(tmp_path, environment={"PATH": path}) as stack:
        done = stack.plan()
    assert not done.ok
    (error,) = (error for error in done.errors if "AlbFacade" in error)
    assert [line.partition(" has a problem: ")[2] for line in error.splitlines()[1:]] == [
        "found 0; give a whole number from 1 to 604800",
        "unknown target 'user'; known: users (new)",
    ]
    assert "stickinessSeconds" in error
    assert "property defaultTarget with" in error
    assert "File" not in done.output


def test_a_program_in_go_makes_the_same(
    in_python: Callable[[Path], Graph], plugin: Path, path: str, tmp_path: Path
) -> None:
    """With the modules that Go has got for this user, as a stack's own home folder has none."""
    project = shutil.copytree(EXAMPLES / "go", tmp_path / "project", ignore=shutil.ignore_patterns("sdks"))
    said = add(project, plugin, {"PATH": path}, tmp_path)
    assert 'import "example.com/pulumi-strangler/sdk/go/strangler"' in said
    kept = {name: run(tmp_path, "go", "env", name) for name in ("GOCACHE", "GOMODCACHE")}
    assert brought_up(project, EXAMPLES, {"PATH": path, **kept}) == in_python(EXAMPLES)


def test_an_sdk_for_python_by_the_repositorys_address_makes_the_same_and_stands_beside_the_package(
    in_python: Callable[[Path], Graph], address: Repository, path: str, tmp_path: Path
) -> None:
    """The CLI clones the repository, and gives the SDK its owner's name (pulumi/pulumi v3.250.0, setSpecNamespace).
    What the plugin needs comes from the wheel and the tests' environment, as that of an index isn't out yet."""
    project = shutil.copytree(EXAMPLES / "python", tmp_path / "project", ignore=shutil.ignore_patterns("venv"))
    python = environment(tmp_path / "venv")
    (project / "venv").symlink_to(tmp_path / "venv")
    offered = {"PIP_NO_INDEX": "1", "PIP_NO_DEPS": "1", "PIP_FIND_LINKS": str(wheel().parent)}
    needed = {**address.variables, **offered, "PYTHONPATH": sysconfig.get_path("purelib")}
    source = f"{address.address}/plugin@{VERSION}"
    said = add(project, source, {**needed, "PATH": path, ACQUIRES: "false"}, tmp_path)
    assert "import shop_strangler as strangler" in said
    packages = yaml.safe_load((project / "Pulumi.yaml").read_text(encoding="utf-8"))["packages"]
    assert packages == {"strangler": source.removeprefix("https://")}
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
    # Where the CLI has installed the plugin.
    variables = {"PATH": path, "PYTHONPATH": needed["PYTHONPATH"], "PULUMI_HOME": str(tmp_path / "home")}
    assert brought_up(project, EXAMPLES, variables, venv=tmp_path / "venv") == in_python(EXAMPLES)


def test_a_new_project_comes_by_the_repositorys_address(address: Repository, path: str, tmp_path: Path) -> None:
    project = tmp_path / "shop"
    project.mkdir()
    environment = {**isolated_environment(tmp_path, ""), **address.variables, "PATH": path}
    command = ["pulumi", "new", f"{address.address}/template", "--generate-only", "--yes", "--name", "shop"]
    run(project, *command, variables=environment)
    files = {file.relative_to(ROOT / "template") for file in (ROOT / "template").rglob("*") if file.is_file()}
    made = {file.relative_to(project) for file in project.rglob("*") if file.is_file()}
    assert made == {file for file in files if "node_modules" not in file.parts}
    assert (project / "Pulumi.yaml").read_text(encoding="utf-8").startswith("name: shop\n")
