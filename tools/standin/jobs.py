"""State machines that run a task, and the rules of EventBridge that start them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final

from tools.standin import ecs, iam
from tools.standin.cloud import Object
from tools.standin.kinds import AutoName, Call, Kind, Problem, Ref, refuse
from tools.standin.values import Props, table

MACHINE: Final = "aws:sfn/stateMachine:StateMachine"
RULE: Final = "aws:cloudwatch/eventRule:EventRule"
TARGET: Final = "aws:cloudwatch/eventTarget:EventTarget"

_RATE: Final = re.compile(r"rate\(([1-9]\d*) (minute|hour|day)(s?)\)")
_CRON: Final = re.compile(r"cron\(\S+ \S+ (\S+) \S+ (\S+) \S+\)")


def _schedule_is_right(text: str) -> bool:
    """EventBridge user guide, "Rate expressions reference" (one is singular) and "Cron expressions reference" (six
    fields; a ? in one of the two for days)."""
    rate, cron = _RATE.fullmatch(text), _CRON.fullmatch(text)
    if rate is not None:
        return (rate[1] == "1") is not bool(rate[3])
    return cron is not None and (cron[1], cron[2]).count("?") == 1


def _rule_problems(inputs: Props) -> Iterator[Problem]:
    schedule, name = inputs.get("scheduleExpression"), inputs.get("name")
    if schedule is None and inputs.get("eventPattern") is None:
        yield "scheduleExpression", "one of scheduleExpression and eventPattern is required"
    if isinstance(name, str) and not re.fullmatch(r"[\w.-]{1,64}", name):
        yield "name", f"is {name!r}; accepted: 1 to 64 letters, digits and _.-"
    if inputs.get("state") not in (None, "ENABLED", "DISABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"):
        yield "state", f"is {inputs['state']!r}; accepted: ENABLED, DISABLED"


def _rule_verify(call: Call) -> None:
    text = str(call.get("scheduleExpression", "rate(1 minute)"))
    refuse(not _schedule_is_right(text), "ValidationException", "Parameter ScheduleExpression is not valid.")


def _rule_verify_delete(call: Call) -> None:
    assert call.before is not None
    targets = [target for target in call.snapshot.of(TARGET) if target["rule"] == call.before["name"]]
    refuse(targets, "ValidationException", "Rule can't be deleted since it has targets.")


def _role(call: Call) -> Object | None:
    return iam.role_called(call.snapshot, str(call.get("roleArn")))


def _target_verify(call: Call) -> None:
    """EventBridge asks for a role that it may assume (PutTargets, RoleArn); what the role may do it finds at the first
    event, which nobody sees: here it is refused at once."""
    role, arn = _role(call), str(call.inputs["arn"])
    refuse(role is None or not iam.trusts(role, "events.amazonaws.com"), "ValidationException", "The role is not valid")
    assert role is not None
    allowed = iam.allows(call.snapshot, role, "states:StartExecution", arn)
    refuse(not allowed, "AccessDenied", f"the role {role.id} may not start {arn}: the rule would fail unseen")


def _definition(inputs: Props) -> Props | None:
    text = inputs.get("definition")
    try:
        return table(json.loads(text)) if isinstance(text, str) else None
    except ValueError:
        return None


def _machine_problems(inputs: Props) -> Iterator[Problem]:
    """The States Language (states-language.net): StartAt names a state, and every path ends."""
    name = inputs.get("name")
    if isinstance(name, str) and not re.fullmatch(r"[\w-]{1,80}", name):
        yield "name", f"is {name!r}; accepted: 1 to 80 letters, digits, - and _"
    if not isinstance(inputs.get("definition"), str):
        return
    found = _definition(inputs)
    if found is None:
        yield "definition", "is not JSON"
        return
    states = table(found.get("States"))
    if found.get("StartAt") not in states:
        yield "definition", f"starts at {found.get('StartAt')!r}, which is none of its states"
    for state, content in states.items():
        if not (table(content).get("End") or table(content).get("Next")):
            yield "definition", f"the state {state!r} has neither Next nor End"


def _machine_verify(call: Call) -> None:
    """The role of a machine that runs a task and waits for its end, and writes a log (Step Functions developer guide,
    "Run Amazon ECS or Fargate tasks", IAM policies; "Using CloudWatch Logs to log execution history"). Step Functions
    answers to a missing right for events and logs at once; to the others only when it runs."""
    role = _role(call)
    trusted = role is not None and iam.trusts(role, "states.amazonaws.com")
    refuse(not trusted, "AccessDeniedException", f"states.amazonaws.com can't assume {call.get('roleArn')}")
    assert role is not None
    needed = [("logs:CreateLogDelivery", "*")] if call.get("loggingConfiguration") else []
    for state in table((_definition(call.inputs) or {}).get("States")).values():
        if "ecs:runTask.sync" in str(table(state).get("Resource")):
            needed += list(_of_task(call, table(table(state).get("Parameters"))))
    for action, resource in needed:
        allowed = iam.allows(call.snapshot, role, action, resource)
        refuse(not allowed, "AccessDeniedException", f"{role['arn']} is not authorized: {action} on {resource}")


def _of_task(call: Call, parameters: Props) -> Iterator[tuple[str, str]]:
    definition = call.snapshot.one(ecs.TASK_DEFINITION, arn=parameters.get("TaskDefinition"))
    refuse(definition is None, "InvalidDefinition", f"no task definition {parameters.get('TaskDefinition')}")
    assert definition is not None
    yield "ecs:RunTask", str(definition["arn"])
    yield "ecs:StopTask", "*"
    yield "ecs:DescribeTasks", "*"
    yield "events:PutRule", call.cloud.arn("events", "rule/StepFunctionsGetEventsForECSTaskRule")
    for role in (definition["executionRoleArn"], definition["taskRoleArn"]):
        if role:
            yield "iam:PassRole", str(role)


KINDS: Final = (
    Kind(
        MACHINE,
        lambda call: call.cloud.arn("states", f"stateMachine:{call.inputs['name']}"),
        cfn="AWS::StepFunctions::StateMachine",
        names={
            "definition": "DefinitionString",
            "name": "StateMachineName",
            "type": "StateMachineType",
            "publish": None,
            "loggingConfiguration.logDestination": None,
            "!Destinations": None,
        },
        autoname=AutoName(maximum=80),
        defaults={"publish": False, "type": "STANDARD"},
        unique=("name",),
        unique_code="StateMachineAlreadyExists",
        json_texts=frozenset({"definition"}),
        refs=(Ref("roleArn", iam.ROLE, ("arn",), blocks=False),),
        problems=_machine_problems,
        verify=_machine_verify,
        outputs=lambda _call, identifier: {
            "arn": identifier,
            "status": "ACTIVE",
            "creationDate": "2026-01-01T00:00:00Z",
            "revisionId": "",
            "versionDescription": "",
            "stateMachineVersionArn": identifier,
        },
    ),
    Kind(
        RULE,
        lambda call: str(call.inputs["name"]),
        cfn="AWS::Events::Rule",
        names={"forceDestroy": None, "isEnabled": None, "eventPattern": None},
        autoname=AutoName(maximum=64),
        defaults={"eventBusName": "default", "forceDestroy": False, "state": "ENABLED"},
        unique=("name",),
        puts=True,
        replace=frozenset({"name", "namePrefix", "eventBusName"}),
        problems=_rule_problems,
        verify=_rule_verify,
        verify_delete=_rule_verify_delete,
        outputs=lambda call, identifier: {"arn": call.cloud.arn("events", f"rule/{identifier}")},
    ),
    Kind(
        TARGET,
        lambda call: f"{call.inputs['rule']}-{call.get('targetId') or call.cloud.new_id('terraform-', 20)}",
        computed=frozenset({"targetId"}),
        defaults={"eventBusName": "default", "forceDestroy": False},
        replace=frozenset({"rule", "targetId", "eventBusName"}),
        refs=(
            Ref("rule", RULE, ("name",), blocks=False, code="ResourceNotFoundException"),
            Ref("arn", MACHINE, ("arn",), blocks=False),
            Ref("roleArn", iam.ROLE, ("arn",), blocks=False),
        ),
        verify=_target_verify,
        outputs=lambda call, identifier: {"targetId": identifier.removeprefix(f"{call.inputs['rule']}-")},
    ),
)
