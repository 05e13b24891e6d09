"""An environment on this machine: a Docker network."""

from dataclasses import dataclass

import pulumi
import pulumi_docker as docker

from components.local.ownership import Leftovers
from components.settings import EnvironmentSettings


@dataclass(frozen=True)
class LocalEnvironmentArgs:
    """environment: its settings. leftovers: how to clear away what a killed `up` left."""

    environment: EnvironmentSettings
    leftovers: Leftovers


class LocalEnvironment(pulumi.ComponentResource):
    """`strangler:index:LocalEnvironment`: the network in which containers see each other. network: its name."""

    network: pulumi.Output[str]

    def __init__(self, name: str, args: LocalEnvironmentArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strangler:index:LocalEnvironment", name, None, opts)
        owner = args.leftovers.owner
        made = docker.Network(
            name,
            name=owner.name(name),
            driver="bridge",
            labels=[docker.NetworkLabelArgs(label=key, value=value) for key, value in owner.labels(name).items()],
            opts=args.leftovers.network(self),
        )
        self.network = made.name
        self.register_outputs({"network": self.network})
