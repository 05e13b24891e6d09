"""What holds data: what a delete does to it, and what copies it first. Pure."""

import shlex
from dataclasses import dataclass

from tools.copilot_exit.stacks import Resource


@dataclass(frozen=True)
class Kind:
    """A type of resource that holds what can't be created again."""

    word: str
    """What it is, for people."""
    deleted: str
    """What a delete does to it."""
    copies: tuple[str, ...] = ()
    """The command that copies it first; {} is its physical id, {name} the id as a name. Empty: there is none."""


_EXIT = "{name}-before-exit"
KINDS = {
    "AWS::EFS::FileSystem": Kind(
        "file system",
        "deleted with all files; what AWS Backup has copied stays for as long as its plan says",
        (
            "aws backup start-backup-job --backup-vault-name Default --iam-role-arn BACKUP-ROLE-ARN "
            "--resource-arn arn:aws:elasticfilesystem:REGION:ACCOUNT:file-system/{}",
        ),
    ),
    "AWS::RDS::DBCluster": Kind(
        "database cluster",
        "deleted with its data",
        (f"aws rds create-db-cluster-snapshot --db-cluster-identifier {{}} --db-cluster-snapshot-identifier {_EXIT}",),
    ),
    "AWS::RDS::DBInstance": Kind(
        "database",
        "deleted with its data",
        (f"aws rds create-db-snapshot --db-instance-identifier {{}} --db-snapshot-identifier {_EXIT}",),
    ),
    "AWS::S3::Bucket": Kind("bucket", "deleted with its objects", ("aws s3 sync s3://{} s3://YOUR-BUCKET/{name}",)),
    "AWS::DynamoDB::Table": Kind(
        "table",
        "deleted with its items",
        (f"aws dynamodb create-backup --table-name {{}} --backup-name {_EXIT}",),
    ),
    "AWS::Logs::LogGroup": Kind(
        "log group",
        "deleted with its logs",
        (
            'aws logs create-export-task --log-group-name {} --from 0 --to "$(date +%s000)" --destination YOUR-BUCKET '
            "--destination-prefix {name}",
        ),
    ),
    "AWS::ECR::Repository": Kind("repository", "deleted with its images"),
    "AWS::Route53::HostedZone": Kind(
        "hosted zone",
        "deleted; a new one of that name has other name servers",
        ("aws route53 list-resource-record-sets --hosted-zone-id {} > {name}.json",),
    ),
    "AWS::CertificateManager::Certificate": Kind("certificate", "deleted; have another issued before"),
    "AWS::KMS::Key": Kind(
        "key",
        "scheduled for deletion: what it encrypts can't be read afterwards, until then `aws kms cancel-key-deletion`",
    ),
    # CloudFormation deletes a secret without its window (cloudformation-coverage-roadmap issue 1999).
    "AWS::SecretsManager::Secret": Kind("secret", "deleted at once, without a window for recovery"),
    "AWS::SQS::Queue": Kind("queue", "deleted with its messages; let its worker empty it"),
    "AWS::DocDB::DBCluster": Kind("database cluster", "deleted with its data"),
    "AWS::Neptune::DBCluster": Kind("database cluster", "deleted with its data"),
    "AWS::ElastiCache::CacheCluster": Kind("cache", "deleted with its data"),
    "AWS::ElastiCache::ReplicationGroup": Kind("cache", "deleted with its data"),
    "AWS::OpenSearchService::Domain": Kind("search domain", "deleted with its indexes"),
    "AWS::Kinesis::Stream": Kind("stream", "deleted with its records"),
    "AWS::Cognito::UserPool": Kind("user pool", "deleted with its users"),
    "AWS::EC2::Volume": Kind("volume", "deleted with its data"),
    "AWS::Redshift::Cluster": Kind("database cluster", "deleted with its data"),
    "AWS::DynamoDB::GlobalTable": Kind("table", "deleted with its items"),
    "AWS::SSM::Parameter": Kind("parameter", "deleted with its value"),
}
"""By CloudFormation's types."""


def holds_data(resource: Resource, properties: dict[str, object]) -> Kind | None:
    """The kind of what holds data; None: it holds none. A DB instance in a cluster has its data in the cluster."""
    if resource.type == "AWS::RDS::DBInstance" and "DBClusterIdentifier" in properties:
        return None
    return KINDS.get(resource.type)


def copying(kind: Kind, resource: Resource, region: str, account: str) -> list[str]:
    """The commands that copy what it holds."""
    identifier = resource.physical_id
    name = "".join(char if char.isalnum() or char in "-." else "-" for char in identifier).strip("-")
    return [
        line.replace("{}", shlex.quote(identifier))
        .replace("{name}", name)
        .replace("REGION", region)
        .replace("ACCOUNT", account)
        + f" --region {region}" * ("> " not in line)
        for line in kind.copies
    ]
