"""Follow a request through an account as AWS would, from a snapshot alone.

`answer` says who answers: a map from container names (or status codes, where AWS answers by itself) to their share.
Pure: the same snapshot and request give the same answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final, cast
from urllib.parse import urlsplit

from tools.standin import actions, apigateway, deployments, dns, elb, health, lambdas, network, refactorspaces
from tools.standin.cloud import Object, Snapshot
from tools.standin.values import Props, first, items, table, texts

Answer = Mapping[str | int, float]
"""Container name, or a status that AWS answers by itself -> share of the requests; the shares add up to 1."""
BAD_REQUEST: Final = 400
"""Plain HTTP where TLS is spoken (ELB user guide, "Troubleshoot your Application Load Balancers")."""
UNREACHABLE: Final = 504
"""No connection to what should answer."""
UNAVAILABLE: Final = 503
NOT_FOUND: Final = 404
FAILED: Final = 500


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    """Without the query."""
    host: str = ""
    greedy_takes_empty: bool = False
    """Whether `/a/{proxy+}` of an HTTP API takes `/a/`, which AWS doesn't document."""
    cookie: str = ""
    """The target group that the client's cookie AWSALBTG names, by ARN; empty: it has none."""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    """Those that a rule may ask for. Default none."""

    def at(self, path: str, host: str) -> Request:
        return replace(self, path=path, host=host)


