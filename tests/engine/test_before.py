"""`services.<name>.before` on AWS: a command runs once in each new release, before its tasks come."""

from collections.abc import Sequence
from pathlib import Path

from tests.engine.projects import must, stack
from tests.projects import Tree, manifest, write_project
from tools.standin import ecs, one_off
from tools.standin.cloud import Cloud, Operation
from tools.standin.engine import EngineStack

SERVICE = f"{ecs.SERVICE} users"
REMEMBERED = "pulumi:index:Stash users-before"


def users(**variables: str) -> Tree:
    """A release."""
    return manifest("users", variables=variables)


def test_a_command_runs_once_in_each_release_before_its_tasks_and_a_failure_leaves_what_runs(tmp_path: Path) -> None:
    cloud, answers = Cloud(), dict[str, tuple[int | None, Sequence[str]]](outcome=(0, ["migrated"]))

    def outcome(words: Sequence[str]) -> tuple[int | None, Sequence[str]]:
        assert list(words) == ["rake", "db:migrate now"]
        return answers["outcome"]

    tasks = one_off.OneOffTasks(cloud, outcome)
    manifests = {"monolith": manifest("monolith", "/"), "users": users(RELEASE="1")}
    config: Tree = {"services": {"users": {"before": "rake 'db:migrate now'"}}}
    with one_off.serving(tasks) as environment, stack(tmp_path, "alb", manifests, config, cloud, environment) as found:
        assert f"create {REMEMBERED}" in must(found.plan()).lines()
        assert tasks.asked == []
        first = must(found.up())
        assert "migrated" in first.output
        assert ran(tasks, found) == [definition(cloud, 1)]
        assert must(found.up()).lines() == []

        write_project(found.program, {"users": users(RELEASE="2")})
        answers["outcome"] = (7, ["one", "column is there already"])
        found.set("strangler:routes.users", "true")
        begun = list[str]()
        with cloud.watching(lambda operation: begun.append(step(operation))):
            failed = found.up()
        (line,) = {error for error in failed.errors if "before" in error}
        assert "service users: before: it ended with exit code 7; its last lines:\n  one\n  column is there" in line
        assert "the running release and the traffic were left as they were" in line
        assert not [operation for operation in begun if SERVICE in operation or "ListenerRule" in operation]

        answers["outcome"] = (None, [])
        assert any("its command never ran: Essential container in task exited" in error for error in found.up().errors)

        answers["outcome"] = (0, [])
        begun.clear()
        count = len(tasks.asked)
        with cloud.watching(lambda operation: begun.append(f"{len(tasks.asked) - count} {step(operation)}")):
            must(found.up())
        assert begun.index(f"1 update {SERVICE}") >= 0, "its task was there before"
        assert ran(tasks, found)[-1] == definition(cloud, 2)
        assert must(found.up()).lines() == []
        assert len(tasks.asked) == count + 1


def test_a_command_that_is_added_to_a_release_that_runs_waits_for_the_next_one(tmp_path: Path) -> None:
    cloud = Cloud()
    tasks = one_off.OneOffTasks(cloud, lambda _: (0, []))
    manifests = {"monolith": manifest("monolith", "/"), "users": users(RELEASE="1")}
    with one_off.serving(tasks) as environment, stack(tmp_path, "alb", manifests, {}, cloud, environment) as found:
        must(found.up())
        found.set("strangler:services.users.before", "rake db:migrate")
        assert must(found.up()).lines() == [f"create {REMEMBERED}"]
        assert tasks.asked == []
        write_project(found.program, {"users": users(RELEASE="2")})
        must(found.up())
        assert len(tasks.asked) == 1


def step(operation: Operation) -> str:
    return f"{operation.kind} {operation.urn.split('::')[2].rpartition('$')[2]} {operation.urn.split('::')[3]}"


def definition(cloud: Cloud, revision: int) -> str:
    """ARN of a revision of the service's task definition."""
    return cloud.arn("ecs", f"task-definition/strangler-test-shared-users:{revision}")


def ran(tasks: one_off.OneOffTasks, found: EngineStack) -> list[str]:
    """The task definitions of the tasks, each in the network and the groups of the service."""
    service = found.cloud.named(ecs.SERVICE, "users")
    for asked in tasks.asked:
        network = asked["networkConfiguration"]["awsvpcConfiguration"]
        assert set(network["subnets"]) == set(service["networkConfiguration"]["subnets"])
        assert set(network["securityGroups"]) == set(service["networkConfiguration"]["securityGroups"])
    return [str(asked["taskDefinition"]) for asked in tasks.asked]
