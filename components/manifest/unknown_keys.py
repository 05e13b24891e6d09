"""The keys of a manifest: overrides, keys that Copilot doesn't know, fields that a platform leaves out. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import takewhile
from typing import cast

from components.input.diagnostics import did_you_mean
from components.input.scalars import truth
from components.input.value import Value
from components.input.yaml import merged
from components.manifest.storage import EFS_FORMS
from components.manifest.support import (
    ANY,
    EACH,
    FIELDS,
    METRICS,
    SELF,
    TOP_ONLY,
    Field,
    Fields,
    State,
    field_at,
    keys_of,
    leaves,
    places_of,
    state_on,
    written,
)

_SHAPES = {
    ("image",): (("build",), ("location",)),
    ("count",): (("spot",), ("range", "cooldown", *METRICS)),
    ("sidecars", ANY, "image"): (("build",), ("location",)),
    ("storage", "volumes", ANY, "efs"): EFS_FORMS,
}
"""Fields that have one of two shapes, by the keys of each: an override in one shape drops what the other has said."""


def overridden(at: Value, names: Iterable[str]) -> Value:
    """The manifest with the overrides of these environments merged over it, in this order. Mistakes in what an
    override says are placed there."""
    tree = cast("Mapping[str, object]", _without(at, ("environments",)).value)
    origins: dict[str, str] = {}
    for name in names:
        override = at.get("environments").get(name)
        own = _emptied(_without(override, TOP_ONLY))
        tree = cast("Mapping[str, object]", merged(_without_other_shape(tree, own), own.value))
        origins |= {path.removeprefix(f"{own.path}."): path for path in _leaves(own) if path != own.path}
    return replace(at, value=tree, origins=origins)


def _emptied(at: Value, path: tuple[str, ...] = ()) -> Value:
    """The override that stands here with an empty text for each nothing in a map from the user's own names to texts:
    there, nothing is a value in Copilot's merge, and elsewhere no override."""
    if not at.is_map():
        return at
    known = field_at(path)
    each = known.get(ANY) if isinstance(known, Mapping) else None
    texts = isinstance(each, Field) or (each is not None and SELF in each)
    empty = {key: "" if texts and not inner else _emptied(inner, (*path, key)).value for key, inner in at.entries()}
    return replace(at, value=empty)


def _without(at: Value, keys: Iterable[str]) -> Value:
    """The map that stands here without these keys; an empty one if it is no map."""
    return replace(
        at, value={key: inner.value for key, inner in (at.entries() if at.is_map() else ()) if key not in keys}
    )


def _without_other_shape(tree: object, over: Value, path: tuple[str, ...] = ()) -> object:
    if not isinstance(tree, dict) or not over.is_map():
        return cast("object", tree)
    dropped: set[str] = set()
    for place, (one, other) in _SHAPES.items():
        if len(place) == len(path) and all(key in (ANY, here) for key, here in zip(place, path, strict=True)):
            dropped |= {*(other if any(map(over.get, one)) else ()), *(one if any(map(over.get, other)) else ())}
    kept = cast("dict[str, object]", tree).items()
    return {key: _without_other_shape(value, over.get(key), (*path, key)) for key, value in kept if key not in dropped}


def _leaves(at: Value) -> Iterator[str]:
    """The paths of everything that stands here and isn't a map with something in it."""
    if at.names():
        for _, inner in at.entries():
            yield from _leaves(inner)
    elif at:
        yield at.path


def check_keys(at: Value, strict: bool) -> None:
    """Names every key that Copilot doesn't know in a service's manifest and its overrides: a warning, or an error if
    `strict`, since one real manifest in five has one."""
    tell = at.problems.add if strict else at.problems.warn
    check_unknown(_without(at, ("environments",)), strict)
    for _, override in at.get("environments").entries():
        if override:
            override.require_map()
        for key in TOP_ONLY:
            if override.get(key):
                tell(override.get(key).where, "can't be overridden", "take it out: it is left out of account here")
        check_unknown(_without(override, TOP_ONLY), strict)


def check_unknown(at: Value, strict: bool, fields: Fields = FIELDS) -> None:
    """Names every key that isn't among the fields, likewise."""
    tell = at.problems.add if strict else at.problems.warn

    def walk(here: Value, path: tuple[str, ...]) -> None:
        if isinstance(here.value, list):
            for item in here.items() if field_at((*path, EACH), fields) else ():
                walk(item, (*path, EACH))
        for key in here.names():
            inner, known = here.get(key), None if key == EACH else field_at((*path, key), fields)
            if known is None:
                tell(inner.where, "unknown key", _nearest(key, path, fields))
            elif not isinstance(known, Field):
                walk(inner, (*path, key))

    walk(at, ())


def _nearest(key: str, path: tuple[str, ...], fields: Fields) -> str:
    """What to say of an unknown key: the nearest place that knows this name, else the nearest name that fits here."""

    def distance(place: tuple[str, ...]) -> tuple[int, int]:
        common = takewhile(lambda pair: pair[0] == pair[1], zip(path, place, strict=False))
        return (-len(list(common)), len(place))

    elsewhere = sorted(places_of(key, fields), key=distance)
    if elsewhere:
        return f"did you mean {written(elsewhere[0])}?"
    group = field_at(path, fields) if path else fields
    return did_you_mean(key, [*keys_of(group), *(("environments",) if not path and fields is FIELDS else ())])


def check_fields(at: Value, platform: str, fields: Fields = FIELDS) -> None:
    """Warns of each known field that this platform leaves out although that changes behaviour; refuses the fields that
    it can't go without, and everything but a map where only a map can stand."""

    def tell(here: Value, field: Field) -> None:
        state = state_on(platform, field)
        off = truth(here.value) is False and not here.path.endswith("from_cfn")  # which is the name of an export
        if here.value in (None, [], {}) or off:
            return
        if state is State.LEFT_OUT:
            at.problems.warn(here.where, f"left out on the platform {platform}", field.why)
        elif state is State.REFUSED:
            at.problems.add(here.where, f"can't be had on the platform {platform}", field.why)

    def all_are(inside: list[Field], state: State) -> bool:
        """Whether one line says it for all of these."""
        return all(state_on(platform, field) is state for field in inside)

    def walk(here: Value, known: Field | Fields) -> None:
        if isinstance(known, Field):
            tell(here, known)
        elif here:
            short, each, inside = known.get(SELF), known.get(EACH), [field for _, field in leaves(known)]
            listed = isinstance(here.value, list) and each is not None
            if short is None and not listed and (each is not None or not here.is_map()):
                here.fail("give a list") if each is not None else here.require_map()
            elif all_are(inside, State.REFUSED):
                tell(here, inside[0])
                return
            elif isinstance(short, Field):
                tell(here, short)
            elif all_are(inside, State.LEFT_OUT):
                tell(here, inside[0])
                return
            for item in here.items() if listed else ():
                walk(item, each or {})
            for key, inner in here.entries() if here.is_map() else ():
                field = field_at((key,), known)
                if field is not None:
                    walk(inner, field)

    walk(at, fields)
