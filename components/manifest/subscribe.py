"""`subscribe` of a worker's manifest: the topics whose messages it gets, and the queues in which they wait. Pure.

Which topic goes into which queue, and how a queue's address is called, is as Copilot has it (v1.34, its WorkerService
and convertSubscribe). What it reads and then makes fail on AWS is a mistake here: `queue: false` beside a FIFO queue
subscribed a standard topic, which SNS refuses; here it is as if nothing were said.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from components.input.value import Value
from components.manifest.filter_policy import read_filter
from components.manifest.support import BUILT, Group, group

# Copilot's parser at v1.34; SNS, CreateTopic: Name.
_TOPIC = re.compile(r"[A-Za-z0-9_-]{1,200}")
_SERVICE = re.compile(r"[a-z](?:-?[a-z0-9])+")

MESSAGE_GROUP, OF_QUEUE = "messageGroup", "queue"
PER_GROUP, PER_QUEUE = "perMessageGroupId", "perQueue"

RETENTION, VISIBILITY, TRIES = (None, 60, 1_209_600), (None, 0, 43_200), (None, 1, 1_000)
"""Of a queue, in seconds and receptions: the default (SQS's own), the least and the most (SQS API, CreateQueue,
Attributes)."""

_FIELD = BUILT
_FIFO = group("content_based_deduplication", "deduplication_scope", "throughput_limit", "high_throughput", of=_FIELD)
_QUEUE = group(
    "retention",
    "delay",
    "timeout",
    of=_FIELD,
    dead_letter=Group({"tries": _FIELD}),
    fifo=Group(_FIFO.fields, short=_FIELD),
)
_TOPIC_FIELDS = group(
    "name", "service", of=_FIELD, filter_policy=Group(any_key=_FIELD), queue=Group(_QUEUE.fields, short=_FIELD)
)
SUBSCRIBE = Group({"topics": Group(item=_TOPIC_FIELDS), "queue": _QUEUE})
"""The fields of `subscribe`."""


@dataclass(frozen=True)
class Fifo:
    """How a queue keeps the order of messages."""

    deduplicated: bool | None = None
    """Whether SQS recognizes duplicate messages by their content. Default: SQS's own, no."""
    scope: str | None = None
    """Within what duplicates are recognized: `messageGroup` or `queue`. Default: SQS's own, the queue."""
    limit: str | None = None
    """What the throughput quota holds for: `perMessageGroupId` or `perQueue`. Default: SQS's own, the queue."""


@dataclass(frozen=True)
class Queue:
    """A queue. What isn't given is SQS's own to say."""

    retention: int | None = None
    """Seconds that messages are kept, 60 to 1,209,600. Default: SQS's, 4 days."""
    delay: int | None = None
    """Seconds before a new message can be received, 0 to 900. Default: SQS's, 0."""
    timeout: int | None = None
    """Seconds for which a received message is hidden from others, 0 to 43,200. Default: SQS's, 30."""
    tries: int | None = None
    """How often a message may be received before it goes to a queue of dead letters, 1 to 1000. Default: there is no
    such queue."""
    fifo: Fifo | None = None
    """How it keeps order. Default: it doesn't."""


@dataclass(frozen=True)
class Subscription:
    """A topic whose messages the service gets."""

    topic: str
    """The topic's name in the manifest of its service."""
    service: str
    """The name of the service that sends to it."""
    fifo: bool = False
    """Whether the topic keeps order: it does exactly if its queue does, as with Copilot. Default false."""
    filter: str | None = None
    """Which messages, as canonical JSON of SNS, by their attributes. Default: all."""
    queue: Queue | None = None
    """Its own queue. Default: that of the service."""

    @property
    def topic_key(self) -> str:
        """What its name on AWS ends with: `orders`, or `orders.fifo`."""
        return f"{self.topic}.fifo" if self.fifo else self.topic

    @property
    def key(self) -> str:
        """What COPILOT_TOPIC_QUEUE_URIS calls its queue: `apiOrderseventsEventsQueue`."""
        topic = _bare(self.topic_key)
        # The first letter is a capital and all others are small, also behind a digit (Go's cases.Title of one word).
        first = next((place for place, letter in enumerate(topic) if letter.isalpha()), 0)
        titled = f"{topic[:first]}{topic[first:].capitalize()}"
        return f"{_bare(self.service)}{titled}EventsQueue"


