"""The policies of a service: who may assume its roles, and what these may do. Pure.

Each is a canonical JSON text, so that an unchanged input is an unchanged plan.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from components.manifest.variables import Secret


def trust() -> str:
    """Only tasks of ECS assume the roles."""
    return _policy(
        [{"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}]
    )


def trust_service(service: str, account: str) -> str:
    """Only a service of AWS assumes the role, for this account (IAM user guide, "The confused deputy problem").
    service: such as `states`."""
    return _policy(
        [
            {
                "Effect": "Allow",
                "Principal": {"Service": f"{service}.amazonaws.com"},
                "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"aws:SourceAccount": account}},
            }
        ]
    )


_MANAGED_RULE = "StepFunctionsGetEventsForECSTaskRule"
_LOG_DELIVERY = (
    *("CreateLogDelivery", "GetLogDelivery", "UpdateLogDelivery", "DeleteLogDelivery", "ListLogDeliveries"),
    *("PutResourcePolicy", "DescribeResourcePolicies", "DescribeLogGroups"),
)


def run_task(roles: Iterable[str], cluster: str, task_definition: str, events: str) -> str:
    """Running one task definition in one cluster to its end, and a log of that (Step Functions developer guide, "Run
    Amazon ECS or Fargate tasks", IAM policies for `.sync`; "Using CloudWatch Logs to log execution history"). All by
    ARN. events: what ARNs of EventBridge's rules begin with; by one of AWS's own, Step Functions learns of the end."""
    here = {"ArnEquals": {"ecs:cluster": cluster}}
    return _policy(
        [
            {
                "Effect": "Allow",
                "Action": "iam:PassRole",
                "Resource": sorted(roles),
                "Condition": {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
            },
            {"Effect": "Allow", "Action": "ecs:RunTask", "Resource": task_definition, "Condition": here},
            {"Effect": "Allow", "Action": ["ecs:DescribeTasks", "ecs:StopTask"], "Resource": "*", "Condition": here},
            {
                "Effect": "Allow",
                "Action": ["events:DescribeRule", "events:PutRule", "events:PutTargets"],
                "Resource": f"{events}/{_MANAGED_RULE}",
            },
            # None of these can be narrowed to one log group.
            {"Effect": "Allow", "Action": [f"logs:{name}" for name in _LOG_DELIVERY], "Resource": "*"},
        ]
    )


def start_execution(machine: str) -> str:
    """Starting one state machine, by its ARN."""
    return _policy([{"Effect": "Allow", "Action": "states:StartExecution", "Resource": machine}])


def execution_policy(partition: str) -> str:
    """The ARN of AWS's own policy: pull images, write logs."""
    return f"arn:{partition}:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"


def secret_arn(secret: Secret, partition: str, region: str, account: str) -> str:
    """What a container definition calls a secret: its ARN (for Secrets Manager, key, stage and version may follow)."""
    if secret.name.startswith("arn:"):
        return secret.name
    if secret.source == "ssm":
        return f"arn:{partition}:ssm:{region}:{account}:parameter/{secret.name.removeprefix('/')}"
    return f"arn:{partition}:secretsmanager:{region}:{account}:secret:{secret.name}"


def read_secrets(arns: Iterable[str]) -> str:
    """Reading exactly these secrets, and decrypting them, with a key of the user's own too: both services name in the
    encryption context what they decrypt (KMS developer guide, encryption context). Where that names so many that no
    role holds it, the key decrypts any parameter or secret of theirs: which of them are handed out, the services say
    themselves."""
    known = sorted(set(arns))
    parameters = [arn for arn in known if ":ssm:" in arn]
    # A secret's ARN ends with six characters of AWS's own, which are left out where it is given by name.
    bare = sorted({":".join(arn.split(":")[:7]) for arn in known if ":secretsmanager:" in arn})
    secrets = [form for arn in bare for form in (arn, f"{arn}-??????")]
    exact = _reading(parameters, parameters, secrets, secrets)
    if len(exact) <= ROLE:
        return exact
    any_parameter = sorted({f"{arn.partition(':parameter/')[0]}:parameter/*" for arn in parameters})
    any_secret = sorted({f"{arn.partition(':secret:')[0]}:secret:*" for arn in secrets})
    return _reading(parameters, any_parameter, secrets, any_secret)


def _reading(parameters: list[str], decrypted: list[str], secrets: list[str], opened: list[str]) -> str:
    """Reading parameters and secrets. decrypted, opened: the ARNs, or patterns of them, in whose encryption context a
    key may be used for the one and the other."""
    statements: list[dict[str, object]] = []
    for arns, action, name, within in (
        (parameters, "ssm:GetParameters", "kms:EncryptionContext:PARAMETER_ARN", decrypted),
        (secrets, "secretsmanager:GetSecretValue", "kms:EncryptionContext:SecretARN", opened),
    ):
        if arns:
            context = {"StringLike": {name: within}}
            statements.append({"Effect": "Allow", "Action": action, "Resource": arns})
            statements.append({"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*", "Condition": context})
    return _policy(statements)


ROLE = 10_240
"""Characters of all inline policies of a role together (IAM user guide, «IAM and AWS STS quotas»)."""

_LONG = ("aws-us-gov", "ap-southeast-1", "0" * 12)
"""A partition, a region and an account with names as long as any."""


def longest_read(secrets: Iterable[Secret]) -> int:
    """The characters of the right to read these secrets, wherever that is, at most."""
    return len(read_secrets(secret_arn(secret, *_LONG) for secret in secrets))


def trust_flow_logs(account: str) -> str:
    """Only flow logs of this account assume the role (VPC user guide, «IAM role for publishing flow logs»)."""
    return _policy(
        [
            {
                "Effect": "Allow",
                "Principal": {"Service": "vpc-flow-logs.amazonaws.com"},
                "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"aws:SourceAccount": account}},
            }
        ]
    )


def write_flow_logs(log_group: str) -> str:
    """Writing to one log group, and what CloudWatch Logs asks for to find it. log_group: its ARN."""
    return _policy(
        [
            {
                "Effect": "Allow",
                "Action": ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
                "Resource": [log_group, f"{log_group}:*"],
            },
            {"Effect": "Allow", "Action": "logs:DescribeLogGroups", "Resource": "*"},
        ]
    )


def take_access_logs(bucket: str, prefix: str, account: str) -> str:
    """A bucket takes what load balancers of one account write (ELB user guide, «Enable access logs»). bucket: its
    ARN."""
    return _policy(
        [
            {
                "Effect": "Allow",
                "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
                "Action": "s3:PutObject",
                "Resource": f"{bucket}/{prefix}/AWSLogs/{account}/*",
            }
        ]
    )


def task_rights(can_exec: bool) -> str:
    """What the service itself may do on AWS: nothing with IAM, whatever else is attached later (as with Copilot), and
    the channels of ECS Exec if that is on."""
    statements: list[dict[str, object]] = [{"Effect": "Deny", "Action": "iam:*", "Resource": "*"}]
    if can_exec:
        channels = ("CreateControlChannel", "CreateDataChannel", "OpenControlChannel", "OpenDataChannel")
        actions = [f"ssmmessages:{name}" for name in channels]
        statements.append({"Effect": "Allow", "Action": actions, "Resource": "*"})
    return _policy(statements)


def take_subscriptions(topic: str, partition: str, account: str) -> str:
    """Queues of one account may subscribe to a topic, as with Copilot. topic: its ARN."""
    return _policy(
        [
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:{partition}:iam::{account}:root"},
                "Action": "sns:Subscribe",
                "Resource": topic,
                "Condition": {"StringEquals": {"sns:Protocol": "sqs"}},
            }
        ]
    )


