"""Without boto3, AWS can't be asked of what runs elsewhere."""

import re
import sys
from pathlib import Path

import pulumi
import pytest

from tests.components.system import deployed
from tests.projects import Tree

FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:legacy"


def test_the_plan_says_so_if_boto3_is_missing_and_a_function_gets_its_first_requests(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    legacy: Tree = {"lambda": FUNCTION, "path": "/old"}
    deployed(tmp_path, config={"facade": "alb", "services": {"legacy": legacy}}, preview=True)
    led: Tree = {"facade": "api-gateway", "services": {"legacy": legacy}, "routes": {"legacy": True}}
    says = (
        "services.legacy.lambda: boto3 is not installed, and the check needs it; run `pip install boto3`, or set check:"
    )
    for preview in (True, False):
        with pytest.raises(pulumi.RunError, match=re.escape(says)):
            deployed(tmp_path, config=led, preview=preview)
    unasked: Tree = {"services": {"legacy": {**legacy, "check": False}}}
    deployed(tmp_path, config={"facade": "alb", **led, **unasked}, preview=True)


def test_a_url_is_asked_without_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    legacy: Tree = {"url": "https://legacy.example.com", "path": "/old"}
    led: Tree = {"facade": "api-gateway", "services": {"legacy": legacy}, "routes": {"legacy": True}}
    deployed(tmp_path, config=led, preview=True)
