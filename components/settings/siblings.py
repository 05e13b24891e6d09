"""Names of other services in what containers are told, which lead elsewhere here than with Copilot. Pure.

In Copilot's environment, all services of the application find each other: by the name that Service Connect gives them,
at `<service>.<environment>.<application>.local`, and backends at `….internal` (its documentation, "Service-to-Service
Communication" and "Internal Application Load Balancers"). Here one may be left out, may run in another environment, and
the domain is another one.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from components.input.diagnostics import Problems
from components.manifest.workspace import Workspace
from components.model.names import domain, internal_domain
from components.settings.service import Service

_HOST = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*"
_IN_URL = re.compile(rf"://(?:[^/@\s]*@)?({_HOST})(?=[:/?#,;\s\"']|$)")
_WITH_PORT = re.compile(rf"({_HOST}):[0-9]{{1,5}}(?:/\S*)?")
_ALONE = re.compile(rf"({_HOST})")
_DOTTED = re.compile(rf"(?<![A-Za-z0-9.-])({_HOST}\.(?:local|internal))(?![A-Za-z0-9-])")

_NAMES_A_HOST = re.compile(r"(?:^|_)(?:HOST|HOSTNAME|ADDR|ADDRESS|ENDPOINT|SERVER|UPSTREAM)$", re.I)
"""How the name of a variable ends whose value is a host name alone."""

_DOMAINS = {"local": domain, "internal": internal_domain}
"""Where services are found, and backends by their load balancer."""


@dataclass(frozen=True)
class _Named:
    """A host name that a variable has."""

    place: str
    host: str


def warn_of_siblings(
    services: Mapping[str, Service], workspace: Workspace | None, excluded: tuple[str, ...], around: tuple[str, str]
) -> None:
    """Warns of each name that leads elsewhere. excluded: the services that aren't run. around: the stack and the
    project."""
    if workspace is None:
        return
    left_out = frozenset(excluded) - services.keys()
    for service in services.values():
        for named in dict.fromkeys(_named(service)):
            problems = service.at.problems
            if "." in named.host:
                _check_domain(named, service, services, workspace, around, problems)
            elif named.host in left_out:
                found = f"{named.host}, which is left out (strangler:exclude)"
                problems.warn(service.where(named.place), found, "run it too, or use another service's address")
            else:
                _check_place(named, service, services, problems)


def _check_place(named: _Named, service: Service, services: Mapping[str, Service], problems: Problems) -> None:
    """A name in Service Connect is one of its environment."""
    other = next((one for one in services.values() if named.host in _names(one)), None)
    if other is None or other.environment == service.environment:
        return
    found = f"{named.host}, which runs in the environment {other.environment}, not in {service.environment}"
    remedy = f"put both in one environment: strangler:services.{other.name}.environment; or call it by the facade's URL"
    problems.warn(service.where(named.place), found, remedy)


def _names(service: Service) -> tuple[str, ...]:
    alias = service.manifest.network.connect_alias
    return (service.name, alias) if alias else (service.name,)


def _check_domain(
    named: _Named,
    service: Service,
    services: Mapping[str, Service],
    workspace: Workspace,
    around: tuple[str, str],
    problems: Problems,
) -> None:
    """A name in Copilot's domain leads to Copilot's tasks, or nowhere."""
    host, (stack, project) = named.host.lower(), around
    end = host.rpartition(".")[2]
    if end not in _DOMAINS:
        return
    own = _DOMAINS[end](service.environment, stack, project)
    stages = {workspace.environment, *workspace.environments}
    known = [f"{stage}.{workspace.application}.{end}".lower() for stage in stages]
    ended = next((one for one in known if host == one or host.endswith(f".{one}")), None)
    if ended is None or ended == own:
        return
    name = host.removesuffix(ended).rstrip(".")
    other = services.get(name)
    here = f"{name}.{own}" if name else own
    if other is not None and other.environment != service.environment:
        remedy = (
            f"{name} runs in the environment {other.environment}, not in {service.environment}: put both in one "
            "environment"
        )
    else:
        remedy = f"it leads to Copilot's, or nowhere: here it is {here}"
        remedy += ", as COPILOT_SERVICE_DISCOVERY_ENDPOINT tells" if end == "local" else ""
    problems.warn(service.where(named.place), f"{named.host} is a name of Copilot's", remedy)


def _named(service: Service) -> Iterator[_Named]:
    """The host names in the variables of its containers."""
    manifest = service.manifest
    parts = [("", manifest.variables)]
    parts += [(f"sidecars.{sidecar.name}.", sidecar.variables) for sidecar in manifest.sidecars]
    for place, variables in parts:
        for key, value in variables:
            for host in _hosts(key, value):
                yield _Named(f"{place}variables.{key}", host)


def _hosts(key: str, value: str) -> Iterator[str]:
    """The host names that a value has for certain: in URLs, before a port, in Copilot's domains, and alone where the
    variable's name says so."""
    yield from _IN_URL.findall(value)
    yield from _DOTTED.findall(value)
    for form in (_WITH_PORT, *([_ALONE] if _NAMES_A_HOST.search(key) else ())):
        if found := form.fullmatch(value.strip()):
            yield found[1]
