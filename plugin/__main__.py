"""The public components for programs in other languages: `pulumi package add`."""

import sys
from importlib.metadata import version

from pulumi.provider import main
from pulumi_strangler.public.hosted import provider

main(provider("strangler", version("pulumi-strangler")), sys.argv[1:])
