"""What all parts of a service on AWS are made with."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import pulumi

from components.aws.context import AwsContext
from components.aws.network.backends import Backends
from components.aws.network.environment import LoadBalancer, Placement
from components.manifest.manifest import Manifest
from components.manifest.sidecars import Sidecar
from components.manifest.variables import secret_of
from components.settings.service import Service

Part = TypeVar("Part", Manifest, Sidecar)
"""A container with variables and secrets."""


@dataclass(frozen=True)
class Later:
    """What a program of one's own gives as outputs of other resources. The manifest has the same keys, with values that
    only stand for it."""

    image: pulumi.Input[str] | None = None
    """The main container's, by its reference. Default: as the manifest has it."""
    variables: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])
    """Of the main container. Default: as the manifest has them."""
    secrets: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])
    """Names or ARNs, by the variables of the main container. Default: as the manifest has them."""
    policies: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])
    """ARNs of managed policies of the task's role, by their names in the manifest. Default: as it has them."""
    security_groups: tuple[pulumi.Input[str], ...] = ()
    """Ids of security groups of the tasks, besides the manifest's. Default: none."""
    sidecars: "Mapping[str, Later]" = field(default_factory=dict[str, "Later"])
    """The same of sidecars: their images, variables and secrets. Default: as the manifest has them."""

    def of(self, sidecar: str) -> "Later":
        """What is given of a sidecar."""
        return self.sidecars.get(sidecar, Later())


@dataclass(frozen=True)
class ServiceContext:
    """A service, where it runs, and the component that its resources belong to."""

    service: Service
    """The service."""
    environment: Placement
    """The environment in which it runs."""
    aws: AwsContext
    """The account and the stack."""
    child: pulumi.ResourceOptions
    """Of resources that belong to the service's component."""
    later: Later = Later()
    """What takes the place of values of the manifest. Default: nothing."""

    @property
    def name(self) -> str:
        """The service's name."""
        return self.service.name

    @property
    def manifest(self) -> Manifest:
        """The service's manifest."""
        return self.service.manifest

    @property
    def tags(self) -> dict[str, str]:
        """Of all that is made."""
        return self.aws.tags(self.service.environment, self.name)

    @property
    def full_name(self) -> str:
        """Its name among those of all projects, stacks and environments."""
        return "-".join(self.place).replace(".", "-")

    @property
    def place(self) -> tuple[str, ...]:
        """Project, stack, environment if it has a name, and service."""
        return tuple(filter(None, (self.aws.project, self.aws.stack, self.service.environment, self.name)))

    @property
    def given(self) -> pulumi.Output[Manifest]:
        """The manifest with what is known later."""
        manifest, parts = self.manifest, {self.name: self.later, **self.later.sidecars}
        if not any(part.variables or part.secrets for part in parts.values()):
            return pulumi.Output.from_input(manifest)
        given = {name: [dict(part.variables), dict(part.secrets)] for name, part in parts.items()}
        return pulumi.Output.all(**given).apply(
            lambda known: replace(
                _filled(manifest, known),
                sidecars=tuple(_filled(sidecar, known) for sidecar in manifest.sidecars),
            )
        )

    @property
    def public(self) -> pulumi.Input[bool]:
        """Whether the tasks have public addresses."""
        return self.environment.tasks.public if self.environment.tasks else self.manifest.network.public

    @property
    def balancer(self) -> LoadBalancer | Backends | None:
        """The load balancer that it is told of, and by whose requests it is scaled; None: none leads to it."""
        backends = self.environment.backends if self.manifest.internal else None
        return backends or next(iter(self.environment.load_balancers), None)

    @property
    def security_groups(self) -> list[pulumi.Input[str]]:
        """Ids of the security groups of the tasks."""
        network = self.manifest.network
        own: list[pulumi.Input[str]] = [] if network.deny_default else [self.environment.task_group]
        return [*own, *network.security_groups, *self.later.security_groups]

    @property
    def subnets(self) -> pulumi.Input[list[str]]:
        """Ids of the subnets of the tasks."""
        network = self.manifest.network
        if network.subnets:
            return list(network.subnets)
        if self.environment.tasks:
            return self.environment.tasks.subnets
        return self.environment.public_subnets if network.public else self.environment.private_subnets


def _filled(part: Part, known: Mapping[str, Any]) -> Part:
    """A container with its variables and secrets that are known by now. known: of all, by the container's name."""
    variables, secrets = known.get(part.name, ({}, {}))
    return replace(
        part,
        variables=tuple(sorted({**dict(part.variables), **variables}.items())),
        secrets=tuple(sorted({**dict(part.secrets), **{key: secret_of(of) for key, of in secrets.items()}}.items())),
    )
