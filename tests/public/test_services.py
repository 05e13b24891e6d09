"""`Environment` and what runs in it, under the mocks: what is registered, and what is refused."""

import json
from collections.abc import Callable
from typing import Any, cast

import pulumi
import pytest

from components import (
    AlbFacade,
    Environment,
    EnvironmentArgs,
    FargateWebService,
    FargateWebServiceArgs,
    FargateWorker,
    FargateWorkerArgs,
    ScheduledJob,
    ScheduledJobArgs,
)
from components.public.fargate_task import PLACEMENT
from tests.components.recorder import Record, run

LISTENER = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shop/0123456789abcdef/0123456789abcdef"
GROUP = "sg-0123456789abcdef0"
SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:token-AbCdEf"
VPC = {
    "id": "vpc-0123456789abcdef0",
    "public_subnets": ["subnet-0a", "subnet-0b"],
    "private_subnets": ["subnet-1a", "subnet-1b"],
}
GIVEN = {"arn": LISTENER, "security_groups": [GROUP]}
PLACED = dict.fromkeys(PLACEMENT, "")
"""A placement by its keys."""


def environment(**args: object) -> Environment:
    """One with these arguments."""
    return Environment("shop", cast("EnvironmentArgs", args))


def service(name: str, placement: object, **args: object) -> FargateWebService:
    """One in an environment. args: None leaves a default one out."""
    plain = {"environment": placement, "image": "example.com/users:1", "port": 3000, **args}
    return FargateWebService(
        name, cast("FargateWebServiceArgs", {key: value for key, value in plain.items() if value is not None})
    )


def worker(placement: object, **args: object) -> FargateWorker:
    """One in an environment."""
    plain = {"environment": placement, "image": "example.com/packer:1", **args}
    return FargateWorker("packer", cast("FargateWorkerArgs", plain))


def job(placement: object, **args: object) -> ScheduledJob:
    """One in an environment, each day. args: None leaves a default one out."""
    plain = {"environment": placement, "image": "example.com/nightly:1", "schedule": "@daily", **args}
    return ScheduledJob(
        "nightly", cast("ScheduledJobArgs", {key: value for key, value in plain.items() if value is not None})
    )


def made(**args: object) -> Record:
    """What is registered of a service in an environment. args: the service's."""
    return run(lambda: service("users", environment().placement, **args))


def container(record: Record) -> dict[str, Any]:
    """The main container of the only task definition."""
    return json.loads(record.one("TaskDefinition").inputs["containerDefinitions"])[0]


def refused(program: Callable[[], object]) -> list[str]:
    """The lines that it is refused with; nothing is registered then."""
    with pytest.raises(pulumi.RunError) as found:
        program()
    return str(found.value).splitlines()


def test_a_service_is_there_and_takes_nothing_until_a_facade_leads_there() -> None:
    record = made()
    record.check()
    (rule,) = record.of("ListenerRule")
    assert rule.inputs["conditions"] == [{"hostHeader": {"values": ["attached.invalid"]}}]
    assert 40_001 <= rule.inputs["priority"] <= 49_000
    ecs = record.one("aws:ecs/service:Service").inputs
    assert (ecs["desiredCount"], ecs["waitForSteadyState"]) == (1, True)
    assert ecs["networkConfiguration"]["assignPublicIp"] is True
    assert record.one("LogGroup").inputs["name"].endswith("/users")


