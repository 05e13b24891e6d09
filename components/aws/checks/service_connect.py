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
            found = f"{alias}:{port} is also used by {owner} in the environment {service.environment}"
            # By its own name, one of them can be called that doesn't have this one.
            named = service.name if network.connect_alias not in (None, service.name) else owner
            remedy = (
                "give one of them its own alias, or ignore this one: "
                f"strangler:services.{named}.ignore: network.connect.alias"
            )
            stack.problems.add(service.where(place), found, remedy)
