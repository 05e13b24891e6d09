"""Bad input in a worker's manifest: what it subscribes to, its queues, and what it is scaled by."""

from tests.projects import Tree, manifest
from tests.pure.bad import Bad

W = "services/worker/manifest.yml"
OF_USERS: Tree = {"name": "events", "service": "users"}
IN_ORDER: Tree = {"name": "orders", "service": "users", "queue": {"fifo": True}}


def worker(**fields: object) -> Tree:
    """A worker's manifest."""
    usual = {key: value for key, value in manifest("users").items() if key not in ("http", "image")}
    image: Tree = {"build": "services/users/Dockerfile"}
    return {**usual, "name": "worker", "type": "Worker Service", "image": image, **fields}


SENDER: Tree = manifest("users", publish={"topics": [{"name": "events"}, {"name": "orders", "fifo": True}]})


def _bad(what: str, place: str, *says: str, **fields: object) -> Bad:
    manifests: Tree = {"users": SENDER, "worker": worker(**fields)}
    return Bad(what, (f"{W}: {place}: ", *says), manifests=manifests)


def _topic(what: str, place: str, *says: str, **fields: object) -> Bad:
    """A mistake in the one topic."""
    return _bad(what, f"subscribe.topics[0]{place}", *says, subscribe={"topics": [{**OF_USERS, **fields}]})


def _queue(what: str, place: str, *says: str, **fields: object) -> Bad:
    """A mistake in the service's queue."""
    return _bad(what, f"subscribe.queue{place}", *says, subscribe={"queue": fields})


def _delay(what: str, place: str, *says: str, **fields: str) -> Bad:
    count: Tree = {"range": "1-2", "queue_delay": fields}
    return _bad(what, f"count.queue_delay{place}", *says, count=count)


DELAY = {"acceptable_latency": "1m", "msg_processing_time": "1s"}

