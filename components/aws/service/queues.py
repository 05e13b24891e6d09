"""The queues in which a worker's messages wait."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from components.aws.plan import queue_policies
from components.aws.service.context import ServiceContext
from components.aws.service.roles import allow
from components.manifest.subscribe import OF_QUEUE, PER_QUEUE, Queue
from components.model.names import fit

_LONGEST = 80 - len("-0123456.fifo")
"""Of a queue's logical name: its name has 80 characters at most (SQS API, CreateQueue), and an end of Pulumi's."""
_DEAD_SECONDS = 1_209_600
"""For which dead letters are kept: as long as SQS can, as with Copilot."""


@dataclass(frozen=True)
class Queues:
    """Queues that exist."""

    main: aws.sqs.Queue | None = None
    """That of the service. Default: it works on no messages."""
    own: Mapping[str, aws.sqs.Queue] = field(default_factory=dict[str, aws.sqs.Queue])
    """Those of single topics, by their keys in COPILOT_TOPIC_QUEUE_URIS. Default: none."""
    needs: tuple[pulumi.Resource, ...] = ()
    """What a task needs to work on messages. Default: nothing."""

    @property
    def by_key(self) -> Mapping[str, aws.sqs.Queue]:
        """All but those of dead letters, by key; that of the service has none."""
        return {**({"": self.main} if self.main else {}), **self.own}


def queues(context: ServiceContext, role: pulumi.Input[str]) -> Queues:
    """The service's queue and those of single topics, with a key of their own, as Copilot has them (its template
    subscribe.yml at v1.34), and the right to work on what waits there. Their names are AWS's and Pulumi's to say: SQS
    takes a name again only after a minute. role: the name of the role with which the service works."""
    worker = context.manifest.worker
    if worker is None:
        return Queues()
    policy = pulumi.Output.all(context.aws.partition, context.aws.account).apply(
        lambda known: queue_policies.key(*known)
    )
    key = aws.kms.Key(
        f"{context.name}-queues",
        description=f"Encrypts what waits in the queues of {context.full_name}",
        policy=policy,
        # It is of no use without its queues, which go at once.
        deletion_window_in_days=7,
        tags=context.tags,
        opts=context.child,
    )
    dead: list[aws.sqs.Queue] = []

    def made(suffix: str, queue: Queue) -> aws.sqs.Queue:
        return _queue(context, key, suffix, queue, dead.append)

    main = made("", worker.queue)
    own = {name: made(f"-{name}", one.queue) for name, one in worker.own_queues.items() if one.queue}
    rights = pulumi.Output.all(queues=[queue.arn for queue in (main, *own.values(), *dead)], key=key.arn).apply(
        lambda known: queue_policies.work(**known)
    )
    return Queues(main, own, (allow(f"{context.name}-work", role, rights, context.child),))


def _queue(
    context: ServiceContext, key: aws.kms.Key, suffix: str, queue: Queue, note: Callable[[aws.sqs.Queue], None]
) -> aws.sqs.Queue:
    """A queue, and that of its dead letters, which is noted. A queue with order is another one: its name has another
    end."""
    end = f"{suffix}-Fifo" if queue.fifo else suffix
    logical = fit(f"{context.name}{end}", _LONGEST)
    made = aws.sqs.Queue(
        logical,
        message_retention_seconds=queue.retention,
        delay_seconds=queue.delay,
        visibility_timeout_seconds=queue.timeout,
        fifo_queue=bool(queue.fifo) or None,
        content_based_deduplication=queue.fifo.deduplicated if queue.fifo else None,
        # What isn't said any more would stay as it was.
        deduplication_scope=(queue.fifo.scope or OF_QUEUE) if queue.fifo else None,
        fifo_throughput_limit=(queue.fifo.limit or PER_QUEUE) if queue.fifo else None,
        kms_master_key_id=key.arn,
        tags=context.tags,
        opts=context.child,
    )
    if queue.tries:
        tries = queue.tries
        letters = aws.sqs.Queue(
            fit(f"{context.name}{end}-Dead", _LONGEST),
            message_retention_seconds=_DEAD_SECONDS,
            fifo_queue=bool(queue.fifo) or None,
            kms_master_key_id=key.arn,
            tags=context.tags,
            opts=context.child,
        )
        note(letters)
        # A resource of its own: in that of the queue, pulumi-aws would leave it there when it is taken out.
        aws.sqs.RedrivePolicy(
            logical,
            queue_url=made.url,
            redrive_policy=letters.arn.apply(lambda arn: queue_policies.redrive(arn, tries)),
            opts=context.child,
        )
    return made
