"""Certificates, host names and stored secrets: only what services refer to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

from tools.standin.cloud import Object, Snapshot
from tools.standin.kinds import AutoName, Call, Kind, Problem, Ref, describe, refuse
from tools.standin.values import Props, is_unknown, rows, table, texts

CERTIFICATE: Final = "aws:acm/certificate:Certificate"
VALIDATION: Final = "aws:acm/certificateValidation:CertificateValidation"
ZONE: Final = "aws:route53/zone:Zone"
RECORD: Final = "aws:route53/record:Record"
PARAMETER: Final = "aws:ssm/parameter:Parameter"
SECRET: Final = "aws:secretsmanager/secret:Secret"
_BALANCER: Final = "aws:lb/loadBalancer:LoadBalancer"
_DOMAIN: Final = "aws:apigatewayv2/domainName:DomainName"


def _certificate_outputs(call: Call, identifier: str) -> Props:
    domain = call.get("domainName", "")
    option = {
        "domainName": domain,
        # The same for example.com and *.example.com (ACM user guide, "DNS validation").
        "resourceRecordName": f"_check.{str(domain).removeprefix('*.')}.",
        "resourceRecordType": "CNAME",
        "resourceRecordValue": "_check.acm-validations.aws.",
    }
    return {"arn": identifier, "status": "PENDING_VALIDATION", "domainValidationOptions": [option]}


def is_issued(certificate: Object) -> bool:
    """Whether AWS has issued a certificate, or somebody has imported it."""
    return bool(certificate.hidden.get("issued"))


def _certificate_problems(inputs: Props) -> Iterator[Problem]:
    method = inputs.get("validationMethod")
    if method not in (None, "DNS", "EMAIL") and not is_unknown(method):
        yield "validationMethod", f"is {method!r}; accepted: DNS, EMAIL"
    name = inputs.get("domainName")
    if isinstance(name, str) and not 1 <= len(name) <= 253:
        yield "domainName", f"has {len(name)} characters; accepted: 1 to 253"
    elif isinstance(name, str) and len(name.encode()) > 64:
        yield "domainName", f"has {len(name.encode())} octets; the first name of a certificate takes 64"


def _validation_verify(call: Call) -> None:
    """AWS looks for the record for hours; here it is there or will never be."""
    certificate = call.snapshot.one(CERTIFICATE, arn=call.inputs["certificateArn"])
    for option in rows(certificate["domainValidationOptions"] if certificate else None):
        wanted = (_plain(option["resourceRecordName"]), option["resourceRecordType"])
        found = [record for record in call.snapshot.of(RECORD) if (_plain(record["name"]), record["type"]) == wanted]
        refuse(
            not any(option["resourceRecordValue"] in (record["records"] or []) for record in found),
            "timeout",
            f"while waiting for the certificate to be issued: no record {option['resourceRecordName']}",
        )


def _validated(call: Call, current: Object) -> Object:
    certificate = call.snapshot.one(CERTIFICATE, arn=call.inputs["certificateArn"])
    if certificate is not None and not is_issued(certificate):
        call.cloud.change(certificate, issued=True)
    return current


def _plain(name: Any) -> str:
    return str(name).rstrip(".").lower()


def _record_problems(inputs: Props) -> Iterator[Problem]:
    if bool(inputs.get("aliases")) == bool(inputs.get("records")):
        yield "records", "one of records and aliases is required"
    if inputs.get("records") and inputs.get("ttl") is None:
        yield "ttl", "is required with records"


def _record_verify(call: Call) -> None:
    name, kind, zone = _plain(call.inputs["name"]), call.inputs["type"], call.snapshot.get(ZONE, call.inputs["zoneId"])
    assert zone is not None
    suffix = _plain(zone["name"])
    refuse(
        name != suffix and not name.endswith(f".{suffix}"),
        "InvalidChangeBatch",
        f"RRSet with DNS name {name}. is not permitted in zone {suffix}.",
    )
    for other in call.others(RECORD):
        refuse(
            (other["zoneId"], _plain(other["name"]), other["type"]) == (zone.id, name, kind)
            and not call.get("allowOverwrite"),
            "InvalidChangeBatch",
            f"Tried to create resource record set [name='{name}.', type='{kind}'] but it already exists: "
            f"{describe(other)}",
        )
    for alias in rows(call.get("aliases")):
        refuse(
            _zone_of(call.snapshot, str(alias["name"])) != alias["zoneId"],
            "InvalidChangeBatch",
            f"Tried to create an alias that targets {alias['name']}, type A in zone {alias['zoneId']}, but the alias "
            "target name does not lie within the target zone",
        )


def _zone_of(snapshot: Snapshot, target: str) -> str | None:
    """The hosted zone of what an alias may lead to: a load balancer, or a domain name of API Gateway."""
    balancer = snapshot.one(_BALANCER, dnsName=target)
    if balancer is not None:
        return str(balancer["zoneId"])
    configurations = (table(item["domainNameConfiguration"]) for item in snapshot.of(_DOMAIN))
    return next((item["hostedZoneId"] for item in configurations if item["targetDomainName"] == target), None)


def covers(certificate: Object, host: str) -> bool:
    """Whether a certificate names a host; a star stands for one label (RFC 6125)."""
    names = [str(certificate["domainName"]), *texts(certificate["subjectAlternativeNames"])]
    return any(item in (host.lower(), f"*.{host.lower().partition('.')[2]}") for item in names)


def resolved(snapshot: Snapshot, host: str) -> str:
    """The name that a host name is an alias of, or itself."""
    parts = host.lower().split(".")
    # Route 53 answers with the record of the name itself, else with the nearest one with a star (developer guide,
    # "Using an asterisk (*) in the names of hosted zones and records").
    for wanted in (host.lower(), *(".".join(("*", *parts[place:])) for place in range(1, len(parts)))):
        for record in snapshot.of(RECORD):
            if _plain(record["name"]) == wanted and record["aliases"]:
                return str(table(rows(record["aliases"])[0])["name"])
    return host


def _zone_verify(call: Call) -> None:
    """Route 53 API, CreateHostedZone, ConflictingDomainExists: a network has one private zone of a name."""
    networks = {vpc["vpcId"] for vpc in rows(call.get("vpcs"))}
    for other in call.others(ZONE):
        shared = networks & {vpc["vpcId"] for vpc in rows(other["vpcs"])}
        refuse(
            bool(shared) and _plain(other["name"]) == _plain(call.inputs["name"]),
            "ConflictingDomainExists",
            f"The VPC {', '.join(sorted(map(str, shared)))} is already associated with a private hosted zone of the "
            f"same name: {describe(other)}",
        )


KINDS: Final = (
    Kind(
        CERTIFICATE,
        lambda call: call.cloud.arn("acm", f"certificate/{UUID(call.cloud.new_id('', 32))}"),
        in_use_code="ResourceInUseException",
        replace=frozenset({"domainName", "subjectAlternativeNames", "validationMethod", "keyAlgorithm"}),
        retries=frozenset({"ResourceInUseException"}),
        problems=_certificate_problems,
        outputs=_certificate_outputs,
    ),
    Kind(
        VALIDATION,
        lambda call: str(call.inputs["certificateArn"]),
        replace=frozenset({"*"}),
        refs=(Ref("certificateArn", CERTIFICATE, ("arn",), blocks=False, code="ResourceNotFoundException"),),
        verify=_validation_verify,
        start=_validated,
    ),
    Kind(
        ZONE,
        lambda call: "Z" + call.cloud.new_id("", 14).upper(),
        autoname=AutoName(),
        replace=frozenset({"name"}),
        in_use_code="HostedZoneNotEmpty",
        verify=_zone_verify,
        outputs=lambda _call, identifier: {"zoneId": identifier, "nameServers": ["ns-1.example", "ns-2.example"]},
    ),
    Kind(
        RECORD,
        lambda call: f"{call.inputs['zoneId']}_{call.inputs['name']}_{call.inputs['type']}",
        replace=frozenset({"zoneId", "name", "type", "setIdentifier"}),
        refs=(Ref("zoneId", ZONE, code="NoSuchHostedZone"),),
        problems=_record_problems,
        verify=_record_verify,
        outputs=lambda call, _identifier: {"fqdn": call.inputs["name"]},
    ),
    Kind(
        PARAMETER,
        lambda call: str(call.inputs["name"]),
        autoname=AutoName(),
        unique=("name",),
        unique_code="ParameterAlreadyExists",
        replace=frozenset({"name"}),
        outputs=lambda call, identifier: {
            "arn": call.cloud.arn("ssm", f"parameter/{identifier.lstrip('/')}"),
            "version": 1,
        },
    ),
    Kind(
        SECRET,
        lambda call: call.cloud.arn("secretsmanager", f"secret:{call.inputs['name']}-{call.cloud.new_id('', 6)}"),
        autoname=AutoName(),
        unique=("name",),
        unique_code="ResourceExistsException",
        replace=frozenset({"name", "namePrefix"}),
        outputs=lambda _call, identifier: {"arn": identifier},
    ),
)
