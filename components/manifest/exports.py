"""`from_cfn`: the values of CloudFormation's exports, put in where a manifest names them. Pure.

Copilot takes an export for a variable, a secret, a security group and the id of a file system, and nowhere else (v1.34,
the fields of type StringOrFromCFN).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Protocol

from components.input.diagnostics import did_you_mean
from components.input.scalars import TextList
from components.input.value import Value
from components.manifest.support import Group, Known, State
from components.model.platforms import AWS, LOCAL

FROM_CFN = "from_cfn"
_PENDING = "<from CloudFormation, known at up"


class LookUpError(Exception):
    """What couldn't be looked up, in one line: what was found, and what to do."""

    def __init__(self, found: str, remedy: str) -> None:
        super().__init__(f"{found}; {remedy}")
        self.found, self.remedy = found, remedy


@dataclass(frozen=True)
class AddonsStack:
    """Where a service's addons are."""

    application: str
    """The Copilot application's name."""
    environment: str
    """The Copilot environment's name."""
    service: str
    """The service's name."""
    stack: str | None = None
    """The name of their live stack. Default: it is found by the three."""


class LookUps(Protocol):
    """What a platform asks an account while settings are read."""

    def export(self, name: str) -> str:
        """The value of an export. Raises LookUpError."""
        ...

    def addons(self, place: AddonsStack) -> Mapping[str, str] | None:
        """The outputs of the stack of a service's addons; None: they aren't known before `up`. Raises LookUpError."""
        ...

    def has_topic(self, name: str) -> bool | None:
        """Whether there is a topic of SNS of this name; None: that isn't known before `up`. Raises LookUpError."""
        ...


def pending(name: str) -> str:
    """What stands for a value until it is known: in a plan without an account."""
    return f"{_PENDING}: {name}>"


def is_pending(value: object) -> bool:
    """Whether a value stands for one that isn't known yet."""
    return isinstance(value, str) and value.startswith(_PENDING)


@dataclass(frozen=True)
class Exports:
    """The exports that manifests may name."""

    platform: str = AWS
    """`aws` (default) or `local`, which asks no account."""
    given: Mapping[str, str] = field(default_factory=dict[str, str])
    """Values by name, from the config key `exports`; they go before the account's. Default: none."""
    look_ups: LookUps | None = None
    """Who asks the account. Default: nobody, and what isn't given is pending."""
    used: set[str] = field(default_factory=set[str], compare=False)
    """The names that manifests have. Default: none yet."""

    def value(self, at: Value, *, needed: bool) -> str | None:
        """The value of the export that is named here; None if the service goes without it, which is told. What is
        wrong is told too. needed: whether the platform does something with it."""
        name = at.text("", "give the name of an export")
        if not name:
            if at.value == "":
                at.fail("give the name of an export")
            return pending(name)
        self.used.add(name)
        if name in self.given:
            return self.given[name]
        if self.platform == LOCAL:
            return self._without(at, name) if needed else pending(name)
        try:
            return self.look_ups.export(name) if self.look_ups else pending(name)
        except LookUpError as error:
            at.fail(error.remedy, error.found)
            return pending(name)

    def _without(self, at: Value, name: str) -> None:
        found = f"a CloudFormation export, omitted on the platform {self.platform}"
        at.problems.warn(at.where, found, f"if it is needed, set strangler:exports.{name}")

    def check(self, at: Value) -> None:
        """Tells of exports that the config gives and no manifest names. at: the config key `exports`."""
        for name in self.given:
            if name not in self.used:
                at.problems.warn(at.get(name).where, "no manifest names it", did_you_mean(name, self.used))


def read_exports(
    at: Value, platform: str, look_ups_for: Callable[[str], LookUps | None] = lambda _platform: None
) -> Exports:
    """The config key `exports`. look_ups_for: who asks the account, by the platform."""
    return Exports(platform, at.mapped(lambda value: value.text("", "give the export's value")), look_ups_for(platform))


class _Nothing(Enum):
    """Stands for what is left out."""

    NOTHING = 0


_IMPORT = re.compile(r"Fn::ImportValue: *(['\"]?)(?P<name>[A-Za-z0-9:-]+)\1")


def _import_of(at: Value, known: Known | None) -> Value:
    """An item of a list as `from_cfn`, if it is a text that CloudFormation takes for that: Copilot writes security
    groups into its template as they stand (v1.34, its service-base-properties.yml)."""
    found = _IMPORT.fullmatch(at.value.strip()) if isinstance(at.value, str) else None
    takes = isinstance(known, Group) and FROM_CFN in known.fields
    return replace(at, value={FROM_CFN: found["name"]}) if found and takes else at


def filled(at: Value, fields: Group, exports: Exports) -> object:
    """The manifest with the value of each export in the place of its name. fields: the table of its fields."""
    return _filled(at, fields, exports)


def _filled(at: Value, known: Known | None, exports: Exports) -> object:
    if not isinstance(known, Group):
        return at.value
    name, field = at.get(FROM_CFN), known.fields.get(FROM_CFN)
    if name and field:
        needed = not isinstance(field, Group) and field.on(exports.platform) is State.BUILT
        value = exports.value(name, needed=needed)
        return _Nothing.NOTHING if value is None else value
    if at.is_map():
        tree = {key: _filled(inner, known.of(key), exports) for key, inner in at.entries()}
        return {key: value for key, value in tree.items() if value is not _Nothing.NOTHING}
    if isinstance(at.value, TextList):
        return at.value
    if isinstance(at.value, list):
        listed = [_filled(_import_of(item, known.item), known.item, exports) for item in at.places()]
        return [value for value in listed if value is not _Nothing.NOTHING]
    return at.value
