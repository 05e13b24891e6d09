"""The whole program: the settings of a stack, its environments, services and facades, and where they are."""

import os
from pathlib import Path

import pulumi
from pulumi.runtime.config import CONFIG, get_config_env

from components import left_out
from components.interrupt import INTERRUPT, refuse
from components.platform import MISTAKES, checks_for, look_ups_for, platform_of
from components.settings import read_settings
from components.strangler import Strangler, StranglerArgs


def deploy(folder: Path) -> Strangler:
    """Reads the settings of the running stack and the services below `folder`, deploys them, and exports where they
    are. It is all that a program has to do; what else it makes may go before or after it. Mistakes in the settings end
    the program, each in one line. folder: the project's, with its `Pulumi.yaml`."""
    INTERRUPT.ends_the_program()
    left_out.is_unknown()
    try:
        settings = read_settings(
            config={**get_config_env(), **CONFIG.get()},
            folder=folder,
            stack=pulumi.get_stack(),
            variables=os.environ,
            checks_for=checks_for,
            project=pulumi.get_project(),
            look_ups_for=look_ups_for,
        )
        for warning in settings.warnings:
            pulumi.log.warn(str(warning))
        strangler = Strangler(settings.project, StranglerArgs(settings, platform_of(settings, folder)))
    except MISTAKES as mistakes:
        for warning in mistakes.warnings:
            pulumi.log.warn(str(warning))
        refuse(str(mistakes))
    for name, output in strangler.outputs().items():
        pulumi.export(name, output)
    return strangler
