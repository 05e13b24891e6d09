"""AWS takes what the program asks for, by its own models: names, types, required members, enums, patterns, bounds.

What this layer can't find, as the models don't say it: what AWS writes in prose only (that an S3 bucket's name is no IP
address, what characters a security group's description has, sizes that go together), what depends on what is there
(limits of an account, names in use, who may do what), what a text means inside (IAM policies, container definitions but
for their shape, log formats), defaults, and the order of things. The stand-in (tools/standin) and components/aws/checks
have rules for these.
"""

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from tests.aws_api import models
from tests.aws_api.account import LookUp, Registered
from tests.aws_api.calls import CALLS, KNOWN, LEFT, LOOK_UPS, NOT_AWS
from tests.aws_api.requests import mistakes, mistakes_of_look_ups
from tests.aws_api.runs import STACKS, everything, runs
from tests.quality.test_iam import lookups_in_code, types_in_code
from tests.standin import private_balancer

SERVICES = sorted({call.of.partition(".")[0] for calls in CALLS.values() for call in (*calls.made, *calls.changed)})


@pytest.mark.parametrize("stack", STACKS)
def test_aws_takes_every_request(stack: str) -> None:
    assert runs(stack)[0].registered
    for run in runs(stack):
        assert mistakes(run.registered) == []
        assert mistakes_of_look_ups(run.look_ups) == []


def test_a_listener_that_is_not_ours_is_reached_in_what_is_checked() -> None:
    for run in runs("a rich stack on api-gateway")[:2]:
        asked = {look_up.token for look_up in run.look_ups}
        assert {"aws:lb/getListener:getListener", "aws:vpc/getSecurityGroupRule:getSecurityGroupRule"} <= asked
    made = {resource.name: resource for resource in runs("a rich stack on api-gateway")[0].registered}
    integration, tls = made["facade-private"].inputs, {"serverNameToVerify": private_balancer.HOST}
    assert (integration["connectionType"], integration["tlsConfig"]) == ("VPC_LINK", tls)
    links = [one for one in made.values() if one.type == "aws:apigatewayv2/vpcLink:VpcLink"]
    (link,) = (one for one in links if one.outputs["id"] == integration["connectionId"])
    assert link.name.startswith("facade-vpc-")


def test_every_type_of_the_code_is_translated_and_every_row_is_used() -> None:
    made = {resource.type for resource in everything()}
    assert types_in_code() <= made | {"awsx:ec2:Vpc"}
    assert made == {*CALLS, *NOT_AWS}


def test_every_look_up_of_the_code_is_translated_and_every_row_is_used() -> None:
    asked = {look_up.token for stack in STACKS for run in runs(stack) for look_up in run.look_ups}
    assert lookups_in_code() <= {*LOOK_UPS, *KNOWN}
    assert asked <= {*LOOK_UPS, *KNOWN}


def test_changes_are_checked_as_well() -> None:
    changed = {resource.type for resource in everything() if resource.changed}
    assert len(changed) > 10
    assert {"aws:ecs/service:Service", "aws:lb/listenerRule:ListenerRule"} <= changed


def test_no_row_of_what_is_left_out_is_stale() -> None:
    given = {name for resource in everything() for name in resource.inputs}
    assert {name for name in LEFT if name not in given} == set()


@pytest.mark.parametrize("service", SERVICES)
def test_every_pattern_of_a_model_can_be_read(service: str) -> None:
    for pattern in models.patterns(service).values():
        models.compiled(pattern)


def test_a_new_type_is_reported_with_what_to_add() -> None:
    queue = Registered("aws:kinesis/stream:Stream", "jobs", {"name": "jobs"}, {})
    assert mistakes([queue]) == ["aws:kinesis/stream:Stream jobs: add its requests to tests/aws_api/calls.py"]
    assert mistakes_of_look_ups([LookUp("aws:sqs/getQueue:getQueue", {})]) == [
        "aws:sqs/getQueue:getQueue: add its request to tests/aws_api/calls.py"
    ]


def test_a_property_without_a_member_is_reported() -> None:
    group = Registered("aws:lb/targetGroup:TargetGroup", "a", {"name": "a", "slowStart": 30}, {"id": "a"})
    assert mistakes([group]) == ["aws:lb/targetGroup:TargetGroup a: slowStart is in no request"]


Inputs = dict[str, Any]


@dataclass(frozen=True)
class Planted:
    """A mistake that is put into a real request."""

    what: str
    stack: str
    type: str
    mistake: Callable[[Inputs], None]
    says: str


def _set(*path: str | int, to: object) -> Callable[[Inputs], None]:
    def change(inputs: Inputs) -> None:
        *above, last = path
        place: Any = inputs
        for part in above:
            place = place[part]
        place[last] = to

    return change


