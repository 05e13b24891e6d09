"""Refactor Spaces through aws-native: order, the one-time health check, and what can't be changed in place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final, cast
from urllib.parse import urlsplit

from tools.standin import ec2, elb, health
from tools.standin.cloud import AwsError, Object
from tools.standin.kinds import AutoName, Call, IncompleteError, Kind, Ref, describe, refuse
from tools.standin.values import Props, table, texts

ENVIRONMENT: Final = "aws-native:refactorspaces:Environment"
APPLICATION: Final = "aws-native:refactorspaces:Application"
SERVICE: Final = "aws-native:refactorspaces:Service"
ROUTE: Final = "aws-native:refactorspaces:Route"
_METHODS: Final = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")


def _new(prefix: str, call: Call) -> str:
    """An id of 14 characters, as the service's own."""
    return prefix + call.cloud.new_id(prefix, 10)[len(prefix) :]


def _arn(call: Call, path: str) -> str:
    return call.cloud.arn("refactor-spaces", path)


def _verify_name(call: Call) -> None:
    name = str(call.inputs.get("name"))
    refuse(
        not re.fullmatch(r"(?!env-|app-|svc-)[a-zA-Z0-9][a-zA-Z0-9 _-]{2,62}", name),
        "ValidationException",
        f"name: {name!r} has 3 to 63 letters, digits, spaces, - and _, begins with a letter or digit, and not with "
        "env-, app- or svc-",
    )


def _no_update(call: Call) -> None:
    """Tags of an application or service: the type has no update handler."""
    refuse(
        call.before is not None,
        "UnsupportedActionException",
        "Resource type does not support UPDATE action",
    )


# Environment and application


def _environment_outputs(call: Call, identifier: str) -> Props:
    found: Props = {"arn": _arn(call, f"environment/{identifier}"), "environmentIdentifier": identifier}
    if call.get("networkFabricType") == "TRANSIT_GATEWAY":
        found["transitGatewayId"] = identifier.replace("env-", "tgw-0")
    return found


def _environment_verify(call: Call) -> None:
    _verify_name(call)
    refuse(call.get("networkFabricType") is None, "ValidationException", "networkFabricType is required")


def _application_verify(call: Call) -> None:
    _verify_name(call)
    _no_update(call)
    vpc = call.inputs["vpcId"]
    zones = {subnet["availabilityZone"] for subnet in call.snapshot.where(ec2.SUBNET, vpcId=vpc)}
    refuse(
        len(zones) < 2,
        "ValidationException",
        f"vpcId: {vpc} needs subnets in two zones for the proxy's load balancer, it has {len(zones)}",
    )


def _application_outputs(call: Call, identifier: str) -> Props:
    app = identifier.rpartition("|")[2]
    digits = app.removeprefix("app-").lower()
    stage = table(call.get("apiGatewayProxy")).get("stageName", "prod")
    api = digits
    return {
        "arn": _arn(call, f"environment/{call.inputs['environmentIdentifier']}/application/{app}"),
        "applicationIdentifier": app,
        "apiGatewayId": api,
        "nlbArn": call.cloud.arn("elasticloadbalancing", f"loadbalancer/net/refactor-spaces-nlb-{digits}/{digits}"),
        "nlbName": f"refactor-spaces-nlb-{digits}",
        "proxyUrl": f"https://{api}.execute-api.{call.settings.region}.amazonaws.com/{stage}",
        "stageName": stage,
        "vpcLinkId": digits[::-1],
    }


# Service


def _service_verify(call: Call) -> None:
    _verify_name(call)
    _no_update(call)
    kind = call.inputs["endpointType"]
    wanted = {"URL": "urlEndpoint", "LAMBDA": "lambdaEndpoint"}.get(kind, "urlEndpoint")
    refuse(not call.get(wanted), "ValidationException", f"{wanted} is required for endpointType {kind}")
    if kind != "URL":
        arn = str(table(call.inputs[wanted]).get("arn"))
        refuse(
            not re.fullmatch(r"arn:[a-z0-9-]+:lambda:\S+:function:\S+", arn),
            "ValidationException",
            f"lambdaEndpoint.arn: {arn!r} is a function's ARN, with its version or alias if there is one",
        )
        return
    endpoint = cast("Props", call.inputs["urlEndpoint"])
    for name in ("url", "healthUrl"):
        url = endpoint.get(name)
        if url is not None:
            _verify_url(call, f"urlEndpoint.{name}", str(url))


def _verify_url(call: Call, path: str, url: str) -> None:
    parts = urlsplit(url)
    refuse(
        parts.scheme not in ("http", "https") or not parts.hostname or len(url) > 2048 or url[-1] in "?!:,.;",
        "ValidationException",
        f"{path}: {url!r} is an http or https URL of up to 2048 characters that doesn't end with one of ? ! : , . ;",
    )
    if not str(parts.hostname).endswith(".elb.amazonaws.com"):
        return
    balancer = call.snapshot.one(elb.BALANCER, dnsName=parts.hostname)
    if balancer is None:
        raise AwsError("ValidationException", f"{path}: {parts.hostname} does not resolve")
    refuse(
        balancer["internal"] and call.get("vpcId") is None,
        "ValidationException",
        f"vpcId is required, as {parts.hostname} resolves to private addresses",
    )


