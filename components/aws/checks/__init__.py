"""What AWS would refuse, or never bring up, reported before anything is made. Pure."""

from components.aws.checks import (
    between_tasks,
    containers,
    domains,
    external,
    facades,
    images,
    internal_balancing,
    listener,
    load_balancing,
    names,
    placement,
    quotas,
    registered,
    secrets,
    service_connect,
    zones,
)
from components.settings.stack import Check

CHECKS: tuple[Check, ...] = (
    images.check,
    containers.check,
    service_connect.check,
    registered.check,
    secrets.check,
    names.check,
    placement.check,
    zones.check,
    load_balancing.check,
    internal_balancing.check,
    between_tasks.check,
    facades.check,
    listener.check,
    external.check,
    domains.check,
    quotas.check,
)
"""What a stack on AWS must pass, in the order in which mistakes are reported."""
