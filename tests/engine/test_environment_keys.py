"""Keys of an environment in which services run: what changes them and changes them back drops no request."""

from pathlib import Path

import pytest

from tests.engine.projects import must, stack
from tests.engine.test_new_release import always_answered
from tests.projects import manifest
from tools.standin import ecs

ALL = {
    "containerInsights": "true",
    "dropInvalidHeaders": "false",
    "accessLogs": "true",
    "zones": "3",
    "nat": "per-az",
    "idleTimeout": "180s",
}
CHANGES = {"alb": (ALL, {"nat": "single"}), "api-gateway": (ALL, {"nat": "single", "loadBalancer": "public"})}
"""By facade: keys that change together, one `up` after the other; and all of them back in one."""


@pytest.mark.parametrize("facade", CHANGES)
def test_a_key_changes_and_changes_back_while_every_path_is_answered(facade: str, tmp_path: Path) -> None:
    manifests = {"monolith": manifest("monolith", "/"), "users": manifest("users")}
    environment = "shared" if facade == "alb" else "users"
    with stack(tmp_path, facade, manifests, {"routes": {"users": True}}) as found:
        must(found.up())
        services = {made.id for made in found.cloud.of(ecs.SERVICE)}
        changed: list[str] = []
        for keys in CHANGES[facade]:
            for key, value in keys.items():
                changed.append(f"strangler:environments.{environment}.{key}")
                found.set(changed[-1], value)
            with always_answered(found):
                must(found.up())
        for key in set(changed):
            must(found.pulumi("config", "rm", "--path", key))
        with always_answered(found):
            must(found.up())
        assert must(found.up()).lines() == []
        if facade == "alb":
            assert {made.id for made in found.cloud.of(ecs.SERVICE)} == services
