"""What a worker registers on AWS, and that no field that only a worker has is read and then forgotten."""

import json
from functools import cache
from itertools import chain
from pathlib import Path
from typing import cast

import pytest

from components.manifest.support import leaves, written
from components.manifest.workload_types import WORKLOAD_TYPES
from tests.components.recorder import Record
from tests.components.services_together import registered_together
from tests.components.system import registered
from tests.components.test_every_field import changed
from tests.projects import DIGEST, Tree, as_yaml, manifest, write_project

CONFIG: Tree = {"platform": "aws", "facade": "alb", "default": "web"}
TOPICS: Tree = {"topics": [{"name": "orders"}, {"name": "events"}, {"name": "events", "fifo": True}]}
FIFO: Tree = {
    "content_based_deduplication": True,
    "deduplication_scope": "messageGroup",
    "throughput_limit": "perQueue",
}
QUEUE: Tree = {"retention": "96h", "delay": "30s", "timeout": "45s", "dead_letter": {"tries": 5}, "fifo": FIFO}
PLAIN, ORDERS, EVENTS = {"timeout": "45s"}, {"name": "orders", "service": "web"}, {"name": "events", "service": "web"}
DELAY: Tree = {"acceptable_latency": "1m", "msg_processing_time": "1s", "cooldown": {"in": "10s", "out": "10s"}}


def worker(**subscribe: object) -> Tree:
    """A worker that sends to topics too."""
    return {
        "name": "worker",
        "type": "Worker Service",
        "image": {"location": f"worker@{DIGEST}"},
        "count": {"range": "0-3", "queue_delay": DELAY},
        "deployment": {"rollback_alarms": {"messages_delayed": 5}},
        "publish": TOPICS,
        "subscribe": subscribe,
    }


COUNT, TOPIC, OWN, COMMON = "count.queue_delay", "subscribe.topics[]", "subscribe.topics[].queue", "subscribe.queue"
_OF_QUEUE: Tree = {
    "retention": "95h",
    "delay": "31s",
    "timeout": "46s",
    "dead_letter.tries": 6,
    "fifo.content_based_deduplication": False,
    "fifo.deduplication_scope": "queue",
    "fifo.throughput_limit": "perMessageGroupId",
}
HIGH: Tree = {"fifo": {"high_throughput": True}}
FIELDS: dict[str, tuple[Tree, object]] = {
    f"{COUNT}.acceptable_latency": (worker(), "2m"),
    f"{COUNT}.msg_processing_time": (worker(), "2s"),
    f"{COUNT}.cooldown.in": (worker(), "11s"),
    f"{COUNT}.cooldown.out": (worker(), "11s"),
    "deployment.rollback_alarms.messages_delayed": (worker(), 6),
    f"{TOPIC}.name": (worker(topics=[ORDERS]), "events"),
    f"{TOPIC}.service": (worker(topics=[ORDERS]), "worker"),
    f"{TOPIC}.filter_policy.<name>": (worker(topics=[ORDERS]), ["here"]),
    OWN: (worker(topics=[ORDERS]), True),
    f"{OWN}.fifo": (worker(topics=[{**EVENTS, "queue": PLAIN}]), True),
    f"{OWN}.fifo.high_throughput": (worker(topics=[{**EVENTS, "queue": HIGH}]), False),
    f"{COMMON}.fifo": (worker(queue=PLAIN), True),
    f"{COMMON}.fifo.high_throughput": (worker(queue=HIGH), False),
    **{f"{OWN}.{key}": (worker(topics=[{**EVENTS, "queue": QUEUE}]), value) for key, value in _OF_QUEUE.items()},
    **{f"{COMMON}.{key}": (worker(queue=QUEUE), value) for key, value in _OF_QUEUE.items()},
}
"""A manifest, and another value of a field that only a worker has."""


def test_every_field_that_only_a_worker_has_has_another_value() -> None:
    usual, own = (
        {written(path) for path, _ in leaves(WORKLOAD_TYPES[kind].fields)}
        for kind in ("Load Balanced Web Service", "Worker Service")
    )
    assert set(FIELDS) == own - usual


@pytest.mark.parametrize("path", FIELDS)
def test_every_field_of_a_worker_reaches_something_that_is_registered(path: str) -> None:
    before, after = _manifests(path)
    assert _resources()[before] != _resources()[after]


