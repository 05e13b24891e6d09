"""Every type that the stand-in knows. There is no fallback: an unknown type is an error."""

from __future__ import annotations

from typing import Final

from tools.standin import (
    apigateway,
    autoscaling,
    cloudwatch,
    dns,
    docker_image,
    ec2,
    ecr,
    ecs,
    efs,
    elb,
    flowlogs,
    gateways,
    iam,
    refactorspaces,
    s3,
    security,
    servicediscovery,
    sns,
    target_groups,
)
from tools.standin.kinds import Kind

_MODULES: Final = (
    apigateway,
    autoscaling,
    cloudwatch,
    dns,
    docker_image,
    ec2,
    ecr,
    ecs,
    efs,
    elb,
    flowlogs,
    gateways,
    iam,
    refactorspaces,
    s3,
    security,
    servicediscovery,
    sns,
    target_groups,
)

KINDS: Final[dict[str, Kind]] = {kind.token: kind for module in _MODULES for kind in module.KINDS}
