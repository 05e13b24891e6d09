"""A project that `pulumi new` makes of the template: an empty folder, the wheel, and nothing else of ours."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.local.board import Board
from tests.package.wheel import environment
from tests.repository import ROOT, files

TEMPLATE = ROOT / "template"


class Shop(Board):
    """The project, with a virtual environment as its `Pulumi.yaml` names it."""

    def _place(self, services: Path | None) -> None:
        assert services is None
        command = ["pulumi", "new", str(TEMPLATE), "--name", "shop", "--dir", str(self.folder), "--generate-only"]
        made = subprocess.run([*command, "--yes"], capture_output=True, text=True, timeout=60, check=False)
        assert made.returncode == 0, made.stdout + made.stderr
        environment(self.folder / "venv")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """The project and its stack."""
    made = Shop(tmp_path_factory.mktemp("empty") / "shop")
    try:
        yield made
    finally:
        made.remove()


def test_a_project_of_the_template_lives_by_the_wheel_alone(shop: Shop) -> None:
    assert not (shop.folder / "components").exists()
    shop.up().ok()
    assert shop.get("/api/users/2") == (200, b"monolith answers /api/users/2\n")
    shop.route("users", "true")
    assert shop.up().ok().changed() == {"route-table"}
    assert shop.get("/api/users/2") == (200, b"users answers /api/users/2\n")
    assert shop.get("/") == (200, b"monolith answers /\n")
    shop.destroy().ok()
    assert shop.containers() == []


def test_it_is_a_handful_of_files() -> None:
    own = [path.relative_to("template") for path in files() if path.parts[0] == "template"]
    assert sorted(str(path) for path in own if path.parts[0] != "services") == [
        ".gitignore",
        "Pulumi.yaml",
        "__main__.py",
        "requirements.txt",
    ]


def test_each_question_of_the_template_says_what_it_asks() -> None:
    asked = yaml.safe_load((TEMPLATE / "Pulumi.yaml").read_text(encoding="utf-8"))["template"]["config"]
    assert {*asked} == {"platform", "facade", "default", "port", "aws:region"}
    assert [key for key, about in asked.items() if not {*about} >= {"description", "default"}] == []