def _manifests(path: str) -> tuple[str, str]:
    """Those of a worker called `users`, with one value of a field and with the other."""
    before, value = FIELDS[path]
    first, second = (as_yaml(tree).replace("worker", "users") for tree in (before, changed(before, path, value)))
    return first, second


@cache
def _resources() -> dict[str, list[str]]:
    """What each of them makes."""
    every = chain.from_iterable(map(_manifests, FIELDS))
    return registered_together(every, CONFIG, {"web": manifest("web", "/", publish=TOPICS)})


def _record(folder: Path, content: object) -> Record:
    services: Tree = {"web": manifest("web", "/", publish=TOPICS), "worker": content}
    return registered(write_project(folder, services), CONFIG)


def test_a_worker_gets_exactly_what_it_subscribes_to(tmp_path: Path) -> None:
    topics = [{**ORDERS, "filter_policy": {"store": ["here"]}}, {**EVENTS, "queue": {"fifo": True}}]
    record = _record(tmp_path, worker(topics=topics, queue={"dead_letter": {"tries": 5}}))
    queues = {one.name: dict(one.inputs) for one in record.of("aws:sqs/queue:Queue")}
    assert set(queues) == {"worker", "worker-Dead", "worker-webEventsfifoEventsQueue-Fifo"}
    assert queues["worker-Dead"]["messageRetentionSeconds"] == 14 * 24 * 60 * 60
    assert {str(queue["kmsMasterKeyId"]) for queue in queues.values()} == {"arn:Key/worker-queues"}
    found = {one.inputs["topic"]: dict(one.inputs) for one in record.of("aws:sns/topicSubscription:TopicSubscription")}
    assert found["arn:Topic/web-Topic-orders"]["endpoint"] == "arn:Queue/worker"
    assert json.loads(found["arn:Topic/web-Topic-orders"]["filterPolicy"]) == {"store": ["here"]}
    assert found["arn:Topic/web-Topic-events.fifo"]["endpoint"] == "arn:Queue/worker-webEventsfifoEventsQueue-Fifo"
    assert all("rawMessageDelivery" not in one for one in found.values())
    (policy,) = (one.inputs["policy"] for one in record.of("aws:sqs/queuePolicy:QueuePolicy") if one.name == "worker")
    (statement,) = json.loads(policy)["Statement"]
    assert statement["Condition"] == {"ArnEquals": {"aws:SourceArn": ["arn:Topic/web-Topic-orders"]}}
    (rights,) = (
        one.inputs["policy"] for one in record.of("aws:iam/rolePolicy:RolePolicy") if one.name == "worker-work"
    )
    actions = [action for statement in json.loads(rights)["Statement"] for action in _listed(statement["Action"])]
    assert sorted(actions) == ["kms:Decrypt", "sqs:DeleteMessage", "sqs:ReceiveMessage"]


def _listed(value: object) -> list[str]:
    return cast("list[str]", value) if isinstance(value, list) else [str(value)]


def test_a_worker_without_subscriptions_has_its_queue_and_knows_it(tmp_path: Path) -> None:
    record = _record(tmp_path, worker())
    (queue,) = record.of("aws:sqs/queue:Queue")
    assert (queue.name, record.of("aws:sqs/queuePolicy:QueuePolicy")) == ("worker", [])
    definition = record.one("aws:ecs/taskDefinition:TaskDefinition", "worker").inputs["containerDefinitions"]
    environment = {one["name"]: one["value"] for one in json.loads(definition)[0]["environment"]}
    assert environment["COPILOT_QUEUE_URI"] == "https://sqs/worker"
    assert "COPILOT_TOPIC_QUEUE_URIS" not in environment
    assert not record.one("aws:ecs/service:Service", "worker").inputs.get("loadBalancers")


def test_two_workers_may_get_what_the_other_sends(tmp_path: Path) -> None:
    def of(name: str, other: str) -> Tree:
        return {**worker(topics=[{"name": "orders", "service": other}]), "name": name}

    services: Tree = {"web": manifest("web", "/"), "one": of("one", "two"), "two": of("two", "one")}
    record = registered(write_project(tmp_path, services), CONFIG)
    found = {one.inputs["endpoint"]: one.inputs["topic"] for one in record.of("TopicSubscription")}
    assert found == {"arn:Queue/one": "arn:Topic/two-Topic-orders", "arn:Queue/two": "arn:Topic/one-Topic-orders"}
