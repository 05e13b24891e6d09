"""What all parts of a service on AWS are made with."""

from dataclasses import dataclass

import pulumi

from components.aws.context import AwsContext
from components.aws.network.backends import Backends
from components.aws.network.environment import Environment, LoadBalancer
from components.manifest.manifest import Manifest
from components.settings.service import Service


@dataclass(frozen=True)
class ServiceContext:
    """A service, where it runs, and the component that its resources belong to."""

    service: Service
    """The service."""
    environment: Environment
    """The environment in which it runs."""
    aws: AwsContext
    """The account and the stack."""
    child: pulumi.ResourceOptions
    """Of resources that belong to the service's component."""

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
        parts = (self.aws.project, self.aws.stack, self.service.environment, self.name)
        return "-".join(parts).replace(".", "-")

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
        return self.environment.public_subnets if network.public else self.environment.private_subnets
