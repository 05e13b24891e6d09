"""Services that nobody would reach. Pure."""

from collections.abc import Mapping

from components.input.diagnostics import Problems
from components.manifest.manifest import BACKEND_SERVICE
from components.model.platforms import AWS
from components.model.routes import RouteTable
from components.settings.service import Service


def warn_unreached(services: Mapping[str, Service], problems: Problems) -> None:
    """Warns of each backend that is alone in its environment: its names are those of one network."""
    for service in services.values():
        others = [other for other in services.values() if other is not service]
        if service.manifest.type != BACKEND_SERVICE or not service.manifest.port or not others:
            continue
        if all(other.environment != service.environment for other in others):
            found = f"alone in the environment {service.environment}, where no other service can reach it"
            remedy = f"put it in its callers' environment: strangler:services.{service.name}.environment"
            problems.warn(service.where("type"), found, remedy)


def warn_unled(services: Mapping[str, Service], table: RouteTable, platform: str, problems: Problems) -> None:
    """Warns of each service with the path `/` to which nothing leads, as it isn't the default. In an environment of
    Copilot's several may have that path: names in the application's domain tell them apart."""
    led = {table.default, *(route.service for route in table.routes)}
    roots = [service for service in services.values() if service.of_copilot and service.route_path == "/"]
    for service in roots if len(roots) > 1 else ():  # the only one is as good as gone with another default
        if service.name in led or service.manifest.http is None or service.manifest.http.has_names:
            continue
        remedy = f"give it a route: strangler:routes.{service.name}: {{path: /{service.name}, service: {service.name}}}"
        if platform == AWS:
            remedy += f"; or a host name: strangler:services.{service.name}.alias"
        problems.warn(
            service.where("http.path"), "it gets no requests: no route, no host name, and not the default", remedy
        )
