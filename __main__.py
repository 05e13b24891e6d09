"""Strangler: reads the settings of a stack, deploys its environments, services and facade, and exports where they
are."""

import os
from pathlib import Path

import pulumi
from pulumi.runtime.config import CONFIG, get_config_env

from components import left_out
from components.interrupt import INTERRUPT, refuse
from components.platform import MISTAKES, checks_for, look_ups_for, platform_of
from components.settings import read_settings
from components.strangler import Strangler, StranglerArgs

INTERRUPT.ends_the_program()
left_out.is_unknown()
folder = Path(__file__).resolve().parent

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
