"""Patches of Copilot's templates (`overrides/cfn.patches.yml`): what is carried over, and what is told. The forms are
those of public workspaces and of Copilot's documentation ("YAML Patch Overrides")."""

import json
from pathlib import Path

import pytest

from components.aws.plan.container_definitions import definitions, nowhere
from components.input.diagnostics import InputError
from components.manifest.exports import AddonsStack, LookUpError
from components.manifest.manifest import Manifest
from components.manifest.storage import OwnFiles, Volume
from components.settings import Settings
from tests.projects import Tree, environment, of_copilot, read_project, without_numbers, write_workspace

CONFIG: Tree = {"platform": "aws", "facade": "alb", "copilot": "copilot", "copilotEnvironment": "test"}
WEB = "copilot/web/overrides/cfn.patches.yml"
LEFT = "a patch of Copilot's template that can't be applied here"
PROPERTIES = "/Resources/TaskDefinition/Properties"
CONTAINER = f"{PROPERTIES}/ContainerDefinitions"
DIGEST = "nginx@sha256:" + "ab" * 32


class Account:
    """An account with one export."""

    def export(self, name: str) -> str:
        if name != "board-test-TableArn":
            raise LookUpError(f"no export {name!r}", "look at its stack")
        return "arn:aws:dynamodb:eu-west-1:123456789012:table/orders"

    def addons(self, place: AddonsStack) -> None:
        del place

    def has_topic(self, name: str) -> bool:
        del name
        return False


def read(folder: Path, patches: str, config: Tree | None = None, place: str = "web", **fields: object) -> Settings:
    """A workspace with one service and these patches of it, or of environments."""
    write_workspace(folder, {"web": of_copilot("web", "/", **fields)}, {"test": environment("test")})
    home = folder / "copilot" / place / "overrides"
    home.mkdir(exist_ok=True)
    (home / "cfn.patches.yml").write_text(patches, encoding="utf-8")
    return read_project(folder, {**CONFIG, **(config or {})}, "dev", look_ups=Account())


def web(folder: Path, patches: str, sidecars: Tree | None = None) -> Manifest:
    settings = read(folder, patches, sidecars=sidecars)
    assert settings.warnings == ()
    return settings.services[0].manifest


def patch(path: str, value: object, op: str = "add") -> str:
    return json.dumps([{"op": op, "path": path, "value": value}])


def told(settings: Settings) -> list[str]:
    return without_numbers(settings.warnings)


def refused(folder: Path, patches: str) -> list[str]:
    with pytest.raises(InputError) as failure:
        read(folder, patches)
    return [str(problem) for problem in failure.value.problems]


def test_a_container_is_changed_as_by_taskdef_overrides(tmp_path: Path) -> None:
    text = """
- op: add
  path: /Resources/TaskDefinition/Properties/ContainerDefinitions/0/StopTimeout
  value: 50
- op: add
  path: /Resources/TaskDefinition/Properties/ContainerDefinitions/0/Ulimits
  value: []
- op: add
  path: /Resources/TaskDefinition/Properties/ContainerDefinitions/0/Ulimits/-
  value: {Name: nofile, SoftLimit: 1024, HardLimit: 4096}
- op: replace
  path: /Resources/TaskDefinition/Properties/ContainerDefinitions/0/Ulimits/0/SoftLimit
  value: 2048
- op: replace
  path: /Resources/TaskDefinition/Properties/ContainerDefinitions/1/Essential
  value: false
- op: add
  path: /Resources/TaskDefinition/Properties/ContainerDefinitions/1/Environment/-
  value: {Name: STACK, Value: !Sub "${AppName}/${EnvName}/${WorkloadName}/${!HOME}"}
- op: replace
  path: /Resources/TaskDefinition/Properties/EphemeralStorage
  value: {SizeInGiB: 30}
"""
    found = web(tmp_path, text, sidecars={"proxy": {"image": DIGEST}})
    main, proxy = json.loads(definitions(found, nowhere(found)))
    assert main["stopTimeout"] == 50
    assert main["ulimits"] == [{"name": "nofile", "softLimit": 2048, "hardLimit": 4096}]
    assert proxy["essential"] is False
    assert proxy["environment"][-1] == {"name": "STACK", "value": "board/test/web/${HOME}"}
    assert [(one.path, one.value) for one in found.overrides][-1] == ("EphemeralStorage.SizeInGiB", "30")


