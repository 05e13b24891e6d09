"""The life of an object, the same for all types: check, diff, create, update, delete."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any, cast

from tools.standin import schema, shapes
from tools.standin.catalog import KINDS
from tools.standin.cloud import NOTHING, AwsError, Object, OperationKind
from tools.standin.kinds import Call, IncompleteError, Kind, Problem, describe
from tools.standin.values import UNKNOWN, Props, canonical, contains_unknown, is_unknown

_DEFAULTS = "__defaults"
"""Where the Terraform bridge notes which inputs it filled in by itself."""


@dataclass(frozen=True)
class Change:
    """One difference; `path` is a Pulumi property path such as `tags.Name` or `subnets[0]`."""

    path: str
    kind: str
    replaces: bool


# Check


def check(kind: Kind, name: str, olds: Props, news: Props, seed: bytes, root: Path) -> tuple[Props, list[Problem]]:
    """The inputs with what the provider fills in, and everything that it refuses before AWS is asked."""
    inputs, defaulted = {name: value for name, value in news.items() if name != _DEFAULTS}, set[str]()
    found = list(shapes.problems(kind.token, inputs))
    for default, value in kind.defaults.items():
        if inputs.get(default) is None:
            inputs[default] = value
            defaulted.add(default)
    if kind.autoname is not None and _wants_name(kind, inputs):
        made, problem = _autoname(kind, name, inputs, olds, seed)
        if problem:
            found.append((kind.autoname.property, problem))
        inputs[kind.autoname.property] = made
        defaulted.add(kind.autoname.property)
    if not found:
        found.extend(kind.problems(inputs))
        if kind.cfn and not kind.native:
            found.extend(schema.problems(kind.cfn, inputs, kind.names))
    if not found and kind.prepare is not None:
        inputs, found = _prepared(kind, inputs, root)
    if defaulted:
        inputs[_DEFAULTS] = sorted(defaulted)
    return inputs, found


def is_repeatable(kind: Kind, olds: Props, news: Props) -> bool:
    """Whether `check` says the same of the same olds and news again: it makes no name up, and reads no files."""
    made = kind.autoname is not None and _wants_name(kind, news)
    kept = made and kind.autoname is not None and kind.autoname.property in olds.get(_DEFAULTS, [])
    return kind.prepare is None and (kept or not made)


def _prepared(kind: Kind, inputs: Props, root: Path) -> tuple[Props, list[Problem]]:
    assert kind.prepare is not None
    try:
        return kind.prepare(inputs, root), []
    except AwsError as error:
        return inputs, [(error.code, error.message)]


def _wants_name(kind: Kind, inputs: Props) -> bool:
    assert kind.autoname is not None
    return inputs.get(kind.autoname.property) is None and inputs.get(f"{kind.autoname.property}Prefix") is None


def _autoname(kind: Kind, name: str, inputs: Props, olds: Props, seed: bytes) -> tuple[str, str]:
    assert kind.autoname is not None
    auto = kind.autoname
    if auto.property in cast("list[str]", olds.get(_DEFAULTS, [])):
        return olds[auto.property], ""
    suffix = hashlib.sha256(seed + name.encode()).hexdigest()[:7]
    end = "".join(text for key, text in auto.ends.items() if inputs.get(key) is True)
    made = f"{name.lower() if auto.lower else name}-{suffix}{end}"
    if len(made) > auto.maximum:
        return made, (
            f"failed to auto-generate value for {auto.property}: prefix {name}- is too long for the maximum of "
            f"{auto.maximum} characters with a suffix of 7"
        )
    return made, ""


# Diff


def diff(kind: Kind, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """What differs between the inputs of then and now, and what of it forces a replacement."""
    changes: list[Change] = []
    for path, what, before, after in _differences(kind, "", dict(old), dict(new)):
        changes.append(Change(path, what, _forces(kind, path, before, after)))
    return changes


def needs_delete_first(kind: Kind, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether the bridge deletes first: a name that the program fixed can't be in use twice."""
    if kind.native or kind.delete_before_replace:
        return True
    if kind.autoname is None:
        return False
    field = kind.autoname.property
    fixed = field in new and field not in cast("list[str]", new.get(_DEFAULTS, []))
    return fixed and old.get(field) == new.get(field)


def _differences(kind: Kind, path: str, old: Any, new: Any) -> Iterator[tuple[str, str, Any, Any]]:
    plain = re.sub(r"\[\d+\]", "", path)
    if _same(kind, plain, old, new):
        return
    if isinstance(old, dict) and isinstance(new, dict):
        before, after = cast("Props", old), cast("Props", new)
        skipped = {_DEFAULTS, *kind.ignored} if not path else set[str]()
        for name in sorted({*before, *after} - skipped):
            yield from _differences(kind, f"{path}.{name}" if path else name, before.get(name), after.get(name))
    elif isinstance(old, list) and isinstance(new, list) and old and new:
        pairs = zip_longest(cast("list[Any]", old), cast("list[Any]", new))
        for index, (before, after) in enumerate(pairs):
            yield from _differences(kind, f"{path}[{index}]", before, after)
    else:
        yield path, "add" if _empty(old) else "delete" if _empty(new) else "update", old, new


