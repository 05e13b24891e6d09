"""The images of the services, and one container of each, made once for all the Node tests."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.node.docker_cli import PREFIX, ROOT, SERVICES, Container, build, docker, run


@pytest.fixture(scope="session")
def images() -> Iterator[dict[str, str]]:
    """The tag of each service's image."""
    tags = {service: f"{PREFIX}-{service}" for service in SERVICES}
    built: list[str] = []
    try:
        for service, tag in tags.items():
            build(ROOT / "services" / service, tag)
            built.append(tag)
        yield tags
    finally:
        if built:
            docker("rmi", "--force", *built)


@pytest.fixture(scope="session")
def containers(images: dict[str, str]) -> Iterator[dict[str, Container]]:
    """A running container of each service."""
    with ExitStack() as stack:
        yield {service: stack.enter_context(run(tag, service)) for service, tag in images.items()}
