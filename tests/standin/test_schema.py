"""Inputs: against the SDK's types, against AWS's schemas, and which change forces a replacement."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from tests.repository import ROOT
from tests.standin import sample
from tests.standin.driver import Driver
from tools.standin import actions, autoscaling, cloudwatch, ec2, ecr, ecs, elb, iam, operations, schema, shapes
from tools.standin.catalog import KINDS
from tools.standin.kinds import Kind
from tools.standin.values import UNKNOWN

VPC = {"cidrBlock": "10.0.0.0/16"}
TARGET_GROUP: dict[str, Any] = {"port": 80, "protocol": "HTTP", "targetType": "ip", "vpcId": "vpc-1"}


@pytest.mark.parametrize(
    ("token", "inputs", "problem"),
    [
        (ec2.VPC, {**VPC, "cidrblock": "x"}, "cidrblock is not a property"),
        (ec2.VPC, {**VPC, "enableDnsSupport": "yes"}, "enableDnsSupport should be true or false, not a string"),
        (ec2.VPC, {**VPC, "tags": ["a"]}, "tags should be a map, not a list"),
        (ec2.VPC, {**VPC, "instanceTenancy": "mine"}, "instanceTenancy is 'mine'; accepted: "),
        (ec2.SUBNET, {"cidrBlock": "10.0.0.0/24"}, "vpcId is required"),
        (
            actions.TARGET_GROUP,
            {**TARGET_GROUP, "healthCheck": {"intervall": 5}},
            "healthCheck.intervall is not a property",
        ),
        (
            actions.TARGET_GROUP,
            {**TARGET_GROUP, "healthCheck": {"interval": 301}},
            "healthCheck.interval is 301, more than",
        ),
        (
            actions.TARGET_GROUP,
            {**TARGET_GROUP, "healthCheck": {"interval": 4, "timeout": 3}},
            "healthCheck.interval is 4, less",
        ),
        (
            actions.TARGET_GROUP,
            {**TARGET_GROUP, "healthCheck": {"path": "/" * 1025}},
            "has 1025 characters, at most 1024",
        ),
        (actions.TARGET_GROUP, {**TARGET_GROUP, "protocol": "FTP"}, "protocol is 'FTP'; accepted: "),
        (actions.TARGET_GROUP, {**TARGET_GROUP, "targetType": "IP"}, "targetType is 'IP'; accepted: "),
        (actions.TARGET_GROUP, {**TARGET_GROUP, "port": "http"}, "port should be a number, not a string"),
        (ecr.REPOSITORY, {"name": "Capital"}, "name is 'Capital', which does not match"),
        (ecr.REPOSITORY, {"imageTagMutability": "SOLID"}, "imageTagMutability is 'SOLID'; accepted: "),
        (cloudwatch.LOG_GROUP, {"name": "a b"}, "name is 'a b', which does not match"),
        (ecs.CLUSTER, {"settings": [{"name": "containerInsight", "value": "enabled"}]}, "settings[0].name is"),
        (
            iam.ROLE,
            {"assumeRolePolicy": sample.TRUST, "maxSessionDuration": 50000},
            "maxSessionDuration is 50000, more",
        ),
        (
            autoscaling.TARGET,
            {
                "minCapacity": 1,
                "maxCapacity": 2,
                "resourceId": "service/a/b",
                "scalableDimension": "ecs:service:DesiredCount",
                "serviceNamespace": "ECS",
            },
            "serviceNamespace is 'ECS'",
        ),
    ],
)
def test_an_input_that_aws_would_refuse_is_refused_in_preview(token: str, inputs: dict[str, Any], problem: str) -> None:
    assert any(problem in item for item in Driver().problems(token, "x", **inputs)), Driver().problems(
        token, "x", **inputs
    )


def test_values_that_are_not_known_yet_are_not_checked() -> None:
    unknown = {**TARGET_GROUP, "port": UNKNOWN, "vpcId": UNKNOWN, "healthCheck": UNKNOWN, "tags": UNKNOWN}
    assert Driver().problems(actions.TARGET_GROUP, "x", **unknown) == []


def test_a_value_that_aws_takes_is_taken() -> None:
    health = {"path": "/", "interval": 10, "timeout": 5, "matcher": "200-299,301", "port": "traffic-port"}
    assert Driver().problems(actions.TARGET_GROUP, "x", **TARGET_GROUP, healthCheck=health, tags={"a": "b"}) == []


def test_a_name_that_would_be_too_long_with_its_suffix_is_refused() -> None:
    found = Driver().problems(actions.TARGET_GROUP, "a" * 25, **TARGET_GROUP)
    assert found == [
        f"name failed to auto-generate value for name: prefix {'a' * 25}- is too long for the maximum of 32 characters "
        "with a suffix of 7"
    ]
    assert Driver().problems(actions.TARGET_GROUP, "a" * 24, **TARGET_GROUP) == []


def test_a_made_up_name_stays_until_the_object_is_replaced() -> None:
    kind = KINDS[ecs.CLUSTER]
    driver = Driver()
    first, _ = operations.check(kind, "x", {}, {}, b"one", driver.cloud.root)
    kept, _ = operations.check(kind, "x", first, {}, b"two", driver.cloud.root)
    renewed, _ = operations.check(kind, "x", {}, {}, b"two", driver.cloud.root)
    assert kept["name"] == first["name"]
    assert renewed["name"] != first["name"]
    assert first["name"].startswith("x-")


@pytest.mark.parametrize(
    ("token", "old", "new", "replaced"),
    [
        (ec2.VPC, VPC, {"cidrBlock": "10.1.0.0/16"}, ["cidrBlock"]),
        (ec2.VPC, VPC, {**VPC, "enableDnsHostnames": True}, []),
        (actions.TARGET_GROUP, TARGET_GROUP, {**TARGET_GROUP, "port": 81}, ["port"]),
        (actions.TARGET_GROUP, TARGET_GROUP, {**TARGET_GROUP, "healthCheck": {"path": "/x"}}, []),
        (actions.TARGET_GROUP, TARGET_GROUP, {**TARGET_GROUP, "deregistrationDelay": 5}, []),
        (elb.BALANCER, {"internal": False}, {"internal": True}, ["internal"]),
        (elb.BALANCER, {"subnets": ["a"]}, {"subnets": ["a", "b"]}, []),
        (elb.RULE, {"priority": 1, "listenerArn": "a"}, {"priority": 2, "listenerArn": "a"}, []),
        (elb.RULE, {"priority": 1, "listenerArn": "a"}, {"priority": 1, "listenerArn": "b"}, ["listenerArn"]),
        (ecs.SERVICE, {"desiredCount": 1, "cluster": "a"}, {"desiredCount": 2, "cluster": "a"}, []),
        (ecs.SERVICE, {"launchType": "FARGATE"}, {"launchType": "EC2"}, ["launchType"]),
        (ecs.SERVICE, {"cluster": "a"}, {"cluster": "b"}, ["cluster"]),
        (ecs.TASK_DEFINITION, {"cpu": "256"}, {"cpu": "512"}, ["cpu"]),
        (ecs.TASK_DEFINITION, {"tags": {"a": "b"}}, {"tags": {"a": "c"}}, []),
        (iam.ROLE, {"path": "/"}, {"path": "/x/"}, ["path"]),
        (iam.ATTACHMENT, {"role": "a"}, {"role": "b"}, ["role"]),
        (ecr.REPOSITORY, {"name": "a"}, {"name": "b"}, ["name"]),
        (ec2.ASSOCIATION, {"routeTableId": "a"}, {"routeTableId": "b"}, []),
        (ec2.ASSOCIATION, {"subnetId": "a"}, {"subnetId": "b"}, ["subnetId"]),
    ],
)
def test_a_change_is_made_in_place_where_aws_can_and_replaces_where_not(
    token: str, old: dict[str, Any], new: dict[str, Any], replaced: list[str]
) -> None:
    found = operations.diff(KINDS[token], old, new)
    assert found
    assert [item.path for item in found if item.replaces] == replaced


def test_a_text_that_says_the_same_is_no_difference() -> None:
    kind = KINDS[iam.ROLE]
    assert not operations.diff(kind, {"assumeRolePolicy": '{"a": 1, "b": 2}'}, {"assumeRolePolicy": '{"b":2,"a":1}'})
    assert operations.diff(kind, {"assumeRolePolicy": '{"a": 1}'}, {"assumeRolePolicy": '{"a": 2}'})


def test_the_order_of_a_set_is_no_difference_and_that_of_a_list_is() -> None:
    assert not operations.diff(KINDS[elb.BALANCER], {"subnets": ["a", "b"]}, {"subnets": ["b", "a"]})
    actions = [{"type": "a"}, {"type": "b"}]
    assert operations.diff(KINDS[elb.RULE], {"actions": actions}, {"actions": actions[::-1]})


def test_what_is_empty_is_as_good_as_what_is_not_there() -> None:
    assert not operations.diff(KINDS[ec2.VPC], {"tags": {}}, {})


def test_a_difference_names_the_innermost_property() -> None:
    found = operations.diff(KINDS[ec2.VPC], {"tags": {"a": "b", "c": "d"}}, {"tags": {"a": "x", "e": "f"}})
    assert [(item.path, item.kind) for item in found] == [("tags.a", "update"), ("tags.c", "delete"), ("tags.e", "add")]


def test_an_unknown_value_of_a_create_only_property_plans_a_replacement() -> None:
    found = operations.diff(KINDS[ec2.SUBNET], {"vpcId": "vpc-1"}, {"vpcId": UNKNOWN})
    assert [(item.path, item.replaces) for item in found] == [("vpcId", True)]


def test_a_replacement_with_a_fixed_name_deletes_first_and_one_with_a_made_up_name_does_not() -> None:
    kind = KINDS[ecs.SERVICE]
    assert operations.needs_delete_first(kind, {"name": "a"}, {"name": "a"})
    assert not operations.needs_delete_first(kind, {"name": "a"}, {"name": "b"})
    made_up = {"name": "a-1", "__defaults": ["name"]}
    assert not operations.needs_delete_first(kind, made_up, made_up)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
def test_everything_that_a_kind_names_exists(kind: Kind) -> None:
    """A misspelt path in the catalogue would make a rule that never applies."""
    shape = shapes.inputs_of(kind.token)
    assert {ref.token for ref in kind.refs} <= KINDS.keys()
    named = [*kind.defaults, *kind.unique, *kind.replace, *kind.in_place, *kind.sets, *kind.json_texts, *kind.tracked]
    named += [ref.path for ref in kind.refs] + [name for name in kind.names if not name.startswith("!")]
    for path in named:
        top = path.partition(".")[0].removesuffix("[*]")
        assert top in {*shape.properties, "*"}, f"{path} is not an input of {kind.token}"
    for target in kind.names.values():
        if target is not None and kind.cfn is not None:
            assert target.partition(".")[0] in schema.cfn_schema(kind.cfn)["properties"], target
    assert shapes.outputs_of(kind.token)


def test_looking_at_a_type_first_leaves_the_sdk_whole_for_the_program() -> None:
    looked = "from tools.standin import ec2, shapes; shapes.inputs_of(ec2.SUBNET)"
    used = "import pulumi_aws as aws; assert aws.ec2.RouteTable and aws.ec2.Subnet"
    done = subprocess.run(
        [sys.executable, "-c", f"{looked}; {used}"], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