def _empty(value: Any) -> bool:
    return value is None or value in ({}, [])


def _same(kind: Kind, plain: str, old: Any, new: Any) -> bool:
    if is_unknown(new) or is_unknown(old):
        return False
    if _empty(new) and (_empty(old) or plain in kind.computed):
        return True
    if plain in kind.kept and _empty(new):
        return True
    if plain in kind.json_texts and isinstance(old, str) and isinstance(new, str):
        return _parsed(old) == _parsed(new)
    if isinstance(old, list) and isinstance(new, list) and plain in kind.sets and not contains_unknown(new):
        return sorted(map(canonical, cast("list[Any]", old))) == sorted(map(canonical, cast("list[Any]", new)))
    return isinstance(old, bool) == isinstance(new, bool) and old == new


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _forces(kind: Kind, path: str, old: Any, new: Any) -> bool:
    plain = re.sub(r"\[\d+\]", "", path)
    covering = [plain[: match.start()] for match in re.finditer(r"\.|$", plain)]
    if any(place in kind.in_place for place in covering):
        return False
    if "*" in kind.replace or any(place in kind.replace for place in covering):
        return True
    if kind.cfn is None:
        return False
    leaves = list(_leaves(plain, old)) + list(_leaves(plain, new))
    fixed = schema.create_only(kind.cfn)
    for leaf in leaves or [plain]:
        found = schema.cfn_path(kind.cfn, leaf, kind.names)
        if found and any(found == place or found.startswith(place + ".") for place in fixed):
            return True
    return False


