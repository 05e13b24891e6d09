"""What a platform makes of a field of a manifest. Each section's module says it of its own fields, beside their reader.
Pure.

Source of the tables: Copilot's manifest references, and its parser at v1.34.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cached_property

from components.model.platforms import LOCAL


class State(Enum):
    """What a platform makes of a field."""

    BUILT = "built"
    """It is read and does what Copilot's documentation says."""
    KEPT = "kept"
    """It is accepted and changes nothing, for a reason that holds on the platform."""
    LEFT_OUT = "left out"
    """It is known and not built, which changes behaviour: a warning."""
    REFUSED = "refused"
    """Going on without it would be wrong or unsafe: an error."""


@dataclass(frozen=True)
class Field:
    """A field of a manifest that holds one value."""

    local: State
    """What the platform `local` makes of it."""
    aws: State
    """What the platform `aws` makes of it."""
    why: str = ""
    """Why it isn't built, or what to do instead. Default: it is built on both platforms."""
    reported: bool = True
    """Whether it is reported where it is left out. Default true; false: a check of the platform does so."""

    def on(self, platform: str) -> State:
        """What a platform makes of it."""
        return self.local if platform == LOCAL else self.aws


@dataclass(frozen=True)
class Group:
    """A field that holds others: a map, a list, or a short form of either."""

    fields: Mapping[str, "Known"] = field(default_factory=dict[str, "Known"])
    """The fields of a map, by key. Default: none."""
    any_key: "Known | None" = None
    """Every other value of a map whose keys are the user's own: names of containers, variables, volumes. Default: there
    are no such keys."""
    item: "Known | None" = None
    """Each item of a list. Default: it can't be a list."""
    short: Field | None = None
    """Its short form: a text, a number, a list of texts, true or false. Default: it has none."""
    forms: tuple[tuple[str, ...], ...] = ()
    """Keys of forms that exclude each other: an override in one form drops what was written in another. Default: it has
    one form."""

    def of(self, key: str) -> "Known | None":
        """What is known of a key of the map; None if Copilot doesn't know it."""
        return self.fields.get(key, self.any_key)

    @cached_property
    def within(self) -> tuple[Field, ...]:
        """Every field in it, its own short form first."""
        return tuple(field for _, field in leaves(self))


Known = Field | Group


class Step(Enum):
    """A step of a path in a table that isn't a key."""

    ANY_KEY = "<name>"
    ITEM = "[]"


Path = tuple[str | Step, ...]
"""Where a field is in a table: `("http", "alias", Step.ITEM, "name")`."""

BUILT = Field(State.BUILT, State.BUILT)
"""A field that is built on both platforms."""

AWS_ONLY = Field(State.LEFT_OUT, State.BUILT, "not available on the local platform")
"""A field without an equivalent on `local`."""

NO_DIFFERENCE = Field(State.KEPT, State.BUILT, "has no effect on the local platform")
"""A field whose effect can't be seen on `local`."""

PULLED = Field(State.KEPT, State.BUILT, "locally, Docker pulls with your own `docker login`")
"""What an image is pulled with."""


def group(*names: str, of: Known, **others: Known) -> Group:
    """Fields that are all alike, and others."""
    return Group({**dict.fromkeys(names, of), **others})


def less(known: Group, *names: str) -> Group:
    """The same without some fields, which this type of workloads doesn't have."""
    return replace(known, fields={key: inner for key, inner in known.fields.items() if key not in names})


def each_as(known: Group, state: Field) -> Group:
    """The same fields, each as `state` is; what isn't built on AWS stays so."""

    def field_as(inner: Field) -> Field:
        stays = inner.aws is State.REFUSED or (inner.aws is State.LEFT_OUT and state.aws is State.BUILT)
        return replace(inner, local=state.local) if stays else state

    def known_as(inner: Known) -> Known:
        return field_as(inner) if isinstance(inner, Field) else each_as(inner, state)

    return replace(
        known,
        fields={key: known_as(inner) for key, inner in known.fields.items()},
        any_key=known.any_key and known_as(known.any_key),
        item=known.item and known_as(known.item),
        short=known.short and field_as(known.short),
    )


def inside(known: Group) -> Iterator[tuple[str | Step, Known]]:
    """What a group holds, step by step."""
    yield from known.fields.items()
    if known.any_key:
        yield Step.ANY_KEY, known.any_key
    if known.item:
        yield Step.ITEM, known.item


def leaves(known: Group, path: Path = ()) -> Iterator[tuple[Path, Field]]:
    """Every field with its path; a short form has the path of its group."""
    if known.short:
        yield path, known.short
    for step, inner in inside(known):
        if isinstance(inner, Field):
            yield (*path, step), inner
        else:
            yield from leaves(inner, (*path, step))


def known_at(known: Group, path: Path) -> Known | None:
    """What is known at a path; None if Copilot doesn't know the path."""
    here: Known | None = known
    for step in path:
        if not isinstance(here, Group):
            return None
        here = here.item if step is Step.ITEM else here.any_key if step is Step.ANY_KEY else here.of(step)
    return here


def places_of(key: str, known: Group, path: Path = ()) -> Iterator[Path]:
    """Where a key of this name is known: what a misplaced key was meant for."""
    for step, inner in inside(known):
        if step == key:
            yield (*path, step)
        if isinstance(inner, Group):
            yield from places_of(key, inner, (*path, step))


def written(path: Path) -> str:
    """A path as messages and documents show it: `http.alias[].name`, `sidecars.<name>.port`."""
    text = ""
    for step in path:
        name = step.value if isinstance(step, Step) else step
        text += name if step is Step.ITEM or not text else f".{name}"
    return text
