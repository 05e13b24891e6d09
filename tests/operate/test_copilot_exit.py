"""The way out of Copilot: stacks on moto, as AWS, that have each danger; what is told of them, and what is done."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import pytest
from moto import mock_aws
from moto.awslambda.models import LambdaFunction
from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.models import cloudformation_backends
from moto.cloudformation.responses import CloudFormationResponse
from moto.core.responses import ActionResult

from tests.operate.test_on_aws import REGION, client, credentials, nobody
from tools.copilot_exit.__main__ import LOST, main

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/shop-test-CFNExecutionRole"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:copilot"
ENVIRONMENT = f"""
AWSTemplateFormatVersion: 2010-09-09
Parameters:
  EFSWorkloads: {{Type: String}}
  ALBWorkloads: {{Type: String}}
  AppDNSName: {{Type: String, Default: ''}}
Conditions:
  CreateEFS: !Not [!Equals [!Ref EFSWorkloads, '']]
  CreateALB: !Not [!Equals [!Ref ALBWorkloads, '']]
Resources:
  VPC: {{Type: 'AWS::EC2::VPC', Properties: {{CidrBlock: 10.0.0.0/16}}}}
  EnvironmentSecurityGroup:
    Type: AWS::EC2::SecurityGroup
    Properties: {{GroupDescription: shop, VpcId: !Ref VPC}}
  FileSystem: {{Type: 'AWS::EFS::FileSystem', Condition: CreateEFS}}
  Gateway: {{Type: 'AWS::EC2::InternetGateway', Condition: CreateALB}}
  Zone: {{Type: 'AWS::Route53::HostedZone', Properties: {{Name: test.shop.example.com}}}}
  HTTPSCert: {{Type: 'Custom::CertificateValidationFunction', Properties: {{ServiceToken: '{FUNCTION}'}}}}
  DelegateDNSAction: {{Type: 'Custom::DNSDelegationFunction', Properties: {{ServiceToken: '{FUNCTION}'}}}}
Outputs:
  VpcId: {{Value: !Ref VPC, Export: {{Name: !Sub '${{AWS::StackName}}-VpcId'}}}}
"""
WORKLOAD = f"""
Parameters: {{Addons: {{Type: String, Default: ''}}}}
Conditions: {{HasAddons: !Not [!Equals [!Ref Addons, '']]}}
Resources:
  LogGroup: {{Type: 'AWS::Logs::LogGroup'}}
  EnvControllerAction: {{Type: 'Custom::EnvControllerFunction', Properties: {{ServiceToken: '{FUNCTION}'}}}}
  Subnet:
    Type: AWS::EC2::Subnet
    Properties: {{CidrBlock: CIDR, VpcId: !ImportValue shop-test-VpcId}}
  AddonsStack: {{Type: 'AWS::CloudFormation::Stack', Condition: HasAddons, Properties: {{TemplateURL: !Ref Addons}}}}
"""
ADDONS = """
Resources:
  Orders:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      BillingMode: PAY_PER_REQUEST
  Uploads: {Type: 'AWS::S3::Bucket'}
  Kept: {Type: 'AWS::S3::Bucket', DeletionPolicy: Retain}
  Access:
    Type: AWS::IAM::ManagedPolicy
    Properties: {PolicyDocument: {Version: '2012-10-17', Statement: [{Effect: Allow, Action: 's3:*', Resource: '*'}]}}
  Database:
    Type: AWS::RDS::DBInstance
    Properties: {Engine: mysql, DBInstanceClass: db.t3.micro, AllocatedStorage: 20, MasterUsername: admin,
      MasterUserPassword: secret-secret}
  Ledger:
    Type: AWS::RDS::DBInstance
    DeletionPolicy: Delete
    Properties: {Engine: mysql, DBInstanceClass: db.t3.micro, AllocatedStorage: 20, MasterUsername: admin,
      MasterUserPassword: secret-secret}
  Jobs: {Type: 'AWS::SQS::Queue'}
