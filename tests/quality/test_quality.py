"""The rules of the repository that a machine can check: style, types, who imports whom, pins, links, foreign names."""

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from tests.repository import ROOT, files, python_files, syntax

TOOLS = Path(sys.executable).parent
MOST_LINES = 600
MOST_LINES_OF_MAIN = 39
ENGINE = re.compile(r"pulumi(_\w+)?(\.|$)")
"""The modules that need the deployment engine, or one of its providers."""

PURE = ("model", "input", "compare", "manifest", "settings", "aws/plan", "aws/checks")
"""The folders of components/ that need no engine, from the lowest to the highest: each imports itself and those before
it, and nothing else of ours."""
ON_THE_ENGINE = ("local/envoy", "local/broker")
"""They need no engine of deployment either. Each imports itself, what lies below the platforms, and the client of the
Docker engine."""
BELOW_THEM = (*PURE[:5], "local/docker_engine", "local/waiting")

PLATFORMS = ("aws", "local")

REGISTRIES = (
    *(("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("npmjs", "com"), ("yarnpkg", "com")),
    *(
        ("proxy", "golang", "org"),
        ("sum", "golang", "org"),
        ("crates", "io"),
        ("docker", "io"),
        ("hub", "docker", "com"),
    ),
    *(("ghcr", "io"), ("quay", "io"), ("gcr", "io"), ("deb", "debian", "org"), ("archive", "ubuntu", "com")),
    ("alpinelinux", "org"),
)
"""Host names in parts, so that this file has none of them."""

OTHER_PLACES = (("", "work", "main"), ("", "work", "shared"), ("..", "shared"), ("", "tmp", "warm"))
"""Paths in parts that only one machine has."""

REQUIREMENT = re.compile(r"(?P<name>[\w-]+)(==(?P<exact>[\d.]+)|>=(?P<least>[\d.]+),<(?P<beyond>\d+))")
"""One version, or a range of them."""

MARKERS = (("x", "fail"), ("skip", "if"), ("mark.", "skip"), ("pytest.", "skip"), ("import", "orskip"), ("TO", "DO"))
"""What puts a test or a piece of work off, in parts."""

DOCUMENTS = tuple(
    path for path in files() if path == Path("README.md") or (path.parts[0] == "docs" and path.suffix == ".md")
)
LINK = re.compile(r"\]\(([^)\s]+)\)")


def tool(*command: str) -> None:
    """Runs one of the virtual environment's programs, which must find nothing."""
    done = subprocess.run(
        [str(TOOLS / command[0]), *command[1:]], cwd=ROOT, capture_output=True, text=True, timeout=500, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@cache
def imports(path: Path) -> list[str]:
    """The modules that a file imports, at its top or anywhere else; `from a import b` may mean the module a.b. Without
    what only a type checker imports."""
    tree = syntax(path)
    checked = [
        node for node in ast.walk(tree) if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    ]
    unread = {id(inner) for node in checked for statement in node.body for inner in ast.walk(statement)}
    found = list[str]()
    for node in ast.walk(tree):
        if id(node) in unread:
            continue
        if isinstance(node, ast.Import):
            found += (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            found += (f"{node.module}.{name.name}" for name in node.names)
    return found


@cache
def modules(name: str) -> frozenset[Path]:
    """The files of ours that an import of this name runs: the module, and the packages that it is in."""
    parts = name.split(".")
    places = [ROOT.joinpath(*parts[:length]) for length in range(1, len(parts) + 1)] if parts[0] == "components" else []
    return frozenset(
        file for place in places for file in (place.with_suffix(".py"), place / "__init__.py") if file.is_file()
    )


def mentions(parts: tuple[tuple[str, ...], ...], joint: str, among: tuple[Path, ...]) -> list[str]:
    """Where one of the words, given in parts, stands in a file."""
    words = [joint.join(part).encode() for part in parts]
    return [
        f"{path}:{number}: {word.decode()}"
        for path in among
        for number, row in enumerate((ROOT / path).read_bytes().splitlines(), 1)
        for word in words
        if word in row
    ]


def dependencies() -> dict[str, list[str]]:
    """The requirements of pyproject.toml, by the lock that has them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed, dev = project["dependencies"], project["optional-dependencies"]["dev"]
    plain = [re.sub(r"\[.*\]", "", requirement) for requirement in dev]  # An extra is locked by what it brings.
    return {"requirements.txt": needed, "requirements-dev.txt": [*needed, *plain]}


def test_the_style_is_ruffs() -> None:
    tool("ruff", "check", "--no-cache", ".")


def test_the_form_is_ruffs() -> None:
    tool("ruff", "format", "--check", "--no-cache", ".")


def test_the_types_hold() -> None:
    tool("basedpyright")


def imports_above(folder: str, allowed: tuple[str, ...]) -> list[tuple[str, str]]:
    """What the modules of a folder import that stands neither in it nor in the folders that it may import."""
    packages = tuple(f"components.{name.replace('/', '.')}" for name in (folder, *allowed))
    return [
        (path.name, name)
        for path in sorted(ROOT.glob(f"components/{folder}/**/*.py"))
        for name in imports(path)
        if name.partition(".")[0] == "components" and not name.startswith(tuple(f"{package}." for package in packages))
    ]


@pytest.mark.parametrize("folder", [*PURE, *ON_THE_ENGINE])
def test_a_pure_folder_needs_no_engine(folder: str) -> None:
    reached = set((ROOT / "components" / folder).rglob("*.py"))
    assert reached
    while more := {ours for path in reached for name in imports(path) for ours in modules(name)} - reached:
        reached |= more
    needed = {(path.name, name) for path in reached for name in imports(path) if ENGINE.match(name)}
    assert needed == set()


@pytest.mark.parametrize("folder", PURE)
def test_a_pure_folder_imports_only_those_below_it(folder: str) -> None:
    assert imports_above(folder, PURE[: PURE.index(folder)]) == []


@pytest.mark.parametrize("folder", ON_THE_ENGINE)
def test_what_runs_on_the_docker_engine_imports_only_what_is_below_the_platforms(folder: str) -> None:
    assert imports_above(folder, BELOW_THEM) == []


def test_the_system_knows_platforms_through_one_module_only() -> None:
    found = [name for name in imports(ROOT / "components/strangler.py") if re.match(r"components\.(aws|local)\b", name)]
    assert found == []


@pytest.mark.parametrize("platform", PLATFORMS)
def test_no_platform_imports_another(platform: str) -> None:
    found = [(path.name, name) for path in ROOT.glob(f"components/{platform}/**/*.py") for name in imports(path)]
    others = {f"components.{other}" for other in PLATFORMS if other != platform}
    assert [pair for pair in found if ".".join(pair[1].split(".")[:2]) in others] == []


def test_the_program_is_short() -> None:
    assert len((ROOT / "__main__.py").read_text().splitlines()) <= MOST_LINES_OF_MAIN


def test_no_python_file_is_long() -> None:
    lines = {str(path): len((ROOT / path).read_text(encoding="utf-8").splitlines()) for path in python_files()}
    assert {path: count for path, count in lines.items() if count > MOST_LINES} == {}


def named_each(tree: ast.Module) -> list[int]:
    """The lines where a variable or a parameter is called `each`, which says nothing of what it is."""
    return [
        node.lineno
        for node in ast.walk(tree)
        if (isinstance(node, ast.arg) and node.arg == "each")
        or (isinstance(node, ast.Name) and node.id == "each" and isinstance(node.ctx, ast.Store))
    ]


def test_every_loop_names_its_variable_by_what_it_is() -> None:
    found = {str(path): lines for path in python_files() if (lines := named_each(syntax(ROOT / path)))}
    assert found == {}


def test_a_variable_without_a_name_of_its_own_is_found() -> None:
    code = "for each in a:\n    pass\n[each for number, each in b]\nmax(a, key=lambda each: each.c)\nprint(each)\n"
    assert named_each(ast.parse(code)) == [1, 3, 4]


def test_no_two_classes_of_the_components_have_one_name() -> None:
    """But for what `public/` gives to other programs, by the names that the program's own components have too, and for
    the broker's program, which runs in an image of its own."""
    names = Counter(
        node.name
        for path in python_files()
        if path.is_relative_to("components")
        and not (path.is_relative_to("components/public") or path.is_relative_to("components/local/broker/image"))
        for node in syntax(ROOT / path).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )
    assert [name for name, count in names.items() if count > 1] == []


def test_no_file_names_a_registry() -> None:
    assert mentions(REGISTRIES, ".", files()) == []


def test_no_file_names_a_path_of_one_machine() -> None:
    assert mentions(OTHER_PLACES, "/", files()) == []


def test_nothing_is_put_off() -> None:
    assert mentions(MARKERS, "", python_files()) == []


def version_of(requirement: re.Match[str]) -> str:
    """The version that a requirement's lock has."""
    return requirement["exact"] or requirement["least"]


@pytest.mark.parametrize("lock", dependencies())
def test_every_dependency_is_pinned_and_locked_with_a_hash(lock: str) -> None:
    read = [REQUIREMENT.fullmatch(requirement) for requirement in dependencies()[lock]]
    found = [one for one in read if one]
    assert len(found) == len(read), dependencies()[lock]
    # The package's own are ranges, up to the next first number, which begin with the version that is tested.
    ranges = [one for one in found if one["beyond"]]
    assert [one[0] for one in ranges] == dependencies()["requirements.txt"]
    assert [one[0] for one in ranges if int(version_of(one).partition(".")[0]) + 1 != int(one["beyond"])] == []
    pinned = [(one["name"], "==", version_of(one)) for one in found]
    locked = re.findall(r"^([\w.-]+)==(\S+) \\\n +--hash=sha256:", (ROOT / lock).read_text(), re.MULTILINE)
    versions = {name.lower().replace("_", "-"): version for name, version in locked}
    assert {name: versions.get(name.lower()) for name, _, _ in pinned} == {name: version for name, _, version in pinned}


def test_the_locks_agree_with_each_other() -> None:
    rows = [set(re.findall(r"^\S+==\S+", (ROOT / lock).read_text(), re.MULTILINE)) for lock in dependencies()]
    assert rows[0] <= rows[1]


def test_every_dependency_is_explained() -> None:
    decisions = (ROOT / "docs/decisions.md").read_text(encoding="utf-8").lower()
    names = [re.split("[=>]", requirement)[0] for requirement in dependencies()["requirements-dev.txt"]]
    missing = [name for name in names if not re.search(rf"(?<![\w-]){re.escape(name.lower())}(?![\w-])", decisions)]
    assert missing == []


@pytest.mark.parametrize("path", [path for path in files() if path.name == "package-lock.json"], ids=str)
def test_a_lock_of_npm_names_no_place(path: Path) -> None:
    packages = json.loads((ROOT / path).read_text())["packages"]
    assert [name for name, entry in packages.items() if "resolved" in entry] == []
    assert [name for name, entry in packages.items() if name and "integrity" not in entry] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_every_link_to_a_file_leads_to_one(document: Path) -> None:
    links = [link.partition("#")[0] for link in LINK.findall((ROOT / document).read_text(encoding="utf-8"))]
    here = [link for link in links if link and not re.match(r"\w+:", link)]
    assert [link for link in here if not (ROOT / document.parent / link).exists()] == []


def test_there_are_the_documents_that_a_reader_looks_for() -> None:
    assert {Path("README.md"), Path("docs/decisions.md"), Path("docs/benchmarks.md")} <= set(DOCUMENTS)


def test_no_stack_file_on_aws_belongs_to_somebodys_passphrase() -> None:
    """`pulumi stack init` with another passphrase refuses a file that has a salt. The local stack's passphrase is ours:
    the empty one, and its salt is there so that `make up` changes no file."""
    found = [path for path in files() if path.match("Pulumi.?*.yaml") and path.name != "Pulumi.local.yaml"]
    assert Path("Pulumi.dev.yaml") in found
    owned = re.compile(r"^(encryptionsalt|encryptedkey|secretsprovider):", re.MULTILINE)
    assert [str(path) for path in found if owned.search((ROOT / path).read_text(encoding="utf-8"))] == []
