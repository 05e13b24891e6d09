"""Mistakes of services that several facades reach, or that share an environment behind one."""

from tests.projects import Tree, manifest
from tests.pure.bad import Bad, M


def _both(what: str, http: Tree, *says: str, **config: object) -> Bad:
    return Bad(what, says, {"facade": "refactor-spaces,api-gateway", **config}, {"users": manifest("users", http=http)})


CASES = [
    _both(
        "a further rule by its path beside another facade",
        {"path": "api/users", "additional_rules": [{"path": "admin"}]},
        f"{M}: http.additional_rules[0].alias: missing; give the rule an alias: with another facade or in a shared",
    ),
    _both(
        "a further rule by its path in a shared environment",
        {"path": "api/users", "additional_rules": [{"path": "admin"}]},
        f"{M}: http.additional_rules[0].alias: missing; give the rule an alias: with another facade or in a shared",
        facade="api-gateway",
        services={"users": {"environment": "posts"}},
    ),
    _both(
        "more target groups than a service has beside another facade",
        {
            "path": "api/users",
            "additional_rules": [{"path": f"r{number}", "alias": "a.example.com"} for number in range(4)],
        },
        f"{M}: http.additional_rules: 5 rules and 0 network listeners, and two facades; an ECS service",
    ),
]