@dataclass(frozen=True)
class Worker:
    """What works on messages."""

    queue: Queue = Queue()
    """The service's queue, which is there in any case. Default: all as SQS has it."""
    subscriptions: tuple[Subscription, ...] = ()
    """In the manifest's order. Default: none."""

    @property
    def own_queues(self) -> Mapping[str, Subscription]:
        """The subscriptions with a queue of their own, by its key in COPILOT_TOPIC_QUEUE_URIS, sorted."""
        return dict(sorted((one.key, one) for one in self.subscriptions if one.queue))


def _bare(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "", name)


def read_subscribe(at: Value) -> Worker:
    """`subscribe`. A queue without topics is made as it says too, which Copilot forgets."""
    queue = _queue(at.get("queue"))
    found: dict[tuple[str, str], Value] = {}
    subscriptions: list[Subscription] = []
    for item in at.get("topics").items():
        item.require_map()
        subscription = _subscription(item, queue)
        subscriptions.append(subscription)
        name = (subscription.service, subscription.topic_key)
        if all(name) and name in found:
            item.fail("keep one of them", f"subscribed twice to {subscription.topic_key} of {subscription.service}")
        found[name] = item
    worker = Worker(queue, tuple(subscriptions))
    _check_keys(worker, at.get("topics"))
    return worker


def _check_keys(worker: Worker, at: Value) -> None:
    """Two queues of one name: `order-events` and `orderevents`."""
    named: dict[str, Subscription] = {}
    for subscription, item in zip(worker.subscriptions, at.items(), strict=True):
        other = named.setdefault(subscription.key, subscription) if subscription.queue else subscription
        if (other.service, other.topic_key) != (subscription.service, subscription.topic_key):
            remedy = "rename one of the topics, or don't give it its own queue"
            item.fail(remedy, f"its queue {subscription.key} is also that of {other.topic_key} of {other.service}")


def _subscription(item: Value, common: Queue) -> Subscription:
    place, service = item.required("name", "write the topic's name, such as name: orders"), _service(item)
    queue = item.get("queue")
    own = _queue(queue) if queue.is_map() else Queue() if queue.boolean(False) else None
    return Subscription(
        topic=place.matching(_TOPIC, "give 1 to 200 letters, digits, - and _, such as orders, and no .fifo", ""),
        service=service,
        fifo=bool((own or common).fifo),
        filter=read_filter(item.get("filter_policy")),
        queue=own,
    )


def _service(item: Value) -> str:
    place = item.required("service", "write the name of the service that publishes it, such as service: api")
    return place.matching(_SERVICE, "give a service name: lower-case letters, digits and single -, such as api", "")


def _queue(at: Value) -> Queue:
    """A map of a queue."""
    if at.value == {}:
        at.fail("write a queue field such as timeout: 30s, or remove it", "an empty map")
    return Queue(
        retention=at.get("retention").duration(*RETENTION),
        delay=at.get("delay").duration(None, 0, 900),
        timeout=at.get("timeout").duration(*VISIBILITY),
        tries=at.get("dead_letter").get("tries").integer(*TRIES),
        fifo=_fifo(at.get("fifo")),
    )


def _fifo(at: Value) -> Fifo | None:
    if not at.is_map():
        return Fifo() if at.boolean(False) else None
    if at.value == {}:
        at.fail("write fifo: true, or a field such as content_based_deduplication: true", "an empty map")
    high, scope, limit = at.get("high_throughput"), at.get("deduplication_scope"), at.get("throughput_limit")
    if high and (scope or limit):
        remedy = "keep high_throughput, which sets both, or deduplication_scope and throughput_limit"
        high.fail(remedy, "found high_throughput together with the fields that it sets")
    is_high = high.boolean(False)
    fifo = Fifo(
        deduplicated=at.get("content_based_deduplication").boolean(None),
        scope=MESSAGE_GROUP if is_high else scope.choice(None, (MESSAGE_GROUP, OF_QUEUE)),
        limit=PER_GROUP if is_high else limit.choice(None, (PER_GROUP, PER_QUEUE)),
    )
    # SQS API, CreateQueue: perMessageGroupId is for duplicates within a message group only.
    if fifo.limit == PER_GROUP and fifo.scope == OF_QUEUE:
        limit.fail(f"write throughput_limit: {PER_QUEUE}, or deduplication_scope: {MESSAGE_GROUP}")
    return fifo
