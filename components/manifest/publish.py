"""`publish` of a manifest: the SNS topics that a service sends to. Pure."""

import re
from dataclasses import dataclass

from components.input.value import Value

# Copilot's parser at v1.34, and SNS, CreateTopic: Name.
_NAME = re.compile(r"[A-Za-z0-9_-]{1,200}")


@dataclass(frozen=True)
class Topic:
    """A topic. fifo: whether it keeps the order. deduplicated: whether SNS tells by the content what was sent twice."""

    name: str
    fifo: bool = False
    deduplicated: bool = False


def read_topics(at: Value) -> tuple[Topic, ...]:
    """What stands at `publish.topics`, sorted by name."""
    found: dict[str, Topic] = {}
    for each in at.items():
        each.require_map()
        name, topic = each.get("name"), _topic(each)
        if each.is_map() and not name:
            each.missing("name", "write the topic's name, such as name: orders")
        elif isinstance(name.value, (str, int)) and not _NAME.fullmatch(topic.name):
            name.fail("give 1 to 200 letters, digits, - and _, such as orders")
        elif topic.name and topic.name in found:
            name.fail("give each topic a name of its own", f"the topic {topic.name} twice")
        found[topic.name] = topic
    return tuple(topic for _, topic in sorted(found.items()))


def _topic(at: Value) -> Topic:
    fifo = at.get("fifo")
    return Topic(
        name=at.get("name").text(""),
        fifo=fifo.is_map() or fifo.boolean(False),
        deduplicated=fifo.get("content_based_deduplication").boolean(False),
    )
