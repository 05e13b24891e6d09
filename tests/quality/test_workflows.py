"""The workflows of GitHub Actions: what actionlint finds, pins, rights, and what a fork's code may see."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, cast

import pytest
import yaml

from tests.repository import ROOT
from tools.stacks import on_aws

WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.y*ml"))
PINNED = re.compile(r"uses: [\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")
FORK = "github.event.pull_request.head.repo.full_name"
PACKAGE = "github.com/rhysd/actionlint/cmd/actionlint"


def parsed(path: Path) -> dict[Any, Any]:
    return cast("dict[Any, Any]", yaml.safe_load(path.read_text(encoding="utf-8")))


def jobs() -> dict[str, dict[str, Any]]:
    """Every job by workflow and name."""
    return {f"{path.name}: {name}": job for path in WORKFLOWS for name, job in parsed(path)["jobs"].items()}


def has_credentials(job: dict[str, Any]) -> bool:
    """Whether a job sees a secret, or can get a role."""
    return "secrets." in str(job) or "id-token" in job["permissions"]


JOBS = jobs()


def test_actionlint_finds_nothing(tmp_path: Path) -> None:
    """Built from tools/actionlint/go.mod. shellcheck is left out: not every machine has it, or the same one."""
    go = shutil.which("go")
    assert go, "go: is not on PATH; install Go 1.24 or newer, with which actionlint is built"
    program = tmp_path / "actionlint"
    built = subprocess.run(
        # Without what debuggers need: it is a part of the time that linking takes.
        [go, "build", "-mod=readonly", "-ldflags=-s -w", "-o", str(program), PACKAGE],
        cwd=ROOT / "tools/actionlint",
        env={**os.environ, "GOFLAGS": ""},
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    files = [str(path) for path in WORKFLOWS]
    done = subprocess.run(
        [str(program), "-no-color", "-shellcheck=", "-pyflakes=", *files],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_action_is_pinned_by_commit_with_its_version(path: Path) -> None:
    uses = [line.strip(" -") for line in path.read_text(encoding="utf-8").splitlines() if re.match(r"[ -]*uses:", line)]
    assert uses
    assert [line for line in uses if not PINNED.fullmatch(line)] == []


def test_an_action_is_pinned_to_the_same_commit_everywhere() -> None:
    found = [item for path in WORKFLOWS for item in re.findall(r"uses: (\S+)@(\S+) # (\S+)", path.read_text("utf-8"))]
    commits = {
        action: {(commit, version) for name, commit, version in found if name == action} for action, _, _ in found
    }
    assert {action: pins for action, pins in commits.items() if len(pins) > 1} == {}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_has_no_rights_of_its_own(path: Path) -> None:
    assert parsed(path)["permissions"] == {}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_no_workflow_runs_a_forks_code_with_the_repositorys_rights(path: Path) -> None:
    # YAML 1.1 reads the key `on` as true.
    assert {*parsed(path)[True]} <= {"pull_request", "push", "schedule", "workflow_dispatch"}


@pytest.mark.parametrize("name", JOBS)
def test_a_job_says_its_rights_and_ends(name: str) -> None:
    job = JOBS[name]
    written = {right for right, level in job["permissions"].items() if level == "write"}
    assert written <= {"id-token", "pull-requests", "issues"}
    assert not {"id-token", "issues"} <= written, "who can have the role has no other rights than to comment"
    assert 0 < job["timeout-minutes"] <= 120


@pytest.mark.parametrize("name", JOBS)
def test_a_checkout_leaves_no_token_behind(name: str) -> None:
    checkouts = [step for step in JOBS[name]["steps"] if str(step.get("uses", "")).startswith("actions/checkout@")]
    assert [step for step in checkouts if step.get("with", {}).get("persist-credentials") is not False] == []


@pytest.mark.parametrize("name", [name for name, job in JOBS.items() if has_credentials(job)])
def test_a_job_with_credentials_is_bound_to_an_environment(name: str) -> None:
    assert JOBS[name]["environment"] in (("release",) if name == "publish.yml: publish" else ("preview", "production"))


@pytest.mark.parametrize(
    "name", [name for name, job in JOBS.items() if has_credentials(job) and "pull-request" in name]
)
def test_a_job_with_credentials_is_not_for_forks(name: str) -> None:
    assert f"{FORK} == github.repository" in JOBS[name]["if"]
    assert JOBS[name]["environment"] == "preview"


def test_a_job_for_forks_has_no_credentials_and_makes_the_plan() -> None:
    found = [job for job in JOBS.values() if f"{FORK} != github.repository" in job.get("if", "")]
    assert [job["permissions"] for job in found] == [{"contents": "read"}]
    assert not any(has_credentials(job) or "environment" in job for job in found)
    assert "make -s plan" in str(found[0]["steps"])
    assert "GITHUB_STEP_SUMMARY" in str(found[0]["steps"])


@pytest.mark.parametrize("name", JOBS)
def test_what_comes_from_outside_is_not_part_of_a_script(name: str) -> None:
    scripts = [str(step["run"]) for step in JOBS[name]["steps"] if "run" in step]
    assert [script for script in scripts if "${{" in script] == []


@pytest.mark.parametrize("name", [name for name, job in JOBS.items() if "strategy" in job])
def test_no_two_runs_touch_a_stack_at_once(name: str) -> None:
    assert "${{ matrix.stack }}" in JOBS[name]["concurrency"]["group"]


def test_a_deployment_is_never_interrupted() -> None:
    for name, job in JOBS.items():
        if name.startswith("deploy.yml") and "concurrency" in job:
            assert job["concurrency"]["cancel-in-progress"] is False
    assert parsed(ROOT / ".github/workflows/deploy.yml")["concurrency"]["cancel-in-progress"] is False


def test_the_look_for_drift_changes_nothing_and_takes_no_deployment_out_of_its_queue() -> None:
    """GitHub keeps one waiting job of a group: there is only ever one that looks."""
    (script,) = (str(step["run"]) for step in JOBS["drift.yml: look"]["steps"] if "pulumi" in step.get("run", ""))
    assert "pulumi refresh --preview-only" in script
    assert JOBS["drift.yml: look"]["environment"] == "preview"
    assert JOBS["drift.yml: look"]["concurrency"] == JOBS["deploy.yml: plan"]["concurrency"]
    assert parsed(ROOT / ".github/workflows/drift.yml")["concurrency"]["group"] == "drift"


def test_nothing_is_done_before_the_approved_plan_was_compared() -> None:
    job = JOBS["deploy.yml: up"]
    assert job["environment"] == "production"
    assert "plan" in job["needs"]
    steps = [str(step) for step in job["steps"]]
    compared = next(index for index, step in enumerate(steps) if "tools.reviewed same" in step)
    assert [index for index, step in enumerate(steps) if "'command': 'up'" in step] == [compared + 1]


def test_a_version_is_published_by_its_tag_alone_and_what_builds_it_has_no_credentials() -> None:
    workflow = parsed(ROOT / ".github/workflows/publish.yml")
    assert workflow[True] == {"push": {"tags": ["v*"]}}
    build, publish = workflow["jobs"]["build"], workflow["jobs"]["publish"]
    assert 'test "$TAG" = "v$(.venv/bin/python -m hatchling version)"' in str(build["steps"])
    assert not has_credentials(build)
    assert publish["needs"] == "build"
    assert publish["permissions"] == {"contents": "read", "id-token": "write"}
    assert "hatchling" not in str(publish["steps"])


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_the_cli_is_the_one_that_is_tested(path: Path) -> None:
    pinned = re.search(r"pulumi/pkg/v3 v(\S+)", (ROOT / "tools/offline/go.mod").read_text(encoding="utf-8"))
    assert pinned
    assert parsed(path)["env"]["PULUMI_VERSION"] == pinned.group(1)


def test_the_stacks_are_those_with_a_file_but_local(tmp_path: Path) -> None:
    for name in ("Pulumi.yaml", "Pulumi.prod.yaml", "Pulumi.local.yaml", "Pulumi.dev.yaml"):
        (tmp_path / name).touch()
    assert on_aws(tmp_path) == ["dev", "prod"]
