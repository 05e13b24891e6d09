"""The names of facades, looked at together with what else names hosts: services' aliases, certificates. Pure."""

from components.aws.checks.load_balancing import claims
from components.aws.checks.names import LONGEST_COMMON_NAME
from components.aws.plan.load_balancers import schemes
from components.input.value import Value
from components.model.facades import ALB, Domain, Scheme
from components.settings.stack import Stack


def check(stack: Stack) -> None:
    """Notes what no name can lead to, and certificates that are missing."""
    for facade, domains in stack.domains.items():
        at = stack.config.get("facadeSettings").get(facade).get("domain")
        for domain in domains:
            place = _place(at, domain)
            _check_certificate(facade, domain, place, stack)
            # On API Gateway, a record of the user's own may lead wherever it is meant to.
            if facade == ALB.name or domain.hosted_zone:
                _check_aliases(domain, place, stack)
    if ALB in stack.kinds:
        _check_load_balancer(stack)
    _check_regions(stack)


def _place(at: Value, domain: Domain) -> Value:
    """Where a name stands: alone, or in a list."""
    listed = at.items() if isinstance(at.value, list) else [at]
    return next(item for item in listed if item.get("name").value == domain.name)


def _check_certificate(facade: str, domain: Domain, place: Value, stack: Stack) -> None:
    if domain.certificate_arn:
        return
    if domain.hosted_zone:
        if len(domain.name) > LONGEST_COMMON_NAME:
            found = f"a certificate can't be created for {domain.name}, which has {len(domain.name)} characters"
            place.get("name").fail(f"use up to {LONGEST_COMMON_NAME} characters, or give a certificate", found)
        return
    here = stack.fronted
    given = any(found.certificates for found in stack.environments if found.name in here)
    written = any(place.get(key) for key in ("certificate", "hostedZone"))
    if facade == ALB.name and here and not given and not written:
        remedy = f"give certificate, or hostedZone, or certificates to the environment {sorted(here)[0]}"
        place.fail(remedy, f"no certificate for {domain.name}")


def _check_aliases(domain: Domain, place: Value, stack: Stack) -> None:
    """A name leads to one place. An alias comes before all routes, so it would take every request of the name."""
    for service in stack.services.values():
        for key, alias, _, path in claims(service):
            if alias.takes(domain.name):
                found = f"{domain.name} is also at {service.where(key)}"
                what = f"{domain.name}{path}" if path.strip("/") else "all of it"
                remedy = f"the alias takes {what} regardless of routes: give one of them another name"
                place.get("name").fail(remedy, found)
                return


def _check_load_balancer(stack: Stack) -> None:
    """The load balancer that is the facade."""
    domains = stack.domains[ALB.name]
    here = stack.fronted
    for environment in stack.environments:
        if environment.name not in here:
            continue
        if environment.certificates and not domains:
            remedy = "give the facade a name: strangler:facadeSettings.alb.domain {name: …}"
            where = environment.where("http.public.certificates")
            stack.problems.warn(where, "certificates, but the routes answer without TLS", remedy)
        if domains and schemes(stack.kinds, environment.scheme)[0] is Scheme.INTERNAL:
            found = f"{', '.join(domain.name for domain in domains)}: reachable only inside the environment's network"
            remedy = "its load balancer is internal; set loadBalancer: public"
            stack.problems.warn(environment.called, found, remedy)


def _check_regions(stack: Stack) -> None:
    """A load balancer takes certificates of its own region (ACM user guide, "Services integrated with ACM": "you must
    request or import a certificate in each Region")."""
    for environment in stack.environments:
        given = {
            "http.public.certificates": environment.certificates,
            "http.private.certificates": environment.internal_certificates,
        }
        for place, certificates in given.items():
            for region in dict.fromkeys(arn.split(":")[3] for arn in certificates):
                if stack.region and region != stack.region:
                    remedy = f"give one in {stack.region}, where the load balancer is"
                    stack.problems.add(environment.where(place), f"a certificate of {region}", remedy)
