"""What a resource holds at this moment, and what keeps it from being deleted. Only reads."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import botocore.exceptions as aws_errors  # pyright: ignore[reportMissingTypeStubs]

from tools.copilot_exit.account import Client
from tools.copilot_exit.stacks import Resource

LAST_RECORDS = ("NS", "SOA")
"""Every hosted zone has these two, and is deleted with them; with others it isn't (Route 53 API, DeleteHostedZone)."""


@dataclass(frozen=True)
class Content:
    """What is known of a resource."""

    holds: str = ""
    """How much it holds, for people. Empty: nothing is known."""
    empty: bool = False
    """It is known to hold nothing."""
    blocks: list[str] = field(default_factory=list[str])
    """What makes a delete of it fail."""


def look(resource: Resource, region: str, own: Collection[str], client: Client) -> Content | None:
    """What a resource holds; None: it is gone. own: the physical ids of all that the application has."""
    found = _LOOKS.get(resource.type)
    if found is None:
        return Content()
    service, ask = found
    try:
        return ask(client(service, region), resource.physical_id, own)
    except aws_errors.ClientError as failure:
        error = cast("dict[str, str]", cast("Any", failure).response.get("Error", {}))
        code = error.get("Code", "")
        if any(word in code for word in ("NotFound", "NoSuch", "NonExistent", "DoesNotExist")):
            return None
        if "AccessDenied" in code or "Unauthorized" in code:
            return Content(f"AWS denies {failure.operation_name}")
        raise


def _bucket(s3: Any, name: str, own: Collection[str]) -> Content:
    del own
    found = s3.list_object_versions(Bucket=name, MaxKeys=1)
    if not found.get("Versions") and not found.get("DeleteMarkers"):
        return Content("empty", empty=True)
    return Content("has objects", blocks=["it has objects: a delete stops here (DELETE_FAILED)"])


def _table(dynamodb: Any, name: str, own: Collection[str]) -> Content:
    del own
    table = dynamodb.describe_table(TableName=name)["Table"]
    protected = ["deletion protection is on"] if table.get("DeletionProtectionEnabled") else []
    # AWS counts about every six hours, so 0 doesn't say that there are none (DynamoDB API, TableDescription).
    return Content(f"about {table.get('ItemCount', 0)} items", blocks=protected)


def _file_system(efs: Any, identifier: str, own: Collection[str]) -> Content:
    del own
    (found,) = efs.describe_file_systems(FileSystemId=identifier)["FileSystems"]
    return Content(_size(found["SizeInBytes"]["Value"]))


def _cluster(rds: Any, name: str, own: Collection[str]) -> Content:
    del own
    (found,) = rds.describe_db_clusters(DBClusterIdentifier=name)["DBClusters"]
    return _database(found)


def _instance(rds: Any, name: str, own: Collection[str]) -> Content:
    del own
    (found,) = rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"]
    return _database(found)


def _database(found: Mapping[str, Any]) -> Content:
    protected = ["deletion protection is on"] if found.get("DeletionProtection") else []
    return Content(str(found.get("Engine", "")), blocks=protected)


def _log_group(logs: Any, name: str, own: Collection[str]) -> Content:
    del own
    groups = logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    group = next((one for one in groups if one["logGroupName"] == name), None)
    if group is None:
        return Content("gone", empty=True)
    protected = ["deletion protection is on"] if group.get("deletionProtectionEnabled") else []
    stored = group.get("storedBytes", 0)
    # storedBytes lags behind (CloudWatch Logs API, LogGroup): streams tell at once whether anything was written.
    streams = logs.describe_log_streams(logGroupName=name, limit=1)["logStreams"]
    return Content(_size(stored), empty=not streams and not stored, blocks=protected)


def _repository(ecr: Any, name: str, own: Collection[str]) -> Content:
    del own
    images = [
        one for page in ecr.get_paginator("list_images").paginate(repositoryName=name) for one in page["imageIds"]
    ]
    if not images:
        return Content("empty", empty=True)
    return Content(f"{len(images)} images", blocks=["it has images: a delete stops here (DELETE_FAILED)"])


def _zone(route53: Any, identifier: str, own: Collection[str]) -> Content:
    zone = route53.get_hosted_zone(Id=identifier)["HostedZone"]["Name"].rstrip(".")
    pages = route53.get_paginator("list_resource_record_sets").paginate(HostedZoneId=identifier)
    records = [record for page in pages for record in page["ResourceRecordSets"]]
    names = {one["Name"].rstrip(".") for one in records if one["Type"] not in LAST_RECORDS}
    names |= {one["Name"].rstrip(".") for one in records} - {zone}
    others = sorted(names - {name.rstrip(".") for name in own})
    blocks = [f"it has records that no stack here has: {', '.join(others[:5])}{', …' * (len(others) > 5)}"]
    return Content(f"{len(records)} records of {zone}", blocks=blocks if others else [])