def _leaves(path: str, value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in cast("Props", value).items():
            yield from _leaves(f"{path}.{name}", inner)
    elif value is not None:
        yield path


# Create, update, delete


def planned(kind: Kind, call: Call, before: Mapping[str, Any] | None) -> Props:
    """What a preview can say of the object: its inputs, and unknowns for what AWS decides."""
    names = shapes.outputs_of(kind.token)
    inputs = _visible(call.inputs)
    if before is None:
        return {**{name: UNKNOWN for name in names if name not in inputs}, **_tags_all(kind, call), **inputs}
    known = {name: value for name, value in before.items() if name in names}
    unknown = {name: UNKNOWN for name in kind.unknown_on_update if name not in inputs}
    dropped = {name for name in known if name in shapes.inputs_of(kind.token).properties and name not in inputs}
    kept = {name: value for name, value in known.items() if name not in dropped}
    return {**kept, **unknown, **_tags_all(kind, call), **inputs}


def create(kind: Kind, call: Call) -> Object:
    """Make the object, or raise what AWS says."""
    failure = call.cloud.take_failure("create", kind.token, call.urn)
    if failure and not (failure.after or failure.lost):
        raise AwsError("", failure.message)
    with call.cloud.lock:
        call.cloud.patiently(kind.retries, lambda: _verify(kind, call))
        identifier = kind.make_id(call)
        current = _build(kind, call, identifier)
        call.cloud.commit("create", "begin" if _slow(kind, call, "create") else "end", None, current)
    current = _finish(kind, call, current, "create")
    if failure:
        raise AwsError("", failure.message) if failure.lost else IncompleteError(current, failure.message)
    return current


def update(kind: Kind, call: Call) -> Object:
    """Change the object, or raise what AWS says."""
    before = call.before
    assert before is not None
    failure = call.cloud.take_failure("update", kind.token, call.urn)
    if failure and not (failure.after or failure.lost):
        raise AwsError("", failure.message)
    if kind.native and not diff(kind, before.inputs, call.inputs):
        # An empty patch: Cloud Control has nothing to do, whatever state the object is in.
        return before
    with call.cloud.lock:
        _verify(kind, call)
        current = _build(kind, call, before.id)
        call.cloud.commit("update", "begin" if _slow(kind, call, "update") else "end", before, current)
    current = _finish(kind, call, current, "update")
    if failure:
        raise AwsError("", failure.message) if failure.lost else IncompleteError(current, failure.message)
    return current


def delete(kind: Kind, call: Call) -> None:
    """Remove the object, or raise what AWS says. One that is gone already is none of our business."""
    before = call.before
    failure = call.cloud.take_failure("delete", kind.token, call.urn)
    if failure and not (failure.after or failure.lost):
        raise AwsError("", failure.message)
    if before is not None:
        with call.cloud.lock:
            doomed = before
            call.cloud.patiently(kind.retries, lambda: _verify_delete(kind, call, doomed))
            before = call.snapshot.get(before.type, before.id) or before
            current = kind.drain(call, before) if kind.drain else before
            if _slow(kind, call, "delete") or current is not before:
                call.cloud.commit("delete", "begin", before, current)
        call.cloud.wait(kind.token, "delete", call.urn)
        with call.cloud.lock:
            latest = call.snapshot.get(current.type, current.id)
            if latest is not None:
                _verify_unused(kind, call, latest)
                call.cloud.commit("delete", "end", latest, None)
    if failure:
        raise AwsError("", failure.message)


def _slow(kind: Kind, call: Call, operation: OperationKind) -> bool:
    timed = kind.token in call.cloud.durations or f"{kind.token}:{operation}" in call.cloud.durations
    return timed or (operation != "delete" and kind.finish is not None)


def _finish(kind: Kind, call: Call, current: Object, operation: OperationKind) -> Object:
    if not _slow(kind, call, operation):
        return current
    call.cloud.wait(kind.token, operation, call.urn)
    with call.cloud.lock:
        latest = call.snapshot.get(current.type, current.id) or current
        try:
            done = kind.finish(call, latest) if kind.finish else latest
        except IncompleteError as failed:
            call.cloud.commit(operation, "failed", latest, failed.current, failed.message)
            raise
        call.cloud.commit(operation, "end", latest, done)
        return done


def _build(kind: Kind, call: Call, identifier: str) -> Object:
    attributes = {
        **(_stable(kind, call.before) if call.before else {}),
        **_visible(call.inputs),
        **_tags_all(kind, call),
        **kind.outputs(call, identifier),
    }
    if "region" in shapes.outputs_of(kind.token):
        attributes.setdefault("region", call.settings.region)
    hidden: Mapping[str, Any] = call.before.hidden if call.before else NOTHING
    current = Object(kind.token, identifier, call.urn, call.inputs, attributes, hidden)
    return kind.start(call, current) if kind.start else current


def _stable(kind: Kind, before: Object) -> Props:
    """Attributes of the object so far that don't come from its inputs."""
    declared = shapes.inputs_of(kind.token).properties
    return {name: value for name, value in before.attributes.items() if name not in declared or name == "region"}


def _visible(inputs: Mapping[str, Any]) -> Props:
    return {name: value for name, value in inputs.items() if not name.startswith("__")}


def _tags_all(kind: Kind, call: Call) -> Props:
    if kind.untagged_all or "tagsAll" not in shapes.outputs_of(kind.token):
        return {}
    tags = call.inputs.get("tags")
    return {"tagsAll": UNKNOWN if is_unknown(tags) else {**call.settings.default_tags, **cast("Props", tags or {})}}


def _verify(kind: Kind, call: Call) -> None:
    if kind.native and kind.cfn:
        for path, problem in schema.problems(kind.cfn, _visible(call.inputs), kind.names):
            raise AwsError("ValidationException", f"{path} {problem}")
    for ref in kind.refs:
        for value in ref.values(call.inputs):
            if ref.target(call.snapshot, value, call.inputs) is None:
                what = ref.token.rpartition(":")[2]
                raise AwsError(ref.code, f"{ref.path}: the {what} '{value}' does not exist")
    if kind.unique:
        mine = [call.inputs.get(name) for name in kind.unique]
        for other in call.others(kind.token):
            if kind.puts and other.urn == call.urn:
                continue
            if None not in mine and [other[name] for name in kind.unique] == mine:
                raise AwsError(kind.unique_code, f"{' and '.join(map(str, mine))} already exists: {describe(other)}")
    kind.verify(call)


def _verify_delete(kind: Kind, call: Call, before: Object) -> None:
    _verify_unused(kind, call, before)
    kind.verify_delete(call)


def _verify_unused(kind: Kind, call: Call, current: Object) -> None:
    for other in call.snapshot:
        for ref in KINDS[other.type].refs:
            if not ref.blocks or ref.token != kind.token or other.id == current.id:
                continue
            if any(ref.names(current, value, other.inputs) for value in ref.values(other.inputs)):
                raise AwsError(
                    kind.in_use_code, f"{describe(current)} can't be deleted while {describe(other)} uses it"
                )


def reread(kind: Kind, current: Object, known: Mapping[str, Any]) -> Props:
    """The attributes as a refresh sees them; what AWS never reads back stays as it was known."""
    if not kind.native or kind.cfn is None:
        return dict(current.attributes)
    hidden = {place.partition(".")[0].lower() for place in schema.write_only(kind.cfn)}
    kept = {name: value for name, value in known.items() if name.lower() in hidden}
    return {**{name: value for name, value in current.attributes.items() if name.lower() not in hidden}, **kept}
