"""What the broker holds: topics, queues and subscriptions, and how its users learn of them. Pure.

Names are composed as Copilot composes those of topics: application, environment, service and topic.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

from components.manifest.publish import by_name
from components.manifest.subscribe import Queue, Subscription
from components.model.names import fit
from components.settings.service import Service

PORT, ACCOUNT, REGION = 4566, "123456789012", "us-east-1"
"""Where the broker answers, and in whose names: as its image has it (image/server.py)."""

_LONGEST_QUEUE, _LONGEST_TOPIC = 80, 256
"""Characters of a name (SQS, CreateQueue; SNS, CreateTopic). `.fifo` counts."""


@dataclass(frozen=True)
class Named:
    """A topic or a queue."""

    name: str
    """Its name; that of one that keeps order ends in `.fifo`."""
    attributes: Mapping[str, str]
    """As SQS and SNS have them."""


@dataclass(frozen=True)
class Subscribed:
    """A topic's messages go into a queue."""

    topic: str
    """The topic's name."""
    queue: str
    """The queue's name."""
    attributes: Mapping[str, str]
    """As SNS has them."""


@dataclass(frozen=True)
class Topology:
    """All of it."""

    topics: tuple[Named, ...] = ()
    """By name, sorted. Default: none."""
    queues: tuple[Named, ...] = ()
    """Sorted by name, but those of dead letters come first. Default: none."""
    subscriptions: tuple[Subscribed, ...] = ()
    """Sorted by topic and queue. Default: none."""

    @property
    def data(self) -> dict[str, object]:
        """As the broker reads it."""
        return json.loads(json.dumps(asdict(self)))


def has_messages(service: Service) -> bool:
    """Whether a service needs the broker."""
    return bool(service.manifest.topics or service.manifest.worker)


def topology_of(services: Iterable[Service]) -> Topology:
    """What the broker holds for these services."""
    topics: dict[str, Named] = {}
    dead: dict[str, Named] = {}
    queues: dict[str, Named] = {}
    subscriptions: dict[tuple[str, str], Subscribed] = {}
    by_name = {service.name: service for service in services}
    for service in by_name.values():
        for topic in service.manifest.topics:
            name = topic_name(service, topic.key)
            topics[name] = Named(name, {"ContentBasedDeduplication": "true"} if topic.deduplicated else {})
        worker = service.manifest.worker
        if worker is None:
            continue
        own = {key: one.queue for key, one in worker.own_queues.items() if one.queue}
        for key, queue in {"EventsQueue": worker.queue, **own}.items():
            name = queue_name(service, key, queue)
            if queue.tries is not None:
                letters = queue_name(service, f"{key}-DeadLetters", queue)
                dead[letters] = Named(letters, {"MessageRetentionPeriod": str(14 * 86400)})
            queues[name] = Named(name, _attributes(service, key, queue))
        for one in worker.subscriptions:
            sender = by_name.get(one.service)
            source = topic_name(sender, one.topic_key) if sender else _stand_in(service, one)
            if sender is None:
                topics[source] = Named(source, {})
            made = Subscribed(source, _queue_of(service, one), _filter(one))
            subscriptions[made.topic, made.queue] = made
    return Topology(
        topics=tuple(topic for _, topic in sorted(topics.items())),
        queues=tuple(queue for found in (dead, queues) for _, queue in sorted(found.items())),
        subscriptions=tuple(made for _, made in sorted(subscriptions.items())),
    )


def variables_of(service: Service, host: str) -> dict[str, str]:
    """What a service is told that sends or takes messages: where the broker is, as AWS's SDKs read it, and Copilot's
    own variables. host: the broker's name in the service's network. What the manifest sets itself goes before."""
    if not has_messages(service):
        return {}
    worker, topics = service.manifest.worker, by_name(service.manifest.topics)
    arns = {name: f"arn:aws:sns:{REGION}:{ACCOUNT}:{topic_name(service, topic.key)}" for name, topic in topics.items()}
    base = f"http://{host}:{PORT}"
    found = {
        "AWS_ENDPOINT_URL_SNS": base,
        "AWS_ENDPOINT_URL_SQS": base,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": ACCOUNT,
        "AWS_SECRET_ACCESS_KEY": "local",
    }
    if arns:
        found["COPILOT_SNS_TOPIC_ARNS"] = _json(arns)
    if worker:
        own = {key: queue_name(service, key, one.queue) for key, one in worker.own_queues.items() if one.queue}
        found["COPILOT_QUEUE_URI"] = f"{base}/{ACCOUNT}/{queue_name(service, 'EventsQueue', worker.queue)}"
        if own:
            found["COPILOT_TOPIC_QUEUE_URIS"] = _json({key: f"{base}/{ACCOUNT}/{name}" for key, name in own.items()})
    given = dict(service.manifest.variables)
    return {name: value for name, value in found.items() if name not in given}


def topic_name(service: Service, key: str) -> str:
    """A topic's name. key: its name in the manifest, with `.fifo` if it keeps order."""
    return _named(service, key.removesuffix(".fifo"), key.endswith(".fifo"), _LONGEST_TOPIC)


def queue_name(service: Service, key: str, queue: Queue) -> str:
    """A queue's name. key: what is after the service's name."""
    return _named(service, key, queue.fifo is not None, _LONGEST_QUEUE)


def _stand_in(service: Service, one: Subscription) -> str:
    """The name of a topic that stands for one of Copilot's own, which isn't on this machine: what is sent to it by hand
    arrives. service: who subscribes to it."""
    name = service.topic_of_copilot(one)
    return _fitted(name.removesuffix(".fifo"), name.endswith(".fifo"), _LONGEST_TOPIC)


def _named(service: Service, rest: str, fifo: bool, longest: int) -> str:
    return _fitted(f"{service.application}-{service.stage}-{service.name}-{rest}", fifo, longest)


def _fitted(name: str, fifo: bool, longest: int) -> str:
    return fit(re.sub(r"[^A-Za-z0-9_-]", "-", name), longest - len(".fifo")) + (".fifo" if fifo else "")


def _queue_of(service: Service, one: Subscription) -> str:
    worker = service.manifest.worker
    assert worker is not None
    return queue_name(service, one.key, one.queue) if one.queue else queue_name(service, "EventsQueue", worker.queue)


def _filter(one: Subscription) -> dict[str, str]:
    """Messages go in their envelope, as Copilot's subscriptions have it."""
    return {"FilterPolicy": one.filter} if one.filter else {}


def _attributes(service: Service, key: str, queue: Queue) -> dict[str, str]:
    """As SQS has them; all that the manifest doesn't say is SQS's own default."""
    fifo = queue.fifo
    given: dict[str, object] = {
        "MessageRetentionPeriod": queue.retention,
        "DelaySeconds": queue.delay,
        "VisibilityTimeout": queue.timeout,
        "ContentBasedDeduplication": str(fifo.deduplicated).lower() if fifo and fifo.deduplicated is not None else None,
        "DeduplicationScope": fifo.scope if fifo else None,
        "FifoThroughputLimit": fifo.limit if fifo else None,
    }
    if queue.tries is not None:
        letters = queue_name(service, f"{key}-DeadLetters", queue)
        target = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{letters}"
        given["RedrivePolicy"] = _json({"deadLetterTargetArn": target, "maxReceiveCount": queue.tries})
    return {name: str(value) for name, value in given.items() if value is not None}


def _json(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