"""
REGIONAL = f"""
Resources:
  KMSKey: {{Type: 'AWS::KMS::Key', Properties: {{KeyPolicy: {{}}}}}}
  PipelineBuiltArtifactBucket: {{Type: 'AWS::S3::Bucket'}}
  Logs: {{Type: 'AWS::S3::Bucket'}}
  Cleaner:
    Type: Custom::BucketCleanerFunction
    Properties: {{ServiceToken: '{FUNCTION}', BucketName: !Ref Logs}}
  ECRRepoApi: {{Type: 'AWS::ECR::Repository', Properties: {{RepositoryName: shop/api}}}}
"""
Printed = pytest.CaptureFixture[str]


def list_imports(response: CloudFormationResponse) -> ActionResult:
    """moto lacks ListImports: here, from the text of the stacks' templates, with CloudFormation's own error."""
    name = str(cast("Any", response)._get_param("ExportName"))
    backend = cast("Any", response).cloudformation_backend
    names = [one.name for one in backend.stacks.values() if f"ImportValue {name}" in one.template]
    if not names:
        raise cast("Any", ValidationError)(message=f"Export '{name}' is not imported by any stack.")
    return ActionResult({"Imports": names})


def no_container(*_arguments: object) -> tuple[str, bool, str]:
    """What moto's Lambda would run in Docker."""
    return "", False, ""


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty account, in which custom resources are made at once."""
    credentials(monkeypatch)
    monkeypatch.setenv("AWS_REGION", REGION)
    monkeypatch.delenv("DRY", raising=False)
    monkeypatch.setattr(CloudFormationResponse, "list_imports", list_imports, raising=False)
    monkeypatch.setattr(LambdaFunction, "invoke", no_container)
    with mock_aws():
        trusts = json.dumps({"Version": "2012-10-17", "Statement": []})
        client("iam").create_role(RoleName="shop-test-CFNExecutionRole", AssumeRolePolicyDocument=trusts)
        client("lambda").create_function(
            FunctionName="copilot", Role=ROLE, Runtime="python3.12", Handler="index.handler", Code={"ZipFile": b"x"}
        )
        client("s3").create_bucket(Bucket="templates", CreateBucketConfiguration={"LocationConstraint": REGION})
        yield


def put(name: str, body: str, tags: Mapping[str, str], **parameters: str) -> str:
    """A stack of Copilot's, ready; its id."""
    where = {"copilot-application": "shop", **tags}
    identifier = client("cloudformation").create_stack(
        StackName=name,
        TemplateBody=body,
        Tags=[{"Key": key, "Value": value} for key, value in where.items()],
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        RoleARN=ROLE,
    )["StackId"]
    stack = moto_stack(identifier)
    for custom in stack.custom_resources.values():
        custom.set_data({})
    stack.verify_readiness()
    return identifier


def moto_stack(identifier: str) -> Any:
    return cast("Any", cloudformation_backends)[ACCOUNT][REGION].get_stack(identifier)


def environment(efs: str = "api", alb: str = "api,web") -> str:
    return put("shop-test", ENVIRONMENT, {"copilot-environment": "test"}, EFSWorkloads=efs, ALBWorkloads=alb)


def workload(name: str, addons: str = "", cidr: str = "10.0.0.0/24", body: str = WORKLOAD) -> str:
    if addons:
        client("s3").put_object(Bucket="templates", Key=f"{name}.yml", Body=addons.encode())
        addons = f"https://templates.s3.{REGION}.amazonaws.com/{name}.yml"
    tags = {"copilot-environment": "test", "copilot-service": name}
    return put(f"shop-test-{name}", body.replace("CIDR", cidr), tags, Addons=addons)


def physical(stack: str, logical: str) -> str:
    found = client("cloudformation").list_stack_resources(StackName=stack)["StackResourceSummaries"]
    return next(one["PhysicalResourceId"] for one in found if one["LogicalResourceId"] == logical)


def nested(stack: str) -> str:
    return physical(stack, "AddonsStack")


