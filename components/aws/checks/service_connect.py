"""Names in Service Connect, looked at together. Pure."""

from components.aws.plan import container_ports
from components.settings.stack import Stack


def check(stack: Stack) -> None:
    """Notes names that two services of an environment would answer to. ECS API, ServiceConnectClientAlias: "Each name
    and port mapping must be unique within the namespace"."""
    owners: dict[tuple[str, str, int], str] = {}
    for service in stack.services.values():
        network, target = service.manifest.network, container_ports.target_of(service.manifest)
        if not network.connect or target is None:  # which only calls others
            continue
        port = target.number
        alias = network.connect_alias or service.name
        owner = owners.setdefault((service.environment, alias, port), service.name)
        if owner != service.name:
            place = "network.connect.alias" if network.connect_alias else "network.connect"
            found = f"{alias}:{port} is also that of {owner} in the environment {service.environment}"
            stack.problems.add(service.where(place), found, "give one of them an alias of its own")
