"""AWS takes the longest and the oddest names of project, stack, environments and services: what they become fits."""

import re
from pathlib import Path

import pytest

from components.model.facades import FACADES
from components.platform import checks_for
from components.settings import read_settings
from tests.aws_api.account import Account, Registered
from tests.aws_api.requests import mistakes
from tests.aws_api.runs import run_program
from tests.projects import Tree, config_of, manifest, write_project
from tests.repository import ROOT
from tools.standin.cloud import Cloud

MANY: Tree = {
    "publish": {"topics": [{"name": "t" * 200}, {"name": "u" * 200, "fifo": True}]},
    "deployment": {"rollback_alarms": {"cpu_utilization": 50}},
    "storage": {"volumes": {"d": {"path": "/d", "efs": True}}},
    "count": {"range": "1-3", "cpu_percentage": 50},
    "nlb": {"port": "80/tcp"},
    "network": {"connect": True},
    "secrets": {"TOKEN": "/token"},
    "sidecars": {"s" * 255: {"image": {"build": "services/monolith/Dockerfile"}}},
}
"""What a service may have besides, each with names of its own."""

LONG = "m" * 40
ODD = ("a", "aws", "svc-a", "app-a", "a--b", "default", "local", "xn--a", "inter", "sgx")
"""Names that look like something else."""


def registered(folder: Path, services: Tree, facade: str, project: str, stack: str) -> list[Registered]:
    """What a stack comes to."""
    write_project(folder, {"monolith": manifest("monolith", "/"), **services})
    config = config_of({"platform": "aws", "facade": facade, "alarms": {"email": "a@b.example"}, "dashboard": True})
    own = {key.replace("strangler:", f"{project}:"): value for key, value in config.items()}
    settings = read_settings(own, folder, stack, {}, checks_for, project)
    account = Account(Cloud(patience=0, lenient=True, vpc_quota=20))
    return list(run_program(account, settings, folder, stack).registered)


@pytest.mark.parametrize("facade", FACADES)
@pytest.mark.parametrize(
    ("project", "stack"), [("P" * 100, "k" * 100), ("My.Project_1", "Dev.1_x")], ids=["long", "odd"]
)
def test_names_of_project_and_stack_fit(project: str, stack: str, facade: str, tmp_path: Path) -> None:
    found = registered(tmp_path, {LONG: manifest(LONG, None, **MANY)}, facade, project, stack)
    assert mistakes(found) == []
    domains = [resource.inputs["name"] for resource in found if resource.type.endswith(":PrivateDnsNamespace")]
    assert domains
    assert all(1 <= len(label) <= 63 for domain in domains for label in domain.split("."))


@pytest.mark.parametrize("facade", ["alb", "refactor-spaces"])
def test_names_that_look_like_something_else_are_names(facade: str, tmp_path: Path) -> None:
    odd: Tree = {name: manifest(name) for name in ODD}
    assert mistakes(registered(tmp_path, odd, facade, "strangler", "dev")) == []


def test_where_a_name_is_held_is_a_file_that_is_there() -> None:
    rows = re.findall(r"^\|.*\|(.*)\|$", (ROOT / "docs/names.md").read_text(encoding="utf-8"), re.MULTILINE)
    files = {file for row in rows for file in re.findall(r"`([\w/]+\.py)`", row)}
    assert len(files) > 10
    assert [file for file in sorted(files) if not list((ROOT / "components").rglob(file))] == []
