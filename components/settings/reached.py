"""Services that nobody would reach where they run. Pure."""

from collections.abc import Mapping

from components.input.diagnostics import Problems
from components.manifest.manifest import BACKEND_SERVICE
from components.settings.service import Service


def warn_unreached(services: Mapping[str, Service], problems: Problems) -> None:
    """Warns of each backend that is alone in its environment: its names are those of one network."""
    for service in services.values():
        others = [other for other in services.values() if other is not service]
        if service.manifest.type != BACKEND_SERVICE or not service.manifest.port or not others:
            continue
        if all(other.environment != service.environment for other in others):
            found = f"alone in the environment {service.environment}, where no other service finds it"
            remedy = f"put it where its callers are: strangler:services.{service.name}.environment"
            problems.warn(service.where("type"), found, remedy)