def test_what_is_known_later_is_in_the_task_definition_and_the_right_to_read_it() -> None:
    def program() -> None:
        later = pulumi.Output.from_input
        service(
            "users",
            environment().placement,
            image=later("example.com/users@sha256:1"),
            variables={"QUEUE": later("https://queue"), "A": "b"},
            secrets={"TOKEN": later(SECRET), "KEY": "/shop/key"},
            command=["node", "server.js"],
            cpu=512.0,
            memory=1024,
            count=2,
            log_retention_days=7,
            deregistration_delay_seconds=5,
            health_check={"path": "/health", "interval_seconds": 10, "success_codes": "200-299"},
            tags={"team": "shop"},
        )

    record = run(program)
    found = container(record)
    assert found["image"] == "example.com/users@sha256:1"
    named = {one["name"]: one["value"] for one in found["environment"]}
    assert (named["QUEUE"], named["A"], named["COPILOT_SERVICE_NAME"]) == ("https://queue", "b", "users")
    secrets = {one["name"]: one["valueFrom"] for one in found["secrets"]}
    assert secrets["TOKEN"] == SECRET
    assert secrets["KEY"].endswith(":parameter/shop/key")
    policy = record.one("RolePolicy", "users-secrets").inputs["policy"]
    assert SECRET in policy
    assert "parameter/shop/key" in policy
    group = record.one("TargetGroup").inputs
    assert (group["deregistrationDelay"], group["healthCheck"]["path"]) == (5, "/health")
    assert (group["healthCheck"]["interval"], group["healthCheck"]["matcher"]) == (10, "200-299")
    definition = record.one("TaskDefinition").inputs
    assert (definition["cpu"], definition["memory"], definition["tags"]["team"]) == ("512", "1024", "shop")


def test_what_depends_on_its_target_group_comes_after_its_steady_state_and_all_of_the_environment() -> None:
    def program() -> None:
        where = environment()
        users = service("users", where.placement)
        AlbFacade(
            "facade",
            {
                "listener_arn": where.listener_arn,
                "targets": {"users": {"target_group_arn": users.target_group_arn}},
                "default_target": "users",
                "routes": [],
            },
        )

    record = run(program)
    ecs = record.one("aws:ecs/service:Service")
    rule = record.one("ListenerRule", "facade-default")
    assert ecs.urn in rule.options.dependencies
    rules = [one.urn for one in record.all if "securityGroup" in one.type and "shop" in one.name]
    assert len(rules) > 4
    assert set(rules) <= set(ecs.options.dependencies)


def test_an_environment_on_what_one_has_makes_no_network_and_no_load_balancer() -> None:
    def program() -> None:
        later = pulumi.Output.from_input
        vpc = {**VPC, "id": later(VPC["id"])}
        where = environment(vpc=vpc, listener={"arn": later(LISTENER), "security_groups": [GROUP]})
        service("users", where.placement, listener_priority=700)

    record = run(program)
    record.check()
    assert not [one for one in record.all if one.type.endswith((":Vpc", ":LoadBalancer", ":Listener"))]
    assert record.one("TargetGroup").inputs["vpcId"] == VPC["id"]
    rule = record.one("ListenerRule").inputs
    assert (rule["listenerArn"], rule["priority"]) == (LISTENER, 700)
    placed = record.one("aws:ecs/service:Service").inputs["networkConfiguration"]
    assert (placed["subnets"], placed["assignPublicIp"]) == (["subnet-1a", "subnet-1b"], False)
    sources = [one.inputs.get("referencedSecurityGroupId") for one in record.of("SecurityGroupIngressRule")]
    assert GROUP in sources
    outputs = next(found for found in record.outputs.values() if "loadBalancerArn" in found)
    assert outputs["loadBalancerArn"].endswith(":loadbalancer/app/shop/0123456789abcdef")


@pytest.mark.parametrize(("named", "url"), [({}, ""), ({"dns_name": "shop.example.com"}, "http://shop.example.com")])
def test_a_url_is_that_of_the_name_that_is_given_and_none_without(named: dict[str, str], url: str) -> None:
    record = run(lambda: service("users", environment(vpc=VPC, listener={**GIVEN, **named}).placement))
    urls = {urn.rpartition("::")[2]: found["url"] for urn, found in record.outputs.items() if "url" in found}
    assert urls == {"shop": url, "users": url}


