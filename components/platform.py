"""What the system needs of a platform, and the platforms by name. `strangler.py` knows no other side of one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import pulumi

from components.input.diagnostics import InputError
from components.manifest.exports import LookUps
from components.model.environment import EnvironmentSettings
from components.model.image_source import SourceError
from components.model.platforms import LOCAL
from components.model.routes import RouteTable
from components.settings import Settings
from components.settings.service import Service
from components.settings.stack import Check

EnvironmentT = TypeVar("EnvironmentT")
"""A platform's own environments."""
PlacedT = TypeVar("PlacedT")
"""A platform's own services."""


@dataclass(frozen=True)
class RunningService(Generic[PlacedT]):
    """A service that a platform runs."""

    service: Service
    """The service."""
    image: pulumi.Output[str]
    """The reference of what it is made of."""
    placed: PlacedT
    """What the platform's own facade needs to reach it."""
    found_by: Mapping[str, pulumi.Input[object]] = field(default_factory=dict[str, pulumi.Input[object]])
    """What finds it while it runs, as the output `services` tells it: on AWS `region`, `cluster`, `ecsService` and
    `logGroup`, on this machine `containers` and, where there are none, `like`: how one would be made. Default: nothing,
    and the verbs of the day pass it over."""


@dataclass(frozen=True)
class RunningFacade:
    """A facade that a platform runs."""

    url: pulumi.Output[str]
    """Where it answers."""
    dns_target: pulumi.Output[str] | None = None
    """What the DNS record of its own domain points to. Default: it has no domain."""
    testers_url: pulumi.Output[str] | None = None
    """Where it answers testers, if that is another address. Default: there is none."""


class Platform(Protocol[EnvironmentT, PlacedT]):
    """Where the system runs. Each method registers resources below `parent`."""

    def environment(self, environment: EnvironmentSettings, parent: pulumi.Resource) -> EnvironmentT:
        """Makes the network in which services run."""
        ...

    def service(self, service: Service, environment: EnvironmentT, parent: pulumi.Resource) -> RunningService[PlacedT]:
        """Builds a service's image and runs it in an environment."""
        ...

    def facade(
        self, table: RouteTable, services: Mapping[str, RunningService[PlacedT]], parent: pulumi.Resource
    ) -> Mapping[str, RunningFacade]:
        """Puts the public URL in front of the services, or several while facades change, and returns them by the
        facade's name, the main one first; none where the settings have no facade. No route turns active before its
        service is healthy, and a URL is known only when all routes are in place."""
        ...


MISTAKES = (InputError, SourceError)
"""What a user's own files are refused with, a line each."""


def platform_of(settings: Settings, folder: Path) -> Platform[Any, Any]:
    """The platform that the settings name. Each is imported only when it is used, as providers are heavy.
    folder: the project's."""
    if settings.platform == LOCAL:
        from components.local.platform import LocalPlatform

        return LocalPlatform(settings, folder)
    from components.aws.platform import AwsPlatform

    return AwsPlatform(settings, folder)


def look_ups_for(platform: str) -> LookUps | None:
    """Who asks the account while settings are read; None: there is no account."""
    if platform == LOCAL:
        return None
    from components.aws.look_ups import AwsLookUps

    return AwsLookUps()


def checks_for(platform: str) -> tuple[Check, ...]:
    """What a platform's name demands of a stack."""
    if platform == LOCAL:
        from components.local.checks import CHECKS as LOCAL_CHECKS

        return LOCAL_CHECKS
    from components.aws.checks import CHECKS

    return CHECKS
