"""`publish` of a manifest: the SNS topics that a service sends to. Pure."""

import re
from dataclasses import dataclass

from components.input.value import Value
from components.manifest.support import BUILT, Group

# Copilot's parser at v1.34, and SNS, CreateTopic: Name.
_NAME = re.compile(r"[A-Za-z0-9_-]{1,200}")

PUBLISH = Group(
    {"topics": Group(item=Group({"name": BUILT, "fifo": Group({"content_based_deduplication": BUILT}, short=BUILT)}))}
)
"""The fields of `publish`."""


@dataclass(frozen=True)
class Topic:
    """An SNS topic that a service sends to."""

    name: str
    """As the manifest has it: 1 to 200 letters, digits, `-` and `_`."""
    fifo: bool = False
    """Whether it keeps the order of messages. Default false."""
    deduplicated: bool = False
    """Whether SNS recognizes duplicate messages by their content. Default false."""

    @property
    def key(self) -> str:
        """What its name on AWS ends with: `orders`, or `orders.fifo`."""
        return f"{self.name}.fifo" if self.fifo else self.name


def read_topics(at: Value) -> tuple[Topic, ...]:
    """`publish.topics`, sorted by name. A topic that keeps order may have the name of one that doesn't."""
    found: dict[str, Topic] = {}
    for item in at.items():
        item.require_map()
        place = item.required("name", "write the topic's name, such as name: orders")
        name = place.matching(_NAME, "give 1 to 200 letters, digits, - and _, such as orders", "")
        fifo = item.get("fifo")
        if fifo.value == {}:
            fifo.fail("write fifo: true, or content_based_deduplication: true in it", "an empty map")
        topic = Topic(
            name=name,
            fifo=fifo.is_map() or fifo.boolean(False),
            deduplicated=fifo.get("content_based_deduplication").boolean(False),
        )
        if name and topic.key in found:
            place.fail("give each topic its own name", f"duplicate topic {topic.key}")
        found[topic.key] = topic
    return tuple(topic for _, topic in sorted(found.items()))


def by_name(topics: tuple[Topic, ...]) -> dict[str, Topic]:
    """The topics by what COPILOT_SNS_TOPIC_ARNS calls them: by their names, and a FIFO one `orders.fifo` beside one of
    its name without order. Copilot says so of each FIFO one; here, services rely on the bare name."""
    plain = {topic.name for topic in topics if not topic.fifo}
    return {topic.key if topic.name in plain else topic.name: topic for topic in topics}
