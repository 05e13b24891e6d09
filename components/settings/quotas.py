"""How many of something the account may have: `quotas`. Pure.

Only what AWS raises on request is here (Service Quotas: "adjustable"). Whoever had a quota raised says the number;
nothing is refused for one of these, as AWS alone knows what the account has.
"""

from dataclasses import dataclass, fields

from components.input.value import Value


@dataclass(frozen=True)
class Quotas:
    """The quotas that an account starts with, unless the config says otherwise."""

    vpcs: int = 5
    """VPCs of a region, the default VPC among them (VPC user guide, "Amazon VPC quotas"). Default 5."""
    vpcLinks: int = 10  # noqa: N815 - as the key is called
    """VPC links of a region (API Gateway developer guide, "Quotas for configuring and running an HTTP
    API"). Default 10."""
    routes: int = 300
    """Routes of an HTTP API (the same page). Default 300."""
    rules: int = 100
    """Rules of an application load balancer, without its listeners' default ones (ELB user guide, "Quotas for your
    Application Load Balancers"). Default 100."""
    listeners: int = 50
    """Listeners of an application load balancer (the same page). Default 50."""
    certificates: int = 25
    """Certificates of an application load balancer, without its listeners' default ones (the same page). Default 25."""


STARTING = Quotas()
"""What an account starts with."""

_MOST = 100_000


def read_quotas(at: Value) -> Quotas:
    """The key `quotas`."""
    if at:
        at.require_map()
    names = [field.name for field in fields(Quotas)]
    if at.is_map():
        at.only(names)
    return Quotas(**{name: at.get(name).integer(getattr(STARTING, name), 1, _MOST) for name in names})


def remedy(quotas: Quotas, name: str) -> str:
    """What to do about more than a quota holds."""
    return (
        f"an account starts with {getattr(STARTING, name)}: have AWS raise it (Service Quotas), then set "
        f"strangler:quotas {{{name}: …}}"
        if getattr(quotas, name) == getattr(STARTING, name)
        else f"strangler:quotas sets the account's limit to {getattr(quotas, name)}: have AWS raise it"
    )
