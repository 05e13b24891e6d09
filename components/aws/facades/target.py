"""What a facade on AWS needs to know of a service."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi


@dataclass(frozen=True)
class FacadeService:
    """A service, as a facade reaches it.

    environment: where it runs. url: of its load balancer, with the scheme and without a path. listener_arn,
    listener_port: where that load balancer listens (default port 80). vpc_id, subnets: its environment's network; the
    subnets are in two zones at least.
    security_group: the load balancer's, to which a facade adds what it lets in. target_group_arn: its tasks.
    ready: a resource (or an output of one) that exists once the service is in steady state and healthy; what sends
    requests to the service depends on it.
    """

    name: str
    environment: str
    url: pulumi.Input[str]
    listener_arn: pulumi.Input[str]
    vpc_id: pulumi.Input[str]
    subnets: pulumi.Input[Sequence[pulumi.Input[str]]]
    security_group: pulumi.Input[str]
    target_group_arn: pulumi.Input[str]
    ready: pulumi.Input[pulumi.Resource]
    listener_port: int = 80
