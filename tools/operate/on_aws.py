"""The verbs on AWS, by its plain interfaces. boto3 has no types: they are given here and nowhere else."""

import json
import shlex
import shutil
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby
from typing import Any, cast

import boto3  # pyright: ignore[reportMissingTypeStubs]
import botocore.exceptions as aws_errors  # pyright: ignore[reportMissingTypeStubs]

from tools.operate.deployed import Deployed, Service
from tools.operate.lines import Line, of_event
from tools.operate.request import Request
from tools.operate.status import Alarm, ServiceStatus, Status
from tools.setup.say import MachineError

SERVICES_IN_A_CALL = 10
"""DescribeServices takes no more (ECS API reference)."""
ALARMS_IN_A_CALL = 100
"""DescribeAlarms takes no more names (CloudWatch API reference)."""
EVENTS = 3
"""How many of a service's events are shown."""
POLL_SECONDS = 2.0
LATE_MILLISECONDS = 30_000
"""How late an event may come: that much is asked for again."""
LOGIN = "log in (`aws sso login`, `aws configure`), or set AWS_PROFILE"
_EXPIRED = (
    aws_errors.TokenRetrievalError,
    aws_errors.SSOTokenLoadError,
    aws_errors.UnauthorizedSSOTokenError,
)
_NOT_TAKEN = ("ExpiredToken", "RequestExpired", "UnrecognizedClient", "InvalidClientTokenId", "InvalidSignature")
STARTED_BY = "strangler-make-task"
"""The `startedBy` of one-off tasks: no blanks (RunTask, ECS API reference)."""
AS_THE_SERVICE = (
    "services[0].merge({taskDefinition: taskDefinition, networkConfiguration: networkConfiguration}, "
    "launchType && {launchType: launchType} || {capacityProviderStrategy: capacityProviderStrategy})"
)
"""Of what DescribeServices answers, what RunTask takes to run a task as the service's own, in JMESPath."""
_GONE = ("ClusterNotFound", "ResourceNotFound", "ServiceNotFound")


