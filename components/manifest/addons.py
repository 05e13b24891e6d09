"""A service's addons: templates of CloudFormation's next to its manifest, whose outputs the service gets. Pure.

As Copilot reads them (v1.34, internal/pkg/addon/output.go and template/template_functions.go): what an output becomes
goes by the type of the resource that it refers to by a plain `Ref`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from enum import Enum
from pathlib import Path

from components.input import yaml
from components.input.diagnostics import Problems, did_you_mean
from components.input.files import UnreadableError, entries, is_there, reported_text, written
from components.input.scalars import Unresolved
from components.input.value import Value
from components.manifest.exports import AddonsStack, Exports, LookUpError, is_pending, pending
from components.manifest.manifest import Manifest
from components.manifest.network import GROUP_ID
from components.manifest.sidecars import Sidecar
from components.manifest.variables import Secret, read_secrets
from components.model.platforms import LOCAL
from components.model.where import Where

FOLDER = "addons"
_PARAMETERS = ("addons.parameters.yml", "addons.parameters.yaml")
_POLICY = re.compile(r"arn:aws[a-z-]*:iam::(?:\d{12}|aws):policy/[\w+=,.@/-]{1,512}", re.ASCII)
_POLICY_REMEDY = "give the ARN of a managed policy, such as arn:aws:iam::123456789012:policy/orders"
MOST_POLICIES = 10
"""Managed policies of a role, unless the account has more (IAM quotas)."""


class Kind(Enum):
    """What an output becomes."""

    VARIABLE = "a variable"
    SECRET = "a secret"
    POLICY = "a policy of the task's role"
    GROUP = "a security group, and a variable"


_KINDS = {
    "AWS::SecretsManager::Secret": Kind.SECRET,
    "AWS::IAM::ManagedPolicy": Kind.POLICY,
    "AWS::EC2::SecurityGroup": Kind.GROUP,
}


def variable_name(output: str) -> str:
    """The variable of an output: `usersDDBTableName` is USERS_DDB_TABLE_NAME."""
    split = re.sub(r"([a-z0-9]+)([A-Z])", r"\1_\2", output)
    return re.sub(r"([A-Z0-9])([A-Z][a-z])", r"\1_\2", split).upper()


def read_outputs(beside: Path, folder: Path, problems: Problems) -> dict[str, Kind]:
    """What each output of the templates in `addons/` becomes, by name. folder: the project's, for messages."""
    home = beside / FOLDER
    if not is_there(home, Path.is_dir):
        return {}
    types, outputs = dict[str, str](), dict[str, Value]()
    for file in _templates(home, folder, problems):
        where = written(file, folder)
        at = yaml.load(reported_text(file, where, problems), where, problems)
        types |= {name: resource.get("Type").text("") for name, resource in at.get("Resources").entries()}
        for name, output in at.get("Outputs").entries():
            if name in outputs and outputs[name].value != output.value:
                output.fail("keep one of them", f"{outputs[name].where} also has an output {name}")
            outputs[name] = output
    return {
        name: _KINDS.get(types.get(_referred(output.get("Value")), ""), Kind.VARIABLE)
        for name, output in outputs.items()
    }


def _templates(home: Path, folder: Path, problems: Problems) -> Iterator[Path]:
    try:
        listed = entries(home)
    except UnreadableError as failure:
        problems.add(Where(written(home, folder)), f"can't be read: {failure}", "make it a readable folder")
        return
    for path in listed:
        if path.suffix in (".yml", ".yaml") and path.name not in _PARAMETERS and is_there(path, Path.is_file):
            yield path


def _referred(at: Value) -> str:
    """The resource that a value refers to by a plain Ref; empty: by none."""
    if isinstance(at.value, Unresolved):
        return (at.value.text or "").strip() if at.value.tag == "Ref" else ""
    only = at.get("Ref").value if at.names() == ["Ref"] else None
    return only if isinstance(only, str) else ""


def given(kinds: Mapping[str, Kind], settings: Value, place: AddonsStack, exports: Exports) -> dict[str, Value]:
    """The values of the outputs, each with the place that it comes from: from the config, else from the live stack.
    settings: the config key `services.<name>.addons`: the stack's name, or a map with `stack` and `outputs`."""
    own = settings.get("outputs")
    stack = settings.get("stack") if settings.is_map() else settings
    if settings.is_map():
        settings.only(("stack", "outputs"))
    for name, value in own.entries():
        value.text("", "give the output's value")
        if name not in kinds:
            value.fail(did_you_mean(name, kinds), f"the addons have no output {name!r}")
    place = replace(place, stack=stack.text(None, "give the addons' stack name, or a map with outputs"))
    live = _live([name for name in kinds if name not in own.names()], settings, place, exports)
    found = {name: own.get(name) for name in kinds if name in own.names()}
    return found | {name: _at(settings, name, value) for name, value in live.items()}


