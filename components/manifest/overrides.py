"""`environments` of a service's manifest: what is overridden in an environment. Pure.

The rules are those of Copilot's own merge (v1.34).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import cast

from components.input.value import Value
from components.input.yaml import merged
from components.manifest.support import Group
from components.model.where import is_within

TOP_ONLY = ("name", "type", "environments")
"""What can't be overridden."""


def overridden(at: Value, names: Iterable[str], fields: Group) -> Value:
    """The manifest with the overrides of these environments merged over it, in this order. What comes from an override
    is located there. fields: those of the manifest."""
    tree = cast("Mapping[str, object]", without(at, ("environments",)).value)
    origins: dict[str, str] = {}
    for name in names:
        override = at.get("environments").get(name)
        own = _emptied(without(override, TOP_ONLY), fields)
        left = _without_other_forms(tree, own, fields)
        for path in _taken_over(own, left):
            place = path.removeprefix(f"{own.path}.")
            # What an earlier override said inside is gone with what it stood in.
            origins = {known: origin for known, origin in origins.items() if not is_within(known, place)}
            origins[place] = path
        tree = cast("Mapping[str, object]", merged(left, own.value))
    return replace(at, value=tree, origins=origins)


def without(at: Value, keys: Iterable[str]) -> Value:
    """A map without these keys; an empty one if the value is not a map."""
    kept = {key: inner.value for key, inner in (at.entries() if at.is_map() else ()) if key not in keys}
    return replace(at, value=kept)


def ignoring(at: Value, said: Value) -> Value:
    """The manifest without the fields that are Copilot's to go on with, of which a warning tells. said: their names,
    `http.allowed_source_ips`, a list of them or a text with commas; in a list of the manifest's, each item's."""
    text = said.value if isinstance(said.value, str) else None
    names = said.texts() if text is None else tuple(name.strip() for name in text.split(",") if name.strip())
    for name in names:
        keys = name.split(".")
        kept, places = _without_path(at, keys)
        if not places:
            remedy = "name a field in the manifest, such as http.allowed_source_ips"
            said.fail(remedy, f"no {name!r} in {at.file}")
        for place in places:
            at.problems.warn(place.where, f"ignored, as {said.where} says", "Copilot still uses it")
        at = replace(at, value=kept)
    return at


def _without_path(at: Value, keys: Sequence[str]) -> tuple[object, list[Value]]:
    """The value without what is at a path, and where that was."""
    if isinstance(at.value, list):
        parts = [_without_path(item, keys) for item in at.places()]
        return [kept for kept, _ in parts], [place for _, places in parts for place in places]
    inner = at.get(keys[0])
    if not inner:
        return at.value, []
    tree = cast("Mapping[str, object]", at.value)
    if len(keys) == 1:
        return {key: value for key, value in tree.items() if key != keys[0]}, [inner]
    kept, places = _without_path(inner, keys[1:])
    return {**tree, keys[0]: kept}, places


def _emptied(at: Value, fields: Group) -> Value:
    """An override in which `NAME:` without a value is an empty text where keys are the user's own and values are texts
    (variables, labels): there, Copilot's merge takes it for a value, and elsewhere for no override."""
    if not at.is_map():
        return at
    texts = not isinstance(fields.any_key, Group) or fields.any_key.short is not None
    found: dict[str, object] = {}
    for key, inner in at.entries():
        known = fields.of(key)
        if not inner and known is not None and known is fields.any_key and texts:
            found[key] = ""
        else:
            found[key] = _emptied(inner, known).value if isinstance(known, Group) else inner.value
    return replace(at, value=found)


def _without_other_forms(tree: object, over: Value, fields: Group) -> object:
    """The tree without what excludes what an override says."""
    if not isinstance(tree, dict) or not over.is_map():
        return cast("object", tree)
    given = [form for form in fields.forms if any(map(over.get, form))]
    dropped = {key for form in given for other in fields.forms if other is not form for key in other}
    kept: dict[str, object] = {}
    for key, value in cast("dict[str, object]", tree).items():
        known = fields.of(key)
        if key not in dropped:
            kept[key] = _without_other_forms(value, over.get(key), known) if isinstance(known, Group) else value
    return kept


def _taken_over(at: Value, tree: object) -> Iterator[str]:
    """The paths at which an override says all that there is, and not only a part of a map beside what was there: a
    mistake there or inside, such as a missing key, is its own."""
    if not at:
        return
    if not (at.is_map() and isinstance(tree, dict)):
        yield at.path
        return
    for key, inner in at.entries():
        yield from _taken_over(inner, cast("dict[str, object]", tree).get(key))
