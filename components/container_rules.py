"""What ECS would refuse in the containers of a task, looked at together. Pure."""

from collections.abc import Iterable
from typing import Protocol

from components.aws import ports
from components.manifest import Manifest
from components.problems import Problems


class _Service(Protocol):
    @property
    def manifest(self) -> Manifest: ...
    @property
    def file(self) -> str: ...


def check(services: Iterable[_Service], problems: Problems) -> None:
    """Notes names and ports that meet, and what can't go together."""
    for each in services:
        _check_names(each, problems)
        _check_ports(each, problems)
        if each.manifest.readonly_fs and each.manifest.exec:
            # ECS developer guide, "Monitor Amazon ECS containers with ECS Exec": its agent writes to the file system.
            remedy = "set exec: false, or take readonly_fs out to open sessions in the main container"
            problems.warn(f"{each.file}: storage.readonly_fs", "beside exec, which it keeps from working", remedy)


def _check_names(service: _Service, problems: Problems) -> None:
    """ECS refuses a secret that has a variable's name (RegisterTaskDefinition)."""
    for place, part in (("", service.manifest), *((f"sidecars.{one.name}.", one) for one in service.manifest.sidecars)):
        names = dict(part.variables)
        for name, _ in part.secrets:
            if name in names:
                where = f"{service.file}: {place}secrets.{name}"
                problems.add(where, "a variable has this name too", "keep one of them")


def _check_ports(service: _Service, problems: Problems) -> None:
    """All containers of a task share one network interface: a port belongs to one of them."""
    manifest = service.manifest
    owners = {each.number: manifest.name for each in ports.opened(manifest)}
    for sidecar in manifest.sidecars:
        for port in ports.opened(manifest, sidecar.name):
            owner = owners.setdefault(port.number, sidecar.name)
            if owner != sidecar.name:
                where = f"{service.file}: sidecars.{sidecar.name}{'.port' if port.number == sidecar.port else ''}"
                problems.add(where, f"the port {port.number} is also the container {owner}'s", "give each its own")
