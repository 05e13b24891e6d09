"""What all parts of a service on AWS are made with."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pulumi

from components.aws.context import AwsContext
from components.aws.network.backends import Backends
from components.aws.network.environment import LoadBalancer, Placement
from components.manifest.manifest import Manifest
from components.manifest.variables import secret_of
from components.settings.service import Service


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
        later, manifest = self.later, self.manifest
        if not later.variables and not later.secrets:
            return pulumi.Output.from_input(manifest)
        return pulumi.Output.all(dict(later.variables), dict(later.secrets)).apply(
            lambda known: replace(
                manifest,
                variables=tuple(sorted({**dict(manifest.variables), **known[0]}.items())),
                secrets=tuple(
                    sorted({**dict(manifest.secrets), **{key: secret_of(of) for key, of in known[1].items()}}.items())
                ),
            )
        )

    @property
    def public(self) -> pulumi.Input[bool]:
        """Whether the tasks have public addresses."""
        return self.environment.tasks.public if self.environment.tasks else self.manifest.network.public

    @property
    def balancer(self) -> LoadBalancer | Backends:
        """The load balancer that it is told of, and by whose requests it is scaled."""
        backends = self.environment.backends if self.manifest.internal else None
        return backends or self.environment.load_balancer

    @property
    def security_groups(self) -> list[pulumi.Input[str]]:
        """Ids of the security groups of the tasks."""
        network = self.manifest.network
        own: list[pulumi.Input[str]] = [] if network.deny_default else [self.environment.task_group]
        return [*own, *network.security_groups]

    @property
    def subnets(self) -> pulumi.Input[list[str]]:
        """Ids of the subnets of the tasks."""
        network = self.manifest.network
        if network.subnets:
            return list(network.subnets)
        if self.environment.tasks:
            return self.environment.tasks.subnets
        return self.environment.public_subnets if network.public else self.environment.private_subnets
