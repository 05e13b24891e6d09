"""What the platform `local` demands of a stack. Pure."""

from components.input.value import Value
from components.manifest.storage import OwnFiles
from components.model.facades import LOCAL_ENDPOINTS
from components.model.where import Where
from components.settings.external import refuse_unreachable
from components.settings.stack import Check, Stack


def check_secrets(stack: Stack) -> None:
    """Warns of secrets, in one line for all services at the first one's place, but for those that have a variable of
    the same name."""
    users: dict[str, list[str]] = {}
    places: dict[str, Value] = {}
    for service in stack.services.values():
        manifest = service.manifest
        parts = [(service.name, manifest.variables, service.at.get("secrets"))]
        for sidecar in manifest.sidecars:
            at = service.at.get("sidecars").get(sidecar.name).get("secrets")
            parts.append((f"{service.name}.{sidecar.name}", sidecar.variables, at))
        for part, variables, secrets in parts:
            for name in secrets.names():
                if name not in dict(variables):
                    users.setdefault(name, []).append(part)
                    places.setdefault(name, secrets.get(name))
    if users:
        listed = ", ".join(f"{name} of {' and '.join(services)}" for name, services in sorted(users.items()))
        remedy = "if they are needed, set variables with these names for this stack, in the manifests' environments"
        stack.problems.warn(places[min(users)].where, f"omitted on the platform local: {listed}", remedy)


def check_files(stack: Stack) -> None:
    """Tells in one line, at the first one's place, of the file systems that aren't on this machine."""
    users: dict[str, set[str]] = {}
    places: dict[str, Where] = {}
    for service in stack.services.values():
        for volume in service.manifest.volumes:
            if isinstance(volume.efs, OwnFiles) and volume.efs.id:  # else it is a mistake, and reported
                users.setdefault(volume.efs.id, set()).add(service.name)
                places.setdefault(volume.efs.id, service.where(f"storage.volumes.{volume.name}.efs.id"))
    if users:
        listed = ", ".join(f"{name} of {' and '.join(sorted(services))}" for name, services in sorted(users.items()))
        remedy = "copy what the services need into it: `docker volume ls`, `docker cp`"
        stack.problems.warn(places[min(users)], f"an empty Docker volume replaces {listed}", remedy)


def check_external(stack: Stack) -> None:
    """Notes what runs where an Envoy on this machine can't send it requests."""
    for service in stack.external.values():
        if service.at.get("check"):
            remedy = "remove it: on the platform local, Envoy checks it continuously, by its healthcheck"
            service.at.get("check").refuse(remedy, "check applies only to AWS")
    refuse_unreachable(stack.external, "the platform local", LOCAL_ENDPOINTS, lambda _: "for this stack")


CHECKS: tuple[Check, ...] = (check_secrets, check_files, check_external)
"""All of them."""