# Route


def source_path(route: Object) -> str:
    return str(table(route.inputs.get("uriPathRoute")).get("sourcePath") or "")


def methods(route: Any) -> set[str]:
    """The methods of a path route's inputs; none given means all."""
    found = texts(table(route.get("uriPathRoute")).get("methods"))
    return set(found) or set(_METHODS)


def is_active(route: Object) -> bool:
    return route.hidden.get("state") == "ACTIVE"


def wanted_state(inputs: Any) -> str:
    """The activation state that a route's inputs ask for: a DEFAULT route is active unless told otherwise."""
    part = table(inputs.get("defaultRoute" if inputs.get("routeType") == "DEFAULT" else "uriPathRoute"))
    return str(part.get("activationState") or ("ACTIVE" if inputs.get("routeType") == "DEFAULT" else "INACTIVE"))


def _siblings(call: Call) -> list[Object]:
    application = call.inputs["applicationIdentifier"]
    return [route for route in call.others(ROUTE) if route["applicationIdentifier"] == application]


def _route_verify(call: Call) -> None:
    siblings = _siblings(call)
    defaults = [sibling for sibling in siblings if sibling["routeType"] == "DEFAULT"]
    if call.before is not None:
        _verify_route_update(call, call.before)
    if call.inputs["routeType"] == "DEFAULT":
        refuse(defaults, "ConflictException", "the application has a DEFAULT route already")
        refuse(call.get("uriPathRoute"), "ValidationException", "a DEFAULT route has no uriPathRoute")
        active = [sibling for sibling in siblings if is_active(sibling)]
        refuse(
            wanted_state(call.inputs) == "INACTIVE" and active,
            "ConflictException",
            f"the DEFAULT route can't be inactive while other routes are active: {', '.join(map(describe, active))}",
        )
        return
    refuse(not call.get("uriPathRoute"), "ValidationException", "uriPathRoute is required for routeType URI_PATH")
    path = table(call.inputs["uriPathRoute"]).get("sourcePath")
    refuse(not path, "ValidationException", "uriPathRoute.sourcePath is required")
    refuse(not defaults, "ConflictException", "the first route of an application must be of type DEFAULT")
    refuse(
        wanted_state(call.inputs) == "ACTIVE" and not any(is_active(default) for default in defaults),
        "ConflictException",
        "no route can be active while the DEFAULT route is not",
    )
    _verify_path(call, str(path), siblings)


def _verify_route_update(call: Call, before: Object) -> None:
    """aws-native sends nested objects whole, create-only members included, and AWS refuses that."""
    if before.inputs.get("routeType") == "URI_PATH" and (
        before.inputs.get("uriPathRoute") != call.inputs.get("uriPathRoute")
        or before.inputs.get("tags") != call.inputs.get("tags")
    ):
        raise AwsError(
            "NotUpdatableException",
            "Invalid patch update: createOnlyProperties [/properties/UriPathRoute/SourcePath, "
            "/properties/UriPathRoute/IncludeChildPaths, /properties/UriPathRoute/Methods] cannot be updated",
        )


def _verify_path(call: Call, path: str, siblings: list[Object]) -> None:
    names = re.findall(r"\{([^}]+)\}", path)
    refuse(len(set(names)) < len(names), "ValidationException", f"uriPathRoute.sourcePath: {path} repeats a parameter")
    for sibling in siblings:
        other = source_path(sibling)
        refuse(
            other == path and methods(sibling.inputs) & methods(call.inputs),
            "ConflictException",
            f"a route for {path} with the same methods exists already: {describe(sibling)}",
        )
        mine, its = _variables(call.inputs), _variables(dict(sibling.inputs))
        for parent in mine.keys() & its.keys():
            both = f"{mine[parent]} and {its[parent]} below one resource"
            refuse(
                mine[parent] != its[parent],
                "ConflictException",
                f"{path} clashes with {other or '/'}: {both}: {describe(sibling)}",
            )


def _variables(inputs: Props) -> dict[str, str]:
    """The variable parts of a route in its REST API, by the resource that they are below, which has one at most; those
    of what is below a path, and below `/` for the DEFAULT route, are greedy."""
    parts = source_path_of(inputs).rstrip("/").split("/")
    found = {"/".join(parts[:index]): part for index, part in enumerate(parts) if part.startswith("{")}
    children = inputs.get("routeType") == "DEFAULT" or table(inputs.get("uriPathRoute")).get("includeChildPaths")
    return {**found, "/".join(parts): "{proxy+}"} if children else found


def _route_start(call: Call, current: Object) -> Object:
    return current if call.before else current.with_hidden(state="CREATING")


