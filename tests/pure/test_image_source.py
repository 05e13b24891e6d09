"""What makes another image of a service: what its build sees, and nothing else."""

import shutil
from pathlib import Path

import pytest

from components.model.image_source import Build, source
from tests.repository import ROOT

FOLDERS = sorted(
    path.parent
    for group in ("services", "template/services")
    for path in (ROOT / group).rglob("manifest.yml")
    if (path.parent / "Dockerfile").is_file()
)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.relative_to(ROOT)))
def test_a_comment_in_a_manifest_builds_no_image_of_ours(folder: Path, tmp_path: Path) -> None:
    here = shutil.copytree(folder, tmp_path / "here", ignore=shutil.ignore_patterns("node_modules"))
    before = source(here, Build("Dockerfile", "."), {}).digest
    (here / "manifest.yml").write_text("# another one\n", encoding="utf-8")
    assert source(here, Build("Dockerfile", "."), {}).digest == before


def test_what_dockerignore_names_is_no_part_of_a_release(tmp_path: Path) -> None:
    for name, text in (("Dockerfile", "FROM scratch\nCOPY . /\n"), ("manifest.yml", "name: users\n"), ("a.js", "a")):
        (tmp_path / name).write_text(text)

    def digest() -> str:
        return source(tmp_path, Build("Dockerfile", "."), {}).digest

    whole = digest()
    (tmp_path / "manifest.yml").write_text("name: users  # ours\n")
    assert digest() != whole, "it is copied into the image"
    (tmp_path / ".dockerignore").write_text("manifest.yml\n")
    without = digest()
    (tmp_path / "manifest.yml").write_text("name: users  # yours\n")
    assert digest() == without
