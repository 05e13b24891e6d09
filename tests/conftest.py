"""Settings that hold for every test: hypothesis draws the same examples on every machine, and takes its time; the
garbage collector passes over what all tests share."""

import gc

from hypothesis import HealthCheck, settings

settings.register_profile(
    "ci", derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("few", settings.get_profile("ci"), max_examples=10)
settings.load_profile("ci")


def pytest_collection_finish() -> None:
    """Pulumi's packages and the tests themselves are a million objects that live to the end: each of the collector's
    full walks would go through them all again."""
    gc.collect()
    gc.freeze()
