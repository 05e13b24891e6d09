"""Strangler for programs of one's own: what is named here is public, everything else is not.

In the package this folder is `pulumi_strangler`: `hatch_build.py`. A name is loaded when it is asked for, as AWS's SDK
takes seconds, and the pure modules below need none.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from components.program import deploy
    from components.public.alb_facade import AlbFacade, AlbFacadeArgs, AlbTargetArgs
    from components.public.container_args import ContainerHealthCheckArgs, SidecarArgs
    from components.public.environment import (
        Environment,
        EnvironmentArgs,
        ExistingListenerArgs,
        ExistingVpcArgs,
    )
    from components.public.fargate_web_service import FargateWebService, FargateWebServiceArgs, HealthCheckArgs
    from components.public.fargate_worker import FargateWorker, FargateWorkerArgs
    from components.public.http_api_facade import (
        HttpApiFacade,
        HttpApiFacadeArgs,
        HttpTargetArgs,
        ThrottlingArgs,
        VpcLinkArgs,
    )
    from components.public.refactor_spaces_facade import (
        RefactorSpacesFacade,
        RefactorSpacesFacadeArgs,
        RefactorSpacesTargetArgs,
    )
    from components.public.route_args import RouteArgs
    from components.public.running_args import RollbackAlarmsArgs, ScalingArgs
    from components.public.scheduled_job import ScheduledJob, ScheduledJobArgs

__all__ = [
    "AlbFacade",
    "AlbFacadeArgs",
    "AlbTargetArgs",
    "ContainerHealthCheckArgs",
    "Environment",
    "EnvironmentArgs",
    "ExistingListenerArgs",
    "ExistingVpcArgs",
    "FargateWebService",
    "FargateWebServiceArgs",
    "FargateWorker",
    "FargateWorkerArgs",
    "HealthCheckArgs",
    "HttpApiFacade",
    "HttpApiFacadeArgs",
    "HttpTargetArgs",
    "RefactorSpacesFacade",
    "RefactorSpacesFacadeArgs",
    "RefactorSpacesTargetArgs",
    "RollbackAlarmsArgs",
    "RouteArgs",
    "ScalingArgs",
    "ScheduledJob",
    "ScheduledJobArgs",
    "SidecarArgs",
    "ThrottlingArgs",
    "VpcLinkArgs",
    "deploy",
]

_HOME = {
    "AlbFacade": "public.alb_facade",
    "AlbFacadeArgs": "public.alb_facade",
    "AlbTargetArgs": "public.alb_facade",
    "ContainerHealthCheckArgs": "public.container_args",
    "Environment": "public.environment",
    "EnvironmentArgs": "public.environment",
    "ExistingListenerArgs": "public.environment",
    "ExistingVpcArgs": "public.environment",
    "FargateWebService": "public.fargate_web_service",
    "FargateWebServiceArgs": "public.fargate_web_service",
    "FargateWorker": "public.fargate_worker",
    "FargateWorkerArgs": "public.fargate_worker",
    "HealthCheckArgs": "public.fargate_web_service",
    "HttpApiFacade": "public.http_api_facade",
    "HttpApiFacadeArgs": "public.http_api_facade",
    "HttpTargetArgs": "public.http_api_facade",
    "RefactorSpacesFacade": "public.refactor_spaces_facade",
    "RefactorSpacesFacadeArgs": "public.refactor_spaces_facade",
    "RefactorSpacesTargetArgs": "public.refactor_spaces_facade",
    "RollbackAlarmsArgs": "public.running_args",
    "RouteArgs": "public.route_args",
    "ScalingArgs": "public.running_args",
    "ScheduledJob": "public.scheduled_job",
    "ScheduledJobArgs": "public.scheduled_job",
    "SidecarArgs": "public.container_args",
    "ThrottlingArgs": "public.http_api_facade",
    "VpcLinkArgs": "public.http_api_facade",
    "deploy": "program",
}
"""The module of each name."""


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
