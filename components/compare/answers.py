"""Where two answers to the same request differ. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from components.compare.answer import Answer, NotJsonError, parsed
from components.compare.json_diff import EXTRA, MISSING, TYPE, JsonDifference, differences, type_name
from components.compare.json_paths import Pattern, canonical, pruned, render, unordered

BODY = "$"
"""The path of a whole body."""

STATUS, FAILURE, HEADER, TEXT, BYTES, CHARSET, FORMAT = (
    "status",
    "failure",
    "header",
    "text",
    "bytes",
    "charset",
    "format",
)
"""Kinds of differences besides those in JSON."""

PASSED_OVER = frozenset(
    (
        # Of one hop, not of the answer (RFC 9110, 7.6.1), and the length: the body's own comparison covers it.
        *("connection", "keep-alive", "proxy-authenticate", "proxy-connection", "te", "trailer", "transfer-encoding"),
        *("upgrade", "content-length"),
        # Of the moment, of the way, or of one request.
        *("date", "age", "via", "server-timing", "x-runtime", "x-response-time", "x-envoy-upstream-service-time"),
        *("x-request-id", "x-correlation-id", "x-amzn-requestid", "x-amzn-trace-id", "apigw-requestid"),
        *("x-amz-apigw-id", "traceparent", "tracestate"),
        # What serves it, which is what changes.
        *("server", "x-powered-by"),
    )
)
"""Headers that aren't compared."""

_LISTS = frozenset(("allow", "cache-control", "vary", "access-control-allow-methods", "access-control-allow-headers"))
_LONGEST = 80


@dataclass(frozen=True)
class Rules:
    """What counts as a difference."""

    ignored: tuple[Pattern, ...] = ()
    """What of JSON isn't compared; the empty pattern is the whole body. Default: everything is."""
    headers: frozenset[str] = frozenset()
    """Headers that aren't compared besides the usual ones, in lower case. Default: none."""
    unordered: tuple[Pattern, ...] | None = ()
    """Arrays whose order says nothing; None for all. Default: the order of each is compared."""
    bytes: bool = False
    """Whether JSON that means the same must have the same bytes. Default: no."""


@dataclass(frozen=True)
class Difference:
    """One way in which two answers differ. Those of one kind and path are counted together."""

    kind: str
    """One of the kinds here or in `json_diff`."""
    path: str
    """A JSON path, or a header's name; empty for a status."""
    old: str
    """What the old answer has, shortened."""
    new: str
    """What the new one has."""


def compare(old: Answer, new: Answer, rules: Rules) -> list[Difference]:
    """How answers differ. Of answers with other statuses only that is told. What didn't come is equal to nothing, so
    that a side that is away is never taken for one that answers alike."""
    if old.failure or new.failure:
        return [Difference(FAILURE, "", _outcome(old), _outcome(new))]
    if old.status != new.status:
        return [Difference(STATUS, "", str(old.status), str(new.status))]
    found = [] if old.headers == new.headers else list(_headers(old, new, rules))
    if () not in rules.ignored and (old.body != new.body or old.media_type != new.media_type):
        found += _once(_bodies(old, new, rules))
    return found


def _outcome(answer: Answer) -> str:
    return answer.failure or str(answer.status)


def _once(found: Iterator[Difference]) -> list[Difference]:
    """One of each kind and path: a list of a hundred elements that lack a field is one difference."""
    first: dict[tuple[str, str], Difference] = {}
    for difference in found:
        first.setdefault((difference.kind, difference.path), difference)
    return list(first.values())


def _headers(old: Answer, new: Answer, rules: Rules) -> Iterator[Difference]:
    was, now = _by_name(old, rules), _by_name(new, rules)
    for name in sorted({*was, *now}):
        before, after = was.get(name, "nothing"), now.get(name, "nothing")
        if before != after:
            yield Difference(HEADER, name, short(before), short(after))


def _by_name(answer: Answer, rules: Rules) -> Mapping[str, str]:
    names = dict.fromkeys(name for name, _ in answer.headers)
    return {
        name: _meaning(name, answer.all(name))
        for name in names
        if name not in PASSED_OVER and name not in rules.headers
    }


