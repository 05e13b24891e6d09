"""Which load balancers an environment has, and how a service is attached to each. Pure.

The facades differ in the load balancer that they need, so while two of them stand side by side an environment may have
both schemes. AWS ties a target group to one load balancer only: a service has one for each.

On which port a service is reached is decided in `components/aws/plan/ports.py`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from components.model.facades import FacadeKind, Reach, Scheme
from components.model.names import fit

LOGICAL = 24
"""The longest logical name of a load balancer or target group: AWS's limit is 32, and Pulumi adds 8 characters."""

SUFFIXES = {Scheme.EXISTING: "-listener", Scheme.PUBLIC: "", Scheme.INTERNAL: "-internal"}
"""What a logical name ends with by the load balancer that it belongs to, so that one can come beside another."""


@dataclass(frozen=True)
class AttachmentPlan:
    """How a service is attached to a load balancer."""

    scheme: Scheme = Scheme.PUBLIC
    """Which load balancer of the environment it is. Default: the public one."""
    rule: bool = True
    """Whether a rule on port 80 forwards to the service. Behind the rules of the facade `alb` it is never matched, and
    only attaches the target group, as ECS wants it. Default true."""
    port: int | None = None
    """Of a listener of the service's own. Default: it has none."""


def schemes(kinds: Iterable[FacadeKind], wanted: Scheme | None) -> tuple[Scheme, ...]:
    """The schemes of an environment's load balancers, the user's own first, then the public one. wanted: what the
    settings say; then it is this one for all facades whose load balancer is made."""
    needed = {kind.scheme for kind in kinds}
    if wanted is not None:
        needed = {found if found is Scheme.EXISTING else wanted for found in needed}
    return tuple(scheme for scheme in Scheme if scheme in needed)


def scheme_of(kind: FacadeKind, present: tuple[Scheme, ...]) -> Scheme:
    """Which of these load balancers a facade uses."""
    if kind.scheme in present:
        return kind.scheme
    return next(scheme for scheme in present if scheme is not Scheme.EXISTING)


def attachments(
    kinds: Iterable[FacadeKind], present: tuple[Scheme, ...], port: int | None
) -> tuple[AttachmentPlan, ...]:
    """How a service is attached to each load balancer of its environment. port: its own, if it has one."""
    listed = list(kinds)
    planned: list[AttachmentPlan] = []
    for scheme in present:
        users = {kind.reach for kind in listed if scheme_of(kind, present) is scheme}
        own = port if users - {Reach.TARGET_GROUP} else None
        planned.append(AttachmentPlan(scheme, own is None or Reach.TARGET_GROUP in users, own))
    return tuple(planned)


def name_on(name: str, scheme: Scheme) -> str:
    """The logical name of what belongs to a load balancer. What is on an internal one has another, as AWS can't turn
    one into the other, nor attach a target group to both: the new one is made beside the old one, with target groups of
    its own."""
    return fit(f"{name}{SUFFIXES[scheme]}", LOGICAL)


def numbers_on(services: Iterable[str], schemes: Iterable[Scheme], numbers: Mapping[str, int]) -> dict[str, int]:
    """What services have on load balancers of these schemes: priorities of rules, or ports. numbers: of all that the
    stack has, by logical name. What belongs to none of the services goes, and keeps that name here."""
    listed, left, found = tuple(schemes), dict(numbers), dict[str, int]()
    for service in services:
        for name in (name_on(service, scheme) for scheme in listed):
            if name in left:
                found.setdefault(service, left.pop(name))
    return {**left, **found}


def for_backends(name: str) -> str:
    """The logical name of what belongs to the internal load balancer of an environment's backends, which no facade
    uses. The capital keeps it apart from what belongs to those of facades."""
    return fit(f"{name}-Backend", LOGICAL)


def own_name(name: str) -> str:
    """The logical name of a load balancer itself. Its name begins with that, and AWS has none that begins with
    `internal-` (ELB API, CreateLoadBalancer: Name). name: that of what belongs to it. The capital keeps both apart."""
    return fit(f"Balancer-{name}", LOGICAL) if f"{name}-".startswith("internal-") else name


def group_name(name: str) -> str:
    """The same for a security group, whose name can't begin with `sg-` (EC2 API, CreateSecurityGroup: GroupName)."""
    return f"Group-{name}" if f"{name}-".startswith("sg-") else name


def tasks_group(environment: str) -> str:
    """The logical name of the security group of an environment's tasks."""
    return group_name(f"{environment}-tasks")


def only_attached(services: Iterable[str], rules: Mapping[str, object]) -> str | None:
    """What a plan says of the services' own rules behind the facade `alb`, which look as if they took every request.
    rules: the listener rules that the stack has, of which there is nothing to say; None: there are no others."""
    new = sorted(name for name in services if not {name_on(name, scheme) for scheme in Scheme} & rules.keys())
    if not new:
        return None
    return (
        f"listener rules with the path /* ({', '.join(new)}) come after all of the facade's and match no "
        "requests: each "
        "only attaches a target group, which ECS requires"
    )