def test_a_volume_of_the_patches_is_mounted_by_a_sidecar_and_by_the_main_container(tmp_path: Path) -> None:
    text = """
- op: add
  path: /Resources/TaskDefinition/Properties/Volumes
  value:
    - Name: scratch
- op: add
  path: /Resources/TaskDefinition/Properties/Volumes/-
  value:
    Name: files
    EFSVolumeConfiguration:
      FilesystemId: fs-0a1b2c3d
      RootDirectory: /web
      TransitEncryption: ENABLED
      AuthorizationConfig: {IAM: ENABLED}
- op: add
  path: /Resources/TaskDefinition/Properties/ContainerDefinitions/0/MountPoints
  value:
    - {SourceVolume: files, ContainerPath: /data, ReadOnly: false}
"""
    mount = {"source_volume": "scratch", "path": "/scratch"}
    found = web(tmp_path, text, sidecars={"proxy": {"image": DIGEST, "mount_points": [mount]}})
    assert found.volumes == (
        Volume("files", read_only=False, efs=OwnFiles("fs-0a1b2c3d", "/web", iam=True)),
        Volume("scratch", read_only=False),
    )
    main, proxy = json.loads(definitions(found, nowhere(found)))
    assert main["mountPoints"] == [{"sourceVolume": "files", "containerPath": "/data", "readOnly": False}]
    assert [point["sourceVolume"] for point in proxy["mountPoints"]] == ["scratch"]
    assert "COPILOT_MOUNT_POINTS" not in str(main["environment"])


def test_a_list_of_volumes_takes_the_place_of_those_before_it_but_not_of_the_manifests(tmp_path: Path) -> None:
    path = f"{PROPERTIES}/Volumes"
    text = json.dumps(
        [
            {"op": "add", "path": f"{path}/-", "value": {"Name": "gone"}},
            {"op": "add", "path": path, "value": [{"Name": "own"}, {"Name": "beside"}]},
        ]
    )
    settings = read(tmp_path, text, storage={"volumes": {"own": {"path": "/own"}}})
    found = settings.services[0].manifest
    assert found.volumes == (Volume("beside", read_only=False), Volume("own", "/own"))
    (main,) = json.loads(definitions(found, nowhere(found)))
    assert [point["containerPath"] for point in main["mountPoints"]] == ["/own"]
    assert {"name": "COPILOT_MOUNT_POINTS", "value": '{"own":"/own"}'} in main["environment"]


def test_on_this_machine_a_volume_is_there_and_changes_of_the_task_definition_are_told(tmp_path: Path) -> None:
    path = "/Resources/TaskDefinition/Properties"
    text = json.dumps(
        [
            {"op": "add", "path": f"{path}/Volumes", "value": [{"Name": "scratch"}]},
            {"op": "add", "path": f"{path}/ContainerDefinitions/0/StopTimeout", "value": 50},
            {"op": "replace", "path": f"{path}/Cpu", "value": 512},
        ]
    )
    mount = {"source_volume": "scratch", "path": "/scratch"}
    settings = read(
        tmp_path, text, {"platform": "local"}, sidecars={"proxy": {"image": DIGEST, "mount_points": [mount]}}
    )
    assert settings.services[0].manifest.volumes == (Volume("scratch", read_only=False),)
    assert [str(line) for line in settings.warnings] == [
        f"{WEB}:1: [1].path: a patch that is omitted; there is no task definition on the platform local"
    ]


