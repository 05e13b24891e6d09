"""`overrides/` beside a manifest: patches of Copilot's own templates, of which is carried over what has a place here.
Pure.

`cfn.patches.yml` is a list of add, remove and replace at JSON pointers into the template of CloudFormation's (Copilot
v1.34, its internal/pkg/override/patch.go; RFC 6901 and 6902). What the task runs with is taken over: containers, size,
volumes, rights of the task's role, the days that logs are kept. All else is told, one line for each patch. Logical ids
and parameters are those of its templates (templates/workloads).
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

from components.input import yaml
from components.input.diagnostics import Problems
from components.input.files import is_there, reported_text, written
from components.input.scalars import Unresolved
from components.input.value import Value
from components.manifest import limits
from components.manifest.exports import Exports
from components.manifest.manifest import Manifest
from components.manifest.storage import FILE_SYSTEM, VOLUME, OwnFiles, Volume
from components.manifest.taskdef_overrides import CPU, EPHEMERAL, MEMORY, PID_MODE, Override, check_top, typed
from components.model.environment import LONGEST_IDLE
from components.model.platforms import LOCAL
from components.model.pseudo_parameters import PSEUDO_PARAMETERS, placeholder, unknown_in
from components.model.where import Where

FOLDER, FILE = "overrides", "cfn.patches.yml"

_IN_TEXT = re.compile(r"\$\{(!?)([^}]*)\}")
_KEY = re.compile(r"[A-Za-z0-9_-]+")
_ARN = re.compile(r"arn:(?:aws[a-z-]*|<AWS::Partition>):iam::(?:\d{12}|aws|<AWS::AccountId>):policy/[\w+=,.@/-]{1,512}")
_POLICY_NAME = re.compile(r"[\w+=,.@-]{1,128}", re.ASCII)
_ROLES = ("TaskRole", "InstanceRole")
_MADE = ("add", "replace")

_BALANCER, _ATTRIBUTES, _IDLE = "PublicLoadBalancer", "LoadBalancerAttributes", "idle_timeout.timeout_seconds"

_INSTEAD = {
    "TaskDefinition": "write it in the manifest, or as add or replace of one key of a container",
    "TaskRole": "grant its permissions with a managed policy: strangler:services.<name>.policies",
    "ExecutionRole": "secrets, images and logs in the manifest already have their permissions",
    "AccessPoint": "use an existing file system and access point: storage.volumes.<name>.efs.id",
    "TargetGroup": "see the fields of http: deregistration_delay, healthcheck, stickiness",
    "LogGroup": "tags are set for the stack: see Pulumi's aws:defaultTags",
    _BALANCER: "see strangler:environments.<name> in docs/config.md",
}
"""What to do about a patch of a resource, by its logical id."""

_NOT_HERE = ("LogResourcePolicy", "AppRunner", "CloudFront", "DelegateDNS", "CustomDomain", "Bootstrap")
"""What the logical ids begin with of what is made with Copilot only: without it nothing is to be done."""


class _ForeignError(Exception):
    """A value that only Copilot's own stack knows. Its text is what was found."""


@dataclass(frozen=True)
class Patches:
    """What is carried over."""

    overrides: tuple[Override, ...] = ()
    """Changes of the task definition, in their order. Default: none."""
    volumes: tuple[Volume, ...] = ()
    """Of the task. Default: none."""
    policies: tuple[tuple[str, str], ...] = ()
    """Managed policies of the task's role, by a name of each. Default: none."""
    rights: tuple[tuple[str, str], ...] = ()
    """Further policies of the task's role, as JSON by name. Default: none."""
    retention: int | None = None
    """Days that logs are kept. Default: what the manifest says."""


@dataclass(frozen=True)
class TemplateValues:
    """What values of a template may refer to."""

    application: str
    """The Copilot application's name."""
    environment: str
    """The Copilot environment's name."""
    service: str = ""
    """The service's name. Default: the template is that of environments."""
    exports: Exports = field(default_factory=Exports)
    """What other stacks export. Default: none is known before `up`."""

    @property
    def names(self) -> dict[str, str]:
        """The template's parameters, by name."""
        stack = "-".join(part for part in (self.application, self.environment, self.service) if part)
        of_environment = {"EnvironmentName": self.environment, "EnvName": self.environment}
        return {"AppName": self.application, **of_environment, "WorkloadName": self.service, "AWS::StackName": stack}