def _meaning(name: str, values: list[str]) -> str:
    """What a header says, in one way of writing."""
    if name == "set-cookie":
        return ", ".join(sorted(map(_cookie, values)))
    text = ", ".join(value.strip() for value in values)
    if name in _LISTS:
        return ", ".join(sorted({part.strip().lower() for part in text.split(",") if part.strip()}))
    if name == "content-type":
        media, *parameters = [part.strip().lower() for part in text.split(";")]
        return "; ".join(
            [
                media,
                *(re.sub(r'\s*=\s*"?([^"]*)"?', r"=\1", parameter) for parameter in sorted(parameters) if parameter),
            ]
        )
    return text


def _cookie(value: str) -> str:
    """A cookie without its value and what is of the moment: its name, and what browsers do with it."""
    pair, *attributes = [part.strip() for part in value.split(";")]
    kept = (attribute.lower() for attribute in attributes if not re.match("(?i)expires|max-age", attribute))
    return "; ".join([pair.partition("=")[0], *sorted(filter(None, kept))])


def _bodies(old: Answer, new: Answer, rules: Rules) -> Iterator[Difference]:
    if old.content == new.content and old.charset == new.charset:
        return
    if not (old.is_text and new.is_text):
        yield from _bytes(old, new)
        return
    if (old.text is None) != (new.text is None):
        yield Difference(CHARSET, BODY, _charset(old), _charset(new))
    elif old.text is None or new.text is None:
        yield from _bytes(old, new)
    elif old.is_json or new.is_json:
        yield from _json(old, new, rules)
    else:
        yield from _texts(old.text, new.text)


def _charset(answer: Answer) -> str:
    return answer.charset if answer.text is not None else f"not {answer.charset}"


def _json(old: Answer, new: Answer, rules: Rules) -> Iterator[Difference]:
    values = [_value(answer) for answer in (old, new)]
    if isinstance(values[0], NotJsonError) or isinstance(values[1], NotJsonError):
        if type(values[0]) is type(values[1]):
            yield from _texts(old.text or "", new.text or "")
        else:
            yield Difference(
                FORMAT, BODY, *("no JSON" if isinstance(value, NotJsonError) else "JSON" for value in values)
            )
        return
    try:
        was, now = (_relevant(value, rules) for value in values)
        found = [_of_json(difference) for difference in differences(was, now)]
    except RecursionError:
        found = list(_texts(old.text or "", new.text or ""))
    yield from found
    if rules.bytes and not found:
        yield from _bytes(old, new)


def _value(answer: Answer) -> object:
    try:
        return parsed(answer.text)
    except NotJsonError as failure:
        return failure


def _of_json(found: JsonDifference) -> Difference:
    old, new = (canonical(value) for value in (found.old, found.new))
    if found.kind == TYPE:
        old, new = f"{type_name(found.old)} {old}", f"{type_name(found.new)} {new}"
    shown = {MISSING: (old, "nothing"), EXTRA: ("nothing", new)}.get(found.kind, (old, new))
    return Difference(found.kind, render(found.path), *map(short, shown))


def _relevant(value: object, rules: Rules) -> object:
    left = pruned(value, rules.ignored) if rules.ignored else value
    return left if rules.unordered == () else unordered(left, rules.unordered)


def _texts(old: str, new: str) -> Iterator[Difference]:
    if old != new:
        at = next(
            (n for n, (was, now) in enumerate(zip(old, new, strict=False)) if was != now), min(len(old), len(new))
        )
        begin = max(0, at - 20)
        yield Difference(TEXT, BODY, short(old[begin:], begin), short(new[begin:], begin))


def _bytes(old: Answer, new: Answer) -> Iterator[Difference]:
    if old.content != new.content:
        sizes = [f"{len(answer.content)} bytes{'' if answer.whole else ' and more'}" for answer in (old, new)]
        yield Difference(BYTES, BODY, *sizes)


def short(text: str, begin: int = 0) -> str:
    """What a report shows of a text. begin: at which character of a longer one it begins."""
    cut = text[: _LONGEST - 1] + "…" if len(text) > _LONGEST else text
    return f"…{cut}" if begin else cut
