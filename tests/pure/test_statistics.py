"""What is made of Envoy's counters: shares and latencies that guard a cut-over and stand on the page."""

from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from components.local.envoy.statistics import FACADE, RequestCount, by_service, counts

BOUNDS = (1.0, 5.0, 10.0, 100.0)
ANSWER = {
    "stats": [
        {"name": "cluster.users-ab12.upstream_rq_completed", "value": 10},
        {"name": "cluster.users-ab12.upstream_rq_5xx", "value": 2},
        {"name": "cluster.my-users-cd34.upstream_rq_completed", "value": 4},
        {"name": "http.public.downstream_rq_completed", "value": 15},
        {"name": "http.status.downstream_rq_completed", "value": 99},
        {
            "histograms": [
                {
                    "name": "cluster.users-ab12.upstream_rq_time",
                    "buckets": [
                        {"upper_bound": 1, "interval": 0, "cumulative": 5},
                        {"upper_bound": 5, "interval": 0, "cumulative": 10},
                    ],
                }
            ]
        },
    ]
}
"""As Envoy 1.40 answers `/stats?format=json&histogram_buckets=cumulative`, in short."""

numbers = st.lists(st.integers(0, 1000), min_size=len(BOUNDS), max_size=len(BOUNDS))


def count(steps: list[int], errors: int = 0) -> RequestCount:
    total = sum(steps)
    return RequestCount(total, min(errors, total), tuple(zip(BOUNDS, accumulate(steps), strict=True)))


def test_an_answer_of_envoys_is_read_by_cluster_and_the_status_port_is_left_out() -> None:
    found = counts(ANSWER)
    assert found == {
        FACADE: RequestCount(15, 0, ()),
        "my-users-cd34": RequestCount(4, 0, ()),
        "users-ab12": RequestCount(10, 2, ((1.0, 5), (5.0, 10))),
    }


def test_the_clusters_of_a_services_releases_count_together_and_one_that_came_counts_from_its_start() -> None:
    before = {"users-ab12": RequestCount(10, 1), "users-gone": RequestCount(99, 9)}
    now = {"users-ab12": RequestCount(15, 2), "users-cd34": RequestCount(3, 3), "my-users-ab12": RequestCount(1, 0)}
    assert by_service(now, before) == {"users": RequestCount(8, 4), "my-users": RequestCount(1, 0)}


def test_an_envoy_that_started_again_counts_nothing_rather_than_less_than_nothing() -> None:
    assert RequestCount(3, 0, ((1.0, 3),)).since(RequestCount(10, 5, ((1.0, 9),))) == RequestCount(0, 0, ((1.0, 0),))


def test_latency_between_two_bounds_is_taken_to_be_even() -> None:
    assert count([50, 50, 0, 0]).quantile(0.5) == 1.0
    assert count([50, 50, 0, 0]).quantile(0.75) == 3.0
    assert count([0, 0, 0, 0]).quantile(0.99) is None
    assert RequestCount(10, 0, ((1.0, 2), (5.0, 4))).quantile(1) == 5.0, "the other six are told with the next answer"


@given(numbers, numbers)
def test_what_came_since_and_what_was_before_are_together_what_is_now(first: list[int], more: list[int]) -> None:
    before, added = count(first), count(more)
    now = before.plus(added)
    assert now.since(before) == added
    assert now.since(RequestCount()) == now


@given(numbers, st.floats(0.01, 1), st.floats(0.01, 1))
def test_quantiles_never_fall_and_stay_within_the_bounds(steps: list[int], one: float, other: float) -> None:
    found = [count(steps).quantile(part) for part in sorted((one, other))]
    if sum(steps):
        low, high = (value for value in found if value is not None)
        assert 0 <= low <= high <= BOUNDS[-1]
    else:
        assert found == [None, None]
