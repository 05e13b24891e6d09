"""Keys that Copilot doesn't know, and fields that a platform leaves out or refuses. Pure."""

import re
from collections.abc import Collection, Iterable
from itertools import takewhile

from components.input.diagnostics import did_you_mean
from components.input.scalars import truth
from components.input.value import Value
from components.manifest.exports import FROM_CFN
from components.manifest.overrides import TOP_ONLY, without
from components.manifest.support import Field, Group, Known, Path, State, Step, places_of, written


def check_keys(at: Value, fields: Group, strict: bool) -> None:
    """Reports every key that Copilot doesn't know in a service's manifest and its overrides: as a warning, or as an
    error if `strict`, since one real manifest in five has one."""
    report = at.problems.add if strict else at.problems.warn
    check_unknown(without(at, ("environments",)), fields, strict, also=("environments",))
    for _, override in at.get("environments").entries():
        if override:
            override.require_map()
        for key in TOP_ONLY:
            if override.get(key):
                report(override.get(key).where, "can't be overridden", "remove it: it is ignored")
        check_unknown(without(override, TOP_ONLY), fields, strict)


def check_unknown(at: Value, fields: Group, strict: bool, also: Iterable[str] = ()) -> None:
    """Reports every key that isn't among the fields, likewise. also: further keys that may have been meant."""
    report = at.problems.add if strict else at.problems.warn

    def walk(here: Value, known: Group, path: Path) -> None:
        if isinstance(here.value, list) and isinstance(known.item, Group):
            for item in here.items():
                walk(item, known.item, (*path, Step.ITEM))
        for key in here.names():
            inner = known.of(key)
            if inner is None:
                names = [*known.fields, *(() if path else also)]
                report(here.get(key).where, "unknown key", _nearest(key, names, path, fields))
            elif isinstance(inner, Group):
                walk(here.get(key), inner, (*path, key))

    walk(at, fields, ())


_WORD = re.compile(r"[A-Z]?[a-z]+")


def _nearest(key: str, names: Collection[str], path: Path, fields: Group) -> str:
    """What to say of an unknown key: the one name here that contains it as a word (`port` in `target_port`), else the
    nearest place that knows this name, else the nearest name here."""

    def distance(place: Path) -> tuple[int, int]:
        common = takewhile(lambda pair: pair[0] == pair[1], zip(path, place, strict=False))
        return (-len(list(common)), len(place))

    # Some names have an old spelling without underscores, such as targetContainer.
    containing = [name for name in names if key.lower() in map(str.lower, _WORD.findall(name))]
    if len({name.lower().replace("_", "") for name in containing}) == 1:
        return f"did you mean {containing[0]}?"
    elsewhere = sorted(places_of(key, fields), key=distance)
    return f"did you mean {written(elsewhere[0])}?" if elsewhere else did_you_mean(key, names)


def check_fields(at: Value, fields: Group, platform: str) -> None:
    """Warns of each known field that this platform leaves out although that changes behaviour; refuses the fields that
    it can't go without, and everything but a map where only a map is accepted."""

    def report(here: Value, field: Field, key: str) -> None:
        state = field.on(platform)
        off = truth(here.value) is False and key != FROM_CFN  # which is the name of an export
        if here.value in (None, [], {}) or off or not field.reported:
            return
        if state is State.LEFT_OUT:
            at.problems.warn(here.where, f"omitted on the platform {platform}", field.why)
        elif state is State.REFUSED:
            at.problems.add(here.where, f"not supported on the platform {platform}", field.why)

    def walk(here: Value, known: Known, key: str = "") -> None:
        if isinstance(known, Field):
            report(here, known, key)
        elif here:
            walk_group(here, known, key)

    def walk_group(here: Value, known: Group, key: str) -> None:
        states = {field.on(platform) for field in known.within}
        listed = isinstance(here.value, list) and known.item is not None
        if known.short is None and not listed and (known.item is not None or not here.is_map()):
            if known.item is not None:
                here.fail("give a list")
            else:
                here.require_map()
        elif states in ({State.REFUSED}, {State.LEFT_OUT}):
            report(here, known.within[0], key)
            return
        elif known.short is not None:
            report(here, known.short, key)
        for item in here.items() if listed else ():
            walk(item, known.item or Group())
        for name, inner in here.entries() if here.is_map() else ():
            field = known.of(name)
            if field is not None:
                walk(inner, field, name)

    walk(at, fields)
