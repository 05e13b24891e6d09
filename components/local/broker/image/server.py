"""The broker: MiniStack's SQS and SNS, with the topics, queues and subscriptions that a file names.

The file is read at the start, before anyone else is answered, and whenever it is replaced.
"""

import asyncio
import json
import logging
import os
import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from importlib import import_module
from pathlib import Path
from typing import Any, cast

PORT, ACCOUNT, REGION = 4566, "123456789012", "us-east-1"
"""Where everybody is answered; whose everything is, whatever key and region a request is signed for."""
LOOK, LOOK_AGAIN = 0.1, 1.0
"""Seconds between two looks at the file; after a failure."""
WANTED, IN_USE = Path("/etc/broker/topology.json"), Path("/tmp/in-use.json")  # a container has its /tmp for itself
"""What there is to be, and a copy of it once it is there; with `error` in it where that failed."""

os.environ |= {
    "SERVICES": "sqs,sns",
    "GATEWAY_PORT": str(PORT),
    "MINISTACK_ACCOUNT_ID": ACCOUNT,
    "MINISTACK_REGION": REGION,
    "LOG_LEVEL": "WARNING",
}

# The image's own packages, which nothing else of this repository has. The last one reads the variables at once.
BOTOCORE, HYPERCORN, CONFIG, MINISTACK = (
    cast("Any", import_module(name))
    for name in ("botocore.session", "hypercorn.asyncio", "hypercorn.config", "ministack.app")
)

READY = asyncio.Event()
"""Set once the file's content is there. Until then nobody but this program is answered."""
SIGNED_FOR = re.compile(rb"Credential=[^/,\s]+/(\d+)/[^/]+/")

Json = Mapping[str, Any]
Scope = MutableMapping[str, Any]
Call = Callable[..., Awaitable[Any]]


async def app(scope: Scope, receive: Call, send: Call) -> None:
    """MiniStack with everything in one account and region: its own are those that a request is signed for."""
    if scope["type"] == "http":
        if (scope.get("client") or ("",))[0] != "127.0.0.1":
            await READY.wait()
        own = f"Credential={ACCOUNT}/\\1/{REGION}/".encode()
        signed = ((name, SIGNED_FOR.sub(own, value)) for name, value in scope["headers"])
        scope = {**scope, "headers": list(signed)}
    await MINISTACK.app(scope, receive, send)


class Topology:
    """What was made of the file so far. What others make besides is theirs."""

    def __init__(self) -> None:
        make = BOTOCORE.get_session().create_client
        here = {"region_name": REGION, "aws_access_key_id": ACCOUNT, "aws_secret_access_key": "local"}
        self._sqs, self._sns = (make(name, endpoint_url=f"http://127.0.0.1:{PORT}", **here) for name in ("sqs", "sns"))
        self._queues: dict[str, str] = {}
        self._topics: dict[str, str] = {}
        self._subscriptions: dict[tuple[str, str], str] = {}

    def become(self, wanted: Json) -> None:
        """Makes what isn't there, changes what differs, and removes what is no longer named. In a queue that stays,
        messages stay."""
        queues = {queue["name"]: queue["attributes"] for queue in wanted["queues"]}
        for name, attributes in queues.items():
            fixed = {"FifoQueue": "true"} if name.endswith(".fifo") else {}
            if name not in self._queues:
                self._queues[name] = self._sqs.create_queue(QueueName=name, Attributes=fixed)["QueueUrl"]
            if attributes:
                self._sqs.set_queue_attributes(QueueUrl=self._queues[name], Attributes=attributes)
        topics = {topic["name"]: topic["attributes"] for topic in wanted["topics"]}
        for name, attributes in topics.items():
            if name not in self._topics:
                fixed = {"FifoTopic": "true"} if name.endswith(".fifo") else {}
                self._topics[name] = self._sns.create_topic(Name=name, Attributes=fixed)["TopicArn"]
            for key, value in attributes.items():
                self._sns.set_topic_attributes(TopicArn=self._topics[name], AttributeName=key, AttributeValue=value)
        self._subscribe({(one["topic"], one["queue"]): one["attributes"] for one in wanted["subscriptions"]})
        for name in [name for name in self._topics if name not in topics]:
            self._sns.delete_topic(TopicArn=self._topics.pop(name))
        for name in [name for name in self._queues if name not in queues]:
            self._sqs.delete_queue(QueueUrl=self._queues.pop(name))

    def _subscribe(self, wanted: Mapping[tuple[str, str], Mapping[str, str]]) -> None:
        for key in [key for key in self._subscriptions if key not in wanted]:
            self._sns.unsubscribe(SubscriptionArn=self._subscriptions.pop(key))
        for (topic, queue), attributes in wanted.items():
            if (topic, queue) not in self._subscriptions:
                endpoint = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{queue}"
                made = self._sns.subscribe(
                    TopicArn=self._topics[topic], Protocol="sqs", Endpoint=endpoint, ReturnSubscriptionArn=True
                )
                self._subscriptions[topic, queue] = made["SubscriptionArn"]
            for name, value in attributes.items():
                self._sns.set_subscription_attributes(
                    SubscriptionArn=self._subscriptions[topic, queue], AttributeName=name, AttributeValue=value
                )


async def follow() -> None:
    """Makes the file's content so, at once and whenever the file is replaced; what fails is tried again."""
    before, failed, topology = None, "", Topology()
    while True:
        text = WANTED.read_bytes() if WANTED.exists() else None
        if text is not None and text != before:
            try:
                await asyncio.to_thread(topology.become, json.loads(text))
            except Exception as failure:  # told to who wrote the file, whom nothing else reaches
                told = f"{type(failure).__name__}: {failure}"
                if told != failed:
                    logging.getLogger("broker").exception("the topology can't be made")
                failed = told
                say(json.dumps({"error": told, "wanted": text.decode(errors="replace")}).encode())
            else:
                before, failed = text, ""
                say(text)
        READY.set()
        await asyncio.sleep(LOOK_AGAIN if failed else LOOK)


def say(text: bytes) -> None:
    """Puts this into the file that tells what there is, in one step."""
    part = IN_USE.with_suffix(".part")
    part.write_bytes(text)
    part.rename(IN_USE)


async def main() -> None:
    """Serves until it is told to end."""
    IN_USE.unlink(missing_ok=True)
    settings = CONFIG.Config()
    settings.bind, settings.keep_alive_timeout, settings.loglevel = [f"0.0.0.0:{PORT}"], 75, "WARNING"
    following = asyncio.create_task(follow())
    await HYPERCORN.serve(app, settings)
    following.cancel()


if __name__ == "__main__":
    asyncio.run(main())