def answer(
    snapshot: Snapshot,
    url: str,
    method: str,
    path: str,
    *,
    greedy_takes_empty: bool = False,
    cookie: str = "",
    headers: Mapping[str, str] = MappingProxyType({}),
) -> Answer:
    """Who answers a request from the internet to a path below the facade's URL. cookie: the target group with which a
    load balancer had the client stay."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    whole = (parts.path.rstrip("/") + path) or "/"
    request = Request(method, path.partition("?")[0], host, greedy_takes_empty, cookie, headers)
    for application in snapshot.of(refactorspaces.APPLICATION):
        if urlsplit(str(application["proxyUrl"])).hostname == host:
            return _refactor_spaces(snapshot, application, request)
    for api in snapshot.of(apigateway.API):
        if urlsplit(str(api["apiEndpoint"])).hostname == host:
            return _http_api(snapshot, api, request.at(whole.partition("?")[0], host))
    led = dns.resolved(snapshot, host)
    for mapping in snapshot.where(apigateway.MAPPING, domainName=host):
        mapped = snapshot.get(apigateway.API, str(mapping["apiId"]))
        # Without a record here, the user's own leads there.
        if mapped is not None and (led == host or ".execute-api." in led):
            return _staged(snapshot, mapped, str(mapping["stage"]), request)
    listener = health.listener_of(snapshot, url)
    if listener is None or not health.open_to_internet(snapshot, listener):
        return {UNREACHABLE: 1.0}
    return balanced(snapshot, listener, request.at(whole.partition("?")[0], host))


UNTRUSTED: Final = 526
"""The certificate has another name."""


def followed(snapshot: Snapshot, url: str, method: str, path: str) -> Answer:
    """Who answers a client that looks at certificates and goes where a load balancer sends it, once."""
    parts = urlsplit(url)
    host, listener = parts.hostname or "", health.listener_of(snapshot, url)
    if listener is None or not health.open_to_internet(snapshot, listener):
        return {UNREACHABLE: 1.0}
    if parts.scheme == "https" and not elb.certified(snapshot, listener, host):
        return {UNTRUSTED: 1.0}
    to = actions.redirect_of(_chosen(snapshot, listener, Request(method, path, host)))
    if to is None or parts.scheme == "https":
        return answer(snapshot, url, method, path)
    target = str(to.get("host") or "#{host}").replace("#{host}", host)
    return followed(snapshot, f"{str(to['protocol']).lower()}://{target}", method, path)


def names(found: Answer) -> set[str | int]:
    """Everyone who answers some share of the requests."""
    return {name for name, share in found.items() if share > 0}


def _merged(parts: Iterable[tuple[Answer, float]]) -> Answer:
    merged: dict[str | int, float] = {}
    for found, share in parts:
        for name, part in found.items():
            if part * share > 0:
                merged[name] = merged.get(name, 0.0) + part * share
    return merged


# Load balancer


def balanced(snapshot: Snapshot, listener: Object, request: Request) -> Answer:
    """The answer of a listener: the first rule by priority that matches, or the default action."""
    return _act(snapshot, _chosen(snapshot, listener, request), request)


def _chosen(snapshot: Snapshot, listener: Object, request: Request) -> list[Props]:
    rules = sorted(snapshot.where(elb.RULE, listenerArn=listener.id), key=lambda item: int(item["priority"]))
    matching = (cast("list[Props]", rule["actions"]) for rule in rules if _rule_matches(rule, request))
    return next(matching, cast("list[Props]", listener["defaultActions"]))


def _rule_matches(rule: Object, request: Request) -> bool:
    return all(_matches(condition, request) for condition in actions.condition_values(rule["conditions"]))


def _matches(condition: actions.Condition, request: Request) -> bool:
    kind, values = condition.kind, condition.values
    sent = next((text for name, text in request.headers.items() if name.lower() == condition.header.lower()), None)
    if kind == actions.HEADER:
        # In any case (ELB API, HttpHeaderConditionConfig).
        return sent is not None and any(_glob(value.lower(), sent.strip().lower()) for value in values)
    if kind == actions.HEADER_REGEX:
        return sent is not None and any(re.search(value, sent.strip()) for value in values)
    if kind == "pathPattern":
        return any(_glob(value, request.path) for value in values)
    if kind == actions.PATH_REGEX:
        return any(re.search(value, request.path) for value in values)
    if kind == "hostHeader":
        return any(_glob(value.lower(), request.host.lower()) for value in values)
    if kind == "httpRequestMethod":
        return request.method in values
    if kind == "sourceIp":
        return "0.0.0.0/0" in values
    return False


def _glob(pattern: str, text: str) -> bool:
    """ALB patterns: `*` is any number of characters, slashes included, `?` is one; case counts."""
    parts = [".*" if char == "*" else "." if char == "?" else re.escape(char) for char in pattern]
    return re.fullmatch("".join(parts), text, re.DOTALL) is not None


def _act(snapshot: Snapshot, actions: list[Props], request: Request) -> Answer:
    action = actions[-1]
    if action["type"] == "fixed-response":
        return {int(action["fixedResponse"].get("statusCode") or 200): 1.0}
    if action["type"] == "redirect":
        return {int(str(action["redirect"]["statusCode"]).removeprefix("HTTP_")): 1.0}
    if action.get("targetGroupArn"):
        return _targets(snapshot, str(action["targetGroupArn"]))
    groups = cast("list[Props]", action["forward"]["targetGroups"])
    weights = [(str(group["arn"]), 1 if group.get("weight") is None else int(group["weight"])) for group in groups]
    if table(action["forward"].get("stickiness")).get("enabled") and request.cookie in dict(weights):
        # Whatever its weight is now, and whether or not it has a target.
        return _targets(snapshot, request.cookie)
    total = sum(weight for _, weight in weights)
    if total == 0:
        return {UNAVAILABLE: 1.0}
    return _merged((_targets(snapshot, arn), weight / total) for arn, weight in weights if weight)


def _targets(snapshot: Snapshot, target_group: str) -> Answer:
    """A target group shares its requests among its healthy targets; with none it answers 503. What isn't an ECS service
    is taken to be healthy: it isn't ours."""
    counts: dict[str | int, float] = {
        lambdas.name_of(str(attachment["targetId"])): 1.0
        for attachment in snapshot.where(lambdas.ATTACHMENT, targetGroupArn=target_group)
    }
    for service in health.services_behind(snapshot, target_group):
        if health.healthy(snapshot, service):
            item = next(
                target for target in deployments.registered(service) if target.get("targetGroupArn") == target_group
            )
            name = str(item["containerName"])
            counts[name] = counts.get(name, 0.0) + float(deployments.tasks(service)["healthy"])
    total = sum(counts.values())
    return {name: count / total for name, count in counts.items()} if total else {UNAVAILABLE: 1.0}


# Refactor Spaces


def _refactor_spaces(snapshot: Snapshot, application: Object, request: Request) -> Answer:
    routes = [
        route
        for route in snapshot.where(refactorspaces.ROUTE, applicationIdentifier=application["applicationIdentifier"])
        if refactorspaces.is_active(route)
    ]
    matching = [route for route in routes if _path_route_matches(route, request)]
    if matching:
        best = max(matching, key=lambda route: _specificity(route, request))
        return _endpoint(snapshot, best, request)
    default = next((route for route in routes if route["routeType"] == "DEFAULT"), None)
    return _endpoint(snapshot, default, request) if default else {NOT_FOUND: 1.0}


