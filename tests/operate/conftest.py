"""A stack on the stand-in for AWS that is up, for all tests of the verbs."""

from collections.abc import Iterator
from functools import cache
from typing import Any, cast

import botocore.session  # pyright: ignore[reportMissingTypeStubs]
import pytest

from tests.engine.projects import must, stack
from tests.projects import manifest
from tools.standin.engine import EngineStack


@pytest.fixture(scope="session", autouse=True)
def models_once() -> Iterator[None]:
    """boto3 reads AWS's descriptions of its interfaces for each session anew; that of EC2 alone takes half a second."""
    with pytest.MonkeyPatch.context() as patch:
        sessions = cast("Any", botocore.session)
        patch.setattr(sessions, "create_loader", cache(sessions.create_loader))
        yield


@pytest.fixture(scope="session")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineStack]:
    """Two services behind `alb`, one of which scales."""
    scales = {"range": "1-3", "cpu_percentage": 70}
    manifests = {"monolith": manifest("monolith", "/", count=scales), "users": manifest("users", exec=True)}
    with stack(tmp_path_factory.mktemp("verbs"), "alb", manifests, {"routes": {"users": 25}}) as made:
        must(made.up())
        yield made


@pytest.fixture(scope="session")
def outputs(up: EngineStack) -> dict[str, Any]:
    return up.outputs()
