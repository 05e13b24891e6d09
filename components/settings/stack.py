"""What a platform's checks look at: all that was read of a stack, with the places to name in messages. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from components.input.diagnostics import Problems
from components.input.value import Value
from components.model.environment import EnvironmentSettings
from components.model.facades import KINDS, Domain, FacadeKind, FacadeSettings
from components.model.routes import RouteTable
from components.settings.external import ExternalService, has_facade
from components.settings.quotas import STARTING, Quotas
from components.settings.service import Service


@dataclass(frozen=True)
class Stack:
    """A stack as it was read, before it is known whether the platform can hold it."""

    name: str
    """The stack's own."""
    facades: tuple[str, ...]
    """The facades' names, the main one first; none on `local`, and without `has_facade`."""
    services: Mapping[str, Service]
    """Those of ours, by name."""
    environments: tuple[EnvironmentSettings, ...]
    """Those in which services run, sorted by name."""
    table: RouteTable
    """Which service gets which request."""
    config: Value
    """The stack's config, for the places in messages."""
    mutable_tags: bool
    """Whether images may be given by a tag: `allowMutableTags`."""
    external: Mapping[str, ExternalService] = field(default_factory=dict[str, ExternalService])
    """Those that run elsewhere, by name. Default: none."""
    quotas: Quotas = STARTING
    """How many of something the account may have. Default: as it starts."""
    region: str | None = None
    """The region, if the config names one. Default: it is not known before anything is made."""
    facade_settings: FacadeSettings = field(default_factory=FacadeSettings)
    """How each facade is set. Default: see there."""
    dashboard: bool = False
    """Whether there is a dashboard. Default false."""
    project: str = ""
    """The Pulumi project's name. Default: empty."""

    @property
    def has_facade(self) -> bool:
        """Whether there is a facade, on either platform."""
        return has_facade((*self.services.values(), *self.external.values()))

    @property
    def domains(self) -> dict[str, tuple[Domain, ...]]:
        """The names of each facade that the stack has."""
        return {name: self.facade_settings.domains(name) for name in self.facades}

    @property
    def lacks_facade(self) -> bool:
        """Whether it needs a facade and names none, which is reported already."""
        return self.has_facade and not self.facades

    @property
    def problems(self) -> Problems:
        """Where mistakes are noted."""
        return self.config.problems

    @property
    def kinds(self) -> tuple[FacadeKind, ...]:
        """The facades' records, the main one's first."""
        return tuple(KINDS[name] for name in self.facades)

    @property
    def routed(self) -> dict[str, Service]:
        """The services of ours that a facade can send requests to, by name."""
        return {name: service for name, service in self.services.items() if service.routed}

    @property
    def fronted(self) -> set[str]:
        """The environments that facades lead into; where everything runs elsewhere, the one that they need."""
        first = {environment.name for environment in self.environments[:1]}
        return {service.environment for service in self.routed.values()} or first


Check = Callable[[Stack], None]
"""Notes what a platform can't hold in the stack's problems."""
