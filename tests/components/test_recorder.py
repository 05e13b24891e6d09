"""The tests of this folder see what they look at: nothing that a program does later is left unawaited."""

import pulumi
import pulumi_aws as aws
import pytest

from tests.components.recorder import run


def test_complaint_20_what_fails_in_an_output_fails_the_test() -> None:
    def program() -> None:
        def look(arn: str) -> None:
            raise AssertionError(f"seen {arn}")

        aws.ecs.Cluster("made").arn.apply(look)

    with pytest.raises((AssertionError, pulumi.RunError), match="seen arn:"):
        run(program)
