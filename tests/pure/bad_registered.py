"""Mistakes that show in a task definition as it is registered, and in names that several services have."""

from tests.projects import Tree, manifest
from tests.pure.bad import Bad, M, users

_PORTS = "ContainerDefinitions[0].PortMappings[0]"


def _overridden(what: str, path: str, value: object, *says: str, **fields: object) -> Bad:
    return users(what, "taskdef_overrides", *says, taskdef_overrides=[{"path": path, "value": value}], **fields)


def _connected(name: str, alias: str | None = None) -> Tree:
    return manifest(name, network={"connect": {"alias": alias} if alias else True})


def _two(what: str, posts: Tree, users: Tree, *says: str) -> Bad:
    return Bad(what, says, {"facade": "alb"}, {"posts": posts, "users": users})


CASES = [
    _overridden(
        "a port's name that Service Connect refers to taken away",
        f"{_PORTS}.Name",
        "http",
        "the port 3000 without its name target; Service Connect refers to it: keep target as the port mapping's Name",
        network={"connect": True},
    ),
    _overridden(
        "the port that a load balancer sends requests to taken away",
        f"{_PORTS}.ContainerPort",
        4000,
        "the container users without the port 3000; a load balancer sends requests there: keep its port mapping",
    ),
    _overridden(
        "no port mapping left",
        "ContainerDefinitions[0].PortMappings",
        [],
        "the container users without the port 3000; a load balancer",
    ),
    Bad(
        "more variables than a task definition holds",
        (
            f"{M}: its containers take ",
            " of them variables of users; ECS takes 65536: shorten these, or move them into",
        ),
        manifests={"users": manifest("users", variables={f"V{n}": "x" * 1000 for n in range(65)})},
    ),
    Bad(
        "a label that is longer than a task definition",
        (f"{M}: its containers take ", " of them labels of users; ECS takes 65536"),
        manifests={
            "users": manifest(
                "users",
                image={
                    "build": "services/users/Dockerfile",
                    "port": 3000,
                    "labels": {"notes": "x" * 40_000, "more": "y" * 20_000},
                },
                variables={f"V{n}": "x" * 1000 for n in range(10)},
            )
        },
    ),
    Bad(
        "an override that is longer than a task definition",
        (f"{M}: its containers take ", " of them command of users; ECS takes 65536"),
        manifests={
            "users": manifest(
                "users", taskdef_overrides=[{"path": "ContainerDefinitions[0].Command", "value": ["x" * 66_000]}]
            )
        },
    ),
    _two(
        "one alias of Service Connect for two services",
        _connected("posts", "api"),
        _connected("users", "api"),
        f"{M}: network.connect.alias: api:3000 is also used by posts in the environment shared; give one of",
    ),
    _two(
        "an alias of Service Connect that is another service's name",
        _connected("posts"),
        _connected("users", "posts"),
        f"{M}: network.connect.alias: posts:3000 is also used by posts in the environment shared",
    ),
]
"""On AWS."""