def test_the_load_balancer_that_is_made_is_as_it_is_asked_for() -> None:
    record = run(lambda: environment(vpc=VPC, internal=True))
    balancer = record.one("LoadBalancer").inputs
    assert (balancer["internal"], balancer["subnets"]) == (True, ["subnet-1a", "subnet-1b"])
    record = run(lambda: environment(certificate_arn=pulumi.Output.from_input("arn:cert"), callers=["192.0.2.0/24"]))
    assert sorted(one.inputs["port"] for one in record.of("aws:lb/listener:Listener")) == [80, 443]
    assert record.one("aws:lb/listener:Listener", "shop-tls").inputs["certificateArn"] == "arn:cert"
    ranges = {one.inputs.get("cidrIpv4") for one in record.of("SecurityGroupIngressRule")} - {None}
    assert ranges == {"192.0.2.0/24"}


def test_a_worker_has_its_queue_and_gets_what_topics_send() -> None:
    def program() -> None:
        topic = pulumi.Output.from_input("arn:aws:sns:eu-west-1:123456789012:orders")
        worker(environment().placement, topics={"orders": topic}, tries=5, visibility_timeout_seconds=60, count=2)

    record = run(program)
    record.check()
    assert record.one("aws:sqs/queue:Queue", "packer").inputs["visibilityTimeoutSeconds"] == 60
    assert record.one("aws:sqs/queue:Queue", "packer-Dead")
    subscription = record.one("TopicSubscription").inputs
    assert (subscription["topic"], subscription["protocol"]) == ("arn:aws:sns:eu-west-1:123456789012:orders", "sqs")
    named = {one["name"] for one in container(record)["environment"]}
    assert "COPILOT_QUEUE_URI" in named
    assert "COPILOT_LB_DNS" not in named
    ecs = record.one("aws:ecs/service:Service").inputs
    assert (ecs["desiredCount"], ecs.get("loadBalancers") or []) == (2, [])
    assert not record.of("TargetGroup")


def test_a_job_runs_at_its_times_where_the_environment_says() -> None:
    record = run(lambda: job(environment(vpc=VPC, listener=GIVEN).placement, retries=2, timeout_seconds=600))
    record.check()
    assert record.one("EventRule").inputs["scheduleExpression"] == "cron(0 0 * * ? *)"
    machine = json.loads(record.one("StateMachine").inputs["definition"])
    assert machine["TimeoutSeconds"] == 600
    (state,) = machine["States"].values()
    placed = state["Parameters"]["NetworkConfiguration"]["AwsvpcConfiguration"]
    assert (placed["Subnets"], placed["AssignPublicIp"]) == (["subnet-1a", "subnet-1b"], "DISABLED")
    assert not record.of("aws:ecs/service:Service")


def test_a_scaled_service_is_left_as_many_tasks_as_its_scaler_gave_it() -> None:
    scaling = {
        "min": 2,
        "max": 9,
        "cpu_percent": 70,
        "requests_per_target": 500,
        "response_seconds": 0.5,
        "scale_in_cooldown_seconds": 300,
    }

    def program() -> None:
        where = environment(vpc=VPC, listener=GIVEN).placement
        service("users", where, scaling=scaling)
        service("posts", where, count=2)

    record = run(program)
    record.check()
    ecs = record.one("aws:ecs/service:Service", "users")
    assert (ecs.inputs["desiredCount"], list(ecs.options.ignoreChanges)) == (2, ["desiredCount"])
    fixed = record.one("aws:ecs/service:Service", "posts")
    assert (fixed.inputs["desiredCount"], list(fixed.options.ignoreChanges)) == (2, [])
    target = record.one("aws:appautoscaling/target:Target").inputs
    assert (target["minCapacity"], target["maxCapacity"]) == (2, 9)
    policies = {
        one.name: one.inputs["targetTrackingScalingPolicyConfiguration"]
        for one in record.of("aws:appautoscaling/policy:Policy")
    }
    assert {name: policy["targetValue"] for name, policy in policies.items()} == {
        "users-cpu": 70,
        "users-requests": 500,
        "users-response-time": 0.5,
    }
    assert {(one["scaleInCooldown"], one["scaleOutCooldown"]) for one in policies.values()} == {(300, 60)}
    (group,) = (one for one in record.of("TargetGroup") if one.name == "users")
    label = policies["users-requests"]["predefinedMetricSpecification"]["resourceLabel"]
    assert label == f"app/shop/0123456789abcdef/TargetGroup/{group.name}"