class Aws:
    """What runs on AWS, asked by its interfaces."""

    def __init__(self, asked: Request, deployed: Deployed) -> None:
        self.asked, self._deployed = asked, deployed

    def status(self, services: Sequence[Service]) -> Status:
        """How the services are, and the alarms that carry the stack's tags."""
        with one_line(self.asked.verb):
            running = [service for service in services if not service.is_job]
            found = [one for group in _by_cluster(running) for one in self._statuses(group)]
            found += [self._job(service) for service in services if service.is_job]
            return Status(found, self._alarms(self._deployed.region))

    def _job(self, job: Service) -> ServiceStatus:
        """How the last execution of a job went, and how many run."""
        machines, machine = self.client("stepfunctions", job.region), job.state_machine
        running = machines.list_executions(stateMachineArn=machine, statusFilter="RUNNING")["executions"]
        last = machines.list_executions(stateMachineArn=machine, maxResults=1)["executions"]
        state = f"job: {job_state(last[0])}" if last else "job: has not run yet"
        return ServiceStatus(job.name, job.desired, len(running), state, job.image)

    def _statuses(self, services: Sequence[Service]) -> Iterator[ServiceStatus]:
        """Of services in one cluster."""
        ecs = self.client("ecs", services[0].region)
        names = [service.ecs_service for service in services]
        described: dict[str, dict[str, Any]] = {}
        for start in range(0, len(names), SERVICES_IN_A_CALL):
            some = names[start : start + SERVICES_IN_A_CALL]
            answer = ecs.describe_services(cluster=services[0].cluster, services=some)
            described |= {other["serviceName"]: other for other in answer["services"]}
        for service in services:
            one = described.get(service.ecs_service)
            if one is None:
                gone = f"gone: the cluster {service.cluster} has no service {service.ecs_service}"
                yield ServiceStatus(service.name, service.desired, 0, gone, service.image)
                continue
            definition = ecs.describe_task_definition(taskDefinition=one["taskDefinition"])["taskDefinition"]
            yield service_status(service, one, definition)

    def alarms(self, region: str | None) -> list[Alarm]:
        """The alarms that carry the stack's tags."""
        with one_line(self.asked.verb):
            return self._alarms(region)

    def _alarms(self, region: str | None) -> list[Alarm]:
        """Those that carry the stack's tags. Those that a scaler makes for itself have none, and are no trouble."""
        tags = {"application": self._deployed.project, "stack": self._deployed.stack}
        pages = (
            self.client("resourcegroupstaggingapi", region)
            .get_paginator("get_resources")
            .paginate(
                ResourceTypeFilters=["cloudwatch:alarm"],
                TagFilters=[{"Key": key, "Values": [value]} for key, value in tags.items()],
            )
        )
        tagged = [alarm for page in pages for alarm in page["ResourceTagMappingList"]]
        names = [alarm["ResourceARN"].partition(":alarm:")[2] for alarm in tagged]
        cloudwatch, found = self.client("cloudwatch", region), list[Alarm]()
        for start in range(0, len(names), ALARMS_IN_A_CALL):
            answer = cloudwatch.describe_alarms(
                AlarmNames=names[start : start + ALARMS_IN_A_CALL], AlarmTypes=["MetricAlarm", "CompositeAlarm"]
            )
            listed = [*answer.get("MetricAlarms", ()), *answer.get("CompositeAlarms", ())]
            found += [Alarm(one["AlarmName"], one["StateValue"], one.get("StateReason", "")) for one in listed]
        return found

    def logs(self, services: Sequence[Service]) -> Iterator[Line]:
        """What the services have written and, with FOLLOW=1, go on to write."""
        start = int((time.time() - self.asked.since_seconds) * 1000)
        seen: dict[str, int] = {}
        with one_line(self.asked.verb):
            while True:
                events = [found for service in services for found in self._events(service, start)]
                new = [(service, event) for service, event in events if event["eventId"] not in seen]
                for service, event in sorted(new, key=lambda found: found[1]["timestamp"]):
                    yield of_event(service.name, event["logStreamName"], event["timestamp"], event["message"])
                if not self.asked.follow:
                    return
                seen |= {event["eventId"]: event["timestamp"] for _, event in new}
                start = max([start, *(at - LATE_MILLISECONDS for at in seen.values())])
                seen = {event: at for event, at in seen.items() if at >= start}
                time.sleep(POLL_SECONDS)

    def _events(self, service: Service, start: int) -> Iterator[tuple[Service, dict[str, Any]]]:
        pages = self.client("logs", service.region).get_paginator("filter_log_events")
        for page in pages.paginate(logGroupName=service.log_group, startTime=start, **_pattern(self.asked)):
            yield from ((service, event) for event in page["events"])

    def exec(self, service: Service) -> list[str]:
        """The command line that runs something in a service's main container."""
        tasks: list[dict[str, Any]] = []
        with one_line(self.asked.verb):
            ecs, where = self.client("ecs", service.region), {"cluster": service.cluster}
            found = ecs.list_tasks(**where, serviceName=service.ecs_service, desiredStatus="RUNNING")["taskArns"]
            if found:
                tasks = ecs.describe_tasks(**where, tasks=found)["tasks"]
        running = [task for task in tasks if task.get("lastStatus") == "RUNNING"]
        if not running:
            self._fail(f"SERVICE={service.name}: no task of it runs", "`make status` says why")
        able = [task for task in running if task.get("enableExecuteCommand")]
        if not able:
            self._fail(f"SERVICE={service.name}: ECS Exec is off", "set `exec: true` in its manifest, and `pulumi up`")
        for program in ("aws", "session-manager-plugin"):
            if shutil.which(program) is None:
                self._fail(f"{program} is not on PATH", "install the AWS CLI and its Session Manager plugin")
        return exec_command(self.asked, self._deployed, service, able[0]["taskArn"])

    def _fail(self, found: str, remedy: str) -> None:
        raise MachineError(self.asked.verb, found, remedy)

    def client(self, name: str, region: str | None) -> Any:
        return cast("Any", boto3).Session(profile_name=self._deployed.profile or None).client(name, region_name=region)


