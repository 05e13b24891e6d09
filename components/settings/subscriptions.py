"""The topics that workers subscribe to: those of services of the stack, or of Copilot's own stacks. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from components.input.diagnostics import Problems, did_you_mean
from components.manifest.exports import LookUpError, LookUps
from components.manifest.manifest import Manifest
from components.manifest.subscribe import Subscription
from components.model.platforms import LOCAL
from components.settings.service import Service


def check_subscriptions(
    services: Mapping[str, Service], problems: Problems, platform: str, look_ups: LookUps | None = None
) -> None:
    """Notes each subscription to what isn't there: Copilot asks the account at each deployment. A service of Copilot's
    application may be in another workspace, or left out: its topic is subscribed to by its name, as Copilot does.
    look_ups: who asks the account. Default: nobody, and it is known at `up`."""
    for service in services.values():
        for place, found, remedy in _mistakes(service, services) if service.is_read else ():
            problems.add(service.where(f"subscribe.topics{place}"), found, remedy)
        for place, subscription in _elsewhere(service, services) if service.is_read else ():
            where = service.where(f"subscribe.topics{place}")
            known = did_you_mean(subscription.service, services)
            found = f"no service {subscription.service!r} in this stack ({known})"
            if platform == LOCAL:
                topic = service.topic_of_copilot(subscription)
                remedy = f"a local topic {topic} replaces it, and gets only what you send to it"
                problems.warn(where, found, remedy)
            else:
                taken, remedy = _of_copilot(service, subscription, look_ups)
                (problems.warn if taken else problems.add)(where, found, remedy)


def _of_copilot(service: Service, subscription: Subscription, look_ups: LookUps | None) -> tuple[bool, str]:
    """Whether a topic that a service of Copilot's makes can be subscribed to, and what follows from that. An account
    that may not be asked doesn't hinder: SNS says itself whether it is there."""
    topic = service.topic_of_copilot(subscription)
    taken = f"Copilot's topic {topic} is subscribed to"
    try:
        known = look_ups.has_topic(topic) if look_ups else None
        if known is None:
            return True, f"{taken}, and has to be there: known at up"
        if known:
            return True, f"{taken}: its stack has to stay"
        twin = replace(subscription, fifo=not subscription.fifo)
        other = service.topic_of_copilot(twin)
        if look_ups and look_ups.has_topic(other):
            way = "write queue: true" if subscription.fifo else "write queue: {fifo: true}"
            return False, f"Copilot has no topic {topic}, but {other}: {way}"
    except LookUpError as error:
        return True, f"{taken}, and has to be there; {error}"
    return False, (
        f"Copilot has no topic {topic} either: deploy {subscription.service} first, here or with Copilot, or leave the "
        f"subscriptions out by strangler:services.{service.name}.ignore: subscribe.topics"
    )


def _elsewhere(service: Service, services: Mapping[str, Service]) -> Iterator[tuple[str, Subscription]]:
    """What a service of Copilot's subscribes to that is none of this stack."""
    worker = service.manifest.worker if service.of_copilot else None
    for number, subscription in enumerate(worker.subscriptions if worker else ()):
        if subscription.service and subscription.topic and subscription.service not in services:
            yield f"[{number}].service", subscription


def _mistakes(service: Service, services: Mapping[str, Service]) -> Iterator[tuple[str, str, str]]:
    worker = service.manifest.worker
    for number, subscription in enumerate(worker.subscriptions if worker else ()):
        sender = services.get(subscription.service)
        if not subscription.service or not subscription.topic or (sender and not sender.is_read):
            continue  # reported
        if sender is None:
            if not service.of_copilot:
                remedy = "run the publishing service here too, or remove the subscription"
                known = did_you_mean(subscription.service, services)
                yield f"[{number}].service", f"no service {subscription.service!r} in this stack", f"{remedy}; {known}"
        else:
            yield from _of_topic(number, subscription, sender.manifest)


def _of_topic(number: int, wanted: Subscription, sender: Manifest) -> Iterator[tuple[str, str, str]]:
    """What is wrong with the topic. SNS refuses a topic without order for a queue with it; the other way round, Copilot
    looks for a topic without order, and finds none."""
    same = [topic for topic in sender.topics if topic.name == wanted.topic]
    if not same:
        names = sorted({topic.name for topic in sender.topics})
        remedy = did_you_mean(wanted.topic, names) if names else f"add it to publish.topics of {sender.name}"
        yield f"[{number}].name", f"{sender.name} publishes no topic {wanted.topic!r}", remedy
    elif all(topic.fifo != wanted.fifo for topic in same):
        if wanted.fifo:
            found = f"{wanted.topic} of {sender.name} is not FIFO, but its queue is"
            remedy = "write queue: true for a separate standard queue, or fifo: true in the topic"
        else:
            found = f"{wanted.topic} of {sender.name} is FIFO, but its queue isn't"
            remedy = "write queue: {fifo: true}, or fifo: true in subscribe.queue"
        yield f"[{number}].name", found, remedy