def test_a_worker_is_scaled_by_the_messages_that_wait() -> None:
    record = run(lambda: worker(environment().placement, scaling={"min": 0, "max": 5, "backlog_per_task": 40}))
    policy = record.one("aws:appautoscaling/policy:Policy").inputs["targetTrackingScalingPolicyConfiguration"]
    assert policy["targetValue"] == 40
    (waiting, *_) = policy["customizedMetricSpecification"]["metrics"]
    assert waiting["metricStat"]["metric"]["namespace"] == "AWS/SQS"
    assert record.one("aws:ecs/service:Service").inputs["desiredCount"] == 0


def test_what_runs_beside_a_container_is_there_with_what_it_may_read() -> None:
    def program() -> None:
        later = pulumi.Output.from_input
        agent = {
            "image": later("example.com/agent:1"),
            "port": 8126,
            "essential": False,
            "variables": {"SITE": later("eu")},
            "secrets": {"AGENT_KEY": later(SECRET)},
            "container_health_check": {"command": ["CMD", "/healthy"], "interval_seconds": 5},
        }
        service(
            "users",
            environment().placement,
            sidecars={"agent": agent},
            depends_on={"agent": "healthy"},
            entry_point=["/init"],
            variables={"A": "b"},
        )

    record = run(program)
    main, beside = json.loads(record.one("TaskDefinition").inputs["containerDefinitions"])
    assert (main["dependsOn"], main["entryPoint"]) == ([{"containerName": "agent", "condition": "HEALTHY"}], ["/init"])
    assert (beside["name"], beside["image"], beside["essential"]) == ("agent", "example.com/agent:1", False)
    assert beside["portMappings"][0]["containerPort"] == 8126
    assert {"name": "SITE", "value": "eu"} in beside["environment"]
    assert beside["secrets"] == [{"name": "AGENT_KEY", "valueFrom": SECRET}]
    assert (beside["healthCheck"]["command"], beside["healthCheck"]["interval"]) == (["CMD", "/healthy"], 5)
    assert {"name": "A", "value": "b"} in main["environment"]
    assert main["secrets"] == []
    assert SECRET in record.one("RolePolicy", "users-secrets").inputs["policy"]


def test_a_task_may_do_and_reach_what_it_is_given_before_it_starts() -> None:
    def program() -> None:
        later = pulumi.Output.from_input
        service(
            "users",
            environment().placement,
            managed_policies={"orders": later("arn:aws:iam::123456789012:policy/orders")},
            security_groups=[later(GROUP)],
            ephemeral_storage_gib=50,
            readonly_root_filesystem=True,
        )

    record = run(program)
    policy = record.one("RolePolicyAttachment", "users-task-orders")
    assert policy.inputs["policyArn"] == "arn:aws:iam::123456789012:policy/orders"
    ecs = record.one("aws:ecs/service:Service")
    assert policy.urn in ecs.options.dependencies
    own, further = ecs.inputs["networkConfiguration"]["securityGroups"]
    assert further == GROUP != own
    definition = record.one("TaskDefinition").inputs
    assert definition["ephemeralStorage"] == {"sizeInGib": 50}
    assert container(record)["readonlyRootFilesystem"] is True


def test_deployments_and_spot_are_as_they_are_asked_for() -> None:
    alarms = {"names": ["too-slow"]}
    ecs = (
        made(deployment="recreate", spot_from=3, count=4, rollback_alarms=alarms).one("aws:ecs/service:Service").inputs
    )
    assert (ecs["deploymentMinimumHealthyPercent"], ecs["deploymentMaximumPercent"]) == (0, 100)
    assert ecs["alarms"] == {"alarmNames": ["too-slow"], "enable": True, "rollback": True}
    on = [(one["capacityProvider"], one.get("base")) for one in ecs["capacityProviderStrategies"]]
    assert (on, ecs.get("launchType")) == ([("FARGATE", 2), ("FARGATE_SPOT", None)], None)
    silent = made(rollback_alarms={**alarms, "enabled": False}).one("aws:ecs/service:Service").inputs
    assert silent["alarms"] == {"alarmNames": ["too-slow"], "enable": False, "rollback": False}
    plain = made().one("aws:ecs/service:Service").inputs
    assert (plain["deploymentMinimumHealthyPercent"], plain.get("alarms"), plain["launchType"]) == (
        100,
        None,
        "FARGATE",
    )


