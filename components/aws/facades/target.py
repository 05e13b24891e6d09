"""What a facade on AWS needs to know of a service."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi


@dataclass(frozen=True)
class FacadeTarget:
    """A service, as a facade reaches it."""

    name: str
    """The service's name."""
    environment: str
    """Where it runs."""
    url: pulumi.Input[str]
    """Of its load balancer, with the scheme and without a path."""
    listener_arn: pulumi.Input[str]
    """Where that load balancer listens for it."""
    vpc_id: pulumi.Input[str]
    """Of its environment."""
    subnets: pulumi.Input[Sequence[pulumi.Input[str]]]
    """Private ones of its environment, in two Availability Zones at least."""
    security_group: pulumi.Input[str]
    """The load balancer's, to which a facade adds what it lets in."""
    target_group_arn: pulumi.Input[str]
    """Its tasks."""
    ready: Sequence[pulumi.Input[pulumi.Resource]]
    """Resources (or outputs of some) that exist once the service is in steady state and healthy, and its load balancer
    leads to it; what sends requests to the service depends on them."""
    balancer_suffix: pulumi.Input[str] = ""
    """The part of its load balancer's ARN by which CloudWatch names it. Default: nobody asks for it."""
    listener_port: int = 80
    """Default 80."""
    stickiness: int | None = None
    """Seconds for which a client stays with one task of the target group. Default None: it may meet any of them."""
