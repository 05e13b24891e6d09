"""What can't be beside rules in a load balancer that stands already. Pure.

It is the user's: its names, certificates, logs and callers are set where it was made. What only AWS knows of it is told
by `components/aws/plan/existing_listener.py`. Source: ELB user guide (a load balancer forwards within its network).
"""

from components.aws.checks.load_balancing import claims_of_rules
from components.aws.plan import alb_rules, alias_rules, listener_priorities
from components.model.facades import LISTENER, Listener
from components.settings.service import Service
from components.settings.stack import Stack


def check(stack: Stack) -> None:
    """Notes what the load balancer's owner has to set, and what has no room in the band."""
    listener = stack.facade_settings.alb.listener
    if listener is None or LISTENER not in stack.kinds:
        return
    made = any(kind.scheme is not LISTENER.scheme for kind in stack.kinds)
    for environment in stack.environments:
        at = stack.config.get("environments").get(environment.name)
        if environment.vpc is None and listener.load_balancer_arn:  # else the ARN is a mistake, and reported
            remedy = f"give {{id, publicSubnets, privateSubnets}} of the network of {listener.load_balancer_arn}"
            stack.problems.add(at.get("vpc").where, "missing; required with facadeSettings.alb.listener", remedy)
        settings = {
            "loadBalancer": (environment.scheme, at.get("loadBalancer").where),
            "accessLogs": (environment.access_logs, environment.where("http.public.access_logs")),
            "callers": (environment.callers, environment.where("http.public.ingress.source_ips")),
        }
        for what, (value, where) in settings.items():
            if value and not made:
                remedy = "set it there, and remove it here"
                stack.problems.add(where, f"{what} for a load balancer that Strangler doesn't manage", remedy)
    for service in stack.services.values():
        _check_aliases(service, stack)
    _check_room(listener, stack)


def _check_aliases(service: Service, stack: Stack) -> None:
    """A host name is a rule in the listener; its record and its certificate are the user's."""
    names = {domain.name for domain in stack.facade_settings.alb.domains}
    for place, alias, _, _ in claims_of_rules(service.manifest.http, service.environment):
        where = service.where(place)
        if alias.hosted_zone:
            remedy = "give only the name: you manage its record and certificate, as you do the listener"
            stack.problems.add(
                where, f"a hosted zone for {alias.name}, whose load balancer Strangler doesn't manage", remedy
            )
        if alias.name in names:
            remedy = "the alias takes its requests regardless of routes: give it another name"
            stack.problems.add(where, f"{alias.name} is also facadeSettings.alb.domain", remedy)


def _check_room(listener: Listener, stack: Stack) -> None:
    """Rules of routes are checked with the routes."""
    shares = listener_priorities.shares(listener)
    services = list(stack.services.values())
    hosts = {rule.name: rule.depth for service in services for rule in alias_rules.alias_rules(service) if rule.hosts}
    parts = {name: shares.hosts[depth] for name, depth in hosts.items()}
    parts |= {f"{name} attached": shares.attached for name in stack.routed}
    given = listener_priorities.of_hosts(listener, hosts)
    given |= {f"{k} attached": v for k, v in listener_priorities.of_attachments(listener, stack.routed).items()}
    if listener_priorities.overfull(given, parts):
        found = f"{len(hosts)} rules of host names and {len(stack.routed)} of services"
        band = f"{listener.first}-{listener.last}"
        stack.config.get("facadeSettings").get("alb").get("listenerPriorities").fail(
            f"{band} has no room for them: give a wider band", found
        )


def rules(listener: Listener, stack: Stack) -> int:
    """How many rules of ours there are when every route is active."""
    aliases = sum(len(alias_rules.alias_rules(service)) for service in stack.services.values())
    return alb_rules.count(stack.table) - 1 + len(stack.routed) + aliases + listener.others