def service_status(service: Service, described: Mapping[str, Any], definition: Mapping[str, Any]) -> ServiceStatus:
    """Of what ECS says of a service and of its task definition. Pure."""
    containers: list[dict[str, Any]] = definition["containerDefinitions"]
    main = next((container for container in containers if container["name"] == service.name), containers[0])
    events = described.get("events", ())[:EVENTS]
    return ServiceStatus(
        service.name,
        described["desiredCount"],
        described["runningCount"],
        _state(described),
        main["image"],
        tuple(f"{event['createdAt']:%Y-%m-%d %H:%M} {event['message']}" for event in events),
    )


def job_state(execution: Mapping[str, Any]) -> str:
    """Of an execution, in the words of Step Functions. Pure."""
    return f"{str(execution['status']).lower().replace('_', ' ')}, started {execution['startDate']:%Y-%m-%d %H:%M}"


def _state(described: Mapping[str, Any]) -> str:
    """Of a service's deployment, in ECS's words."""
    if described.get("status", "ACTIVE") != "ACTIVE":
        return str(described["status"]).lower()
    deployments: list[dict[str, Any]] = described.get("deployments", [])
    primary = next((deployment for deployment in deployments if deployment["status"] == "PRIMARY"), dict[str, Any]())
    state = str(primary.get("rolloutState", "")).replace("_", " ").lower() or "no deployment"
    reason = str(primary.get("rolloutStateReason", ""))
    return f"{state}: {reason}" if reason and state != "completed" else state


def _pattern(asked: Request) -> dict[str, str]:
    """A text as CloudWatch Logs takes it: a phrase in quotes (user guide, "Filter pattern syntax")."""
    quoted = asked.filter.replace("\\", "\\\\").replace('"', '\\"')
    return {"filterPattern": f'"{quoted}"'} if asked.filter else {}


def _by_cluster(services: Sequence[Service]) -> Iterator[list[Service]]:
    """In the order of the clusters, those of one together."""

    def place(service: Service) -> tuple[str, str]:
        return service.region, service.cluster

    return (list(group) for _, group in groupby(sorted(services, key=place), place))


def commands(asked: Request, deployed: Deployed, services: Sequence[Service]) -> list[str]:
    """What a verb would have run, as lines for a shell with the AWS CLI. Pure."""
    if asked.verb == "logs":
        options = ["--since", asked.since, *(["--follow"] if asked.follow else [])]
        options += [part for value in _pattern(asked).values() for part in ("--filter-pattern", value)]
        return [_line(deployed, one, "logs", "tail", one.log_group, *options) for one in services]
    if asked.verb == "task":
        (service,) = services
        return _task_commands(asked, deployed, service)
    if asked.verb == "job":
        (service,) = services
        machine = ["--state-machine-arn", service.state_machine]
        starting = _line(deployed, service, "stepfunctions", "start-execution", *machine)
        return [starting, _line(deployed, service, "logs", "tail", service.log_group, "--follow")]
    if asked.verb == "exec":
        (service,) = services
        where = ["--cluster", service.cluster, "--service-name", service.ecs_service]
        first = ["--query", "taskArns[0]", "--output", "text"]
        task = f'"$({_line(deployed, service, "ecs", "list-tasks", *where, *first)})"'
        return [shlex.join(exec_command(asked, deployed, service, "TASK")).replace("TASK", task)]
    tags = [f"Key=application,Values={deployed.project}", f"Key=stack,Values={deployed.stack}"]
    jobs = [service for service in services if service.is_job]
    others = [service for service in services if not service.is_job]
    groups = [(group[0], [service.ecs_service for service in group]) for group in _by_cluster(others)]
    return [
        *(
            _line(deployed, one, "ecs", "describe-services", "--cluster", one.cluster, "--services", *names)
            for one, names in groups
        ),
        *(
            _line(deployed, job, "stepfunctions", "list-executions", "--state-machine-arn", job.state_machine)
            for job in jobs
        ),
        _line(
            deployed,
            None,
            "resourcegroupstaggingapi",
            "get-resources",
            "--resource-type-filters",
            "cloudwatch:alarm",
            "--tag-filters",
            *tags,
        ),
        _line(deployed, None, "cloudwatch", "describe-alarms"),
    ]


