"""What ECS would refuse in the containers of a task, looked at together. Pure."""

from components.aws.plan import container_ports
from components.aws.plan.otel_collector import COLLECTOR
from components.input.diagnostics import Problems
from components.settings.service import Service
from components.settings.stack import Stack

_OF_AWS = (
    *("cloudwatch", "cloudwatch_logs", "firehose", "kinesis_firehose", "kinesis", "kinesis_streams", "s3"),
    *("es", "opensearch"),
)
"""Outputs of AWS for Fluent Bit that ask AWS for leave."""


def check(stack: Stack) -> None:
    """Notes names and ports that meet, and what can't go together."""
    problems = stack.problems
    for service in stack.services.values():
        _check_names(service, problems)
        _check_ports(service, problems)
        _check_router(service, problems)


def _check_names(service: Service, problems: Problems) -> None:
    """ECS refuses two containers of a name, and a secret that has a variable's name (RegisterTaskDefinition)."""
    manifest = service.manifest
    if manifest.tracing and any(sidecar.name == COLLECTOR for sidecar in manifest.sidecars):
        where = service.where(f"sidecars.{COLLECTOR}")
        problems.add(where, "the trace collector has this name", "give it another name")
    parts = [("", manifest.variables, manifest.secrets)]
    parts += [(f"sidecars.{sidecar.name}.", sidecar.variables, sidecar.secrets) for sidecar in manifest.sidecars]
    if manifest.router:
        parts.append(("logging.", manifest.router.container.variables, manifest.router.container.secrets))
    for place, variables, secrets in parts:
        for name, _ in secrets:
            if name in dict(variables):
                where = service.where(f"{place}secrets.{name}")
                problems.add(where, "a variable also has this name", "keep one of them")


def _check_router(service: Service, problems: Problems) -> None:
    """What the router writes to AWS, it writes with the service's own rights, of which it has none."""
    router = service.manifest.router
    if router is None:
        return
    for name, _ in router.secret_options:
        if name in dict(router.destination):
            where = service.where(f"logging.secretOptions.{name}")
            problems.add(where, "destination also sets this option", "keep one of them")
    output = next((value for name, value in router.destination if name.lower() == "name"), "")
    if output.lower() in _OF_AWS:
        remedy = f"grant the role {service.manifest.name}-task permission to write there, as a Copilot addon did"
        problems.warn(service.where("logging.destination"), f"{output} without permission to write to it", remedy)


def _check_ports(service: Service, problems: Problems) -> None:
    """All containers of a task share one network interface: a port belongs to one of them."""
    manifest = service.manifest
    owners = {item.number: manifest.name for item in container_ports.opened(manifest)}
    for sidecar in manifest.sidecars:
        for port in container_ports.opened(manifest, sidecar.name):
            owner = owners.setdefault(port.number, sidecar.name)
            if owner != sidecar.name:
                where = service.where(f"sidecars.{sidecar.name}{'.port' if port.number == sidecar.port else ''}")
                problems.add(where, f"the port {port.number} is also the container {owner}'s", "give each its own port")
