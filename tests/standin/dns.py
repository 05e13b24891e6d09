"""Certificates, host names and stored secrets: only what services refer to."""

from __future__ import annotations

from typing import Final

from tests.standin.kinds import AutoName, Call, Kind, Ref
from tests.standin.values import Props

CERTIFICATE: Final = "aws:acm/certificate:Certificate"
VALIDATION: Final = "aws:acm/certificateValidation:CertificateValidation"
ZONE: Final = "aws:route53/zone:Zone"
RECORD: Final = "aws:route53/record:Record"
PARAMETER: Final = "aws:ssm/parameter:Parameter"
SECRET: Final = "aws:secretsmanager/secret:Secret"


def _certificate_outputs(call: Call, identifier: str) -> Props:
    domain = call.get("domainName", "")
    option = {
        "domainName": domain,
        "resourceRecordName": f"_check.{domain}.",
        "resourceRecordType": "CNAME",
        "resourceRecordValue": "_check.acm-validations.aws.",
    }
    return {"arn": identifier, "status": "PENDING_VALIDATION", "domainValidationOptions": [option]}


KINDS: Final = (
    Kind(
        CERTIFICATE,
        lambda call: call.cloud.arn("acm", f"certificate/{call.cloud.new_id('', 32)}"),
        in_use_code="ResourceInUseException",
        replace=frozenset({"domainName", "subjectAlternativeNames", "validationMethod", "keyAlgorithm"}),
        outputs=_certificate_outputs,
    ),
    Kind(
        VALIDATION,
        lambda call: str(call.inputs["certificateArn"]),
        replace=frozenset({"*"}),
        refs=(Ref("certificateArn", CERTIFICATE, ("arn",), blocks=False, code="ResourceNotFoundException"),),
    ),
    Kind(
        ZONE,
        lambda call: "Z" + call.cloud.new_id("", 14).upper(),
        autoname=AutoName(),
        replace=frozenset({"name"}),
        outputs=lambda _call, identifier: {"zoneId": identifier, "nameServers": ["ns-1.example", "ns-2.example"]},
    ),
    Kind(
        RECORD,
        lambda call: f"{call.inputs['zoneId']}_{call.inputs['name']}_{call.inputs['type']}",
        unique=("zoneId", "name", "type", "setIdentifier"),
        replace=frozenset({"zoneId", "name", "setIdentifier"}),
        refs=(Ref("zoneId", ZONE, code="NoSuchHostedZone"),),
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
