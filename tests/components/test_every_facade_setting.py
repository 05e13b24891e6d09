"""No setting of a facade is read and then forgotten: each has its row in docs/config.md, and with it something else is
registered."""

from dataclasses import fields
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from components.model.facades import ALB, API_GATEWAY, AlbSettings, ApiGatewaySettings
from tests.components.services_together import texts_of
from tests.components.system import deployed
from tests.projects import Tree, manifest
from tests.pure.bad_http_nlb import CERTIFICATE
from tests.repository import ROOT

DOMAIN: Tree = {"name": "api.example.com", "certificate": CERTIFICATE}
WEB_ACL = f"arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/own/{'0' * 8}-{'0' * 4}-{'0' * 4}-{'0' * 4}-{'0' * 12}"

SETTINGS: dict[str, dict[str, tuple[str, object]]] = {
    API_GATEWAY.name: {
        "throttling": ("throttling", {"rate": 10, "burst": 20}),
        "domain": ("domain", DOMAIN),
        "log_days": ("accessLog", {"days": 7}),
        "timeout": ("timeout", "5s"),
    },
    ALB.name: {
        "stickiness": ("stickiness", "1h"),
        "domains": ("domain", DOMAIN),
        "web_acl": ("webAcl", WEB_ACL),
        # A load balancer of the user's own is looked up: tests/components/test_existing_listener.py.
        "listener": ("listener", None),
        "own_load_balancer": ("ownLoadBalancer", None),
    },
}
"""By facade and field: its key, and another value than the default; None: another test has some."""
KEYS = [(facade, key) for facade, known in SETTINGS.items() for key, _ in known.values()]
VALUES = [(facade, key) for facade, known in SETTINGS.items() for key, value in known.values() if value is not None]


def test_every_setting_is_known_here() -> None:
    known = {API_GATEWAY.name: ApiGatewaySettings, ALB.name: AlbSettings}
    assert {name: {one.name for one in fields(kind)} for name, kind in known.items()} == {
        name: set(found) for name, found in SETTINGS.items()
    }


@pytest.mark.parametrize(("facade", "key"), KEYS)
def test_every_setting_is_in_the_page_of_the_config(facade: str, key: str) -> None:
    assert f"| `facadeSettings.{facade}.{key}` |" in (ROOT / "docs/config.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("facade", "key"), VALUES)
def test_every_setting_reaches_something_that_is_registered(facade: str, key: str) -> None:
    assert _registered(facade, key) != _registered(facade, None)


@cache
def _registered(facade: str, key: str | None) -> list[str]:
    """What is registered with one setting, or with none."""
    own = {name: value for name, value in SETTINGS[facade].values() if name == key}
    routes = {"users": 25} if facade == ALB.name else {}
    config: Tree = {"facade": facade, "facadeSettings": {facade: own}, "routes": routes}
    manifests = {"monolith": manifest("monolith", "/"), "users": manifest("users")}
    with TemporaryDirectory() as home:
        return texts_of(deployed(Path(home), manifests, config), home)
