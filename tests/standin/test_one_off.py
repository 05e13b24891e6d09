"""One-off tasks: what ECS and CloudWatch Logs answer, and how the program's command reads it."""

from collections.abc import Callable, Generator, Sequence

import pytest

from components.aws.command import STARTED_BY, EcsCommand, TaskCluster
from components.model.command import CommandError
from tests.standin import sample
from tests.standin.driver import Driver
from tools.standin import ec2, ecs, elb, one_off, security
from tools.standin.cloud import AwsError

Run = Callable[..., tuple[int, list[str]]]


@pytest.fixture
def driver() -> Driver:
    return Driver()


@pytest.fixture
def tasks(driver: Driver) -> one_off.OneOffTasks:
    def outcome(words: Sequence[str]) -> tuple[int | None, Sequence[str]]:
        return (None if words[0] == "lost" else int(words[0]), words[1:])

    return one_off.OneOffTasks(driver.cloud, outcome)


@pytest.fixture
def run(driver: Driver, tasks: one_off.OneOffTasks, monkeypatch: pytest.MonkeyPatch) -> Generator[Run]:
    """Runs words in a task of a definition, which is another one if it is named."""
    monkeypatch.setattr("components.aws.command.POLL_SECONDS", 0)
    cluster = driver.create(ecs.CLUSTER, "shared")
    known = sample.task_definition(driver, "web")

    def ran(*words: str, definition: str | None = None, cluster: str = str(cluster["arn"])) -> tuple[int, list[str]]:
        place = TaskCluster("eu-west-1", None, cluster, ["subnet-1"], ["sg-1"], public=True)
        lines, written = EcsCommand("web", definition or str(known["arn"]), place, words).lines(), list[str]()
        while True:
            try:
                written.append(next(lines))
            except StopIteration as end:
                return end.value, written

    with one_off.serving(tasks) as environment:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        yield ran


def test_a_command_tells_what_it_writes_and_its_exit_code(run: Run, tasks: one_off.OneOffTasks) -> None:
    assert run("0", "one", "two") == (0, ["one", "two"])
    assert run("7") == (7, [])
    (first, _) = tasks.asked
    assert (first["startedBy"], first["launchType"]) == (STARTED_BY, "FARGATE")
    assert first["networkConfiguration"]["awsvpcConfiguration"]["assignPublicIp"] == "ENABLED"


def test_a_container_that_never_ran_has_no_exit_code(run: Run) -> None:
    with pytest.raises(CommandError, match="its command never ran: Essential container in task exited"):
        run("lost")


def test_what_ecs_does_not_know_is_refused_in_one_line(run: Run) -> None:
    for wrong in ({"definition": "web:99"}, {"cluster": "arn:aws:ecs:eu-west-1:123456789012:cluster/gone"}):
        with pytest.raises(CommandError, match=r"^the AWS request failed: An error occurred .*(Unable|not found)"):
            run("0", **wrong)


def test_what_a_task_is_in_stays_until_it_ends(driver: Driver, tasks: one_off.OneOffTasks) -> None:
    front = sample.front(driver, sample.network(driver))
    sample.web(driver, front, "web", 1, "/*")
    cluster = tasks.begins("web")
    for token in (ecs.SERVICE, elb.RULE, elb.LISTENER, elb.BALANCER, security.EGRESS, security.INGRESS):
        for gone in driver.cloud.of(token):
            driver.delete(gone)
    subnet = driver.cloud.snapshot.get(ec2.SUBNET, front.network.subnets[0])
    assert subnet
    for held, message in (
        (cluster, "The Cluster cannot be deleted while Tasks are active"),
        (front.task_group, f"resource {front.task_group.id} has a dependent object"),
        (subnet, f"The subnet '{subnet.id}' has dependencies and cannot be deleted"),
    ):
        with pytest.raises(AwsError, match=message):
            driver.delete(held)
    with pytest.raises(AwsError, match="mapped public address"):
        driver.delete(front.network.gateway)
    tasks.ends(cluster)
    driver.delete(cluster)
    driver.delete(front.task_group)
