"""What tasks of an environment send to each other. Pure.

Copilot's security group of an environment lets all in that its own members send (its environment template,
EnvironmentSecurityGroupIngressFromSelf: protocol -1); ours lets in TCP.
"""

from components.aws.plan.container_ports import opened
from components.model.environment import EnvironmentSettings
from components.settings.service import Service
from components.settings.stack import Stack

_UDP = ("udp", "17", "-1")


def check(stack: Stack) -> None:
    """Warns of each port for UDP that tasks of a Copilot environment could send to, and can't here."""
    environments = {environment.name: environment for environment in stack.environments}
    for service in stack.services.values():
        if service.of_copilot and service.environment in environments:
            _check_udp(service, environments[service.environment], stack)


def _check_udp(service: Service, environment: EnvironmentSettings, stack: Stack) -> None:
    """What is open to all of a network load balancer's targets is that one's."""
    for sidecar in service.manifest.sidecars:
        for port in opened(service.manifest, sidecar.name):
            if port.protocol != "udp" or port.number != sidecar.port or _is_let_in(port.number, environment):
                continue
            found = f"{port.number}/udp: Copilot lets other tasks reach it, Strangler doesn't"
            remedy = (
                "to allow them, add network.vpc.security_group.ingress {ip_protocol: udp, ports: "
                f"{port.number}, cidr: …}} in the environment's manifest"
            )
            stack.problems.warn(service.where(f"sidecars.{sidecar.name}.port"), found, remedy)


def _is_let_in(port: int, environment: EnvironmentSettings) -> bool:
    return any(rule.protocol in _UDP and rule.first <= port <= rule.last for rule in environment.ingress)
