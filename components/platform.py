"""What the system needs of a platform. `strangler.py` knows no other side of one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import pulumi

from components.model.routes import RouteTable
from components.settings import Environment, Service


@dataclass(frozen=True)
class RunningService:
    """A service that a platform runs. image: what it is made of. placed: what the platform's own facade needs to reach
    it; no one else looks into it."""

    service: Service
    image: pulumi.Output[str]
    placed: object


@dataclass(frozen=True)
class RunningFacade:
    """A facade. url: where it answers. dns_target: what the DNS record of its own domain points to; None if it has no
    domain."""

    url: pulumi.Output[str]
    dns_target: pulumi.Output[str] | None = None


class Platform(Protocol):
    """Where the system runs. Each method registers resources below `parent`."""

    def environment(self, environment: Environment, parent: pulumi.Resource) -> object:
        """Makes the network in which services run; what it returns is handed back to `service`."""
        ...

    def service(self, service: Service, environment: object, parent: pulumi.Resource) -> RunningService:
        """Builds a service's image and runs it in an environment."""
        ...

    def facade(
        self, table: RouteTable, services: Mapping[str, RunningService], parent: pulumi.Resource
    ) -> Mapping[str, RunningFacade]:
        """Puts the public URL in front of the services, or several while facades change, and returns them by the
        facade's name, the main one first. No route turns active before its service is healthy, and a URL is known only
        when all routes are in place."""
        ...