@pytest.mark.parametrize(
    ("program", "lines"),
    [
        (
            lambda: worker(PLACED, tries=0, topics=["orders"], port=80),
            [
                "FargateWorker packer: port: unknown key; known: ",
                "FargateWorker packer: topics: found a list; give a map",
                "FargateWorker packer: tries: found 0; give a whole number from 1 to 1000",
            ],
        ),
        (
            lambda: job(PLACED, schedule="daily", retries=-1),
            [
                "ScheduledJob nightly: schedule: found 'daily'; give @daily, @every 1h30m, five fields",
                "ScheduledJob nightly: retries: found -1; give a whole number from 0 to 99999999",
            ],
        ),
        (
            lambda: job(PLACED, schedule=None),
            ["ScheduledJob nightly: schedule: missing; give a schedule, such as @daily"],
        ),
    ],
)
def test_mistakes_in_workers_and_jobs_are_told_in_one_go(program: Callable[[], object], lines: list[str]) -> None:
    found = refused(program)
    assert [line[: len(meant)] for line, meant in zip(found, lines, strict=True)] == lines


@pytest.mark.parametrize(
    ("args", "lines"),
    [
        (
            {"cidr": "10.0.0.0/8", "zones": 7, "nat": "two", "flow_log_days": 2, "zone": 1},
            [
                "Environment shop: zone: unknown key; did you mean zones?",
                "Environment shop: cidr: found '10.0.0.0/8'; give an IPv4 range from /16 to /24 whose host bits are 0, "
                "such as 10.7.0.0/16",
                "Environment shop: zones: found 7; give a whole number from 2 to 4",
                "Environment shop: nat: found 'two'; give none, single or per-az",
                "Environment shop: flow_log_days: found 2; give one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, "
                "400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653 days",
            ],
        ),
        (
            {"vpc": {"public_subnets": ["subnet-0a"], "subnets": []}, "zones": 2},
            [
                "Environment shop: vpc.subnets: unknown key; did you mean public_subnets?",
                "Environment shop: vpc.id: missing; give the id of the VPC",
                "Environment shop: zones: zones together with vpc; remove it: an existing VPC has its own",
            ],
        ),
        (
            {"listener": {"security_groups": ["default"]}, "internal": True},
            [
                "Environment shop: listener.arn: missing; give the listener's ARN",
                "Environment shop: listener.security_groups[0]: found 'default'; give the ids of the load balancer's "
                "security groups, sg-…",
                "Environment shop: vpc: missing; give the VPC of the listener's load balancer",
                "Environment shop: internal: internal together with listener; remove it: an existing load balancer "
                "has its own",
            ],
        ),
        (
            {"vpc": {"id": "vpc-1", "public_subnets": ["subnet-0a"]}, "internal": True, "callers": ["192.0.2.1/24"]},
            [
                "Environment shop: vpc.private_subnets: missing; give those of the load balancer, or an existing "
                "listener",
                "Environment shop: callers: callers together with internal; remove it: an internal load balancer "
                "is reachable only from its VPC",
            ],
        ),
    ],
)
def test_mistakes_in_an_environment_are_told_in_one_go(args: dict[str, object], lines: list[str]) -> None:
    assert refused(lambda: environment(**args)) == lines


