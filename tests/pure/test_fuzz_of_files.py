"""Whatever lies in the folders that a user names: it is read, or refused line by line; nothing ends in a traceback."""

import os
from collections.abc import Mapping
from pathlib import Path
from shutil import rmtree

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from components.input.diagnostics import InputError
from components.input.files import is_utf8
from components.model.image_source import Build, SourceError, source
from components.platform import checks_for
from components.settings import Settings, read_settings
from tests.projects import board, write_project

MANIFEST = b"name: users\ntype: Load Balanced Web Service\nimage: {build: services/users/Dockerfile, port: 80}\n"
ROUTED = MANIFEST + b"http: {path: users}\n"
UNREADABLE = "/proc/self/mem"
"""A file that is there and can't be read from its beginning, by whomever: root can read all others."""

contents = st.one_of(
    st.binary(max_size=40),
    st.sampled_from(
        (
            ROUTED,
            b"\xef\xbb\xbf" + ROUTED,
            b"\xff\xfe" + ROUTED.decode().encode("utf-16-le"),
            b"\xfe\xff" + ROUTED.decode().encode("utf-16-be"),
            b"\xff\xfe\x00",
            ROUTED + b"variables: {A: \xff}\n",
            ROUTED + b'variables: {A: "\\ud800"}\n',
            ROUTED + b'variables: {"\\ud800": a}\n',
            ROUTED + b'env_file: "a\\0b.env"\n',
            ROUTED + b"env_file: services/users/some.env\n",
            ROUTED + b"variables: {A: '${BYTES}'}\n",
            ROUTED + b"entrypoint: '\\'\n",
            MANIFEST + b'http: {path: "\\ud800"}\n',
            MANIFEST.replace(b"services/users/Dockerfile", b'"\\0"'),
            MANIFEST.replace(b"services/users/Dockerfile", b"x" * 300),
            b"FROM scratch\nARG A\n",
            b"\xef\xbb\xbfFROM scratch\n",
            b"\xff\xfeF\0R\0",
            b"A=\xff\n=\nB\n",
            b"\xef\xbb\xbfA=1\r\n",
            b"[z-a]\n",
            b"application: board\n",
            b"",
        )
    ),
)
kinds = st.one_of(
    contents,
    st.sampled_from(("folder", "loop", "dangling", "fifo", "unreadable", "nothing", "bytes in a name")),
)
PLACES = (
    "services",
    "services/users",
    "services/users/manifest.yml",
    "services/users/manifest.yaml",
    "services/users/Dockerfile",
    "services/users/.dockerignore",
    "services/users/some.env",
    "copilot",
    "copilot/.workspace",
    "copilot/users/manifest.yml",
    "copilot/environments",
    "copilot/environments/test/manifest.yml",
    "copilot/users/addons",
    "copilot/pipelines",
)


def put(path: Path, kind: object) -> None:
    """Makes something of a kind at a path, in the place of what is there."""
    if path.is_symlink() or path.exists():
        rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError):
        return  # below something that isn't a folder
    if isinstance(kind, bytes):
        path.write_bytes(kind)
    elif kind == "folder":
        path.mkdir()
    elif kind == "loop":
        path.symlink_to(path)
    elif kind == "dangling":
        path.symlink_to("nowhere")
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "unreadable":
        path.symlink_to(UNREADABLE)
    elif kind == "bytes in a name":
        Path(os.fsdecode(os.fsencode(path) + b"\xff"), "manifest.yml").mkdir(parents=True, exist_ok=True)


def read_or_lines(folder: Path, config: Mapping[str, str]) -> Settings | None:
    """The settings, or None if they are refused line by line."""
    try:
        return read_settings(config, folder, "local", {"BYTES": "\udcff"}, checks_for)
    except InputError as problem:
        refused = problem
    lines = str(refused).splitlines()
    assert len(lines) == len(refused.problems) >= 1
    assert all(line.isprintable() and "; " in line for line in lines)
    return None


def digest_or_line(folder: Path, build: Build) -> str:
    """The digest of a build context, or the line that says why it has none."""
    try:
        found = source(folder, build, {"A": "1"}).digest
    except SourceError as failure:
        found = str(failure)
    assert len(found.splitlines()) == 1
    return found


@given(
    st.dictionaries(st.sampled_from(PLACES), kinds, max_size=3),
    st.sampled_from(({}, {"copilot": "copilot"}, {"copilot": "copilot", "copilotEnvironment": "test"})),
    st.sampled_from(({"platform": "local"}, {"platform": "aws", "facade": "alb"})),
    st.sampled_from(({}, {"exclude": "users"}, {"exclude": "monolith,posts,threads,users"}, {"default": "none"})),
)
@example({"services": "loop"}, {}, {"platform": "local"}, {})
@example({"services/users/manifest.yml": "unreadable"}, {}, {"platform": "local"}, {})
@example({"services/users": "bytes in a name"}, {}, {"platform": "local"}, {})
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_anything_on_disk_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory,
    things: dict[str, object],
    workspace: dict[str, str],
    platform: dict[str, str],
    more: dict[str, str],
) -> None:
    folder = tmp_path_factory.mktemp("disk")
    write_project(folder, board())
    for place, kind in things.items():
        put(folder / place, kind)
    config = {f"strangler:{key}": value for key, value in {**workspace, **platform, **more}.items()}
    read = read_or_lines(folder, config)
    for service in read.services if read else ():
        assert is_utf8("".join(text for pair in service.manifest.variables for text in pair))
        if service.build:
            digest_or_line(folder, service.build)
    rmtree(folder, ignore_errors=True)


@given(st.dictionaries(st.sampled_from(("Dockerfile", ".dockerignore", "a", "b/c", "b")), kinds, max_size=3))
@example({".dockerignore": b"[z-a]\n"})
@example({".dockerignore": b"caf\xe9\n"})
@example({"Dockerfile": b"FROM scratch\nARG caf\xe9\n"})
@example({"Dockerfile": "fifo"})
@example({"a": "bytes in a name"})
@example({"a": "unreadable"})
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_any_build_context_has_a_digest_or_a_line_that_says_why_not(
    tmp_path_factory: pytest.TempPathFactory, things: dict[str, object]
) -> None:
    folder = tmp_path_factory.mktemp("context")
    put(folder / "Dockerfile", b"FROM scratch\n")
    for place, kind in things.items():
        put(folder / place, kind)
    first, second = (digest_or_line(folder, Build("Dockerfile", ".")) for _ in range(2))
    assert first == second
    rmtree(folder, ignore_errors=True)


def test_a_pattern_that_is_not_valid_is_named_with_its_file(tmp_path: Path) -> None:
    put(tmp_path / "Dockerfile", b"FROM scratch\n")
    put(tmp_path / ".dockerignore", b"[z-a]\n")
    with pytest.raises(SourceError, match=r"^\./\.dockerignore: a pattern that is not valid: bad character range"):
        source(tmp_path, Build("Dockerfile", "."), {})