@pytest.mark.parametrize("path", ["Policies/-", "Policies/0"])
@pytest.mark.parametrize("role", ["TaskRole", "InstanceRole"])
def test_rights_of_the_tasks_role_are_carried_over(tmp_path: Path, role: str, path: str) -> None:
    text = f"""
- op: add
  path: /Resources/{role}/Properties/{path}
  value:
    PolicyName: !Sub ${{AppName}}Read
    PolicyDocument:
      Version: 2012-10-17
      Statement:
        - Effect: Allow
          Action: [logs:StartQuery]
          Resource:
            - !Sub 'arn:aws:logs:${{AWS::Region}}:${{AWS::AccountId}}:log-group:/copilot/${{AppName}}-${{EnvName}}-x:*'
            - Fn::ImportValue:
                !Sub ${{AppName}}-${{EnvName}}-TableArn
          Condition: {{Bool: {{aws:SecureTransport: true}}, StringLike: {{a: '${{aws:username}}'}}}}
"""
    ((name, document),) = web(tmp_path, text).rights
    assert name == "boardRead"
    assert json.loads(document) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": ["logs:StartQuery"],
                "Resource": [
                    "arn:aws:logs:<AWS::Region>:<AWS::AccountId>:log-group:/copilot/board-test-x:*",
                    "arn:aws:dynamodb:eu-west-1:123456789012:table/orders",
                ],
                "Condition": {"Bool": {"aws:SecureTransport": True}, "StringLike": {"a": "${aws:username}"}},
            }
        ],
    }


def test_each_policy_of_the_role_is_carried_over(tmp_path: Path) -> None:
    path = "/Resources/TaskRole/Properties/Policies/-"
    empty: Tree = {"PolicyDocument": {}}
    patches: list[Tree] = [{"op": "add", "path": path, "value": {**empty, "PolicyName": name}} for name in "ba"]
    assert web(tmp_path, json.dumps(patches)).rights == (("a", "{}"), ("b", "{}"))


def test_managed_policies_of_the_tasks_role_are_carried_over(tmp_path: Path) -> None:
    text = """
- op: add
  path: /Resources/TaskRole/Properties/ManagedPolicyArns
  value:
    - arn:aws:iam::aws:policy/AWSXrayWriteOnlyAccess
- op: add
  path: /Resources/TaskRole/Properties/ManagedPolicyArns/-
  value: !Sub arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/orders
"""
    config: Tree = {"services": {"web": {"policies": ["arn:aws:iam::123456789012:policy/more"]}}}
    settings = read(tmp_path, text, config)
    assert settings.warnings == ()
    assert settings.services[0].manifest.policies == (
        ("AWSXrayWriteOnlyAccess", "arn:aws:iam::aws:policy/AWSXrayWriteOnlyAccess"),
        ("orders", "arn:<AWS::Partition>:iam::<AWS::AccountId>:policy/orders"),
        ("more", "arn:aws:iam::123456789012:policy/more"),
    )


def test_the_days_that_logs_are_kept_are_carried_over(tmp_path: Path) -> None:
    assert web(tmp_path, patch("/Resources/LogGroup/Properties/RetentionInDays", 90, "replace")).retention == 90