def read_patches(beside: Path, folder: Path, known: TemplateValues, problems: Problems) -> Patches:
    """What is carried over of the overrides beside a service's manifest. folder: the project's, for messages."""
    found = Patches()
    for item in _listed(beside, folder, problems):
        patch = _patch(item)
        if patch is not None:
            found = _applied(found, patch, known)
    return found


def read_environment_patches(beside: Path, folder: Path, problems: Problems) -> int | None:
    """Seconds that a connection of the environments' load balancer may be silent, by their patches; None: none says.
    All else is told: network and load balancer are made from the settings."""
    found: int | None = None
    for item in _listed(beside, folder, problems):
        patch = _patch(item)
        if patch is None or patch.is_vain:
            continue
        attributes = patch.op in _MADE and patch.resource == _BALANCER and patch.inner == (_ATTRIBUTES, "-")
        value = item.get("value")
        if attributes and value.get("Key").value == _IDLE and not isinstance(value.get("Value").value, Unresolved):
            found = value.get("Value").integer(found, 1, LONGEST_IDLE)
        else:
            patch.leave_out()
    return found


def with_patches(manifest: Manifest, patches: Patches) -> Manifest:
    """The manifest with what is carried over: the patches come last, as with Copilot."""
    own = {volume.name: volume for volume in manifest.volumes}
    added = {volume.name: volume for volume in patches.volumes}
    return replace(
        manifest,
        overrides=(*manifest.overrides, *patches.overrides),
        volumes=tuple(volume for _, volume in sorted({**added, **own}.items())),
        policies=(*manifest.policies, *patches.policies),
        rights=patches.rights,
        retention=patches.retention or manifest.retention,
    )


@dataclass(frozen=True)
class _Patch:
    """One change of a template."""

    at: Value
    """Its place."""
    op: str
    """`add`, `remove` or `replace`."""
    keys: tuple[str, ...]
    """What leads to what is changed."""

    @property
    def resource(self) -> str:
        """The logical id of the resource; empty: it is of none."""
        return self.keys[1] if len(self.keys) > 1 and self.keys[0] == "Resources" else ""

    @property
    def inner(self) -> tuple[str, ...]:
        """What leads there from the resource's properties."""
        return self.keys[3:] if len(self.keys) > 3 and self.keys[2] == "Properties" else ()

    @property
    def is_vain(self) -> bool:
        """Whether it changes what isn't made here at all."""
        return self.resource.startswith(_NOT_HERE) or self.keys[:1] == ("Outputs",)

    def leave_out(self, why: str = "") -> None:
        """Tells that it isn't carried over. why: besides."""
        resource = "TaskRole" if self.resource in _ROLES else self.resource.rstrip("0123456789")
        found = f"a patch of Copilot's template that can't be applied here ({self.op} {self.at.get('path').text('')})"
        remedy = _INSTEAD.get(resource, "configure it in the manifest or the config, or outside of this stack")
        self.at.problems.warn(self.at.get("path").where, f"{found}{f': {why}' if why else ''}", remedy)


def _listed(beside: Path, folder: Path, problems: Problems) -> list[Value]:
    """The patches in `overrides/`."""
    home = beside / FOLDER
    if not is_there(home, Path.is_dir):
        return []
    where = written(home / FILE, folder)
    if is_there(home / FILE, Path.is_file):
        return yaml.load_list(reported_text(home / FILE, where, problems), where, problems).items()
    if is_there(home / "cdk.json", Path.is_file):
        found = "a CDK program that patches Copilot's template, which Strangler doesn't run"
        remedy = "configure it in the manifest or the config, or write patches in overrides/cfn.patches.yml"
        problems.warn(Where(written(home, folder)), found, remedy)
    return []


