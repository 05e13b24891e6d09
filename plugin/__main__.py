"""The public components for programs in other languages: `pulumi package add`."""

from importlib.metadata import version

from pulumi.provider.experimental import component_provider_host
from pulumi_strangler.public.hosted import hosted

component_provider_host(hosted(), name="strangler", version=version("pulumi-strangler"))