@pytest.mark.parametrize(
    ("op", "path", "value", "says"),
    [
        ("add", f"{CONTAINER}/1", {"Name": "init"}, "write it in the manifest"),
        ("add", f"{CONTAINER}/0/EnvironmentFiles/0", "arn:aws:s3:::b/k", "write it in the manifest"),
        ("replace", f"{CONTAINER}/0/Name", "main", "write it in the manifest"),
        ("remove", f"{CONTAINER}/0/HealthCheck", None, "write it in the manifest"),
        ("replace", f"{CONTAINER}/0/Ulimits/-", {}, "write it in the manifest"),
        ("replace", f"{CONTAINER}/0/Command/0/1", "x", "write it in the manifest"),
        ("add", f"{CONTAINER}/0/DockerLabels/a.b~1c", "x", "write it in the manifest"),
        ("replace", f"{PROPERTIES}/TaskRoleArn", "arn:aws:iam::123456789012:role/My", "write it in the manifest"),
        ("remove", "/Resources/TaskRole", None, "strangler:services.<name>.policies"),
        ("add", "/Resources/TaskRole/Properties/Policies/0/PolicyDocument/Statement/0/Condition", {}, "policies"),
        ("replace", "/Resources/TaskRole/Properties/Policies", [], "strangler:services.<name>.policies"),
        (
            "add",
            "/Resources/ExecutionRole/Properties/ManagedPolicyArns",
            ["a"],
            "secrets, images and logs in the manifest",
        ),
        ("add", "/Resources/TargetGroup1/Properties/TargetGroupAttributes/-", {}, "see the fields of http"),
        ("replace", "/Resources/AccessPoint/Properties/RootDirectory/Path", "/a", "storage.volumes.<name>.efs.id"),
        ("add", "/Resources/LogGroup/Properties/Tags", [], "tags are set for the stack"),
        ("add", "/Mappings", {}, "configure it in the manifest or the config"),
    ],
)
def test_what_has_no_place_here_is_one_line(tmp_path: Path, op: str, path: str, value: object, says: str) -> None:
    settings = read(tmp_path, patch(path, value, op))
    assert settings.services[0].manifest.overrides == ()
    (line,) = [str(line) for line in settings.warnings]
    assert line.startswith(f"{WEB}:1: [0].path: {LEFT} ({op} {path}); ")
    assert says in line


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ({"Name": "A", "Value": {"Ref": "TargetPort"}}, "TargetPort is in Copilot's own stack"),
        ({"Name": "A", "Value": {"Fn::Sub": "${Service.Name}"}}, "Service.Name is in Copilot's own stack"),
        ({"Name": "A", "Value": {"Fn::GetAtt": "Service.Name"}}, "only Copilot's own stack knows the value of !GetAtt"),
        ({"Name": "A", "Value": {"Fn::Join": ["", ["a"]]}}, "only Copilot's own stack knows the value of !Join"),
        ({"Name": "A", "Value": {"Ref": "AWS::Region"}}, "AWS::Region isn't known until it is created"),
        ({"Name": "A", "Value": {"Fn::ImportValue": "other"}}, "no export 'other'"),
    ],
)
def test_what_only_copilots_stack_knows_is_named(tmp_path: Path, value: object, why: str) -> None:
    path = f"{CONTAINER}/0/Environment/-"
    (line,) = told(read(tmp_path, patch(path, value)))
    assert f"(add {path}): {why}; " in line


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ({"Name": "a", "DockerVolumeConfiguration": {}}, "DockerVolumeConfiguration of the volume a"),
        ({"Name": "a", "Host": {"SourcePath": "/var"}}, "Fargate has no host directories for the volume a"),
    ],
)
def test_a_volume_that_fargate_has_not_is_named(tmp_path: Path, value: object, why: str) -> None:
    (line,) = told(read(tmp_path, patch(f"{PROPERTIES}/Volumes/-", value)))
    assert f": {why}; " in line


IDLE = """
- op: add
  path: /Resources/PublicLoadBalancer/Properties/LoadBalancerAttributes/-
  value: {Key: 'idle_timeout.timeout_seconds', Value: '180'}
"""


def test_how_long_a_request_may_take_is_carried_over_and_the_config_goes_before_it(tmp_path: Path) -> None:
    settings = read(tmp_path, IDLE, place="environments")
    assert (settings.warnings, settings.environments[0].idle_timeout) == ((), 180)
    config: Tree = {"environments": {"test": {"idleTimeout": "5m"}}}
    assert read(tmp_path, IDLE, config, "environments").environments[0].idle_timeout == 300
    with pytest.raises(InputError, match=r"\[0\].value.Value: found '5000'; give a whole number from 1 to 4000"):
        read(tmp_path, IDLE.replace("180", "5000"), place="environments")


