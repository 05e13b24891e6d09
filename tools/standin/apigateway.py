"""HTTP APIs: one route per key, private integrations through a VPC link, deletions refused while used."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from tools.standin import dns, ec2, elb, network, security
from tools.standin.cloud import Object
from tools.standin.kinds import AutoName, Call, Kind, Problem, Ref, describe, refuse
from tools.standin.values import Props, first, is_unknown, items, table

API: Final = "aws:apigatewayv2/api:Api"
INTEGRATION: Final = "aws:apigatewayv2/integration:Integration"
ROUTE: Final = "aws:apigatewayv2/route:Route"
STAGE: Final = "aws:apigatewayv2/stage:Stage"
VPC_LINK: Final = "aws:apigatewayv2/vpcLink:VpcLink"
DOMAIN: Final = "aws:apigatewayv2/domainName:DomainName"
MAPPING: Final = "aws:apigatewayv2/apiMapping:ApiMapping"
_LOG_GROUP: Final = "aws:cloudwatch/logGroup:LogGroup"
_METHODS: Final = ("ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
_KEY: Final = re.compile(r"^(?P<method>[A-Z]+) (?P<path>/.*)$")
_SEGMENT: Final = re.compile(r"^(\{[A-Za-z0-9._:-]+\+?\}|[A-Za-z0-9._~:$@!&'()*,;=%+-]+)$")


def _identifier(length: int = 10) -> Callable[[Call], str]:
    def make(call: Call) -> str:
        return call.cloud.new_id("", length)

    return make


def parse_key(key: str) -> tuple[str, str] | None:
    """Method and path of a route key, or None for `$default` and for what is no key."""
    found = _KEY.match(key)
    return (found["method"], found["path"]) if found else None


def _key_problems(inputs: Props) -> Iterator[Problem]:
    key = inputs.get("routeKey")
    if not isinstance(key, str) or key == "$default":
        return
    parsed = parse_key(key)
    if parsed is None or parsed[0] not in _METHODS:
        yield "routeKey", f"is {key!r}; accepted: $default, or one of {', '.join(_METHODS)} and a path"
        return
    segments = parsed[1].split("/")[1:]
    for index, segment in enumerate(segments):
        last = index == len(segments) - 1
        if not segment and not last:
            yield "routeKey", f"is {key!r}; a path has no empty segment"
        elif segment and not _SEGMENT.match(segment):
            yield "routeKey", f"is {key!r}; the segment {segment!r} is not accepted"
        elif segment.endswith("+}") and not last:
            yield "routeKey", f"is {key!r}; a greedy variable comes last"
    names = re.findall(r"\{([^}+]+)\+?\}", parsed[1])
    if len(set(names)) < len(names):
        yield "routeKey", f"is {key!r}; it repeats a variable"


def _api_problems(inputs: Props) -> Iterator[Problem]:
    if inputs.get("protocolType") not in ("HTTP", "WEBSOCKET") and not is_unknown(inputs.get("protocolType")):
        yield "protocolType", f"is {inputs.get('protocolType')!r}; accepted: HTTP, WEBSOCKET"


def _api_outputs(call: Call, identifier: str) -> Props:
    return {
        "apiEndpoint": f"https://{identifier}.execute-api.{call.settings.region}.amazonaws.com",
        "arn": f"arn:aws:apigateway:{call.settings.region}::/apis/{identifier}",
        "executionArn": call.cloud.arn("execute-api", identifier),
    }


# Domain name


def _domain_verify(call: Call) -> None:
    """API Gateway guide, "Custom domain names for HTTP APIs": a certificate of the region that names the domain."""
    host, arn = call.inputs["domainName"], table(call.get("domainNameConfiguration")).get("certificateArn")
    certificate = call.snapshot.one(dns.CERTIFICATE, arn=arn)
    refuse(
        certificate is not None and not (dns.is_issued(certificate) and dns.covers(certificate, str(host))),
        "BadRequestException",
        f"The provided certificate is not issued, or has not the name {host}",
    )


# VPC link


def _link_verify(call: Call) -> None:
    vpcs = network.vpc_of_subnets(call.snapshot, call.get("subnetIds", []))
    refuse(len(vpcs) != 1, "BadRequestException", "the subnets of a VPC link must be in one VPC")
    # API Gateway developer guide, "Set up VPC links V2 in API Gateway", "Availability by Region".
    for zone in network.zones_of_subnets(call.snapshot, call.get("subnetIds", [])):
        refuse(
            zone[-1:] in call.cloud.without_vpc_links,
            "BadRequestException",
            f"a subnet is in the Availability Zone {zone}, in which there are no VPC links",
        )
    vpc = next(iter(vpcs))
    for item in call.get("securityGroupIds", []):
        group = call.snapshot.get(security.GROUP, item)
        refuse(group is not None and group["vpcId"] != vpc, "BadRequestException", f"{item} is not in {vpc}")


# Integration


_RESERVED: Final = frozenset(
    (
        *("authorization", "connection", "content-encoding", "content-length", "content-location", "forwarded"),
        *("keep-alive", "origin", "proxy-authenticate", "proxy-authorization", "te", "trailers", "transfer-encoding"),
        *("upgrade", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "via"),
    )
)
"""API Gateway developer guide, "Transform API requests and responses for HTTP APIs", reserved headers; besides those
that begin with access-control-, apigw-, x-amz- and x-amzn-."""


def _integration_problems(inputs: Props) -> Iterator[Problem]:
    kind, connection = inputs.get("integrationType"), inputs.get("connectionType")
    if kind not in ("HTTP_PROXY", "AWS_PROXY", "HTTP", "AWS", "MOCK") and not is_unknown(kind):
        yield "integrationType", f"is {kind!r}; accepted: HTTP_PROXY, AWS_PROXY"
    if kind == "HTTP_PROXY" and inputs.get("integrationMethod") is None:
        yield "integrationMethod", "is required for HTTP_PROXY"
    if kind == "HTTP_PROXY" and inputs.get("integrationUri") is None:
        yield "integrationUri", "is required for HTTP_PROXY"
    if connection not in (None, "INTERNET", "VPC_LINK") and not is_unknown(connection):
        yield "connectionType", f"is {connection!r}; accepted: INTERNET, VPC_LINK"
    if connection == "VPC_LINK" and inputs.get("connectionId") is None:
        yield "connectionId", "is required for connectionType VPC_LINK"
    if inputs.get("tlsConfig") is not None and connection not in (None, "VPC_LINK") and not is_unknown(connection):
        yield "tlsConfig", "is for private integrations only"
    timeout = inputs.get("timeoutMilliseconds")
    if isinstance(timeout, int) and not 50 <= timeout <= 30000:
        yield "timeoutMilliseconds", f"is {timeout}; accepted for HTTP APIs: 50 to 30000"
    version = inputs.get("payloadFormatVersion")
    if kind == "HTTP_PROXY" and version not in (None, "1.0") and not is_unknown(version):
        yield "payloadFormatVersion", f"is {version!r}; HTTP_PROXY takes 1.0"
    if kind == "AWS_PROXY" and version not in (None, "1.0", "2.0") and not is_unknown(version):
        yield "payloadFormatVersion", f"is {version!r}; accepted: 1.0, 2.0"
    for name in table(inputs.get("requestParameters")):
        if name.partition(".")[2].lower() in _RESERVED:
            yield f"requestParameters.{name}", "is a reserved header"
        if not re.fullmatch(r"(append|overwrite|remove):(header|querystring)\.[A-Za-z0-9_.-]+|overwrite:path", name):
            yield f"requestParameters.{name}", "is not accepted: such as overwrite:path or append:header.name"


HOST: Final = "overwrite:header.host"


def host_of(integration: Object) -> str | None:
    """The Host header that an integration sends, if it says which."""
    named = {key.lower(): value for key, value in table(integration["requestParameters"]).items()}
    return str(named[HOST]) if HOST in named else None


def _integration_verify(call: Call) -> None:
    api = call.snapshot.get(API, call.inputs["apiId"])
    refuse(
        api is not None and api["protocolType"] == "HTTP" and call.inputs["integrationType"] in ("HTTP", "AWS", "MOCK"),
        "BadRequestException",
        f"HTTP APIs take no {call.inputs['integrationType']} integration",
    )
    # Public modules of Terraform say that only a constant is taken there, and no variable.
    host = {key.lower(): value for key, value in table(call.get("requestParameters")).items()}.get(HOST, "")
    refuse(str(host).startswith("$"), "BadRequestException", f"{HOST}: {host} is no constant")
    if call.inputs["integrationType"] == "AWS_PROXY":
        uri = str(call.get("integrationUri"))
        refuse(":lambda:" not in uri, "BadRequestException", f"integrationUri: {uri!r} is no function's")
    if call.get("connectionType") != "VPC_LINK":
        refuse(
            str(call.get("integrationUri", "")).startswith("arn:aws:elasticloadbalancing"),
            "BadRequestException",
            "a listener can be reached through a VPC link only",
        )
        return
    uri = str(call.get("integrationUri"))
    listener = call.snapshot.get(elb.LISTENER, uri)
    refuse(
        not uri.startswith("arn:"),
        "BadRequestException",
        f"integrationUri: {uri!r} is not the ARN of a listener or Cloud Map service, which a private integration needs",
    )
    link = call.snapshot.get(VPC_LINK, call.inputs["connectionId"])
    if listener is not None and link is not None:
        balancer = call.snapshot.get(elb.BALANCER, listener["loadBalancerArn"])
        vpc = network.vpc_of_subnets(call.snapshot, items(link["subnetIds"]))
        refuse(
            balancer is not None and balancer["vpcId"] not in vpc,
            "BadRequestException",
            f"the listener {listener.id} is not in the VPC of {describe(link)}",
        )


def _integration_verify_delete(call: Call) -> None:
    assert call.before is not None
    for route in call.snapshot.where(ROUTE, apiId=call.before["apiId"]):
        refuse(
            route["target"] == f"integrations/{call.before.id}",
            "ConflictException",
            f"Cannot delete Integration '{call.before.id}' as it is referenced by Route: {describe(route)}",
        )


# Route, stage, domain


def _route_verify(call: Call) -> None:
    for other in call.others(ROUTE):
        refuse(
            other["apiId"] == call.inputs["apiId"] and other["routeKey"] == call.inputs["routeKey"],
            "ConflictException",
            f"Route with key {call.inputs['routeKey']} already exists for this API: {describe(other)}",
        )
    target = call.get("target")
    if target is None:
        return
    found = call.snapshot.get(INTEGRATION, str(target).removeprefix("integrations/"))
    refuse(
        not str(target).startswith("integrations/") or found is None or found["apiId"] != call.inputs["apiId"],
        "BadRequestException",
        f"Invalid route target {target}: no such integration of this API",
    )


def _stage_id(call: Call) -> str:
    """The provider's is the name alone, which several APIs may have; objects are kept by their ids here."""
    return f"{call.inputs['apiId']}/{call.inputs['name']}"