def _queue(sqs: Any, url: str, own: Collection[str]) -> Content:
    del own
    names = ["", "NotVisible", "Delayed"]
    asked = [f"ApproximateNumberOfMessages{name}" for name in names]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=asked)["Attributes"]
    messages = sum(int(found.get(name, 0)) for name in asked)
    return Content(f"about {messages} messages", empty=messages == 0)


def _security_group(ec2: Any, identifier: str, own: Collection[str]) -> Content:
    """A group can't be deleted while an interface carries it, or another group's rule names it (EC2 API,
    DeleteSecurityGroup). An interface whose groups are all the application's goes with it."""
    interfaces = ec2.describe_network_interfaces(Filters=[{"Name": "group-id", "Values": [identifier]}])
    blocks = [
        f"the network interface {one['NetworkInterfaceId']} ({one.get('Description') or 'no description'}) has it"
        for one in interfaces["NetworkInterfaces"]
        if not {group["GroupId"] for group in one["Groups"]} <= set(own)
    ]
    for way in ("ip-permission", "egress.ip-permission"):
        named = ec2.describe_security_groups(Filters=[{"Name": f"{way}.group-id", "Values": [identifier]}])
        others = {group["GroupId"] for group in named["SecurityGroups"]} - set(own)
        blocks += [f"a rule of the security group {other} names it" for other in sorted(others)]
    return Content(blocks=blocks)


def _network(ec2: Any, identifier: str, own: Collection[str]) -> Content:
    found = ec2.describe_network_interfaces(Filters=[{"Name": "vpc-id", "Values": [identifier]}])
    foreign = [
        f"the network interface {one['NetworkInterfaceId']} ({one.get('Description') or 'no description'}) is in it"
        for one in found["NetworkInterfaces"]
        if one["Groups"] and not {group["GroupId"] for group in one["Groups"]} & set(own)
    ]
    return Content(blocks=foreign)


def _policy(iam: Any, arn: str, own: Collection[str]) -> Content:
    """IAM refuses to delete a policy that is attached (IAM API, DeletePolicy)."""
    found = iam.list_entities_for_policy(PolicyArn=arn)
    names = [one[key] for one, key in _entities(found)]
    return Content(blocks=[f"{name} has it attached" for name in names if name not in own])


def _entities(found: Mapping[str, Any]) -> list[tuple[dict[str, str], str]]:
    kinds = (("PolicyRoles", "RoleName"), ("PolicyUsers", "UserName"), ("PolicyGroups", "GroupName"))
    return [(one, key) for listed, key in kinds for one in found.get(listed, ())]


def _load_balancer(elb: Any, arn: str, own: Collection[str]) -> Content:
    del own
    found = elb.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]
    on = any(one["Key"] == "deletion_protection.enabled" and one["Value"] == "true" for one in found)
    return Content(blocks=["deletion protection is on"] if on else [])


def _key(kms: Any, identifier: str, own: Collection[str]) -> Content:
    del own
    state = kms.describe_key(KeyId=identifier)["KeyMetadata"]["KeyState"]
    return Content("is scheduled for deletion" if state == "PendingDeletion" else "")


def _size(count: int) -> str:
    for unit, size in (("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count} bytes"


Look = Callable[[Any, str, Collection[str]], Content]
_LOOKS: dict[str, tuple[str, Look]] = {
    "AWS::S3::Bucket": ("s3", _bucket),
    "AWS::DynamoDB::Table": ("dynamodb", _table),
    "AWS::EFS::FileSystem": ("efs", _file_system),
    "AWS::RDS::DBCluster": ("rds", _cluster),
    "AWS::RDS::DBInstance": ("rds", _instance),
    "AWS::Logs::LogGroup": ("logs", _log_group),
    "AWS::ECR::Repository": ("ecr", _repository),
    "AWS::Route53::HostedZone": ("route53", _zone),
    "AWS::SQS::Queue": ("sqs", _queue),
    "AWS::EC2::SecurityGroup": ("ec2", _security_group),
    "AWS::EC2::VPC": ("ec2", _network),
    "AWS::IAM::ManagedPolicy": ("iam", _policy),
    "AWS::ElasticLoadBalancingV2::LoadBalancer": ("elbv2", _load_balancer),
    "AWS::KMS::Key": ("kms", _key),
}
"""Who is asked about a type, and how."""
