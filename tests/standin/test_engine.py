"""The real CLI on the stand-ins: what only the engine can show."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.engine.warm import WarmStack
from tools.standin import ec2, ecs, elb, sns, trace
from tools.standin import refactorspaces as rs
from tools.standin.cloud import Cloud, Operation
from tools.standin.engine import Run

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


def service_stack(cloud: Cloud | None = None) -> WarmStack:
    """Two services behind Refactor Spaces."""
    return WarmStack(HERE / "program", cloud)


def must(run: Run) -> None:
    assert run.code == 0, "\n".join(run.errors) or run.output


def test_the_life_of_two_services_and_a_cut_over() -> None:
    with service_stack() as stack:
        plan = stack.plan()
        must(plan)
        assert not stack.cloud.history
        assert not any(stack.program.glob("*.json"))
        must(first := stack.up())
        assert sorted(plan.lines()) == sorted(first.lines())
        for again in (stack.up(), stack.refresh(), stack.up(), stack.plan()):
            must(again)
            assert again.lines() == []
        url = stack.outputs()["url"]

        def ask() -> dict[str | int, float]:
            return dict(trace.answer(stack.cloud.snapshot, url, "GET", "/api/users"))

        assert ask() == {"monolith": 1.0}
        stack.set("standin:active", "true")
        answers: list[set[str | int]] = []

        def always_answered(operation: Operation) -> None:
            answers.append(trace.names(trace.answer(operation.snapshot, url, "GET", "/api/users")))

        with stack.cloud.watching(always_answered):
            must(cut := stack.up())
        assert cut.lines() == [f"create {rs.ROUTE} users"]
        assert answers == [{"monolith"}, {"users"}]

        (stack.program / "app" / "new.txt").write_text("new", encoding="utf-8")
        must(preview := stack.plan())
        assert sorted({item.op for item in preview.operations}) == ["replace", "update"]
        with stack.cloud.watching(
            lambda item: answers.append(trace.names(trace.answer(item.snapshot, url, "GET", "/x")))
        ):
            must(stack.up())
        assert {"monolith"} == set[str | int]().union(*answers[2:])
        assert "not-a-password" not in json.dumps(stack.state())
        tags = stack.cloud.of(ec2.SUBNET)[0]["tagsAll"]
        assert tags["application"] == "standin"
        must(stack.destroy())
        assert list(stack.cloud.snapshot) == []


def test_a_flipped_route_is_an_update_in_the_plan_and_an_error_in_the_up() -> None:
    with service_stack() as stack:
        stack.set("standin:active", "true")
        must(stack.up())
        stack.set("standin:state", "INACTIVE")
        must(plan := stack.plan())
        assert [(str(operation), operation.diff) for operation in plan.operations] == [
            (f"update {rs.ROUTE} users", ("uriPathRoute.activationState",))
        ]
        failed = stack.up()
        assert failed.code != 0
        assert any("NotUpdatableException" in problem for problem in failed.errors)
        stack.set("standin:state", "ACTIVE")
        must(stack.up())


def test_what_failed_half_way_is_finished_by_the_next_up() -> None:
    cloud = Cloud()
    cloud.fail_next(elb.RULE, "create", "Throttling: slow down")
    cloud.fail_next(ec2.VPC, "create", "lost the answer", after=True)
    with service_stack(cloud) as stack:
        failed = stack.up()
        assert failed.code != 0
        assert any("Throttling" in problem or "lost the answer" in problem for problem in failed.errors)
        second = stack.up()
        if second.code != 0:
            assert any("Throttling" in problem for problem in second.errors)
            must(stack.up())
        must(again := stack.up())
        assert again.lines() == []
        assert len(cloud.of(ec2.VPC)) == 2
        must(stack.destroy())
        assert list(cloud.snapshot) == []


def test_a_deployment_that_was_rolled_back_is_seen_by_the_next_plan() -> None:
    with service_stack() as stack:
        must(stack.up())
        stack.cloud.deployment_fails("users", "it crashed")
        (stack.program / "app" / "new.txt").write_text("new", encoding="utf-8")
        must(stack.up())
        service = stack.cloud.named(ecs.SERVICE, "users")
        assert service["taskDefinition"] != service.inputs["taskDefinition"]
        must(plan := stack.plan())
        assert plan.lines() == [f"update {ecs.SERVICE} users"]


def test_a_secret_of_the_config_arrives_and_is_in_no_file() -> None:
    program = "import pulumi\npulumi.export('x', pulumi.Output.secret(pulumi.Config().require_secret('key')))\n"
    with WarmStack(program) as stack:
        must(stack.pulumi("config", "set", "--secret", "key", "hush"))
        must(stack.up())
        assert stack.outputs() == {"x": "hush"}
        assert "hush" not in str(stack.state())
        assert [file for file in stack.folder.rglob("*.*") if file.is_file() and b"hush" in file.read_bytes()] == []


def test_an_unknown_type_is_an_error_that_says_so() -> None:
    with WarmStack("import pulumi_aws as aws\naws.glacier.Vault('v')\n") as stack:
        run = stack.plan()
        assert run.code != 0
        assert any("the stand-in doesn't know this type" in problem for problem in run.errors), run.errors


def test_an_input_that_aws_refuses_fails_the_plan() -> None:
    with WarmStack("import pulumi_aws as aws\naws.ec2.Vpc('v', cidr_block='10.0.0.0/8')\n") as stack:
        run = stack.plan()
        assert run.code != 0
        assert any("a VPC's range is between /16 and /28" in problem for problem in run.errors), run.errors


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "Pulumi.yaml").write_text("name: planned\nruntime: python\n", encoding="utf-8")
    (tmp_path / "Pulumi.dev.yaml").write_text("config:\n  aws:region: eu-north-1\n", encoding="utf-8")
    program = "import pulumi_aws as aws\nimport pulumi\npulumi.export('region', aws.get_region().region)\n"
    (tmp_path / "__main__.py").write_text(program + "aws.ec2.Vpc('v', cidr_block='10.0.0.0/16')\n", encoding="utf-8")
    return tmp_path


def _plan(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); "
        "from tools.standin.__main__ import main; sys.exit(main(sys.argv[1:]))"
    )
    return subprocess.run(
        [sys.executable, "-c", code, "plan", *arguments],
        cwd=project,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_a_plan_needs_nothing_and_touches_nothing(project: Path) -> None:
    before = {path.name: path.read_bytes() for path in project.iterdir()}
    done = _plan(project, "dev", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert [step["newState"]["type"] for step in found["steps"]] == ["pulumi:pulumi:Stack", ec2.VPC]
    assert {path.name: path.read_bytes() for path in project.iterdir() if path.is_file()} == before


def test_a_plan_reads_the_secrets_of_a_stack_file(project: Path) -> None:
    with WarmStack(project, secrets="passphrase") as stack:
        assert stack.pulumi("config", "set", "--secret", "password", "hunter2").code == 0
        (project / "Pulumi.test.yaml").write_bytes((stack.program / "Pulumi.test.yaml").read_bytes())
    program = (project / "__main__.py").read_text(encoding="utf-8")
    checked = "assert pulumi.Config().require('password') == 'hunter2'\n"
    (project / "__main__.py").write_text(program + checked, encoding="utf-8")
    done = _plan(project, "test", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "hunter2" not in done.stdout


def test_nested_config_reaches_the_program() -> None:
    program = "import pulumi\npulumi.export('weight', pulumi.Config().require_object('routes')['users'])\n"
    with WarmStack(program, config={"standin:routes": {"users": 25}}) as stack:
        must(stack.up())
        assert stack.outputs() == {"weight": 25}


def test_a_refresh_shows_what_differs_but_for_what_the_program_ignores() -> None:
    program = """import pulumi