def _patch(item: Value) -> _Patch | None:
    """A patch; None, and reported, if it is none that Copilot would take."""
    item.require_map()
    op = item.required("op", "write add, remove or replace").choice("", ("add", "remove", "replace"))
    path = item.required("path", "write the path, such as /Resources/LogGroup/Properties/RetentionInDays").text("")
    if op in _MADE and item.is_map() and "value" not in item.names():
        item.get("value").fail("write the value to put there", "missing")
        return None
    # `~1` and `~0` stand for signs that no key has which is carried over.
    return _Patch(item, op, tuple(path.split("/")[1:])) if op and path else None


def _applied(found: Patches, patch: _Patch, known: TemplateValues) -> Patches:
    if patch.is_vain:
        return found
    read = _readers(patch)
    if read is None:
        patch.leave_out()
        return found
    try:
        return read(found, patch, known)
    except _ForeignError as foreign:
        patch.leave_out(str(foreign))
        return found


_Reader = Callable[[Patches, _Patch, TemplateValues], Patches]


def _readers(patch: _Patch) -> _Reader | None:
    """Who reads a patch; None: it has no place here."""
    if patch.op not in _MADE or not patch.inner:
        return None
    first, rest = patch.inner[0], patch.inner[1:]
    if patch.resource == "TaskDefinition":
        if first == "Volumes" and rest in ((), ("-",)):
            return _volumes
        return _override if _path(patch) else None
    if patch.resource in _ROLES and (rest == () or (patch.op == "add" and len(rest) == 1)):
        # In which order they come makes no difference; the whole list of Copilot's own isn't replaced.
        return {"ManagedPolicyArns": _managed, "Policies": _inline if rest else None}.get(first)
    if patch.resource == "LogGroup" and patch.inner == ("RetentionInDays",):
        return _retention
    return None


# The task definition


def _path(patch: _Patch) -> str:
    """The path of `taskdef_overrides` for a patch of the task definition; empty: there is none."""
    first, rest = patch.inner[0], patch.inner[1:]
    if not rest and first in (CPU, MEMORY, PID_MODE):
        return first
    if first == "EphemeralStorage" and rest in ((), ("SizeInGiB",)):
        return EPHEMERAL
    # An item that is put between others has no such path, and others know a container by its name.
    between = patch.op == "add" and patch.inner[-1].isdigit()
    if first != "ContainerDefinitions" or len(rest) < 2 or not rest[0].isdigit() or between or rest[1] == "Name":
        return ""
    path = f"{first}[{rest[0]}]"
    for key in rest[1:]:
        if key.isdigit() or (key == "-" and patch.op == "add"):
            path += f"[{key}]"
        elif key != "-" and _KEY.fullmatch(key):
            path += f".{key}"
        else:
            return ""
    return "" if "][" in path else path


def _override(found: Patches, patch: _Patch, known: TemplateValues) -> Patches:
    path, value = _path(patch), patch.at.get("value")
    if path == EPHEMERAL and value.is_map():
        value = value.get("SizeInGiB")
    put = _now(_resolved(value.value, known))
    if path in (CPU, MEMORY, PID_MODE, EPHEMERAL):
        check_top(path, replace(value, value=put))
    if known.exports.platform == LOCAL:
        if path.startswith("ContainerDefinitions"):
            why = "there is no task definition on the platform local"
            patch.at.problems.warn(patch.at.get("path").where, "a patch that is omitted", why)
        return found
    made = Override(path, json.dumps(put, sort_keys=True), where=patch.at.get("path").where)
    return replace(found, overrides=(*found.overrides, made))


def _volumes(found: Patches, patch: _Patch, known: TemplateValues) -> Patches:
    value = patch.at.get("value")
    volumes = tuple(_volume(item, known) for item in ([value] if patch.inner[1:] else value.items()))
    return replace(found, volumes=(*(found.volumes if patch.inner[1:] else ()), *volumes))


def _volume(at: Value, known: TemplateValues) -> Volume:
    """A volume of the task definition (CloudFormation user guide, AWS::ECS::TaskDefinition Volume); containers mount it
    by their own mount points."""
    at.require_map()
    name = at.required("Name", "write the volume's name").matching(VOLUME, "give 1 to 255 letters, digits, - and _", "")
    if other := next((key for key in at.names() if key not in ("Name", "EFSVolumeConfiguration", "Host")), None):
        raise _ForeignError(f"{other} of the volume {name}")
    if at.get("Host").value not in (None, {}):
        raise _ForeignError(f"Fargate has no host directories for the volume {name}")
    files = at.get("EFSVolumeConfiguration")
    return Volume(name, read_only=False, efs=_files(files, known) if files else None)


