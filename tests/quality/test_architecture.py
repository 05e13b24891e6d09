"""The page that tells a newcomer where to change what leads to files that exist."""

import re

import pytest

from tests.repository import ROOT

PAGE = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
PATH = re.compile(r"`((?:components|tools|tests|docs)/[\w./]+)`")
RECIPES = {title: text for title, _, text in (part.partition("\n") for part in PAGE.split("\n### ")[1:])}


@pytest.mark.parametrize("recipe", RECIPES)
def test_every_file_of_a_recipe_exists(recipe: str) -> None:
    paths = [found for line in RECIPES[recipe].splitlines() if line.startswith("- ") for found in PATH.findall(line)]
    assert len(paths) >= 2
    assert [path for path in paths if not (ROOT / path).is_file()] == []


def test_every_recipe_that_a_newcomer_needs_is_there() -> None:
    assert set(RECIPES) == {
        "A field of a manifest",
        "A workload type",
        "A facade",
        "A setting of a facade",
        "A check",
        "A resource type in the stand-in for AWS",
    }


def test_every_folder_of_the_components_is_on_the_page() -> None:
    folders = {path.parent for path in (ROOT / "components").rglob("*.py")} - {ROOT / "components"}
    names = {str(folder.relative_to(ROOT / "components")) for folder in folders}
    assert [name for name in sorted(names - {"aws", "local/envoy"}) if f"`{name}/`" not in PAGE] == []
