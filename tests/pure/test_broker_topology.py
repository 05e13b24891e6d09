"""Which topics, queues and subscriptions the local broker holds, and what containers are told of them."""

import json
from pathlib import Path

from components.local.broker.topology import Topology, topology_of, variables_of
from components.settings.service import Service
from tests.projects import board, manifest, read_project, write_project
from tests.pure.bad_workers import worker

ARN = "arn:aws:sns:us-east-1:123456789012:strangler-users-users"
QUEUES = "http://broker:4566/123456789012/strangler-worker-worker"
TOPICS = [{"name": "orders"}, {"name": "events", "fifo": {"content_based_deduplication": True}}]
SUBSCRIBED = {
    "topics": [
        {"name": "orders", "service": "users", "filter_policy": {"kind": ["a"]}, "queue": {"timeout": "1m"}},
        {"name": "orders", "service": "posts"},
        {"name": "events", "service": "users", "queue": {"fifo": {"high_throughput": True}, "delay": "0s"}},
    ],
    "queue": {"retention": "2h", "dead_letter": {"tries": 3}},
}


def services(folder: Path, **of_users: object) -> dict[str, Service]:
    """Two services that publish, a worker, and two services that have nothing to do with messages."""
    write_project(
        folder,
        {
            **board(),
            "users": manifest("users", publish={"topics": TOPICS}, **of_users),
            "posts": manifest("posts", publish={"topics": [{"name": "orders"}]}),
            "worker": worker(subscribe=SUBSCRIBED),
        },
    )
    return {service.name: service for service in read_project(folder).services}


def test_the_broker_holds_what_the_manifests_say(tmp_path: Path) -> None:
    held = topology_of(services(tmp_path).values())
    base = "strangler-worker-worker"
    assert {topic.name: topic.attributes for topic in held.topics} == {
        "strangler-posts-posts-orders": {},
        "strangler-users-users-events.fifo": {"ContentBasedDeduplication": "true"},
        "strangler-users-users-orders": {},
    }
    target = f"arn:aws:sqs:us-east-1:123456789012:{base}-EventsQueue-DeadLetters"
    assert {queue.name: queue.attributes for queue in held.queues} == {
        f"{base}-EventsQueue-DeadLetters": {"MessageRetentionPeriod": "1209600"},
        f"{base}-EventsQueue": {
            "MessageRetentionPeriod": "7200",
            "RedrivePolicy": f'{{"deadLetterTargetArn":"{target}","maxReceiveCount":3}}',
        },
        f"{base}-usersOrdersEventsQueue": {"VisibilityTimeout": "60"},
        f"{base}-usersEventsfifoEventsQueue.fifo": {
            "DelaySeconds": "0",
            "DeduplicationScope": "messageGroup",
            "FifoThroughputLimit": "perMessageGroupId",
        },
    }
    assert held.queues[0].name.endswith("-DeadLetters")  # before the queue that names it
    assert {(made.topic, made.queue): dict(made.attributes) for made in held.subscriptions} == {
        ("strangler-posts-posts-orders", f"{base}-EventsQueue"): {},
        ("strangler-users-users-events.fifo", f"{base}-usersEventsfifoEventsQueue.fifo"): {},
        ("strangler-users-users-orders", f"{base}-usersOrdersEventsQueue"): {"FilterPolicy": '{"kind":["a"]}'},
    }
    assert json.loads(json.dumps(held.data)) == held.data


def test_who_sends_or_takes_messages_is_told_where_and_nobody_else_is(tmp_path: Path) -> None:
    found = {name: variables_of(service, "broker") for name, service in services(tmp_path).items()}
    sdk = {
        "AWS_ENDPOINT_URL_SNS": "http://broker:4566",
        "AWS_ENDPOINT_URL_SQS": "http://broker:4566",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "123456789012",
        "AWS_SECRET_ACCESS_KEY": "local",
    }
    users = {"COPILOT_SNS_TOPIC_ARNS": f'{{"events":"{ARN}-events.fifo","orders":"{ARN}-orders"}}'}
    uris = (
        f'{{"usersEventsfifoEventsQueue":"{QUEUES}-usersEventsfifoEventsQueue.fifo",'
        f'"usersOrdersEventsQueue":"{QUEUES}-usersOrdersEventsQueue"}}'
    )
    assert found["users"] == {**sdk, **users}
    assert found["worker"] == {
        **sdk,
        "COPILOT_QUEUE_URI": f"{QUEUES}-EventsQueue",
        "COPILOT_TOPIC_QUEUE_URIS": uris,
    }
    assert found["monolith"] == found["threads"] == {}


def test_what_the_manifest_sets_itself_goes_before(tmp_path: Path) -> None:
    own = {"AWS_ENDPOINT_URL_SNS": "http://mine", "COPILOT_SNS_TOPIC_ARNS": "{}"}
    found = variables_of(services(tmp_path, variables=own)["users"], "broker")
    assert set(own) & set(found) == set()
    assert found["AWS_ENDPOINT_URL_SQS"] == "http://broker:4566"


def test_long_names_stay_within_the_limits_and_apart(tmp_path: Path) -> None:
    long = "a" + "b" * 198
    topics = [{"name": f"{long}{end}", "fifo": True} for end in "cd"]
    subscribed = [{"name": f"{long}{end}", "service": "users", "queue": {"fifo": True}} for end in "cd"]
    users = manifest("users", publish={"topics": topics})
    write_project(tmp_path, {**board(), "users": users, "worker": worker(subscribe={"topics": subscribed})})
    held = topology_of(read_project(tmp_path).services)
    own = [queue.name for queue in held.queues if queue.name.endswith(".fifo")]
    assert len(set(own)) == 2
    assert all(len(name) <= 80 for name in own)
    assert all(len(topic.name) <= 256 for topic in held.topics)


def test_without_messages_there_is_nothing(tmp_path: Path) -> None:
    write_project(tmp_path, board())
    assert topology_of(read_project(tmp_path).services) == Topology()
