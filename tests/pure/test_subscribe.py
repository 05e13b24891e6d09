"""What a worker's manifest says of topics and queues, read as Copilot reads it (v1.34)."""

import json
from pathlib import Path

import pytest

from components.manifest.count import Scaling
from components.manifest.deployment import RollbackAlarms
from components.manifest.manifest import Manifest
from components.manifest.subscribe import Fifo, Queue, Subscription
from tests.projects import Tree, as_yaml, board, lines_of, manifest, read_project, write_project
from tests.pure.bad_workers import worker

TOPICS = [{"name": "orders"}, {"name": "orders", "fifo": True}, {"name": "order-events"}]


def read(folder: Path, text: str = "", **fields: object) -> Manifest:
    """A worker's manifest as it is read. text: what follows in it."""
    users = manifest("users", publish={"topics": TOPICS})
    write_project(folder, {**board(), "users": users, "worker": as_yaml(worker(**fields)) + text})
    found = {service.name: service.manifest for service in read_project(folder, {}).services}
    return found["worker"]


def of_topic(folder: Path, queue: object, **common: object) -> Subscription:
    """The one subscription, to orders, with what its queue says and what the service's does."""
    topic: Tree = {"name": "orders", "service": "users", **({} if queue is None else {"queue": queue})}
    found = read(folder, subscribe={"topics": [topic], "queue": common or None}).worker
    assert found is not None
    return found.subscriptions[0]


OFF, ON = {"timeout": "20s"}, {"fifo": True}


@pytest.mark.parametrize(
    ("common", "queue", "topic", "own"),
    [
        (OFF, None, "orders", None),
        (ON, None, "orders.fifo", None),
        (OFF, True, "orders", Queue()),
        (ON, True, "orders", Queue()),
        (OFF, False, "orders", None),
        # Copilot subscribes the topic without order here, which SNS refuses.
        (ON, False, "orders.fifo", None),
        (ON, {"delay": "1m"}, "orders", Queue(delay=60)),
        (ON, {"fifo": False}, "orders", Queue()),
        (OFF, {"fifo": True}, "orders.fifo", Queue(fifo=Fifo())),
    ],
)
def test_which_topic_goes_into_which_queue(
    tmp_path: Path, common: Tree, queue: object, topic: str, own: Queue | None
) -> None:
    found = of_topic(tmp_path, queue, **common)
    assert (found.topic_key, found.queue) == (topic, own)


@pytest.mark.parametrize(
    ("fifo", "read_as"),
    [
        (True, Fifo()),
        (False, None),
        ({"content_based_deduplication": True}, Fifo(deduplicated=True)),
        ({"content_based_deduplication": False}, Fifo(deduplicated=False)),
        ({"high_throughput": True}, Fifo(None, "messageGroup", "perMessageGroupId")),
        ({"high_throughput": False}, Fifo()),
        ({"deduplication_scope": "queue", "throughput_limit": "perQueue"}, Fifo(None, "queue", "perQueue")),
    ],
)
def test_how_a_queue_keeps_order(tmp_path: Path, fifo: object, read_as: Fifo | None) -> None:
    found = read(tmp_path, subscribe={"queue": {"fifo": fifo}}).worker
    assert found is not None
    assert found.queue.fifo == read_as


def test_a_queue_without_topics_is_made_as_it_says_too(tmp_path: Path) -> None:
    queue: Tree = {"retention": "96h", "delay": "0s", "timeout": "45s", "dead_letter": {"tries": 10}}
    found = read(tmp_path, subscribe={"queue": queue})
    assert found.worker is not None
    assert found.worker.queue == Queue(345_600, 0, 45, 10)
    assert found.worker.subscriptions == ()
    assert (found.port, found.http) == (0, None)


@pytest.mark.parametrize(
    ("service", "topic", "fifo", "key"),
    [
        ("dogsvc", "givesHuskies", False, "dogsvcGiveshuskiesEventsQueue"),
        ("mytopic", "mytopic", True, "mytopicMytopicfifoEventsQueue"),
        ("api", "order-events", False, "apiOrdereventsEventsQueue"),
        ("front-end", "orders", True, "frontendOrdersfifoEventsQueue"),
        ("api", "v2Orders", False, "apiV2ordersEventsQueue"),
        ("api", "2_Orders", False, "api2OrdersEventsQueue"),
    ],
)
def test_what_an_own_queue_is_called(service: str, topic: str, fifo: bool, key: str) -> None:
    assert Subscription(topic, service, fifo, queue=Queue()).key == key


FILTER = """
subscribe:
  topics:
    - name: orders
      service: users
      filter_policy:
        store: [example_corp, "1.5", "true"]
        price_usd: [{numeric: [">=", 100, "<", 1.5e3]}, 0.25]
        event: [{anything-but: order_cancelled}]
        paid: [true, null, True]
        refund: [null]
"""


def test_a_filter_has_the_types_that_yaml_gives_its_values(tmp_path: Path) -> None:
    found = read(tmp_path, FILTER).worker
    assert found is not None
    assert json.loads(found.subscriptions[0].filter or "") == {
        "store": ["example_corp", "1.5", "true"],
        "price_usd": [{"numeric": [">=", 100, "<", 1500]}, 0.25],
        "event": [{"anything-but": "order_cancelled"}],
        "paid": [True, None, True],
        "refund": [None],
    }


@pytest.mark.parametrize(
    ("latency", "processing", "backlog"),
    [("10m", "250ms", 2400), ("10s", "3s", 4), ("1s", "1s", 1), ("1s", "1us", 10**6)],
)
def test_the_backlog_of_a_task_is_rounded_up(tmp_path: Path, latency: str, processing: str, backlog: int) -> None:
    delay: Tree = {"acceptable_latency": latency, "msg_processing_time": processing, "cooldown": {"in": "30s"}}
    found = read(tmp_path, count={"range": "0-9", "cooldown": {"in": "1m", "out": "2m"}, "queue_delay": delay})
    assert found.count.backlog == Scaling(backlog, 30, 120)
    assert (found.count.desired, found.count.max) == (0, 9)


def test_a_worker_is_taken_back_by_what_is_delayed(tmp_path: Path) -> None:
    found = read(tmp_path, deployment={"rollback_alarms": {"cpu_utilization": 70, "messages_delayed": 5}})
    assert found.rollback_alarms == RollbackAlarms(cpu=70, delayed=5)


def test_a_worker_of_a_sender_that_cannot_be_read_is_no_second_mistake(tmp_path: Path) -> None:
    topic, sender = {"name": "orders", "service": "users"}, manifest("users", type="Static Site")
    write_project(tmp_path, {**board(), "users": sender, "worker": worker(subscribe={"topics": [topic]})})
    assert not any("worker" in line for line in lines_of(tmp_path))