def test_patches_of_environments_are_told_but_for_those_of_what_is_not_made(tmp_path: Path) -> None:
    text = """
- op: remove
  path: /Resources/LogResourcePolicy
- op: remove
  path: /Resources/AppRunnerVpcEndpoint
- op: remove
  path: /Outputs/AppRunnerVpcEndpointId
- op: add
  path: /Resources/PublicLoadBalancer/Properties/Scheme
  value: internal
"""
    assert [str(line) for line in read(tmp_path, text, place="environments").warnings] == [
        "copilot/environments/overrides/cfn.patches.yml:9: [3].path: a patch of Copilot's template that can't be"
        " applied here (add /Resources/PublicLoadBalancer/Properties/Scheme); see strangler:environments.<name> in"
        " docs/config.md"
    ]


@pytest.mark.parametrize("text", ["", "# - op: remove\n#   path: /Resources/TaskRole\n", "[]"])
def test_copilots_own_example_changes_nothing(tmp_path: Path, text: str) -> None:
    assert web(tmp_path, text) == web(tmp_path, "[]")


def test_a_cdk_program_is_told(tmp_path: Path) -> None:
    read(tmp_path, "[]")
    home = tmp_path / "copilot/web/overrides"
    (home / "cfn.patches.yml").unlink()
    assert told(read_project(tmp_path, CONFIG, "dev")) == []
    (home / "cdk.json").write_text("{}")
    (line,) = told(read_project(tmp_path, CONFIG, "dev"))
    assert line.startswith(
        "copilot/web/overrides: a CDK program that patches Copilot's template, which Strangler doesn't run; "
    )


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("op: add", f"{WEB}: not a list; write a list, with a - before each item"),
        ("- [", f"{WEB}:1: invalid YAML: expected the node content, but found '<stream end>'; fix the line"),
        ("- add", f"{WEB}:1: [0]: found 'add'; give a map"),
        ("- {path: /a, value: 1}", f"{WEB}:1: [0].op: missing; write add, remove or replace"),
        ("- {op: move, path: /a}", f"{WEB}:1: [0].op: found 'move'; give add, remove or replace"),
        (
            "- op: add\n  path: /Resources/TaskRole/Properties/Policies/-\n  value:\n    PolicyName: a",
            f"{WEB}:3: [0].value.PolicyDocument: missing; write the policy's document",
        ),
        ("- {op: add, value: 1}", f"{WEB}:1: [0].path: missing; write the path, such as"),
        ("- {op: add, path: /a}", f"{WEB}:1: [0].value: missing; write the value to put there"),
        (
            patch(f"{PROPERTIES}/Cpu", 300),
            f"{WEB}:1: [0].value: found 300; give one of 256",
        ),
        (
            patch(f"{PROPERTIES}/Volumes/-", {"Name": "a", "EFSVolumeConfiguration": {"FilesystemId": "x"}}),
            f"{WEB}:1: [0].value.EFSVolumeConfiguration.FilesystemId: found 'x'; give a file system's id",
        ),
        (
            patch("/Resources/LogGroup/Properties/RetentionInDays", 2, "replace"),
            f"{WEB}:1: [0].value: found 2; ",
        ),
        (
            patch(f"{CONTAINER}/7/StopTimeout", 1),
            f"{WEB}:1: [0].path: found the path ContainerDefinitions[7].StopTimeout; the list has 1: use [-]",
        ),
    ],
)
def test_a_patch_that_can_not_be_is_one_line(tmp_path: Path, text: str, line: str) -> None:
    (found,) = refused(tmp_path, text)
    assert found.startswith(line)