def _files(at: Value, known: TemplateValues) -> OwnFiles:
    whole = cast("Mapping[str, object]", _now(_resolved(at.value, known)) if at.is_map() else {})
    at = replace(at, value=whole)
    auth = at.get("AuthorizationConfig")
    remedy = "give a file system's id, such as fs-0a1b2c3d4e5f67890"
    return OwnFiles(
        id=at.required("FilesystemId", remedy).matching(FILE_SYSTEM, remedy, ""),
        root=at.get("RootDirectory").text("/") or "/",
        iam=auth.get("IAM").choice("DISABLED", ("ENABLED", "DISABLED")) == "ENABLED",
        access_point=auth.get("AccessPointId").text(),
    )


# The role


def _managed(found: Patches, patch: _Patch, known: TemplateValues) -> Patches:
    value = patch.at.get("value")
    added = dict(found.policies)
    for item in value.items() if isinstance(value.value, list) else [value]:
        arn = _resolved(item.value, known)
        if not isinstance(arn, str) or not _ARN.fullmatch(arn):
            raise _ForeignError("give the ARN of a managed policy")
        added[arn.rpartition("/")[2]] = arn
    return replace(found, policies=tuple(added.items()))


def _inline(found: Patches, patch: _Patch, known: TemplateValues) -> Patches:
    value = patch.at.get("value")
    value.require_map()
    document = value.required("PolicyDocument", "write the policy's document")
    if document:
        document.require_map()
    name = _resolved(value.required("PolicyName", "write the policy's name").value, known)
    if not isinstance(name, str) or not _POLICY_NAME.fullmatch(name):
        raise _ForeignError("give the policy a name of letters, digits and _+=,.@-")
    text = json.dumps(_resolved(document.value, known), sort_keys=True, separators=(",", ":"))
    return replace(found, rights=tuple(sorted({**dict(found.rights), name: text}.items())))


def _retention(found: Patches, patch: _Patch, known: TemplateValues) -> Patches:
    value = patch.at.get("value")
    return replace(found, retention=limits.retention(replace(value, value=_now(_resolved(value.value, known))), 30))


# Values


def _resolved(value: object, known: TemplateValues) -> object:
    """A value of a template, in which parameters and exports are put in. Raises _ForeignError."""
    if isinstance(value, Unresolved):
        if not value.tag:
            raise _ForeignError(value.found)
        return _of_function(value.tag, value.text, known)
    if isinstance(value, list):
        return [_resolved(item, known) for item in cast("list[object]", value)]
    if isinstance(value, dict):
        tree = cast("Mapping[str, object]", value)
        (only, *more) = tree or [""]
        if not more and (only == "Ref" or only.startswith("Fn::")):
            return _of_function(only.removeprefix("Fn::"), _resolved(tree[only], known), known)
        return {key: _resolved(inner, known) for key, inner in tree.items()}
    return typed(value)


def _of_function(name: str, argument: object, known: TemplateValues) -> object:
    if isinstance(argument, str):
        if name == "Ref":
            return _named(argument, known)
        if name == "Sub":
            return _IN_TEXT.sub(lambda found: f"${{{found[2]}}}" if found[1] else _named(found[2], known), argument)
        if name == "ImportValue":
            export = str(_now(argument))
            at = Value(export, "", "", Problems())
            exported = known.exports.value(at, needed=False)
            if at.problems.errors:
                raise _ForeignError(at.problems.errors[0].found)
            return exported
    raise _ForeignError(f"only Copilot's own stack knows the value of !{name}")


def _named(name: str, known: TemplateValues) -> str:
    name = name.strip()
    if name in PSEUDO_PARAMETERS:
        return placeholder(name)
    if name not in known.names:
        raise _ForeignError(f"{name} is in Copilot's own stack")
    return known.names[name]


def _now(value: object) -> object:
    """A value that is wanted before the account is known. Raises _ForeignError."""
    if unknown := unknown_in(json.dumps(value)):
        raise _ForeignError(f"{unknown[0]} isn't known until it is created")
    return value
