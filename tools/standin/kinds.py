"""What a resource type is to the stand-in: data for what all types share, functions for the rules of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools.standin.cloud import AwsError, Cloud, Object, Snapshot
from tools.standin.values import Props, at_path

Problem = tuple[str, str]
"""Property path and what is wrong with it."""


@dataclass(frozen=True)
class Settings:
    """How one instance of a provider is configured."""

    region: str
    default_tags: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class Call:
    """One creation, update or deletion, with everything that a rule may want to know."""

    cloud: Cloud
    settings: Settings
    urn: str
    inputs: Props
    before: Object | None = None
    timeout: float = 0.0
    """Seconds that the program grants (`custom_timeouts`), 0 for the provider's default."""

    @property
    def name(self) -> str:
        return self.urn.rpartition("::")[2]

    @property
    def snapshot(self) -> Snapshot:
        return self.cloud.snapshot

    def get(self, name: str, default: Any = None) -> Any:
        value = self.inputs.get(name)
        return default if value is None else value

    def others(self, token: str) -> Iterator[Object]:
        """Objects of a type, without the one that this call is about."""
        for resource in self.snapshot.of(token):
            if self.before is None or resource.id != self.before.id:
                yield resource


@dataclass(frozen=True)
class Ref:
    """An input that names another object, which must exist then, and can't be deleted while this one is there."""

    path: str
    token: str
    attributes: tuple[str, ...] = ("id",)
    blocks: bool = True
    code: str = "InvalidParameterValue"
    prefix: str = ""
    """Only values that begin with this are references to objects of ours."""
    beside: tuple[str, ...] = ()
    """Inputs that both have alike, where one value may name several objects. Default: it names one."""

    def values(self, inputs: Mapping[str, Any]) -> list[Any]:
        return [value for value in at_path(dict(inputs), self.path) if str(value).startswith(self.prefix)]

    def names(self, resource: Object, value: Any, inputs: Mapping[str, Any]) -> bool:
        """Whether it is this object that a value of these inputs names."""
        alike = all(resource[name] == inputs.get(name) for name in self.beside)
        return alike and value in [resource.id if name == "id" else resource[name] for name in self.attributes]

    def target(self, snapshot: Snapshot, value: Any, inputs: Mapping[str, Any]) -> Object | None:
        """The object that a value of these inputs names."""
        return next((resource for resource in snapshot.of(self.token) if self.names(resource, value, inputs)), None)


@dataclass(frozen=True)
class AutoName:
    """The name that pulumi-aws makes up: the logical name and seven hexadecimal digits."""

    property: str = "name"
    maximum: int = 255
    lower: bool = False
    ends: Mapping[str, str] = field(default_factory=dict[str, str])
    """What the name ends with besides, by the input that is true then."""


def _no_rule(_call: Call) -> None:
    return None


def _no_outputs(_call: Call, _identifier: str) -> Props:
    return {}


def _no_problems(_inputs: Props) -> Iterator[Problem]:
    return iter(())


def _nothing_assumed(_inputs: Props) -> Props:
    return {}


def _no_change_problem(_old: Props, _new: Props) -> str | None:
    return None


@dataclass(frozen=True)
class Kind:
    """A resource type. `token` and `make_id` are all that a type without rules needs."""

    token: str
    make_id: Callable[[Call], str]
    cfn: str | None = None
    names: Mapping[str, str | None] = field(default_factory=dict[str, str | None])
    """Pulumi path -> CloudFormation path where the names differ; None: not to be compared; `!X`: X is filled in."""
    autoname: AutoName | None = None
    defaults: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Inputs that the provider fills in when they are left out."""
    computed: frozenset[str] = frozenset()
    """Inputs that stay as they are when they are taken out (Terraform: optional and computed)."""
    assumed: Callable[[Props], Props] = _nothing_assumed
    """What AWS has made of computed inputs that were left out, where an object was made before the stand-in told it."""
    change_problem: Callable[[Props, Props], str | None] = _no_change_problem
    """Why pulumi-aws refuses to plan the change from the old inputs to the new ones, or None."""
    unique: tuple[str, ...] = ()
    """Attributes that together may exist only once in the account and region."""
    unique_code: str = "AlreadyExistsException"
    puts: bool = False
    """AWS's call is a put: made again by the same resource (its answer was lost, say), it overwrites what is there.

    Two resources of the program at one place are refused all the same: the later would win, and nobody be told.
    """
    in_use_code: str = "DependencyViolation"
    refs: tuple[Ref, ...] = ()
    replace: frozenset[str] = frozenset()
    """Paths that force a replacement besides AWS's create-only properties; `*` means all but `in_place`."""
    in_place: frozenset[str] = frozenset()
    """Paths that the provider updates although AWS calls them create-only."""
    sets: frozenset[str] = frozenset()
    """Paths of lists whose order means nothing."""
    kept: frozenset[str] = frozenset()
    """Paths of optional blocks that the provider leaves as they are when the program doesn't write them any more."""
    json_texts: frozenset[str] = frozenset()
    """Paths of JSON texts: compared by what they say."""
    outputs: Callable[[Call, str], Props] = _no_outputs
    unknown_on_update: frozenset[str] = frozenset()
    """Attributes that a preview of an update doesn't know."""
    problems: Callable[[Props], Iterator[Problem]] = _no_problems
    """What the provider itself refuses in preview; unknown values may be among the inputs."""
    verify: Callable[[Call], None] = _no_rule
    """What AWS refuses when an object is made or changed."""
    verify_delete: Callable[[Call], None] = _no_rule
    start: Callable[[Call, Object], Object] | None = None
    """What AWS notes about the object at once, when it is made or changed."""
    finish: Callable[[Call, Object], Object] | None = None
    """What follows while the operation waits (a deployment); may raise `IncompleteError`."""
    drain: Callable[[Call, Object], Object] | None = None
    """What a slow deletion does to the object first."""
    key: str = ""
    """The attribute that tells objects apart where the reported id doesn't (a task definition's is its family)."""
    reported_id: Callable[[Object], str] | None = None
    import_id: Callable[[Object], str] | None = None
    """What `pulumi import` takes in the place of the id."""
    tracked: frozenset[str] = frozenset()
    """Inputs that AWS may change by itself, so that the next plan compares with what it reported."""
    ignored: frozenset[str] = frozenset()
    """Top-level inputs whose change is not a change (a registry's password)."""
    prepare: Callable[[Props, Path], Props] | None = None
    """What the provider makes of the inputs when it checks them (the digest of a build context); the
    path is the program's folder."""
    retries: frozenset[str] = frozenset()
    """Error codes that pulumi-aws waits out, because what is in the way may be going already."""
    delete_before_replace: bool = False
    native: bool = False
    """aws-native: values are checked by AWS and not in preview, write-only properties are never read back."""
    untagged_all: bool = False
    """Has `tags` but reports no `tagsAll`."""


class IncompleteError(Exception):
    """The object exists, but the operation failed: the engine keeps it and updates it next time."""

    def __init__(self, current: Object, message: str) -> None:
        super().__init__(message)
        self.current = current
        self.message = message


def refuse(condition: object, code: str, message: str) -> None:
    """Answer with an AWS error if the condition holds."""
    if condition:
        raise AwsError(code, message)


def describe(current: Object) -> str:
    """An object for an error message: type, id and the name that the program gave it."""
    return f"{current.type.rpartition(':')[2]} {current.id} ({current.name})"