def _at(settings: Value, output: str, value: str) -> Value:
    return replace(settings, value=value, path=f"{settings.path}.outputs.{output}")


def _live(wanted: list[str], settings: Value, place: AddonsStack, exports: Exports) -> dict[str, str]:
    problems, remedy = settings.problems, f"set strangler:services.{place.service}.addons.outputs"
    if wanted and exports.platform == LOCAL:
        found = f"outputs of its addons, omitted on the platform local: {', '.join(wanted)}"
        problems.warn(settings.where, found, f"where they are needed, {remedy}")
    if not wanted or exports.platform == LOCAL:
        return {}
    try:
        outputs = exports.look_ups.addons(place) if exports.look_ups else None
    except LookUpError as error:
        settings.fail(error.remedy, error.found)
        return {}
    if outputs is None:
        return {name: pending(name) for name in wanted}
    missing = [name for name in wanted if name not in outputs]
    if missing:
        settings.fail(f"deploy it with Copilot, or {remedy}", f"its addons' stack has no output {', '.join(missing)}")
    return {name: outputs[name] for name in wanted if name in outputs}


def with_addons(manifest: Manifest, kinds: Mapping[str, Kind], values: Mapping[str, Value]) -> Manifest:
    """The manifest with what the outputs give it. What it says itself goes before a variable or secret of theirs."""
    variables, secrets, groups, policies = dict[str, str](), dict[str, Secret](), list[str](), dict[str, str]()
    for name, at in values.items():
        kind = kinds[name]
        if kind is Kind.SECRET:
            secrets |= dict(read_secrets(replace(at, value={variable_name(name): at.value})))
        elif kind is Kind.POLICY:
            policies[name] = _matching(at, _POLICY, _POLICY_REMEDY)
        else:
            variables[variable_name(name)] = at.text("")
        if kind is Kind.GROUP:
            groups.append(_matching(at, GROUP_ID, "give a security group's id, such as sg-0a1b2c3d"))
    own, router = manifest.network.security_groups, manifest.router
    groups = [group for group in dict.fromkeys(groups) if group not in own]
    return replace(
        manifest,
        variables=_beside(variables, manifest.variables),
        sidecars=tuple(_with_variables(sidecar, variables) for sidecar in manifest.sidecars),
        router=router and replace(router, container=_with_variables(router.container, variables)),
        secrets=tuple(sorted({**secrets, **dict(manifest.secrets)}.items())),
        network=replace(manifest.network, security_groups=(*own, *groups)),
        policies=(*manifest.policies, *sorted(policies.items())),
    )


def _matching(at: Value, form: re.Pattern[str], remedy: str) -> str:
    return str(at.value) if is_pending(at.value) else at.matching(form, remedy, "")


def _with_variables(sidecar: Sidecar, variables: Mapping[str, str]) -> Sidecar:
    return replace(sidecar, variables=_beside(variables, sidecar.variables))


def _beside(given: Mapping[str, str], own: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted({**given, **dict(own)}.items()))


def read_policies(at: Value) -> tuple[tuple[str, str], ...]:
    """The config key `services.<name>.policies`: ARNs of managed policies, each with a name of its own."""
    found = dict[str, str]()
    for item in at.items():
        arn = item.matching(_POLICY, _POLICY_REMEDY)
        if arn is None:
            continue
        name = arn.rpartition("/")[2]
        if name in found:
            item.fail("remove one", f"duplicate policy {name!r}")
        found[name] = arn
    return tuple(sorted(found.items()))


def check_policies(manifest: Manifest, at: Value) -> None:
    """Reports more policies than a role takes, and two of one name."""
    names = [name for name, _ in manifest.policies]
    if len(names) > MOST_POLICIES:
        at.fail(f"a role allows {MOST_POLICIES} managed policies", f"found {len(names)}, including those of its addons")
    for name in sorted({name for name in names if names.count(name) > 1}):
        at.fail("remove it", f"{name} also comes from its addons")
