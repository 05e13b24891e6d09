"""The account: every object that exists, what happened to it, and what is to go wrong.

State is a sequence of immutable snapshots, one per step of each operation, so a test can ask afterwards (or while it
runs) whether something held after every single one.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from tools.standin.clock import Clock
from tools.standin.values import Props

Key = tuple[str, str]
"""Pulumi type token and physical id."""
OperationKind = Literal["create", "update", "delete"]
Phase = Literal["begin", "end", "failed", "event"]
"""`begin`: a slow operation has started and its object is visible; `event`: AWS or a test changed something itself."""

NOTHING: Mapping[str, Any] = MappingProxyType({})


class AwsError(Exception):
    """What AWS answers instead of doing it: an error code and a message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


@dataclass(frozen=True)
class Object:
    """One thing in the account, as its provider reports it, and what AWS alone knows of it."""

    type: str
    id: str
    urn: str
    inputs: Mapping[str, Any]
    attributes: Mapping[str, Any]
    hidden: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    """Not reported to the engine: a service's running tasks, a repository's images, a route's real state."""

    @property
    def name(self) -> str:
        """The logical name in the Pulumi program that made it."""
        return self.urn.rpartition("::")[2]

    def __getitem__(self, attribute: str) -> Any:
        return self.attributes.get(attribute)

    def with_hidden(self, **values: Any) -> Object:
        return replace(self, hidden={**self.hidden, **values})

    def with_attributes(self, **values: Any) -> Object:
        return replace(self, attributes={**self.attributes, **values})


@dataclass(frozen=True)
class Snapshot:
    """All objects at one moment."""

    objects: Mapping[Key, Object]

    @cached_property
    def _by_type(self) -> Mapping[str, tuple[Object, ...]]:
        found: dict[str, list[Object]] = {}
        for resource in self.objects.values():
            found.setdefault(resource.type, []).append(resource)
        return {token: tuple(listed) for token, listed in found.items()}

    def of(self, token: str) -> tuple[Object, ...]:
        return self._by_type.get(token, ())

    def get(self, token: str, identifier: str) -> Object | None:
        return self.objects.get((token, identifier))

    def where(self, token: str, **attributes: Any) -> tuple[Object, ...]:
        """Objects of a type whose attributes have these values."""
        return tuple(
            resource
            for resource in self.of(token)
            if all(resource[name] == value for name, value in attributes.items())
        )

    def one(self, token: str, **attributes: Any) -> Object | None:
        found = self.where(token, **attributes)
        return found[0] if found else None

    def __iter__(self) -> Iterator[Object]:
        return iter(self.objects.values())

    def __len__(self) -> int:
        return len(self.objects)


@dataclass(frozen=True)
class Operation:
    """One step of the history; `snapshot` is the account just after it."""

    index: int
    kind: OperationKind
    phase: Phase
    type: str
    urn: str
    id: str
    before: Object | None
    after: Object | None
    snapshot: Snapshot
    error: str = ""

    @property
    def name(self) -> str:
        return self.urn.rpartition("::")[2]


@dataclass
class Failure:
    """A planned failure: of the next operation that matches, before it happens, or after, when the engine may not even
    hear of what was made (`lost`)."""

    match: str
    operation: OperationKind | None
    message: str
    after: bool
    lost: bool = False
    countdown: int = 1
    seconds: float = 0.0
    """How long it takes to fail. What runs side by side with it gets under way meanwhile, as at AWS."""

    def fits(self, operation: OperationKind, token: str, urn: str) -> bool:
        if self.operation not in (None, operation):
            return False
        return self.match in ("", token) or urn.endswith(self.match)


def _no_durations() -> dict[str, float]:
    return {}


