"""Actions and conditions of listeners and rules: their forms and limits, and the target groups that they name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, cast

from tools.standin.kinds import Problem, Ref
from tools.standin.values import Props, at_path, is_unknown, rows, table

TARGET_GROUP: Final = "aws:lb/targetGroup:TargetGroup"
_ACTION_TYPES: Final = ("forward", "fixed-response", "redirect", "authenticate-cognito", "authenticate-oidc")
_CONDITIONS: Final = ("hostHeader", "httpHeader", "httpRequestMethod", "pathPattern", "queryStrings", "sourceIp")
PATH_REGEX: Final = "pathPattern.regexValues"
HEADER: Final = "httpHeader"
HEADER_REGEX: Final = "httpHeader.regexValues"
_HEADER_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,40}")
_VALUES_PER_CONDITION: Final = 3
_NO_REGEX: Final = re.compile(r"\(\?[=!<>|P]|\\[1-9pPgGkX]|[+*?}]\+")
"""Lookarounds, atomic groups, recursion, backreferences, classes of Unicode, possessive quantifiers (ELB user guide,
listener rules)."""
_TARGET_GROUP_PATHS: Final = ("targetGroupArn", "forward.targetGroups[*].arn")


def forwarded(inputs: Any, actions: str) -> list[str]:
    """The ARNs of the target groups that a listener (`defaultActions`) or rule (`actions`) forwards to."""
    return [arn for path in _TARGET_GROUP_PATHS for arn in at_path(dict(inputs), f"{actions}[*].{path}")]


def group_stickiness(inputs: Any, actions: str) -> Props:
    """The stickiness of a listener's or rule's forward among its groups; empty if it says none."""
    found = at_path(dict(inputs), f"{actions}[*].forward.stickiness")
    return table(found[0]) if found else {}


def between(inputs: Props, name: str, low: int, high: int, prefix: str = "") -> Iterator[Problem]:
    value = inputs.get(name)
    if isinstance(value, int) and not low <= value <= high:
        yield prefix + name, f"is {value}; accepted: {low} to {high}"


def action_problems(inputs: Props, field: str) -> Iterator[Problem]:
    for index, item in enumerate(rows(inputs.get(field))):
        path, kind = f"{field}[{index}]", item.get("type")
        if is_unknown(kind):
            continue
        if kind not in _ACTION_TYPES:
            yield f"{path}.type", f"is {kind!r}; accepted: {', '.join(_ACTION_TYPES)}"
        if kind == "forward":
            yield from _forward_problems(path, item)
        if kind == "fixed-response":
            yield from _fixed_problems(path, item.get("fixedResponse"))
        if kind == "redirect":
            yield from _redirect_problems(f"{path}.redirect", table(item.get("redirect")))


def _forward_problems(path: str, action: Props) -> Iterator[Problem]:
    if (action.get("targetGroupArn") is None) == (action.get("forward") is None):
        yield path, "a forward needs either targetGroupArn or forward"
    forward = table(action.get("forward"))
    groups = rows(forward.get("targetGroups"))
    if forward and not 1 <= len(groups) <= 5:
        yield f"{path}.forward.targetGroups", f"has {len(groups)} target groups; accepted: 1 to 5"
    for index, group in enumerate(groups):
        yield from between(group, "weight", 0, 999, f"{path}.forward.targetGroups[{index}].")
    arns = [group.get("arn") for group in groups if isinstance(group.get("arn"), str)]
    if len(set(arns)) < len(arns):
        yield f"{path}.forward.targetGroups", "names the same target group twice"
    yield from between(table(forward.get("stickiness")), "duration", 1, 604800, f"{path}.forward.stickiness.")


def _redirect_problems(path: str, redirect: Props) -> Iterator[Problem]:
    """ELB API, RedirectActionConfig."""
    if not redirect:
        yield path, "is required"
        return
    forms = {
        "statusCode": ("HTTP_301|HTTP_302", "HTTP_301 or HTTP_302"),
        "protocol": (r"HTTPS?|#\{protocol\}", "HTTP, HTTPS or #{protocol}"),
        "port": (
            r"#\{port\}|[1-9]\d{0,3}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d\d|655[0-2]\d|6553[0-5]",
            "1 to 65535, or #{port}",
        ),
        "host": (r".{1,128}", "1 to 128 characters"),
        "path": (r"/.{0,127}", "up to 128 characters that begin with /"),
        "query": (r"[^?].{0,127}|", "up to 128 characters without a ? before them"),
    }
    for name, (form, accepted) in forms.items():
        value = redirect.get(name)
        if isinstance(value, str) and not is_unknown(value) and not re.fullmatch(form, value):
            yield f"{path}.{name}", f"is {value!r}; accepted: {accepted}"
    if redirect.get("statusCode") is None:
        yield f"{path}.statusCode", "is required"
    same = {"protocol": "#{protocol}", "host": "#{host}", "port": "#{port}", "path": "/#{path}"}
    if all(redirect.get(name) in (None, kept) for name, kept in same.items()):
        yield path, "changes none of protocol, host, port and path: a loop"


def redirect_of(actions: list[Props]) -> Props | None:
    """Where a listener or rule redirects to, if it does."""
    found = [table(item.get("redirect")) for item in actions if item.get("type") == "redirect"]
    return found[0] if found else None


def _fixed_problems(path: str, response: Props | None) -> Iterator[Problem]:
    if not response:
        yield f"{path}.fixedResponse", "is required"
        return
    code = response.get("statusCode")
    if code is not None and not is_unknown(code) and not re.fullmatch(r"[245]\d\d", str(code)):
        yield f"{path}.fixedResponse.statusCode", f"is {code!r}; accepted: 2XX, 4XX or 5XX"
    if len(str(response.get("messageBody") or "")) > 1024:
        yield f"{path}.fixedResponse.messageBody", "has more than 1024 characters"


@dataclass(frozen=True)
class Condition:
    kind: str
    """The field, with `.regexValues` behind it for regular expressions."""
    values: list[str]
    header: str = ""
    """The name of the header that an `httpHeader` is about."""


def condition_values(conditions: list[Props]) -> list[Condition]:
    """Each condition as its kind and its values; regular expressions are a kind of their own."""
    found: list[Condition] = []
    for condition in conditions:
        for kind in _CONDITIONS:
            if not condition.get(kind):
                continue
            if kind == "queryStrings":
                found.append(Condition(kind, [item["value"] for item in condition[kind]]))
                continue
            inner = table(condition[kind])
            header = str(inner.get("httpHeaderName", ""))
            expressions = cast("list[str]", list(inner.get("regexValues") or ()))
            values = cast("list[str]", list(inner.get("values") or ()))
            if expressions:
                found.append(Condition(f"{kind}.regexValues", expressions, header))
            if values or not expressions:
                found.append(Condition(kind, values, header))
    return found


def condition_problems(condition: Condition) -> Iterator[Problem]:
    """ELB API, PathPatternConditionConfig and the like; ELB user guide, condition basics: three match evaluations."""
    kind = condition.kind
    if not condition.values:
        yield f"conditions.{kind}", "needs a value"
    if len(condition.values) > _VALUES_PER_CONDITION:
        yield f"conditions.{kind}", f"has {len(condition.values)} values; a condition takes {_VALUES_PER_CONDITION}"
    for value in condition.values:
        if isinstance(value, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            yield from _value_problems(kind, value)
    if kind.partition(".")[0] == HEADER:
        if not _HEADER_NAME.fullmatch(condition.header):
            yield "conditions.httpHeader.httpHeaderName", f"is {condition.header!r}; accepted: 40 characters of a name"
        if condition.header.lower() == "host":
            yield "conditions.httpHeader.httpHeaderName", "is host; use hostHeader"


def _value_problems(kind: str, value: str) -> Iterator[Problem]:
    if kind == "pathPattern" and not re.fullmatch(r"[A-Za-z0-9_\-.$/~\"'@:+&()!,;=*?%]{1,128}", value):
        yield "conditions.pathPattern", f"is {value!r}; accepted: 1 to 128 of letters, digits and _-.$/~\"'@:+&()!,;=*?"
    if kind in (PATH_REGEX, HEADER_REGEX) and not 1 <= len(value) <= 128:
        yield f"conditions.{kind}", f"is {value!r}; accepted: 1 to 128 characters"
    if kind in (PATH_REGEX, HEADER_REGEX) and _NO_REGEX.search(value):
        yield f"conditions.{kind}", f"is {value!r}; what a load balancer's expressions don't have"
    if kind == HEADER and not 1 <= len(value) <= 128:
        yield f"conditions.{kind}", f"is {value!r}; accepted: 1 to 128 characters"
    if kind == "hostHeader" and not re.fullmatch(r"(?=.{1,128}$)[A-Za-z0-9*?-]+(\.[A-Za-z0-9*?-]+)+", value):
        yield "conditions.hostHeader", f"is {value!r}; accepted: up to 128 characters of a host name, with a dot"
    elif kind == "hostHeader" and not re.fullmatch(r"[A-Za-z*?]+", value.rpartition(".")[2]):
        yield "conditions.hostHeader", f"is {value!r}; accepted: letters only after the final dot"
    if kind == "pathPattern" and value.count("*") + value.count("?") > 5:
        yield "conditions.pathPattern", f"is {value!r}; at most 5 wildcards are accepted"
    if kind == "httpRequestMethod" and not re.fullmatch(r"[A-Z_-]{1,40}", value):
        yield "conditions.httpRequestMethod", f"is {value!r}; accepted: upper case letters, - and _"


def action_names(field: str, cfn: str) -> dict[str, str | None]:
    forward = f"{cfn}.ForwardConfig"
    return {
        f"{field}.forward": forward,
        f"{field}.forward.targetGroups.arn": f"{forward}.TargetGroups.TargetGroupArn",
        f"{field}.forward.stickiness": f"{forward}.TargetGroupStickinessConfig",
        f"{field}.forward.stickiness.duration": f"{forward}.TargetGroupStickinessConfig.DurationSeconds",
        f"{field}.fixedResponse": f"{cfn}.FixedResponseConfig",
        f"{field}.redirect": f"{cfn}.RedirectConfig",
    }


def action_refs(field: str) -> tuple[Ref, ...]:
    return tuple(Ref(f"{field}[*].{path}", TARGET_GROUP, code="TargetGroupNotFound") for path in _TARGET_GROUP_PATHS)
