"""Which answers of a stand-in may be given again, as the question is the same."""

from tools.standin import docker_image, ec2, elb, operations
from tools.standin.catalog import KINDS

BALANCER = KINDS[elb.BALANCER]
MADE = {"name": "facade-0000000", "__defaults": ["name"]}


def test_a_check_that_makes_a_name_up_is_not_repeatable_until_the_name_is_kept() -> None:
    assert not operations.is_repeatable(BALANCER, {}, {})
    assert not operations.is_repeatable(BALANCER, {"name": "mine"}, {})
    assert operations.is_repeatable(BALANCER, MADE, {})
    assert operations.is_repeatable(BALANCER, {}, {"name": "mine"})
    assert operations.is_repeatable(KINDS[ec2.VPC], {}, {})


def test_a_check_that_reads_files_is_never_repeatable() -> None:
    assert not operations.is_repeatable(KINDS[docker_image.IMAGE], {"imageName": "a"}, {"imageName": "a"})