def _segments(path: str) -> list[str]:
    return path.strip("/").split("/")


def _path_route_matches(route: Object, request: Request) -> bool:
    """A path and, with child paths, everything below it; a slash at the end of the request means nothing."""
    source = refactorspaces.source_path(route)
    if not source or request.method not in refactorspaces.methods(route.inputs):
        return False
    wanted, asked = _segments(source), _segments(request.path)
    children = bool(table(route.inputs.get("uriPathRoute")).get("includeChildPaths"))
    if len(asked) < len(wanted) or (len(asked) > len(wanted) and not children):
        return False
    return all(
        item.startswith("{") or item == segment for item, segment in zip(wanted, asked[: len(wanted)], strict=True)
    )


def _specificity(route: Object, request: Request) -> tuple[int, int, int]:
    wanted = _segments(refactorspaces.source_path(route))
    fixed = sum(1 for segment in wanted if not segment.startswith("{"))
    listed = 1 if table(route.inputs.get("uriPathRoute")).get("methods") else 0
    return (len(wanted), fixed, listed if request.method else 0)


def _endpoint(snapshot: Snapshot, route: Object, request: Request) -> Answer:
    service = snapshot.one(refactorspaces.SERVICE, serviceIdentifier=route["serviceIdentifier"])
    function = str(first(dict(service.inputs), "lambdaEndpoint.arn", "")) if service else ""
    if function:  # Refactor Spaces itself lets its API Gateway invoke it (API reference, CreateRoute)
        return {lambdas.name_of(function): 1.0}
    url = str(first(dict(service.inputs), "urlEndpoint.url", "")) if service else ""
    parts = urlsplit(url)
    if not parts.hostname:
        return {UNREACHABLE: 1.0}
    if not parts.hostname.endswith(".elb.amazonaws.com"):
        return {parts.hostname: 1.0}
    listener = health.listener_of(snapshot, url)
    if listener is None or (not _is_internal(snapshot, listener) and not health.open_to_internet(snapshot, listener)):
        return {UNREACHABLE: 1.0}
    path = parts.path.rstrip("/") + _handed_on(route, request.path)
    return balanced(snapshot, listener, request.at(path or "/", parts.hostname))


def _is_internal(snapshot: Snapshot, listener: Object) -> bool:
    balancer = snapshot.get(elb.BALANCER, str(listener["loadBalancerArn"]))
    return balancer is not None and bool(balancer["internal"])


def _handed_on(route: Object, path: str) -> str:
    """What a route adds to its service's URL: all of the path, or what comes below the source path."""
    if route["routeType"] == "DEFAULT" or table(route.inputs.get("uriPathRoute")).get("appendSourcePath"):
        return path
    below = _segments(path)[len(_segments(refactorspaces.source_path(route))) :]
    return "".join(f"/{segment}" for segment in below)


# HTTP API


def _http_api(snapshot: Snapshot, api: Object, request: Request) -> Answer:
    """Choose the stage: the one that the path's first segment names, or `$default`."""
    stages = {str(stage["name"]) for stage in snapshot.where(apigateway.STAGE, apiId=api.id)}
    head = _segments(request.path)[0]
    if head in stages:
        rest = request.path[len(head) + 1 :] or "/"
        return _staged(snapshot, api, head, request.at(rest, request.host))
    return _staged(snapshot, api, "$default", request) if "$default" in stages else {NOT_FOUND: 1.0}


def _staged(snapshot: Snapshot, api: Object, stage: str, request: Request) -> Answer:
    found = next(iter(snapshot.where(apigateway.STAGE, apiId=api.id, name=stage)), None)
    if found is None or not found["autoDeploy"]:
        return {NOT_FOUND: 1.0}
    route = _route(snapshot.where(apigateway.ROUTE, apiId=api.id), request)
    integration = snapshot.get(apigateway.INTEGRATION, str((route or api)["target"]).removeprefix("integrations/"))
    if route is None or integration is None:
        return {NOT_FOUND: 1.0}
    return _integrated(snapshot, integration, stage, request)


def _route(routes: Iterable[Object], request: Request) -> Object | None:
    """The most specific route: a full match before a greedy one, then more segments, then the method before ANY."""
    ranked = [(rank, route) for route in routes if (rank := _rank(str(route["routeKey"]), request)) is not None]
    return max(ranked, key=lambda pair: pair[0])[1] if ranked else None


