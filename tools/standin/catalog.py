"""Every type that the stand-in knows. There is no fallback: an unknown type is an error."""

from __future__ import annotations

from importlib import import_module
from typing import Final

from tools.standin.kinds import Kind

_MODULES: Final = (
    "apigateway",
    "autoscaling",
    "cloudwatch",
    "dns",
    "docker_image",
    "ec2",
    "ecr",
    "ecs",
    "efs",
    "elb",
    "flowlogs",
    "gateways",
    "iam",
    "jobs",
    "kms",
    "lambdas",
    "refactorspaces",
    "s3",
    "security",
    "servicediscovery",
    "sns",
    "sqs",
    "target_groups",
    "waf",
)

KINDS: Final[dict[str, Kind]] = {
    kind.token: kind for module in _MODULES for kind in import_module(f"tools.standin.{module}").KINDS
}