def _route_finish(call: Call, current: Object) -> Object:
    """Take effect; a route that turns active has its service's endpoint checked, once."""
    state = wanted_state(current.inputs)
    if state == "ACTIVE" and not is_active(current):
        service = call.snapshot.one(SERVICE, serviceIdentifier=current["serviceIdentifier"])
        endpoint = table(service.inputs.get("urlEndpoint") if service else None)
        problem = health.url_problem(call.snapshot, str(endpoint.get("healthUrl") or endpoint.get("url")))
        if service is not None and service["endpointType"] == "URL" and problem:
            raise IncompleteError(
                current.with_hidden(state="FAILED"),
                f"NotStabilized: SERVICE_ENDPOINT_HEALTH_CHECK_FAILURE: {endpoint.get('url')}: {problem}",
            )
    return current.with_hidden(state=state)


def _route_verify_delete(call: Call) -> None:
    assert call.before is not None
    others = [sibling for sibling in _siblings(call) if sibling["routeType"] != "DEFAULT"]
    refuse(
        call.before["routeType"] == "DEFAULT" and others,
        "ConflictException",
        f"the DEFAULT route can't be deleted while other routes exist: {', '.join(map(describe, others))}",
    )


def _route_outputs(call: Call, identifier: str) -> Props:
    route = identifier.rpartition("|")[2]
    parts = (call.inputs["environmentIdentifier"], call.inputs["applicationIdentifier"])
    return {
        "arn": _arn(call, f"environment/{parts[0]}/application/{parts[1]}/route/{route}"),
        "routeIdentifier": route,
        "pathResourceToId": f'{{"{source_path_of(call.inputs)}":"{route[4:]}"}}',
    }


def source_path_of(inputs: Props) -> str:
    return str(table(inputs.get("uriPathRoute")).get("sourcePath") or "/")


def _within(*names: str) -> Any:
    """The id of something below others: their identifiers and its own, joined by bars."""

    def make(call: Call) -> str:
        prefix = names[-1]
        return "|".join([*(str(call.inputs[name]) for name in names[:-1]), _new(prefix, call)])

    return make


def _refs(*, service: bool = False, application: bool = False) -> Iterator[Ref]:
    yield Ref("environmentIdentifier", ENVIRONMENT, ("environmentIdentifier",), code="ResourceNotFoundException")
    if application:
        yield Ref("applicationIdentifier", APPLICATION, ("applicationIdentifier",), code="ResourceNotFoundException")
    if service:
        yield Ref("serviceIdentifier", SERVICE, ("serviceIdentifier",), code="ResourceNotFoundException")


_VPC: Final = Ref("vpcId", ec2.VPC, code="ResourceNotFoundException")
_IDS: Final = ("environmentIdentifier", "applicationIdentifier")

KINDS: Final = (
    Kind(
        ENVIRONMENT,
        lambda call: _new("env-", call),
        cfn="AWS::RefactorSpaces::Environment",
        autoname=AutoName(maximum=63),
        native=True,
        in_use_code="ConflictException",
        unknown_on_update=frozenset({"arn", "environmentIdentifier", "transitGatewayId"}),
        verify=_environment_verify,
        outputs=_environment_outputs,
    ),
    Kind(
        APPLICATION,
        _within("environmentIdentifier", "app-"),
        cfn="AWS::RefactorSpaces::Application",
        autoname=AutoName(maximum=63),
        native=True,
        in_use_code="ConflictException",
        refs=(*_refs(), _VPC),
        unknown_on_update=frozenset(
            {"arn", "applicationIdentifier", "apiGatewayId", "nlbArn", "nlbName", "proxyUrl", "stageName", "vpcLinkId"}
        ),
        verify=_application_verify,
        outputs=_application_outputs,
    ),
    Kind(
        SERVICE,
        _within(*_IDS, "svc-"),
        cfn="AWS::RefactorSpaces::Service",
        autoname=AutoName(maximum=63),
        native=True,
        in_use_code="ConflictException",
        refs=(*_refs(application=True), _VPC),
        unknown_on_update=frozenset({"arn", "serviceIdentifier"}),
        verify=_service_verify,
        outputs=lambda call, identifier: {
            "arn": _arn(call, f"environment/{call.inputs['environmentIdentifier']}/service/{identifier[-14:]}"),
            "serviceIdentifier": identifier.rpartition("|")[2],
        },
    ),
    Kind(
        ROUTE,
        _within(*_IDS, "rte-"),
        cfn="AWS::RefactorSpaces::Route",
        native=True,
        refs=tuple(_refs(service=True, application=True)),
        unknown_on_update=frozenset({"arn", "routeIdentifier", "pathResourceToId"}),
        sets=frozenset({"uriPathRoute.methods"}),
        verify=_route_verify,
        verify_delete=_route_verify_delete,
        start=_route_start,
        finish=_route_finish,
        outputs=_route_outputs,
    ),
)
