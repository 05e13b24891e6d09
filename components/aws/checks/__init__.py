"""What AWS would refuse, or never bring up, told before anything is made. Pure."""

from components.aws.checks import containers, facades, images, load_balancing, names, placement
from components.settings.stack import Check

CHECKS: tuple[Check, ...] = (
    images.check,
    containers.check,
    names.check,
    placement.check,
    load_balancing.check,
    facades.check,
)
"""What a stack on AWS must pass, in the order in which mistakes are told."""
