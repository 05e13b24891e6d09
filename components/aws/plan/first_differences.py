"""What a plan says of an environment of a Copilot workspace before it is there: what is silently different then. Pure.

What is there is known to work, or not: of it there is nothing to say.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from components.aws.plan.load_balancers import name_on, own_name
from components.manifest.storage import managed
from components.model.environment import EnvironmentSettings
from components.model.facades import Scheme
from components.settings.service import Service


@dataclass(frozen=True)
class FirstDifference:
    """Something that is otherwise than with Copilot."""

    line: str
    """In one line, with what to do."""
    data: bool = False
    """Whether files would be missing. Default false."""


def first_differences(
    environment: EnvironmentSettings,
    services: Iterable[Service],
    balancers: Mapping[str, object],
    files: Mapping[str, object],
) -> Iterator[FirstDifference]:
    """What there is to say. services: those of the environment. balancers, files: the load balancers and file systems
    that the stack has, by logical name."""
    of_copilot = [service for service in services if service.of_copilot]
    if f"{environment.name}-Files" not in files:
        for service in of_copilot:
            for volume in service.manifest.volumes:
                if managed((volume,)):
                    where = service.where(f"storage.volumes.{volume.name}.efs")
                    remedy = "copy the data from Copilot's (AWS DataSync), or give that one by its id"
                    yield FirstDifference(
                        f"{where}: this stack creates its own file system, empty at first; {remedy}", data=True
                    )
    new = not {own_name(name_on(environment.name, scheme)) for scheme in Scheme} & balancers.keys()
    if new and environment.drop_invalid_headers and any(service.manifest.http for service in of_copilot):
        yield FirstDifference(
            f"the environment {environment.name}: headers with a _ in their name are dropped, unlike with Copilot; to "
            f"keep them, set strangler:environments.{environment.name}.dropInvalidHeaders: false"
        )