@dataclass
class Cloud:
    """An AWS account in one region. Safe to use from many threads.

    `durations` gives seconds per type token (or `token:operation`), which pass while the operation is under way: on
    `clock` if there is one, which is how the time of a deployment is measured without waiting for it; else they are
    slept, times `time_scale`.
    """

    region: str = "eu-west-1"
    account: str = "123456789012"
    zones: tuple[str, ...] = ("a", "b", "c")
    vpc_quota: int = 5
    without_vpc_links: tuple[str, ...] = ()
    """The zones in which API Gateway has no VPC links."""
    without_fargate: tuple[str, ...] = ()
    """The zones without Fargate."""
    durations: dict[str, float] = field(default_factory=_no_durations)
    time_scale: float = 0.0
    clock: Clock | None = None
    patience: float = 20.0
    """Seconds for which a refusal that pulumi-aws would wait out is tried again."""
    on_operation: Callable[[Operation], None] | None = None
    root: Path = field(default_factory=Path)
    """The program's folder: build contexts are relative to it."""
    lenient: bool = False
    """Look-ups of what isn't there give a made-up answer, for a plan without an account."""
    exports: dict[str, str] = field(default_factory=dict[str, str])
    """What stacks of CloudFormation's export, by name."""
    stacks: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    """The outputs of stacks of CloudFormation's, by the stack's name; all carry the tags that are asked for."""
    registry: str = ""
    """Where its images really are: the address of a registry in the place of ECR's."""
    registry_password: str = "not-a-password"
    """What a login to the registry has today."""

    def __post_init__(self) -> None:
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.snapshot = Snapshot({})
        self.history: list[Operation] = []
        self.attempts = 0
        """How many creations, updates and deletions have been asked for."""
        self._failures: list[Failure] = []
        self._first_try: Failure | None = None
        self.failed: set[tuple[OperationKind, str]] = set()
        """The operations that `fail_each` has let fail, with the URN."""
        self._outcomes: list[tuple[str, str]] = []
        self._counter = 0

    # What exists

    def of(self, token: str) -> tuple[Object, ...]:
        return self.snapshot.of(token)

    def named(self, token: str, name: str) -> Object:
        """The one object of this type with this logical name; a clear error if it is missing or not alone."""
        found = [resource for resource in self.of(token) if resource.name == name]
        if len(found) != 1:
            known = ", ".join(sorted(resource.name for resource in self.of(token))) or "none"
            raise LookupError(f"{token}: {len(found)} objects named {name}; there are: {known}")
        return found[0]

    def new_id(self, prefix: str, length: int = 17) -> str:
        """An id of AWS's form: the prefix and hexadecimal digits, never twice the same."""
        with self.lock:
            self._counter += 1
            return prefix + hashlib.sha256(f"{prefix}{self._counter}".encode()).hexdigest()[:length]

    def arn(self, service: str, resource: str, *, region: str | None = None) -> str:
        return f"arn:aws:{service}:{self.region if region is None else region}:{self.account}:{resource}"

    # What changes it

    def commit(
        self, kind: OperationKind, phase: Phase, before: Object | None, after: Object | None, error: str = ""
    ) -> None:
        """Put `after` in the place of `before` and write that into the history."""
        with self.lock:
            subject = after or before
            if subject is None:
                raise ValueError("an operation needs an object")
            if before is not after:
                objects = dict(self.snapshot.objects)
                if before is not None:
                    objects.pop((before.type, before.id), None)
                if after is not None:
                    objects[after.type, after.id] = after
                self.snapshot = Snapshot(objects)
                self.changed.notify_all()
            operation = Operation(
                len(self.history),
                kind,
                phase,
                subject.type,
                subject.urn,
                subject.id,
                before,
                after,
                self.snapshot,
                error,
            )
            self.history.append(operation)
            if self.on_operation is not None:
                self.on_operation(operation)

    def change(self, current: Object, **hidden: Any) -> Object:
        """Change what AWS alone knows of an object, as AWS or the world would do by itself."""
        with self.lock:
            latest = self.snapshot.get(current.type, current.id) or current
            after = latest.with_hidden(**hidden)
            self.commit("update", "event", latest, after)
            return after

    def drift(self, current: Object, **inputs: Any) -> Object:
        """Change settings of an object outside of Pulumi (an autoscaler, a hand in the console)."""
        with self.lock:
            latest = self.snapshot.get(current.type, current.id) or current
            after = replace(latest, inputs={**latest.inputs, **inputs}, attributes={**latest.attributes, **inputs})
            self.commit("update", "event", latest, after)
            return after

    def forget(self, current: Object) -> None:
        """Delete an object outside of Pulumi."""
        self.commit("delete", "event", current, None)

    # What goes wrong

    def fail_next(
        self,
        match: str = "",
        operation: OperationKind | None = None,
        message: str = "InternalFailure: injected",
        *,
        after: bool = False,
        lost: bool = False,
        seconds: float = 0.0,
    ) -> None:
        """Let the next operation fail whose type is `match` or whose URN ends with it.

        With `after` it happens all the same: the object is there, and the engine is told that it failed. With `lost`
        too, but the engine is told of a failure alone, as when AWS's answer never arrives. It takes `seconds`.
        """
        with self.lock:
            self._failures.append(Failure(match, operation, message, after, lost, seconds=seconds))

    def fail_at(self, number: int, message: str = "InternalFailure: injected", *, after: bool = False) -> None:
        """Let the n-th operation from now on fail, counting from 1."""
        with self.lock:
            self._failures.append(Failure("", None, message, after, countdown=number))

    def fail_each(
        self,
        operation: OperationKind | None = None,
        message: str = "InternalFailure: injected",
        *,
        after: bool = False,
        seconds: float = 0.0,
    ) -> None:
        """Let every operation fail at its first try, however many tries and runs it takes until none is left."""
        with self.lock:
            self._first_try = Failure("", operation, message, after, seconds=seconds)
            self.failed.clear()

    def clear_failures(self) -> None:
        with self.lock:
            self._failures.clear()
            self._first_try = None
            self._outcomes.clear()

    def take_failure(self, operation: OperationKind, token: str, urn: str) -> Failure | None:
        """The failure planned for this operation, which is then used up."""
        failure = self._planned_failure(operation, token, urn)
        if failure:
            time.sleep(failure.seconds)
        return failure

    def _planned_failure(self, operation: OperationKind, token: str, urn: str) -> Failure | None:
        with self.lock:
            self.attempts += 1
            for failure in list(self._failures):
                if failure.fits(operation, token, urn):
                    failure.countdown -= 1
                    if failure.countdown <= 0:
                        self._failures.remove(failure)
                        return failure
            first = self._first_try
            if first and first.fits(operation, token, urn) and (operation, urn) not in self.failed:
                self.failed.add((operation, urn))
                return first
            return None

    def deployment_fails(self, match: str, reason: str = "(task failed to start)") -> None:
        """Let every deployment fail whose service name or container image contains `match`."""
        with self.lock:
            self._outcomes.append((match, reason))

    def deployment_outcome(self, *subjects: str) -> str | None:
        with self.lock:
            for match, reason in self._outcomes:
                if any(match in subject for subject in subjects):
                    return reason
            return None

    def patiently(self, codes: frozenset[str], attempt: Callable[[], None]) -> None:
        """Try until it is not refused with one of these codes, looking again after each change. Holds the lock."""
        deadline = time.monotonic() + self.patience
        while True:
            try:
                attempt()
                return
            except AwsError as error:
                remaining = deadline - time.monotonic()
                if error.code not in codes or remaining <= 0:
                    raise
                self.changed.wait(remaining)

    def wait(self, token: str, operation: OperationKind, urn: str) -> None:
        """Take the time that this operation takes."""
        seconds = self.durations.get(f"{token}:{operation}", self.durations.get(token, 0.0))
        if self.clock is not None:
            self.clock.sleep(urn, seconds)
        elif seconds * self.time_scale > 0:
            time.sleep(seconds * self.time_scale)

    @contextmanager
    def watching(self, check: Callable[[Operation], None]) -> Generator[list[Operation]]:
        """Call `check` after every step; what it raises is kept and raised at the end, outside of the provider."""
        seen: list[Operation] = []
        errors: list[Exception] = []
        previous = self.on_operation

        def note(operation: Operation) -> None:
            seen.append(operation)
            try:
                check(operation)
            except Exception as error:
                errors.append(error)

        self.on_operation = note
        try:
            yield seen
        finally:
            self.on_operation = previous
        if errors:
            raise errors[0]

    # What outlives the process

    def save(self, path: Path) -> None:
        objects = [
            {
                "type": object_.type,
                "id": object_.id,
                "urn": object_.urn,
                "inputs": dict(object_.inputs),
                "attributes": dict(object_.attributes),
                "hidden": dict(object_.hidden),
            }
            for object_ in self.snapshot
        ]
        state: Props = {"region": self.region, "account": self.account, "counter": self._counter, "objects": objects}
        path.write_text(json.dumps(state, indent=1), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Cloud:
        state = json.loads(path.read_text(encoding="utf-8"))
        cloud = cls(region=state["region"], account=state["account"])
        cloud._counter = state["counter"]
        objects = [Object(**item) for item in state["objects"]]
        cloud.snapshot = Snapshot({(object_.type, object_.id): object_ for object_ in objects})
        return cloud