def _stage_verify(call: Call) -> None:
    name = str(call.inputs["name"])
    refuse(
        not re.fullmatch(r"\$default|[A-Za-z0-9_-]{1,128}", name),
        "BadRequestException",
        f"name: {name!r}; accepted: $default, or letters, digits, _ and -",
    )
    wanted = first(call.inputs, "accessLogSettings.destinationArn")
    groups: list[Object] = list(call.snapshot.of(_LOG_GROUP))
    refuse(
        wanted is not None and not any(str(wanted).removesuffix(":*") == group["arn"] for group in groups),
        "BadRequestException",
        f"accessLogSettings.destinationArn: {wanted} does not exist",
    )


def _stage_outputs(call: Call, _identifier: str) -> Props:
    api, name = call.inputs["apiId"], call.inputs["name"]
    host = f"https://{api}.execute-api.{call.settings.region}.amazonaws.com"
    return {
        "arn": f"arn:aws:apigateway:{call.settings.region}::/apis/{api}/stages/{name}",
        "executionArn": call.cloud.arn("execute-api", f"{api}/{name}"),
        "invokeUrl": f"{host}/" if name == "$default" else f"{host}/{name}",
        "deploymentId": call.before["deploymentId"] if call.before else call.cloud.new_id("", 6),
    }


