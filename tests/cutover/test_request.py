"""What `make advance` takes, and what it says of the rest."""

import pytest

from tools.cutover.request import Asked, asked, chosen_steps
from tools.setup.say import MachineError


def test_without_variables_it_goes_by_the_fields_defaults() -> None:
    assert asked({"ROUTE": "posts"}) == Asked("posts", (), 180, 1, 2, None, 50)
    assert chosen_steps((), weights=True, facade="alb") == (5, 25, 50, 100)
    assert chosen_steps((), weights=False, facade="api-gateway") == (100,)


def test_each_variable_counts() -> None:
    given = {"STEPS": "1, 10,100", "BAKE": "1m30s", "ERRORS": "0.5", "LATENCY": "800ms", "MIN_REQUESTS": "7"}
    assert asked({"ROUTE": "posts", **given}) == Asked("posts", (1, 10, 100), 90, 0.5, None, 800, 7)
    assert asked({"ROUTE": "posts", "LATENCY": "1.5x"}).times == 1.5


@pytest.mark.parametrize(
    ("name", "value", "remedy"),
    [
        ("STEPS", "5,101", "rising weights from 1 to 100"),
        ("STEPS", "25,5", "rising weights"),
        ("STEPS", "5,5", "rising weights"),
        ("STEPS", "0,5", "from 1 to 100"),
        ("STEPS", "5;25", "rising weights"),
        ("STEPS", "5,", "rising weights"),
        ("BAKE", "3", "give a duration from 1s to 24h"),
        ("BAKE", "100ms", "give a duration from 1s to 24h"),
        ("BAKE", "25h", "give a duration from 1s to 24h"),
        ("ERRORS", "1%", "give a number from 0 to 100"),
        ("ERRORS", "101", "give a number from 0 to 100"),
        ("LATENCY", "2", "such as 2x, or a duration, such as 800ms"),
        ("LATENCY", "0.5x", "such as 2x"),
        ("MIN_REQUESTS", "0", "give a whole number from 1"),
        ("MIN_REQUESTS", "many", "give a whole number from 1"),
        ("REQUESTS", "0", "give a whole number from 1"),
        ("REQUESTS", "users.requests", "MIN_REQUESTS=50 says below how many requests nothing is judged"),
    ],
)
def test_a_mistake_is_one_line_with_the_variable_and_the_remedy(name: str, value: str, remedy: str) -> None:
    with pytest.raises(MachineError) as refused:
        asked({"ROUTE": "posts", name: value})
    assert str(refused.value).startswith(f"make: advance: {name}={value}; ")
    assert remedy in str(refused.value)


def test_the_word_that_it_had_before_still_counts() -> None:
    assert asked({"ROUTE": "posts", "REQUESTS": "7"}).requests == 7
    assert asked({"ROUTE": "posts", "REQUESTS": "7", "MIN_REQUESTS": "9"}).requests == 9


def test_the_route_must_be_named() -> None:
    with pytest.raises(MachineError, match="ROUTE is missing; say which, such as ROUTE=users"):
        asked({})


def test_a_facade_without_weights_goes_one_step() -> None:
    assert chosen_steps((100,), weights=False, facade="api-gateway") == (100,)
    with pytest.raises(MachineError, match="STEPS=5,100, and the facade api-gateway sends all or nothing"):
        chosen_steps((5, 100), weights=False, facade="api-gateway")
