"""What AWS takes and what yet won't do as meant is a warning: sessions, secrets, zones, few releases, headers."""

from pathlib import Path

from tests.projects import (
    Tree,
    board,
    manifest,
    of_copilot,
    read_project,
    without_numbers,
    write_project,
    write_workspace,
)
from tests.projects import environment as environment_manifest
from tests.pure.bad_aws import CERTIFICATE

USERS = "services/users/manifest.yml"


def _messages(folder: Path, fields: Tree, /, **config: object) -> list[str]:
    write_project(folder, {**board(), "users": manifest("users", **fields)})
    read = read_project(folder, {"platform": "aws", "facade": "alb", **config}, "dev")
    return without_numbers(read.warnings)


def test_exec_beside_a_file_system_that_an_override_makes_read_only(tmp_path: Path) -> None:
    read_only = {"path": "ContainerDefinitions[0].ReadonlyRootFilesystem", "value": True}
    (line,) = _messages(tmp_path, {"exec": True, "taskdef_overrides": [read_only]})
    assert line.startswith(
        f"{USERS}: taskdef_overrides: together with exec, which it prevents from working; set exec: false"
    )
    assert _messages(tmp_path, {"taskdef_overrides": [read_only]}) == []


def test_exec_beside_a_field_that_makes_the_file_system_read_only(tmp_path: Path) -> None:
    (line,) = _messages(tmp_path, {"exec": True, "storage": {"readonly_fs": True}})
    assert line.startswith(f"{USERS}: storage.readonly_fs: together with exec")


def test_exec_beside_one_process_namespace_of_several_containers(tmp_path: Path) -> None:
    shared: Tree = {"exec": True, "taskdef_overrides": [{"path": "PidMode", "value": "task"}]}
    assert _messages(tmp_path, shared) == []
    sidecar = {"agent": {"image": f"agent@sha256:{'0' * 64}"}}
    (line,) = _messages(tmp_path, {**shared, "sidecars": sidecar})
    assert line.startswith(f"{USERS}: taskdef_overrides[0].path: PidMode: task together with exec, which can then")


def test_a_secret_given_by_a_name_that_ends_as_an_arn_does(tmp_path: Path) -> None:
    (line,) = _messages(tmp_path, {"secrets": {"KEY": {"secretsmanager": "board/db-abc123:password::"}}})
    assert line == (
        f"{USERS}: secrets.KEY: 'board/db-abc123' ends with a hyphen and six characters, as a secret's ARN does; "
        "give the complete ARN, with the suffix after the name: arn:aws:secretsmanager:…:secret:board/db-abc123-??????"
    )
    whole = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:board/db-abc123-XyZ987"
    other: Tree = {"A": whole, "B": {"secretsmanager": "board/db-password"}, "C": "board-abc123"}
    assert _messages(tmp_path, {"secrets": other}) == []


def test_regions_that_have_zones_without_vpc_links_or_fargate(tmp_path: Path) -> None:
    def messages(facade: str, region: str) -> list[str]:
        write_project(tmp_path, board())
        config: Tree = {"platform": "aws", "facade": facade, "quotas": {"vpcs": 9}}
        read = read_project(tmp_path, config, "dev", region=region)
        return without_numbers(read.warnings)

    assert messages("api-gateway", "eu-west-1") == messages("alb", "us-east-1") == []
    assert messages("api-gateway", "us-east-1")[0] == (
        "the environment monolith: in the first 2 zones of us-east-1, with no API Gateway VPC links in "
        "use1-az3; if one of these is in use, choose other zones: aws ec2 describe-availability-zones --region "
        "us-east-1 shows which name has which id"
    )
    assert [line.partition(", with ")[2].partition(";")[0] for line in messages("alb", "ap-northeast-1")] == [
        "no Fargate in apne1-az3"
    ]


def test_zones_that_a_copilot_environment_names(tmp_path: Path) -> None:
    ranges = [("10.7.0.0/24", "10.7.2.0/24", "a"), ("10.7.1.0/24", "10.7.3.0/24", "b")]
    subnets = {
        kind: [{"cidr": blocks[number], "az": f"us-west-1{blocks[2]}"} for blocks in ranges]
        for number, kind in enumerate(("public", "private"))
    }
    network = {"vpc": {"cidr": "10.7.0.0/16", "subnets": subnets}}
    write_workspace(tmp_path, {"web": of_copilot("web", "/")}, {"prod": environment_manifest("prod", network=network)})
    config: Tree = {"platform": "aws", "facade": "alb", "copilot": "copilot", "copilotEnvironment": "prod"}
    (line,) = without_numbers(read_project(tmp_path, config, "dev").warnings)
    assert line.startswith(
        "copilot/environments/prod/manifest.yml: network.vpc.subnets: in us-west-1a, us-west-1b, with no Fargate in "
        "usw1-az2; "
    )


def test_a_load_balancer_drops_headers_with_underscores_unless_the_config_says_no(tmp_path: Path) -> None:
    write_project(tmp_path, board())
    config: Tree = {"platform": "aws", "facade": "alb"}
    (shared,) = read_project(tmp_path, config, "dev").environments
    assert shared.drop_invalid_headers
    kept = {"environments": {"shared": {"dropInvalidHeaders": False}}}
    (shared,) = read_project(tmp_path, {**config, **kept}, "dev").environments
    assert not shared.drop_invalid_headers


def test_certificates_are_for_aliases_only_until_the_facade_has_a_name(tmp_path: Path) -> None:
    given: Tree = {"shared": {"certificates": [CERTIFICATE]}}
    (line,) = _messages(tmp_path, {}, environments=given)
    assert line.endswith(
        "certificates: certificates, but the routes answer without TLS; give the facade a name: "
        "strangler:facadeSettings.alb.domain {name: …}"
    )
    named: Tree = {"alb": {"domain": {"name": "www.example.com"}}}
    assert _messages(tmp_path, {}, environments=given, facadeSettings=named) == []


def test_a_name_that_leads_to_an_internal_load_balancer(tmp_path: Path) -> None:
    own: Tree = {"alb": {"domain": [{"name": "www.example.com", "hostedZone": "Z1"}]}}
    (line,) = _messages(tmp_path, {}, environments={"shared": {"loadBalancer": "internal"}}, facadeSettings=own)
    assert line == (
        "the environment shared: www.example.com: reachable only inside the environment's network; its load "
        "balancer is "
        "internal; set loadBalancer: public"
    )