def output_of(printed: Printed, *arguments: str, code: int = LOST) -> str:
    assert main(["shop", *arguments]) == code
    return printed.readouterr().out


@pytest.mark.usefixtures("aws")
def test_the_last_user_of_a_file_system_takes_it_along_with_its_data(capsys: Printed) -> None:
    environment(efs="api", alb="api,web")
    workload("api")
    workload("web", cidr="10.0.1.0/24")
    found = output_of(capsys)
    efs = physical("shop-test", "FileSystem")
    api, web = found.index("1. shop-test-api"), found.index("2. shop-test-web")
    assert api < found.index(f"LOST     shop-test/FileSystem: file system {efs}") < web
    assert "api is the last in EFSWorkloads of shop-test, which loses FileSystem (EFS::FileSystem)" in found
    assert "web is the last in ALBWorkloads of shop-test, which loses Gateway (EC2::InternetGateway)" in found
    assert found.count(efs) == 2  # The environment has it no longer when its own turn comes; a copy is offered once.
    assert (
        "start-backup-job --backup-vault-name Default --iam-role-arn BACKUP-ROLE-ARN --resource-arn arn:aws:" in found
    )


@pytest.mark.usefixtures("aws")
def test_addons_go_with_their_service_but_for_what_their_template_keeps(capsys: Printed) -> None:
    environment()
    workload("api", ADDONS)
    addons = nested("shop-test-api")
    client("s3").put_object(Bucket=physical(addons, "Uploads"), Key="a", Body=b"a")
    client("sqs").send_message(QueueUrl=physical(addons, "Jobs"), MessageBody="paid")
    found = output_of(capsys)
    assert f"LOST     AddonsStack/Orders: table {physical(addons, 'Orders')}, about 0 items: deleted with its" in found
    assert f"LOST     AddonsStack/Ledger: database {physical(addons, 'Ledger')}, mysql: deleted with its data" in found
    assert "LOST     AddonsStack/Jobs: queue" in found
    assert "about 1 messages" in found
    assert f"AddonsStack/Kept (S3::Bucket) {physical(addons, 'Kept')}: its DeletionPolicy" in found
    assert "AddonsStack/Database (database)" in found
    assert "as a snapshot" in found
    assert f"blocked  AddonsStack/Uploads ({physical(addons, 'Uploads')}): it has objects" in found
    assert "aws dynamodb create-backup --table-name" in found


@pytest.mark.usefixtures("aws")
def test_a_policy_that_another_role_has_blocks_its_stack(capsys: Printed) -> None:
    environment()
    workload("api", ADDONS)
    trusts = json.dumps({"Version": "2012-10-17", "Statement": []})
    client("iam").create_role(RoleName="new-task-role", AssumeRolePolicyDocument=trusts)
    policy = physical(nested("shop-test-api"), "Access")
    client("iam").attach_role_policy(RoleName="new-task-role", PolicyArn=policy)
    assert f"blocked  AddonsStack/Access ({policy}): new-task-role has it attached" in output_of(capsys)


@pytest.mark.usefixtures("aws")
def test_the_environment_takes_its_certificate_delegation_and_zone_along(capsys: Printed) -> None:
    environment(efs="", alb="")
    zone = physical("shop-test", "Zone")
    found = output_of(capsys)
    assert "LOST     HTTPSCert: certificate" in found
    assert "function DelegateDNSAction: deletes the NS record that delegates the environment's zone" in found
    assert f"LOST     Zone: hosted zone {zone}" in found
    record = {"Name": "www.test.shop.example.com", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}
    changes = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]}
    client("route53").change_resource_record_sets(HostedZoneId=zone, ChangeBatch=cast("Any", changes))
    found = output_of(capsys)
    assert "it has records that no stack here has: www.test.shop.example.com" in found
    assert "LOST     Zone" not in found  # A delete stops at it.