_API_REF: Final = Ref("apiId", API, blocks=False, code="NotFoundException")

KINDS: Final = (
    Kind(
        API,
        _identifier(),
        cfn="AWS::ApiGatewayV2::Api",
        names={"body": None},
        autoname=AutoName(maximum=128),
        in_use_code="ConflictException",
        problems=_api_problems,
        outputs=_api_outputs,
    ),
    Kind(
        VPC_LINK,
        _identifier(6),
        cfn="AWS::ApiGatewayV2::VpcLink",
        autoname=AutoName(maximum=128),
        sets=frozenset({"subnetIds", "securityGroupIds"}),
        in_use_code="BadRequestException",
        refs=(
            Ref("subnetIds[*]", ec2.SUBNET, code="BadRequestException"),
            Ref("securityGroupIds[*]", security.GROUP, code="BadRequestException"),
        ),
        verify=_link_verify,
        outputs=lambda call, identifier: {
            "arn": f"arn:aws:apigateway:{call.settings.region}::/vpclinks/{identifier}",
        },
    ),
    Kind(
        INTEGRATION,
        _identifier(7),
        cfn="AWS::ApiGatewayV2::Integration",
        names={"timeoutMilliseconds": "TimeoutInMillis", "requestParameters": None, "responseParameters": None},
        replace=frozenset({"integrationType", "integrationSubtype"}),
        refs=(
            _API_REF,
            Ref("connectionId", VPC_LINK, code="BadRequestException"),
            Ref(
                "integrationUri",
                elb.LISTENER,
                blocks=False,
                code="BadRequestException",
                prefix="arn:aws:elasticloadbalancing",
            ),
        ),
        problems=_integration_problems,
        verify=_integration_verify,
        verify_delete=_integration_verify_delete,
    ),
    Kind(
        ROUTE,
        _identifier(7),
        cfn="AWS::ApiGatewayV2::Route",
        names={"requestModels": None, "requestParameters": None},
        refs=(_API_REF,),
        problems=_key_problems,
        verify=_route_verify,
    ),
    Kind(
        STAGE,
        _stage_id,
        cfn="AWS::ApiGatewayV2::Stage",
        names={"name": "StageName", "stageVariables": None},
        autoname=AutoName(maximum=128),
        unique=("apiId", "name"),
        unique_code="ConflictException",
        key="arn",
        refs=(_API_REF,),
        verify=_stage_verify,
        outputs=_stage_outputs,
    ),
    Kind(
        DOMAIN,
        lambda call: str(call.inputs["domainName"]),
        cfn="AWS::ApiGatewayV2::DomainName",
        names={"domainNameConfiguration": None, "mutualTlsAuthentication": None},
        unique=("domainName",),
        unique_code="ConflictException",
        in_use_code="BadRequestException",
        verify=_domain_verify,
        refs=(
            Ref(
                "domainNameConfiguration.certificateArn",
                "aws:acm/certificate:Certificate",
                ("arn",),
                prefix="arn:aws:acm:",
            ),
        ),
        outputs=lambda call, identifier: {
            "arn": f"arn:aws:apigateway:{call.settings.region}::/domainnames/{identifier}",
            "domainNameConfiguration": {
                **call.get("domainNameConfiguration", {}),
                "targetDomainName": f"d-{len(identifier)}.execute-api.{call.settings.region}.amazonaws.com",
                "hostedZoneId": "ZLY8HYME6SFDD",
            },
        },
    ),
    Kind(
        MAPPING,
        _identifier(6),
        cfn="AWS::ApiGatewayV2::ApiMapping",
        unique=("domainName", "apiMappingKey"),
        unique_code="ConflictException",
        refs=(
            Ref("apiId", API, code="NotFoundException"),
            Ref("domainName", DOMAIN, code="NotFoundException"),
            Ref("stage", STAGE, ("name",), code="NotFoundException", beside=("apiId",)),
        ),
    ),
)