def _task_commands(asked: Request, deployed: Deployed, service: Service) -> list[str]:
    cluster = ["--cluster", service.cluster]
    query = ["--query", AS_THE_SERVICE, "--output", "json"]
    asking = _line(deployed, service, "ecs", "describe-services", *cluster, "--services", service.ecs_service, *query)
    options = ["--started-by", STARTED_BY, "--overrides", json.dumps(overrides(asked, service))]
    running = _line(deployed, service, "ecs", "run-task", *cluster, *options)
    following = _line(deployed, service, "logs", "tail", service.log_group, "--follow")
    return [f'{running} --cli-input-json "$({asking})"', following]


def overrides(asked: Request, service: Service) -> dict[str, Any]:
    """What a one-off task runs in its main container, whose entry point stays."""
    return {"containerOverrides": [{"name": service.name, "command": asked.words}]}


def exec_command(asked: Request, deployed: Deployed, service: Service, task: str) -> list[str]:
    """The command line of the AWS CLI that runs something in a task."""
    where = ["--cluster", service.cluster, "--task", task, "--container", asked.container or service.name]
    return [*_aws(deployed, service), "ecs", "execute-command", *where, "--interactive", "--command", asked.command]


def _aws(deployed: Deployed, service: Service | None) -> list[str]:
    """service: None for what is the whole stack's."""
    profile = ["--profile", deployed.profile] if deployed.profile else []
    region = service.region if service else deployed.region
    return ["aws", *(["--region", region] if region else []), *profile]


def _line(deployed: Deployed, service: Service | None, *arguments: str) -> str:
    return shlex.join([*_aws(deployed, service), *arguments])


@contextmanager
def one_line(verb: str) -> Generator[None]:
    """The only place where boto3's failures are known: each is a line that says what to do."""
    try:
        yield
    except aws_errors.ProfileNotFound as failure:
        raise MachineError(verb, str(failure), "take another AWS_PROFILE or `aws:profile`, or add it") from None
    except (aws_errors.NoCredentialsError, aws_errors.PartialCredentialsError):
        raise MachineError(verb, "there are no AWS credentials", LOGIN) from None
    except _EXPIRED as failure:
        raise MachineError(verb, f"the AWS login has ended: {failure}", LOGIN) from None
    except aws_errors.ClientError as failure:
        raise _refused(verb, failure) from None
    except aws_errors.BotoCoreError as failure:
        raise MachineError(verb, f"the AWS request failed: {failure}", "look at the network and the region") from None


def _refused(verb: str, failure: aws_errors.ClientError) -> MachineError:
    error = cast("dict[str, str]", cast("Any", failure).response.get("Error", {}))
    code, message = error.get("Code", ""), error.get("Message", "")
    if code.startswith(_NOT_TAKEN):
        return MachineError(verb, f"AWS doesn't take the credentials: {message}", LOGIN)
    if "AccessDenied" in code or "Unauthorized" in code:
        return MachineError(verb, f"AWS denies it: {message}", "ask for this right, or take another AWS_PROFILE")
    if code.startswith(_GONE):
        return MachineError(verb, f"it is gone on AWS: {message or code}", "`pulumi up --refresh` makes it again")
    return MachineError(verb, f"AWS refuses {failure.operation_name}: {code}: {message}", "run it again")