@pytest.mark.usefixtures("aws")
def test_images_and_artifacts_are_lost_by_copilots_own_commands(capsys: Printed) -> None:
    name = "StackSet-shop-infrastructure-0a1b2c3d"
    put(name, REGIONAL, {})
    client("s3").put_object(Bucket=physical(name, "Logs"), Key="a", Body=b"a")
    kind = "application/vnd.docker.distribution.manifest.v2+json"
    manifest = json.dumps(
        {"schemaVersion": 2, "mediaType": kind, "config": {"digest": "sha256:" + "ab" * 32}, "layers": []}
    )
    client("ecr").put_image(repositoryName="shop/api", imageManifest=manifest, imageTag="latest")
    found = output_of(capsys)
    assert (
        "LOST     ECRRepoApi: repository shop/api, 1 images: deleted with its images by Copilot's own commands" in found
    )
    assert "LOST     KMSKey: key" in found
    assert f"LOST     Logs: bucket {physical(name, 'Logs')}, has objects: emptied by Copilot's own function" in found
    assert "PipelineBuiltArtifactBucket (bucket)" in found
    assert "nothing to keep, it is empty" in found


@pytest.mark.usefixtures("aws")
def test_what_blocks_is_told_before_a_delete_fails_half_way(capsys: Printed) -> None:
    moto_stack(environment()).status = "UPDATE_ROLLBACK_FAILED"
    workload("api")
    foreign = WORKLOAD.replace("CIDR", "10.0.9.0/24").replace("EnvControllerAction", "Other")
    client("cloudformation").create_stack(StackName="reports", TemplateBody=foreign)
    ec2 = client("ec2")
    subnet, group = physical("shop-test-api", "Subnet"), physical("shop-test", "EnvironmentSecurityGroup")
    other = ec2.create_security_group(GroupName="x", Description="x", VpcId=physical("shop-test", "VPC"))["GroupId"]
    interface = ec2.create_network_interface(SubnetId=subnet, Groups=[group, other], Description="ours")
    rule = {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": group}]}
    ec2.authorize_security_group_ingress(GroupId=other, IpPermissions=[cast("Any", rule)])
    moto_stack("shop-test").enable_termination_protection = True
    client("iam").delete_role(RoleName="shop-test-CFNExecutionRole")
    found = output_of(capsys)
    identifier = interface["NetworkInterface"]["NetworkInterfaceId"]
    for line in (
        "shop-test is in UPDATE_ROLLBACK_FAILED: EnvControllerAction can't update it",
        "termination protection is on",
        "the stack reports, which isn't one of these, imports shop-test-VpcId",
        f"the role that CloudFormation deletes it with is gone: {ROLE}",
        f"EnvironmentSecurityGroup ({group}): the network interface {identifier} (ours) has it",
        f"EnvironmentSecurityGroup ({group}): a rule of the security group {other} names it",
    ):
        assert f"blocked  {line}" in found


@pytest.mark.usefixtures("aws")
def test_templates_that_keep_everything_make_a_delete_safe(capsys: Printed, tmp_path: Path) -> None:
    environment()
    workload("api", ADDONS)
    name = "StackSet-shop-infrastructure-0a1b2c3d"
    put(name, REGIONAL, {})
    bucket = physical(name, "PipelineBuiltArtifactBucket")
    found = output_of(capsys, "--templates", str(tmp_path))
    inner = nested("shop-test-api")
    assert f"aws s3 cp {tmp_path}/{inner}.json s3://{bucket}/copilot-exit/{inner}.json" in found
    assert "--parameters ParameterKey=Addons,UsePreviousValue=true" in found
    assert found.index("create-change-set --stack-name shop-test ") < found.index("--stack-name shop-test-api ")
    for stack in ("shop-test", "shop-test-api", inner, name):
        kept = (tmp_path / f"{stack}.json").read_text()
        assert set(json.loads(kept)["Resources"]) == set(moto_stack(stack).template_dict["Resources"])
        moto_stack(stack).template = kept
    found = output_of(capsys, code=0)
    assert "LOST" not in found
    assert "EnvControllerAction:" not in found  # Its function isn't called: the environment keeps what it has.
    assert "Nothing that holds data would be lost." in found


@pytest.mark.usefixtures("aws")
def test_stacks_go_in_an_order_in_which_they_can(capsys: Printed) -> None:
    put("pipeline-shop-main", "Resources: {T: {Type: 'AWS::SNS::Topic'}}", {"copilot-pipeline": "main"})
    put("shop-infrastructure-roles", "Resources: {T: {Type: 'AWS::SNS::Topic'}}", {})
    put("StackSet-shop-infrastructure-1", "Resources: {T: {Type: 'AWS::SNS::Topic'}}", {})
    client("cloudformation").create_stack_set(StackSetName="shop-infrastructure", TemplateBody=REGIONAL)
    environment(efs="", alb="")
    workload("api")
    deletes = [line for line in output_of(capsys).splitlines() if "aws cloudformation delete-" in line]
    assert [line.split()[2:5] for line in deletes] == [
        ["delete-stack", "--stack-name", "pipeline-shop-main"],
        ["delete-stack", "--stack-name", "shop-test-api"],
        ["delete-stack", "--stack-name", "shop-test"],
        ["delete-stack-instances", "--stack-set-name", "shop-infrastructure"],
        ["delete-stack-set", "--stack-set-name", "shop-infrastructure"],
        ["delete-stack", "--stack-name", "shop-infrastructure-roles"],
    ]


@pytest.mark.usefixtures("aws")
def test_only_the_stacks_of_one_environment_are_told_on_request(capsys: Printed) -> None:
    environment()
    put("shop-prod", "Resources: {L: {Type: 'AWS::Logs::LogGroup'}}", {"copilot-environment": "prod"})
    found = output_of(capsys, "--environment", "prod", code=0)
    assert "shop-prod" in found
    assert "shop-test" not in found


@pytest.mark.usefixtures("aws")
def test_an_environment_in_another_account_is_not_taken_for_safe(capsys: Printed) -> None:
    put("shop-infrastructure-roles", "Resources: {T: {Type: 'AWS::SNS::Topic'}}", {})
    record = json.dumps({"app": "shop", "name": "prod", "region": REGION, "accountID": "210987654321"})
    name = "/copilot/applications/shop/environments/prod"
    client("ssm").put_parameter(Name=name, Value=record, Type="String")
    assert "Not looked at: environment prod: it is in the account 210987654321" in output_of(capsys)


@pytest.mark.usefixtures("aws")
def test_a_mistake_is_one_line(capsys: Printed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment()
    (tmp_path / "taken").write_text("")
    for arguments, line in (
        (["shopp"], "application 'shopp' not found; did you mean shop?"),
        (["shop", "--environment", "tset"], "environment 'tset' not found; did you mean test?"),
        (["shop", "--templates", str(tmp_path / "taken")], f"--templates {tmp_path}/taken: File exists; name a folder"),
    ):
        assert main(arguments) == 1
        printed = capsys.readouterr()
        assert line in printed.err
        assert printed.err.count("\n") == 1
        assert not printed.out
    monkeypatch.delenv("AWS_REGION")
    assert main(["shop"]) == 1
    assert capsys.readouterr().err == (
        "make: copilot_exit: there is no AWS region; set AWS_REGION to the one where `copilot app init` ran\n"
    )


def test_without_credentials_one_line_says_so(capsys: Printed, monkeypatch: pytest.MonkeyPatch) -> None:
    nobody(monkeypatch)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "DRY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_REGION", REGION)
    assert main(["shop"]) == 1
    assert "there are no AWS credentials; log in" in capsys.readouterr().err


def test_dry_prints_what_would_be_read_and_asks_nothing(capsys: Printed, monkeypatch: pytest.MonkeyPatch) -> None:
    nobody(monkeypatch)
    monkeypatch.setenv("DRY", "1")
    assert main(["shop"]) == 0
    assert "aws cloudformation get-template --stack-name STACK --template-stage Original" in capsys.readouterr().out