def publish(topics: Iterable[str]) -> str:
    """Sending to exactly these topics. topics: their ARNs."""
    return _policy([{"Effect": "Allow", "Action": "sns:Publish", "Resource": sorted(topics)}])


def trace() -> str:
    """Handing traces to X-Ray, which knows no rights on a part of them (its service authorization reference), as AWS's
    own policy AWSXRayDaemonWriteAccess has it."""
    puts = ("PutTelemetryRecords", "PutTraceSegments")
    gets = ("GetSamplingRules", "GetSamplingStatisticSummaries", "GetSamplingTargets")
    actions = [f"xray:{name}" for name in (*gets, *puts)]
    return _policy([{"Effect": "Allow", "Action": actions, "Resource": "*"}])


def take_clients(file_system: str, partition: str, account: str) -> str:
    """A file system takes roles of one account that may use it, and TLS only. Without a policy it takes clients
    without a role (EFS user guide, «Default EFS file system policy»). file_system: its ARN."""
    clients = [f"elasticfilesystem:Client{name}" for name in ("Mount", "RootAccess", "Write")]
    return _policy(
        [
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:{partition}:iam::{account}:root"},
                "Action": [name for name in clients if not name.endswith("RootAccess")],
                "Resource": file_system,
                "Condition": {"Bool": {"elasticfilesystem:AccessedViaMountTarget": "true"}},
            },
            {
                "Effect": "Deny",
                "Principal": {"AWS": "*"},
                "Action": clients,
                "Resource": file_system,
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            },
        ]
    )


@dataclass(frozen=True)
class MountedFiles:
    """A file system that a service uses."""

    file_system: str
    """ARN of a file system."""
    access_point: str | None = None
    """ARN of the access point that is used. Default: none."""
    writes: bool = True
    """Whether the service writes there. Default true."""


def mount(mounts: Iterable[MountedFiles]) -> str:
    """Using exactly these file systems."""
    statements: list[dict[str, object]] = []
    for used in mounts:
        actions = [f"elasticfilesystem:Client{name}" for name in ("Mount", *(("Write",) if used.writes else ()))]
        statement: dict[str, object] = {"Effect": "Allow", "Action": actions, "Resource": used.file_system}
        if used.access_point:
            statement["Condition"] = {"StringEquals": {"elasticfilesystem:AccessPointArn": used.access_point}}
        statements.append(statement)
    return _policy(statements)


def _policy(statements: list[dict[str, object]]) -> str:
    return _text({"Version": "2012-10-17", "Statement": statements})


def _text(document: dict[str, object]) -> str:
    return json.dumps(document, sort_keys=True, separators=(",", ":"))