import pulumi_aws as aws
for name in ("plain", "ignored"):
    opts = pulumi.ResourceOptions(ignore_changes=["displayName"] if name == "ignored" else None)
    aws.sns.Topic(name, display_name="before", opts=opts)
"""
    with WarmStack(program) as stack:
        must(stack.up())
        for topic in stack.cloud.of(sns.TOPIC):
            stack.cloud.drift(topic, displayName="after")
        done = stack.pulumi("refresh", "--preview-only", "--json")
        steps = json.loads(done.output)["steps"]
        assert [step["urn"].rpartition("::")[2] for step in steps if step["op"] == "update"] == ["plain"]


def test_a_plan_fails_with_the_exit_code_of_the_cli(project: Path) -> None:
    (project / "__main__.py").write_text(
        "import pulumi_aws as aws\naws.ec2.Vpc('v', cidr_block='x')\n", encoding="utf-8"
    )
    done = _plan(project, "dev")
    assert done.returncode != 0
    assert "is not an IPv4 range" in done.stdout + done.stderr


def test_a_plan_of_a_stack_that_is_not_there_names_those_that_are(project: Path) -> None:
    done = _plan(project, "prod")
    assert done.returncode == 1
    assert done.stderr == f"error: Pulumi.prod.yaml: there is no such stack file in {project}; stacks: dev\n"


def test_a_plan_of_a_stack_file_that_is_no_yaml_says_where_and_why(project: Path) -> None:
    (project / "Pulumi.dev.yaml").write_text("config:\n  aws:region: [\n", encoding="utf-8")
    done = _plan(project, "dev")
    assert done.returncode == 1
    assert done.stderr == (
        "error: Pulumi.dev.yaml:3: is not YAML: expected the node content, but found '<stream end>'\n"
    )
