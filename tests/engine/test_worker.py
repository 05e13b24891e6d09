"""A web service and a worker that gets its messages, on the real engine: they come, change and go."""

import json
from pathlib import Path

from tests.engine.projects import must, stack
from tests.projects import Tree, as_yaml, manifest, write_workspace
from tests.standin.driver import Driver
from tools.standin import autoscaling, ecs, kms, sns, sqs
from tools.standin.cloud import Cloud

TOPICS = {"topics": [{"name": "orders"}, {"name": "changes", "fifo": True}, {"name": "events"}]}


def worker(**more: object) -> Tree:
    """A worker with a queue of its own for a topic, in order."""
    delay = {"acceptable_latency": "10m", "msg_processing_time": "250ms"}
    return {
        "name": "worker",
        "type": "Worker Service",
        "image": {"build": "services/worker/Dockerfile"},
        "count": {"range": "1-5", "queue_delay": delay},
        "subscribe": {
            "topics": [
                {"name": "orders", "service": "web", **more},
                {"name": "changes", "service": "web", "queue": {"fifo": True, "timeout": "2m"}},
                {"name": "events", "service": "web"},
            ],
            "queue": {"dead_letter": {"tries": 5}},
        },
    }


def test_a_worker_comes_changes_and_goes(tmp_path: Path) -> None:
    cloud = Cloud()
    services: Tree = {"web": manifest("web", "/", publish=TOPICS), "worker": worker()}
    with stack(tmp_path, "alb", services, cloud=cloud) as project:
        place = project.program / "services/worker"
        plan, first = must(project.plan()), must(project.up())
        assert sorted(plan.lines()) == sorted(first.lines())
        assert must(project.up()).lines() == []
        assert must(project.refresh()).lines() == []
        queues, before = cloud.of(sqs.QUEUE), cloud.of(sns.SUBSCRIPTION)
        assert len(queues) == 3
        assert {subscription["protocol"] for subscription in before} == {"sqs"}
        assert len(before) == 3
        assert len(cloud.of(autoscaling.POLICY)) == 2
        (definition,) = (found for found in cloud.of(ecs.TASK_DEFINITION) if found.name == "worker")
        environment = {
            variable["name"]: variable["value"]
            for variable in json.loads(definition["containerDefinitions"])[0]["environment"]
        }
        assert environment["COPILOT_QUEUE_URI"] in {queue.id for queue in queues}
        (in_order,) = json.loads(environment["COPILOT_TOPIC_QUEUE_URIS"]).values()
        assert in_order.endswith(".fifo")

        # A filter changes in place, and a broken release leaves all of them alone.
        filtered = worker(filter_policy={"store": ["here"]})
        (place / "manifest.yml").write_text(as_yaml(filtered), encoding="utf-8")
        must(project.up())
        assert {found.id for found in cloud.of(sns.SUBSCRIPTION)} == {found.id for found in before}
        assert sum("here" in str(found["filterPolicy"]) for found in cloud.of(sns.SUBSCRIPTION)) == 1
        (place / "Dockerfile").write_text("FROM scratch\nLABEL a=b\n", encoding="utf-8")
        cloud.deployment_fails("worker")
        assert not project.up().ok
        assert {queue.id for queue in cloud.of(sqs.QUEUE)} == {queue.id for queue in queues}
        assert {found.id for found in cloud.of(sns.SUBSCRIPTION)} == {found.id for found in before}
        cloud.clear_failures()
        must(project.up())

        # Without the worker, the topics stay.
        (place / "manifest.yml").unlink()
        (place / "Dockerfile").unlink()
        must(project.up())
        assert cloud.of(sqs.QUEUE) == cloud.of(sns.SUBSCRIPTION) == cloud.of(kms.KEY) == ()
        assert len(cloud.of(sns.TOPIC)) == 3
        must(project.destroy())
    assert not list(cloud.snapshot)


def test_a_worker_whose_publisher_stays_with_copilot_subscribes_to_copilots_topic(tmp_path: Path) -> None:
    cloud = Cloud()
    alone = {**worker(), "image": {"build": "worker/Dockerfile"}, "count": 1}
    alone["subscribe"] = {"topics": [{"name": "orders", "service": "web"}]}
    config: Tree = {"copilot": "copilot", "copilotEnvironment": "test"}
    with stack(tmp_path, "alb", {}, config, cloud=cloud) as project:
        write_workspace(project.program, {"worker": alone})
        refused = project.plan()
        assert not refused.ok
        assert "Copilot has no topic board-test-web-orders either: deploy web first" in refused.output
        topic = Driver(cloud).create(sns.TOPIC, "orders", name="board-test-web-orders")
        assert "board-test-web-orders is subscribed to: its stack has to stay" in must(project.up()).output
        assert must(project.up()).lines() == []
        (found,) = cloud.of(sns.SUBSCRIPTION)
        (policy,) = cloud.of(sqs.QUEUE_POLICY)
        assert found["topic"] == topic["arn"]
        assert str(topic["arn"]) in str(policy["policy"])
        must(project.destroy())
    assert [one.id for one in cloud.of(sns.TOPIC)] == [topic.id]
