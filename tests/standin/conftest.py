"""What most tests of the stand-in begin with."""

import pytest

from tests.standin import sample
from tests.standin.driver import Driver
from tests.standin.sample import Front


@pytest.fixture
def driver() -> Driver:
    """Operations on an empty account."""
    return Driver()


@pytest.fixture
def front(driver: Driver) -> Front:
    """A load balancer that faces the internet, in a network of that account."""
    return sample.front(driver, sample.network(driver))
