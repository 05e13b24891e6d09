"""Which images a repository keeps."""

import json

from hypothesis import given
from hypothesis import strategies as st

from components.aws.plan import image_retention
from components.aws.plan.image_retention import Pushed
from tools.standin.ecr import Image, expired


@given(st.integers(1, 1000))
def test_as_many_releases_are_kept_as_asked_for(releases: int) -> None:
    running, tagged, untagged = json.loads(image_retention.keep_images("abc-amd64", releases))["rules"]
    assert tagged["selection"]["countNumber"] == releases
    assert running["rulePriority"] < tagged["rulePriority"] < untagged["rulePriority"]


@given(st.integers(1, 3), st.integers(0, 20))
def test_complaint_2_the_image_that_runs_stays_however_many_releases_fail_after_it(releases: int, failed: int) -> None:
    running = Image(("run-amd64",), age=failed + 1)
    later = [Image((f"f{age}-amd64",), age) for age in range(failed)]
    assert expired(image_retention.keep_images("run-amd64", releases), [running, *later]) == {*later[releases:]}


EARLIER = (
    '{"rules":[{"action":{"type":"expire"},"rulePriority":1,"selection":{"countNumber":10,"countType":'
    '"imageCountMoreThan","tagPatternList":["*"],"tagStatus":"tagged"}},{"action":{"type":"expire"},"rulePriority":2,'
    '"selection":{"countNumber":1,"countType":"sinceImagePushed","countUnit":"days","tagStatus":"untagged"}}]}'
)
"""As 10d1cf2 wrote it for ten releases: tests/recorded."""


def test_a_policy_of_an_earlier_version_stays_until_the_next_image() -> None:
    before = Pushed("abc-amd64", EARLIER)
    assert image_retention.policy("abc-amd64", 10, before) == EARLIER
    assert image_retention.policy("def-amd64", 10, before) == image_retention.keep_images("def-amd64", 10)


def test_another_number_of_releases_is_asked_for_and_changes_the_policy() -> None:
    before = Pushed("abc-amd64", EARLIER)
    assert image_retention.policy("abc-amd64", 3, before) == image_retention.keep_images("abc-amd64", 3)


def test_a_policy_that_nobody_here_wrote_is_put_right() -> None:
    before = Pushed("abc-amd64", '{"rules":[]}')
    assert image_retention.policy("abc-amd64", 10, before) == image_retention.keep_images("abc-amd64", 10)


def test_what_was_pushed_is_read_from_an_image_and_the_policy_of_its_repository() -> None:
    images = {"users": {"imageName": "1.dkr.ecr.example/strangler-dev-users:abc-amd64"}, "posts": {"imageName": "p:1"}}
    found = dict(image_retention.pushed(images, {"users": {"policy": EARLIER}}))
    assert found == {"users": Pushed("abc-amd64", EARLIER)}
