"""The stand-in without the engine: check, create, update and delete as the engine would, in this process."""

from __future__ import annotations

from typing import Any

from tools.standin import operations
from tools.standin.catalog import KINDS
from tools.standin.cloud import Cloud, Object
from tools.standin.kinds import Call, Settings


class RefusedError(Exception):
    """The inputs are refused before AWS is asked."""


class Driver:
    """Makes objects in a cloud. Refusals that pulumi-aws would wait out are raised at once."""

    def __init__(self, cloud: Cloud | None = None) -> None:
        self.cloud = cloud or Cloud(patience=0)
        self.settings = Settings(self.cloud.region)

    def problems(self, token: str, name: str, /, **inputs: Any) -> list[str]:
        """What a preview of this resource says, as `path problem`."""
        _, found = operations.check(KINDS[token], name, {}, inputs, b"seed", self.cloud.root)
        return [f"{path} {problem}" for path, problem in found]

    def create(self, token: str, name: str, /, **inputs: Any) -> Object:
        """Check and make an object; `RefusedError`, `AwsError` or `IncompleteError` if that fails."""
        kind = KINDS[token]
        checked, found = operations.check(kind, name, {}, inputs, self.cloud.new_id("").encode(), self.cloud.root)
        if found:
            raise RefusedError("; ".join(f"{path} {problem}" for path, problem in found))
        return operations.create(kind, Call(self.cloud, self.settings, self._urn(token, name), checked))

    def update(self, current: Object, **changes: Any) -> Object:
        """Change some inputs of an object in place; None takes one away."""
        kind = KINDS[current.type]
        latest = self.latest(current)
        if problem := kind.change_problem(dict(latest.inputs), {**latest.inputs, **changes}):
            raise RefusedError(problem)
        wanted = {**latest.inputs, **changes}
        news = {name: value for name, value in wanted.items() if value is not None and not name.startswith("__")}
        checked, found = operations.check(kind, latest.name, dict(latest.inputs), news, b"seed", self.cloud.root)
        if found:
            raise RefusedError("; ".join(f"{path} {problem}" for path, problem in found))
        return operations.update(kind, Call(self.cloud, self.settings, latest.urn, checked, latest))

    def delete(self, current: Object) -> None:
        latest = self.latest(current)
        operations.delete(KINDS[current.type], Call(self.cloud, self.settings, latest.urn, dict(latest.inputs), latest))

    def replaces(self, current: Object, **changes: Any) -> list[str]:
        """The changed paths that would force a replacement."""
        latest = self.latest(current)
        found = operations.diff(KINDS[current.type], latest.inputs, {**latest.inputs, **changes})
        return [item.path for item in found if item.replaces]

    def changes(self, current: Object, **changes: Any) -> list[str]:
        """The paths that differ."""
        latest = self.latest(current)
        return [item.path for item in operations.diff(KINDS[current.type], latest.inputs, {**latest.inputs, **changes})]

    def latest(self, current: Object) -> Object:
        return self.cloud.snapshot.get(current.type, current.id) or current

    def _urn(self, token: str, name: str) -> str:
        return f"urn:pulumi:test::standin::{token}::{name}"
