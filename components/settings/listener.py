"""The keys of `facadeSettings.alb` for a load balancer that stands already. Pure.

Sources: ELB user guide, "Listener rules for your Application Load Balancer" (priorities from 1 to 50000); Service
Authorization Reference, "Actions, resources, and condition keys for AWS Elastic Load Balancing V2" (forms of ARNs).
"""

import re

from components.input.value import Value
from components.model.facades import Domain, Listener

FEWEST = 1_000
"""The fewest priorities that rules are spread over: with fewer, a new one would often push others aside."""

_LAST = 50_000
_ARN = re.compile(
    r"arn:aws[a-z-]*:elasticloadbalancing:(?P<region>[a-z0-9-]+):[0-9]{12}:"
    r"(?P<kind>listener|listener-rule|loadbalancer|targetgroup)/(?P<rest>[A-Za-z0-9/-]+)"
)
_LISTENER = re.compile(r"app/[A-Za-z0-9-]{1,32}/[0-9a-f]{16}/[0-9a-f]{16}")
_BAND = re.compile(r"([0-9]{1,9}) *- *([0-9]{1,9})")
_FORM = "give a listener's ARN, arn:aws:elasticloadbalancing:<region>:<account>:listener/app/<name>/<id>/<id>"
_ONLY = ("listenerPriorities", "listenerRules", "ownLoadBalancer")
"""Keys that mean something beside `listener` only."""


def read_listener(at: Value, region: str | None) -> Listener | None:
    """The listener of `facadeSettings.alb`; `at` is that."""
    for key in _ONLY:
        if at.get(key) and not at.get("listener"):
            at.get(key).fail("give listener, the ARN of the existing one, or remove it", "no listener")
    if not at.get("listener"):
        return None
    first, last = read_priorities(at.get("listenerPriorities"))
    others = at.get("listenerRules").integer(0, 0, _LAST)
    return Listener(_arn(at.get("listener"), region), first, last, others)


def _arn(at: Value, region: str | None) -> str:
    arn = at.text("", _FORM)
    matched = _ARN.fullmatch(arn)
    kind, rest = (matched["kind"], matched["rest"]) if matched else ("", "")
    if kind == "listener" and _LISTENER.fullmatch(rest):
        if matched and region and matched["region"] != region:
            at.fail(f"give one in the stack's region {region}", f"a listener in {matched['region']}")
    elif kind == "listener-rule" and rest.startswith("app/"):
        listener = arn.replace(":listener-rule/", ":listener/").rpartition("/")[0]
        at.fail(f"give its listener's, {listener}", "the ARN of a rule")
    elif kind == "loadbalancer" and rest.startswith("app/"):
        look = f"aws elbv2 describe-listeners --load-balancer-arn {arn}"
        at.fail(f"give that of one of its listeners: {look}", "the ARN of a load balancer")
    elif rest.startswith(("net/", "gwy/")):
        what = "network" if rest.startswith("net/") else "gateway"
        at.fail(
            "give one of an Application Load Balancer: others don't support rules",
            f"the ARN of a {what} load balancer's listener",
        )
    elif kind == "loadbalancer":
        at.fail(
            "give one of an Application Load Balancer: others don't support rules", "the ARN of a Classic Load Balancer"
        )
    elif isinstance(at.value, (str, int)):
        at.fail(_FORM)
    return arn


def read_priorities(at: Value) -> tuple[int, int]:
    """The band of priorities, such as 20000-29999."""
    known = Listener("")
    if not at:
        return known.first, known.last
    form = f"give two priorities from 1 to {_LAST}, separated by a hyphen, such as {known.first}-{known.last}"
    matched = _BAND.fullmatch(at.text("", form))
    if not matched:
        if isinstance(at.value, (str, int)):
            at.fail(form)
        return known.first, known.last
    first, last = int(matched[1]), int(matched[2])
    if last < first:
        at.fail(f"write {last}-{first}", f"{first} comes after {last}")
    elif not 1 <= first <= last <= _LAST:
        at.fail(form)
    elif last - first + 1 < FEWEST:
        at.fail(f"give {FEWEST} or more, so that rules keep their priorities", f"{last - first + 1} priorities")
    else:
        return first, last
    return known.first, known.last


def check_beside(at: Value, domains: tuple[Domain, ...]) -> None:
    """Notes what is the load balancer's own owner's to set. `at` is `facadeSettings.alb`; domains: as it has them."""
    if not at.get("listener") or at.get("ownLoadBalancer").value in (True, "true"):
        return
    if at.get("webAcl"):
        at.get("webAcl").fail(
            "associate it yourself, and remove the key", "Strangler doesn't manage this load balancer"
        )
    place = at.get("domain")
    if len(domains) > 1:
        place.fail(
            "give only the one to use in the output url",
            f"{len(domains)} names for a load balancer that Strangler doesn't manage",
        )
    for item in place.items() if isinstance(place.value, list) else [place]:
        for key in ("certificate", "hostedZone") if item.is_map() else ():
            if item.get(key):
                remedy = "give only name: you manage its record and certificate, as you do the listener"
                item.get(key).fail(remedy, "a name for a load balancer that Strangler doesn't manage")
