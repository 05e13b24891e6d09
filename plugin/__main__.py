"""The public components for programs in other languages: `pulumi package add`."""

from importlib.metadata import version

from pulumi.provider.experimental import component_provider_host
from pulumi_strangler import (
    AlbFacade,
    Environment,
    FargateWebService,
    FargateWorker,
    HttpApiFacade,
    RefactorSpacesFacade,
    ScheduledJob,
)

COMPONENTS = [
    AlbFacade,
    Environment,
    FargateWebService,
    FargateWorker,
    HttpApiFacade,
    RefactorSpacesFacade,
    ScheduledJob,
]

component_provider_host(COMPONENTS, name="strangler", version=version("pulumi-strangler"))
