"""An environment on this machine: a Docker network."""

from dataclasses import dataclass

import pulumi
import pulumi_docker as docker

from components.local.ownership import Leftovers
from components.settings import EnvironmentSettings


@dataclass(frozen=True)
class LocalEnvironmentArgs:
    """What a network is made of."""

    environment: EnvironmentSettings
    """Its settings."""

    leftovers: Leftovers
    """How to clear away what a killed `up` left."""

    facade: str
    """The facade's logical name."""


class LocalEnvironment(pulumi.ComponentResource):
    """`strangler:index:LocalEnvironment`: the network in which containers see each other."""

    network: pulumi.Output[str]
    """Its name on the engine."""

    def __init__(self, name: str, args: LocalEnvironmentArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strangler:index:LocalEnvironment", name, None, opts)
        owner = args.leftovers.owner
        made = docker.Network(
            name,
            name=owner.network(name, args.facade),
            driver="bridge",
            labels=[docker.NetworkLabelArgs(label=key, value=value) for key, value in owner.labels(name).items()],
            opts=args.leftovers.network(self),
        )
        self.network = made.name
        self.register_outputs({"network": self.network})