def _rank(key: str, request: Request) -> tuple[int, ...] | None:
    if key == "$default":
        return (0,)
    parsed = apigateway.parse_key(key)
    if parsed is None or parsed[0] not in ("ANY", request.method):
        return None
    wanted, asked = parsed[1].split("/")[1:], request.path.split("/")[1:]
    greedy = wanted[-1].endswith("+}")
    fixed = sum(1 for item in wanted if not item.startswith("{"))
    if greedy:
        rest = asked[len(wanted) - 1 :]
        if not rest or (rest == [""] and not request.greedy_takes_empty):
            return None
        wanted, asked = wanted[:-1], asked[: len(wanted) - 1]
    if len(wanted) != len(asked):
        return None
    for part, segment in zip(wanted, asked, strict=True):
        if part != segment and not (part.startswith("{") and segment):
            return None
    return (1 if greedy else 2, len(wanted), fixed, 0 if parsed[0] == "ANY" else 1)


def _integrated(snapshot: Snapshot, integration: Object, stage: str, request: Request) -> Answer:
    uri = str(integration["integrationUri"])
    if integration["integrationType"] == "AWS_PROXY":
        return _invoked(snapshot, integration, uri)
    path = _sent_path(integration, stage, request.path)
    if integration["connectionType"] != "VPC_LINK":
        return _public(snapshot, uri, path, request)
    listener = snapshot.get(elb.LISTENER, uri)
    link = snapshot.get(apigateway.VPC_LINK, str(integration["connectionId"]))
    balancer = snapshot.get(elb.BALANCER, str(listener["loadBalancerArn"])) if listener else None
    if listener is None or link is None or balancer is None or link.hidden.get("inactive"):
        return {UNAVAILABLE: 1.0}
    sources, targets = texts(link["securityGroupIds"]), texts(balancer["securityGroups"])
    port, subnets = int(listener["port"]), [str(subnet) for subnet in items(balancer["subnets"])]
    if targets and network.may_talk(snapshot, sources, targets, port):
        return {UNREACHABLE: 1.0}
    if not targets and not network.lets_out(snapshot, sources, subnets, port):
        return {UNREACHABLE: 1.0}
    named = table(integration["tlsConfig"]).get("serverNameToVerify")
    if str(listener["protocol"]) in ("HTTPS", "TLS"):
        if not named:
            return {BAD_REQUEST: 1.0}
        if not elb.certified(snapshot, listener, str(named)):
            return {UNAVAILABLE: 1.0}
    elif named and listener["protocol"] != "TCP":
        return {UNAVAILABLE: 1.0}
    host = apigateway.host_of(integration) or str(balancer["dnsName"])
    return balanced(snapshot, listener, request.at(path, host))


def _invoked(snapshot: Snapshot, integration: Object, uri: str) -> Answer:
    """Without leave to invoke the function, an HTTP API answers 500 (API Gateway developer guide, "Troubleshooting
    issues with HTTP API Lambda integrations")."""
    api = snapshot.get(apigateway.API, str(integration["apiId"]))
    function = uri.partition("/functions/")[2].removesuffix("/invocations") or uri
    caller = f"{api['executionArn']}/$default/any" if api else ""
    allowed = lambdas.may_invoke(snapshot, "apigateway.amazonaws.com", caller, function)
    return {lambdas.name_of(function) if allowed else FAILED: 1.0}


def _sent_path(integration: Object, stage: str, path: str) -> str:
    """A private integration is sent the stage's name as well, unless the path is overwritten."""
    overwrite = table(integration["requestParameters"]).get("overwrite:path")
    if overwrite and overwrite != "$request.path":
        return str(overwrite)
    return path if overwrite or stage == "$default" else f"/{stage}{path}"


def _public(snapshot: Snapshot, uri: str, path: str, request: Request) -> Answer:
    parts = urlsplit(uri)
    host = parts.hostname or ""
    if not host.endswith(".elb.amazonaws.com"):
        return {host: 1.0} if host else {UNREACHABLE: 1.0}
    listener = health.listener_of(snapshot, uri)
    if listener is None or not health.open_to_internet(snapshot, listener):
        return {UNREACHABLE: 1.0}
    target = re.sub(r"\{[^}]+\}", "", parts.path).rstrip("/") + path if "{" in parts.path else parts.path or "/"
    return balanced(snapshot, listener, request.at(target, host))