@pytest.mark.parametrize(
    ("name", "args", "lines"),
    [
        (
            "Users",
            {"port": None, "image": None, "ports": 1},
            [
                "FargateWebService Users: ports: unknown key; did you mean port?",
                "FargateWebService Users: name: found Users; use up to 40 lower-case letters, digits and -, "
                "starting with a letter",
                "FargateWebService Users: image: missing; give an image reference",
                "FargateWebService Users: port: missing; give the port that the container listens on",
            ],
        ),
        (
            "users",
            {"cpu": 512, "memory": 512, "platform": "windows", "count": -1, "port": 70000, "listener_priority": 0},
            [
                "FargateWebService users: memory: Fargate has no task of 512 CPU units and 512 MiB; with cpu: 512, "
                "give 1024 to 4096 in steps of 1024",
                "FargateWebService users: platform: found 'windows'; give linux/amd64 or linux/arm64",
                "FargateWebService users: port: found 70000; give a whole number from 1 to 65535",
                "FargateWebService users: count: found -1; give a whole number from 0 to 5000",
                "FargateWebService users: listener_priority: found 0; give a whole number from 1 to 50000",
            ],
        ),
        (
            "users",
            {
                "variables": {"A": 1, "B": "b"},
                "secrets": {"B": "/b"},
                "health_check": {"interval_seconds": 5, "timeout_seconds": 5, "path": "health", "interval": 1},
            },
            [
                "FargateWebService users: variables.A: found 1; give a string, or an output of one",
                "FargateWebService users: secrets.B: a variable also has this name; keep one of them",
                "FargateWebService users: health_check.interval: unknown key; did you mean interval_seconds?",
                "FargateWebService users: health_check.path: found 'health'; write /health",
                "FargateWebService users: health_check.timeout_seconds: found 5; give less than the interval, 5",
            ],
        ),
        (
            "users",
            {"count": 2, "scaling": {"min": 5, "max": 2, "backlog_per_task": 1}, "rollback_alarms": {"enabled": True}},
            [
                "FargateWebService users: rollback_alarms.names: missing; give the names of alarms that exist",
                "FargateWebService users: count: count together with scaling; remove it: scaling has min and max",
                "FargateWebService users: scaling.backlog_per_task: unknown key; known: cpu_percent, max, "
                "memory_percent, min, requests_per_target, response_seconds, scale_in_cooldown_seconds, "
                "scale_out_cooldown_seconds",
                "FargateWebService users: scaling: no metric to scale on; give one or more of cpu_percent, "
                "memory_percent, requests_per_target, response_seconds",
                "FargateWebService users: scaling.max: found 2; give min, 5, or more",
            ],
        ),
        (
            "users",
            {
                "sidecars": {"a b": {"image": "a:1", "build": "."}, "agent": {"container_health_check": {}}},
                "depends_on": {"agent": "complete", "other": "start"},
                "security_groups": ["sg-1", "sg-2", "sg-3", "sg-4", "sg-5"],
                "scaling": {"min": 1, "max": 2, "response_seconds": 0},
            },
            [
                "FargateWebService users: sidecars.agent.image: missing; give an image reference",
                "FargateWebService users: sidecars.a b: the name 'a b'; use up to 255 letters, digits, - and _",
                "FargateWebService users: sidecars.a b.build: unknown key; known: command, container_health_check, "
                "depends_on, entry_point, essential, image, port, secrets, variables",
                "FargateWebService users: sidecars.agent.container_health_check.command: missing; give CMD-SHELL and a "
                "command line, or CMD and its words",
                "FargateWebService users: depends_on.agent: complete of agent, which is essential: when it ends, "
                "so does the task; give start or healthy, or set essential: false there",
                "FargateWebService users: depends_on.other: unknown container 'other'; known: a b, agent, users",
                "FargateWebService users: security_groups: found 5; a task allows at most 5, including the "
                "environment's own",
                "FargateWebService users: scaling.response_seconds: found 0; give seconds, more than 0 and up to 4000",
            ],
        ),
        (
            "users",
            {"environment": "shop"},
            ["FargateWebService users: environment: found 'shop'; give the placement of an Environment"],
        ),
    ],
)
def test_mistakes_in_a_service_are_told_in_one_go(name: str, args: dict[str, object], lines: list[str]) -> None:
    assert refused(lambda: service(name, PLACED, **args)) == lines