def _in_container(**members: object) -> Callable[[Inputs], None]:
    def change(inputs: Inputs) -> None:
        found = json.loads(inputs["containerDefinitions"])
        found[0] |= members
        inputs["containerDefinitions"] = json.dumps(found)

    return change


RICH = "a rich stack on alb"
SPACES = "dev on refactor-spaces"
PLANTED = [
    Planted(
        "a name in capitals, which a pattern doesn't take",
        *(SPACES, "aws:ecr/repository:Repository", _set("name", to="Strangler-dev")),
        "ecr.CreateRepository: repositoryName: 'Strangler-dev' doesn't match",
    ),
    Planted(
        "a dot in a name of Refactor Spaces",
        *(SPACES, "aws-native:refactorspaces:Service", _set("name", to="users.dev")),
        "CreateService: Name: 'users.dev' doesn't match",
    ),
    Planted(
        "a path that a route can't have",
        *(
            SPACES,
            "aws-native:refactorspaces:Route",
            _set("uriPathRoute", to={"sourcePath": "/a/", "activationState": "ACTIVE"}),
        ),
        "CreateRoute: UriPathRoute.SourcePath: '/a/' doesn't match",
    ),
    Planted(
        "a label that DNS hasn't room for",
        *(SPACES, "aws:servicediscovery/service:Service", _set("name", to="a" * 64)),
        "servicediscovery.CreateService: Name: ",
    ),
    Planted(
        "a role's name that is too long",
        *(RICH, "aws:iam/role:Role", _set("name", to="a" * 65)),
        "iam.CreateRole: RoleName: 65 characters, not from 1 to 64",
    ),
    Planted(
        "a description with a dash that isn't Latin-1",
        *(RICH, "aws:iam/role:Role", _set("description", to="What it may do \N{EN DASH} on AWS")),
        "iam.CreateRole: Description: ",
    ),
    Planted(
        "a priority over the highest",
        *(RICH, "aws:lb/listenerRule:ListenerRule", _set("priority", to=50001)),
        "elbv2.CreateRule: Priority: 50001, not from 1 to 50000",
    ),
    Planted(
        "a health check that is too seldom",
        *(RICH, "aws:lb/targetGroup:TargetGroup", _set("healthCheck", "interval", to=301)),
        "elbv2.CreateTargetGroup: HealthCheckIntervalSeconds: 301, not from 5 to 300",
    ),
    Planted(
        "a launch type that there isn't",
        *(RICH, "aws:ecs/service:Service", _set("launchType", to="Fargate")),
        "ecs.CreateService: launchType: 'Fargate' is none of ",
    ),
    Planted(
        "an alarm's comparison that there isn't",
        *(RICH, "aws:cloudwatch/metricAlarm:MetricAlarm", _set("comparisonOperator", to="GreaterOrEqual")),
        "cloudwatch.PutMetricAlarm: ComparisonOperator: 'GreaterOrEqual' is none of ",
    ),
    Planted(
        "a misspelt key in a container",
        *(RICH, "aws:ecs/taskDefinition:TaskDefinition", _in_container(enviroment=[])),
        'RegisterTaskDefinition: Unknown parameter in containerDefinitions[0]: "enviroment"',
    ),
    Planted(
        "a port as a text in a container",
        *(RICH, "aws:ecs/taskDefinition:TaskDefinition", _in_container(portMappings=[{"containerPort": "3000"}])),
        "Invalid type for parameter containerDefinitions[0].portMappings[0].containerPort, value: 3000",
    ),
    Planted(
        "a secret without a place",
        *(RICH, "aws:ecs/taskDefinition:TaskDefinition", _in_container(secrets=[{"name": "TOKEN"}])),
        'Missing required parameter in containerDefinitions[0].secrets[0]: "valueFrom"',
    ),
    Planted(
        "a hidden folder as a file system's root",
        *(RICH, "aws:efs/accessPoint:AccessPoint", _set("rootDirectory", "path", to="/.users")),
        "efs.CreateAccessPoint: RootDirectory.Path: '/.users' doesn't match",
    ),
    Planted(
        "a tag that is too long",
        *(RICH, "aws:lb/loadBalancer:LoadBalancer", _set("tags", "environment", to="a" * 257)),
        "Value: 257 characters, not from 0 to 256",
    ),
]


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.what)
def test_a_planted_mistake_is_found(planted: Planted) -> None:
    real = next(
        resource
        for resource in runs(planted.stack)[0].registered
        if resource.type == planted.type and mistakes([resource]) == [] and not resource.changed
        # A function as a target has no health check.
        if resource.inputs.get("targetType") != "lambda"
    )
    inputs: Inputs = copy.deepcopy(dict(real.inputs))
    planted.mistake(inputs)
    (found,) = mistakes([replace(real, inputs=inputs)])
    assert planted.says in found
