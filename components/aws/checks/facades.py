"""What each facade on AWS can't hold, refused before anything is made. Pure.

Sources: Refactor Spaces user guide (routes: a DEFAULT route comes first; path segments of letters, digits and
`. _ : -`, parameters; on or off only), API Gateway developer guide (HTTP APIs have no weights between
integrations), ELB user guide (a rule's conditions; target groups only within one VPC). What AWS raises on request is in
`components/aws/checks/quotas.py`.
"""

from collections.abc import Callable

from components.aws.plan import alb_rules, refactor_spaces_routes
from components.model.facades import ALB, FACADES, LISTENER, REFACTOR_SPACES, FacadeKind, Listener, Reach, TestersBy
from components.settings.stack import Stack


def check(stack: Stack) -> None:
    """Notes everything in the settings that one of the facades can't hold."""
    reaches = {kind.reach for kind in stack.kinds}
    if {Reach.LOAD_BALANCER, Reach.TARGET_GROUP} <= reaches:
        remedy = (
            "Refactor Spaces routes to environments, and alb to services that share one: switch through api-gateway, "
            "see docs/facades.md"
        )
        stack.config.get("facade").fail(remedy, "refactor-spaces together with alb")
    for kind in stack.kinds:
        if kind.reach is Reach.TARGET_GROUP and Reach.LOAD_BALANCER in reaches:
            continue  # reported above
        if not kind.weights:
            _check_weights(kind, stack)
        if kind.testers is None:
            _check_testers(kind, stack)
        if not kind.can_go_without_default and stack.config.get("default").value == "none":
            remedy = f"the facade {kind.name} needs a default: keep the monolith as default and set its count to 0"
            stack.config.get("default").fail(remedy, "found none")
        if kind.name in _CHECKS:
            _CHECKS[kind.name](stack)


def _inhabitants(stack: Stack) -> dict[str, list[str]]:
    """The names of the services of each environment that a facade sends requests to."""
    found: dict[str, list[str]] = {}
    for name, service in stack.routed.items():
        found.setdefault(service.environment, []).append(name)
    return found


def _check_weights(kind: FacadeKind, stack: Stack) -> None:
    others = " or ".join(other.name for other in FACADES.values() if other.weights)
    for route in stack.table.routes:
        if 0 < route.weight < 100:
            remedy = f"the facade {kind.name} can't split traffic: use 0 or 100, or the facade {others}"
            stack.config.get("routes").get(route.id).fail(remedy, f"the weight {route.weight}")


def _check_testers(kind: FacadeKind, stack: Stack) -> None:
    remedies = {
        TestersBy.MARK: "use the facade {}, which can match the header or cookie",
        TestersBy.ADDRESS: "use the facade {}, where testers have their own address",
    }
    choices = [
        text.format(" or ".join(own))
        for sign, text in remedies.items()
        if (own := [other.name for other in FACADES.values() if other.testers is sign])
    ]
    for route in stack.table.routes:
        if route.testers:
            remedy = ", or ".join(["remove them", *choices])
            found = f"testers, which the facade {kind.name} doesn't support"
            stack.config.get("routes").get(route.id).get("testers").fail(remedy, found)


def _alb(stack: Stack) -> None:
    _alb_environment(stack)
    _check_rules(stack, None)


def _alb_environment(stack: Stack) -> None:
    environments = sorted(_inhabitants(stack))
    if len(environments) > 1:
        remedy = "the facade alb forwards within one network: put all of them in one environment"
        stack.config.get("services").fail(remedy, f"the services run in {', '.join(environments)}")


def _listener(stack: Stack) -> None:
    if ALB not in stack.kinds:
        _alb_environment(stack)
    _check_rules(stack, stack.facade_settings.alb.listener)


def _check_rules(stack: Stack, listener: Listener | None) -> None:
    for name, found, remedy in alb_rules.mistakes(stack.table, listener):
        (stack.config.get("routes") if name is None else stack.config.get("routes").get(name)).fail(remedy, found)


def _refactor_spaces(stack: Stack) -> None:
    for environment, names in sorted(_inhabitants(stack).items()):
        if len(names) > 1:
            remedy = "the facade refactor-spaces routes to a whole environment: give each service its own"
            found = f"{', '.join(names)} share the environment {environment}"
            stack.config.get("services").fail(f"{remedy}, or use another facade", found)
    for route, found, remedy in refactor_spaces_routes.mistakes(stack.table):
        stack.config.get("routes").get(route.id).fail(remedy, found)


_CHECKS: dict[str, Callable[[Stack], None]] = {
    REFACTOR_SPACES.name: _refactor_spaces,
    ALB.name: _alb,
    LISTENER.name: _listener,
}