CASES = [
    _bad("subscriptions in a list", "subscribe", "found a list; give a map", subscribe=[]),
    _bad("topics in a map", "subscribe.topics", "found a map; give a list", subscribe={"topics": {}}),
    _bad("a subscription by its name alone", "subscribe.topics[0]", "give a map", subscribe={"topics": ["events"]}),
    _topic("a subscription without a topic", ".name", "missing; write the topic's name", name=None),
    _topic("a subscription to a file", ".name", "found 'events.fifo'; give 1 to 200 letters", name="events.fifo"),
    _topic("a subscription to nobody", ".service", "missing; write the name of the service", service=None),
    _topic("a subscription to a service with a capital", ".service", "found 'Users'; give a service", service="Users"),
    _topic(
        "a subscription to a service that runs elsewhere",
        ".service",
        (
            "no service 'user' in this stack; run the publishing service here too, or remove the subscription; did "
            "you mean"
        ),
        service="user",
    ),
    _topic(
        "a subscription to an unknown topic", ".name", "users publishes no topic 'event'; did you mean", name="event"
    ),
    _topic("a subscription to who publishes nothing", ".name", "add it to publish.topics of posts", service="posts"),
    _topic(
        "a FIFO topic and a queue without order",
        ".name",
        "orders of users is FIFO, but its queue isn't; write queue: {fifo: true}, or fifo: true in subscribe.queue",
        name="orders",
        queue=True,
    ),
    _topic(
        "a FIFO queue and a topic without order",
        ".name",
        "events of users is not FIFO, but its queue is; write queue: true",
        queue={"fifo": True},
    ),
    _bad(
        "one subscription twice",
        "subscribe.topics[1]",
        "subscribed twice to events of users; keep one of them",
        subscribe={"topics": [OF_USERS, {**OF_USERS, "queue": True}]},
    ),
    _topic("an own queue in words", ".queue", "found 'yes please'; give true or false", queue="yes please"),
    _topic("an own queue in an empty map", ".queue", "an empty map; write a queue field", queue={}),
    _topic("a filter in words", ".filter_policy", "found 'all'; give a map", filter_policy="all"),
    _topic(
        "a filter by a value alone",
        ".filter_policy.a",
        "found 'x'; write its values as a list",
        filter_policy={"a": "x"},
    ),
    _topic("a filter by no value", ".filter_policy.a", "found a list; write its values", filter_policy={"a": []}),
    _topic(
        "a filter within a map", ".filter_policy.a", "attributes can't contain maps", filter_policy={"a": {"b": ["x"]}}
    ),
    _topic(
        "a filter by a list in a list",
        ".filter_policy.a[0]",
        "found a list; give a value",
        filter_policy={"a": [["x"]]},
    ),
    _topic(
        "a filter by six attributes",
        ".filter_policy",
        "6 attributes; use at most 5 attributes",
        filter_policy={name: ["x"] for name in "abcdef"},
    ),
    _topic(
        "a filter with too many combinations",
        ".filter_policy",
        "160 combinations of values; use fewer values",
        filter_policy={"a": list(range(16)), "b": list(range(10))},
    ),
    _queue(
        "a queue that keeps nothing",
        ".retention",
        "found '59s'; give a duration in whole seconds from 60s",
        retention="59s",
    ),
    _queue("a queue that keeps days", ".retention", "found '5d'; durations can't use days: write 120h", retention="5d"),
    _queue("a long delay", ".delay", "found '16m'; give a duration in whole seconds from 0s to 900s", delay="16m"),
    _queue("a long timeout", ".timeout", "found '13h'; give a duration in whole seconds", timeout="13h"),
    _queue("no tries", ".dead_letter.tries", "found 0; give a whole number from 1 to 1000", dead_letter={"tries": 0}),
    _queue("order in words", ".fifo", "found 'strict'; give true or false", fifo="strict"),
    _queue("order in an empty map", ".fifo", "an empty map; write fifo: true", fifo={}),
    _queue(
        "high throughput twice",
        ".fifo.high_throughput",
        "found high_throughput together with the fields that it sets",
        fifo={"high_throughput": True, "throughput_limit": "perQueue"},
    ),
    _queue(
        "no such scope", ".fifo.deduplication_scope", "give messageGroup or queue", fifo={"deduplication_scope": "all"}
    ),
    _queue("no such limit", ".fifo.throughput_limit", "give perMessageGroupId", fifo={"throughput_limit": "none"}),
    _queue(
        "a limit that needs another scope",
        ".fifo.throughput_limit",
        "found 'perMessageGroupId'; write throughput_limit: perQueue",
        fifo={"throughput_limit": "perMessageGroupId", "deduplication_scope": "queue"},
    ),
    _delay("no latency", ".acceptable_latency", "missing; write", msg_processing_time="1s"),
    _delay("no processing time", ".msg_processing_time", "missing; write", acceptable_latency="1s"),
    _delay(
        "no time at all",
        ".msg_processing_time",
        "found '0s'; give a duration",
        **{**DELAY, "msg_processing_time": "0s"},
    ),
    _delay(
        "messages that take longer than they may wait",
        ".msg_processing_time",
        "found '2m'; give a duration no longer than acceptable_latency",
        **{**DELAY, "msg_processing_time": "2m"},
    ),
    _bad(
        "a worker scaled by requests",
        "count.requests",
        "this type can't scale on this; remove it, or scale on cpu_percentage, memory_percentage or queue_delay",
        count={"range": "1-2", "cpu_percentage": 70, "requests": 10},
    ),
    _bad(
        "a rollback by no message",
        "deployment.rollback_alarms.messages_delayed",
        "found 0; give a whole number from 1",
        deployment={"rollback_alarms": {"messages_delayed": 0}},
    ),
    _bad(
        "a worker that is called",
        "network.connect.alias",
        "a name without a port; write connect: true",
        network={"connect": {"alias": "work"}},
    ),
    Bad(
        "a web service scaled by a queue",
        ("services/users/manifest.yml: count.queue_delay: this type can't scale on this; remove it",),
        manifests={"users": manifest("users", count={"range": "1-2", "cpu_percentage": 70, "queue_delay": DELAY})},
    ),
    Bad(
        "two queues with one name",
        (f"{W}: subscribe.topics[1]: its queue usersOrdereventsEventsQueue is also that of order-events of users",),
        manifests={
            "users": manifest("users", publish={"topics": [{"name": "order-events"}, {"name": "orderevents"}]}),
            "worker": worker(
                subscribe={
                    "topics": [
                        {"name": name, "service": "users", "queue": True} for name in ("order-events", "orderevents")
                    ]
                }
            ),
        },
    ),
]
