"""The containers of a task on AWS: sidecars, their images and rights, files of variables."""

import json
from pathlib import Path
from typing import Any

from tests.components.recorder import Record
from tests.components.system import deployed
from tests.projects import DIGEST, manifest, write_project

NGINX = f"nginx@{DIGEST}"
REGISTRY = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:registry-a1b2c3"


def with_users(folder: Path, **fields: object) -> Record:
    """A stack of a monolith and the service users, whose manifest has further fields."""
    return deployed(folder, {"monolith": manifest("monolith", "/"), "users": manifest("users", **fields)})


def containers(record: Record) -> dict[str, dict[str, Any]]:
    """The containers of the service users, by name."""
    listed = json.loads(record.one("TaskDefinition", "users").inputs["containerDefinitions"])
    return {item["name"]: item for item in listed}


def variables(container: dict[str, Any]) -> dict[str, str]:
    return {item["name"]: item["value"] for item in container["environment"]}


def readable(record: Record) -> list[str]:
    """The secrets that the execution role of users may read."""
    statements = json.loads(record.one("RolePolicy", "users-secrets").inputs["policy"])["Statement"]
    found: list[list[str]] = [statement["Resource"] for statement in statements if statement["Action"] != "kms:Decrypt"]
    return [arn for arns in found for arn in arns]


def test_a_sidecar_given_by_its_location_is_a_container_and_nothing_else(tmp_path: Path) -> None:
    alone = with_users(tmp_path / "1")
    record = with_users(tmp_path / "2", sidecars={"nginx": {"image": NGINX, "port": 80}})
    assert list(containers(record)) == ["users", "nginx"]
    assert containers(record)["nginx"]["image"] == NGINX
    assert containers(record)["users"] == containers(alone)["users"]
    assert len(record.all) == len(alone.all)


def test_a_sidecar_that_is_built_has_a_repository_of_its_own(tmp_path: Path) -> None:
    write_project(tmp_path, {"Nginx_1": {}})
    (tmp_path / "services/Nginx_1/manifest.yml").unlink()
    build = {"dockerfile": "services/Nginx_1/Dockerfile", "args": {"A": "1"}}
    record = with_users(tmp_path, sidecars={"Nginx_1": {"image": {"build": build}}})
    image = record.one("docker:index/image:Image", "users-Sidecar-Nginx_1")
    assert image.inputs["build"]["context"] == "services/Nginx_1"
    assert image.inputs["build"]["args"] == {"A": "1"}
    (repository,) = [item for item in record.of("Repository") if "nginx" in item.name]
    assert repository.name == repository.name.lower()
    assert containers(record)["Nginx_1"]["image"] == f"ecr/users-Sidecar-Nginx_1@sha256:{'0' * 64}"
    assert containers(record)["users"]["image"] == f"ecr/users@sha256:{'0' * 64}"


def test_requests_go_to_the_sidecar_that_the_manifest_names(tmp_path: Path) -> None:
    record = with_users(
        tmp_path,
        http={"path": "api/users", "target_container": "nginx"},
        sidecars={"nginx": {"image": NGINX, "port": 8080}},
        network={"connect": True},
    )
    service = record.one("aws:ecs/service:Service", "users").inputs
    (target,) = service["loadBalancers"]
    assert (target["containerName"], target["containerPort"]) == ("nginx", 8080)
    assert service["serviceRegistries"]["port"] == 8080
    (connected,) = service["serviceConnectConfiguration"]["services"]
    assert [alia["port"] for alia in connected["clientAlias"]] == [8080]
    named = [mapping.get("name") for mapping in containers(record)["nginx"]["portMappings"]]
    assert named == [connected["portName"]]


def test_connections_go_to_the_sidecar_that_listens_on_the_port(tmp_path: Path) -> None:
    record = with_users(
        tmp_path,
        nlb={"port": "53/udp", "target_port": 5353},
        sidecars={"dns": {"image": NGINX, "port": "5353/udp"}},
    )
    targets = record.one("aws:ecs/service:Service", "users").inputs["loadBalancers"]
    assert [(target["containerName"], target["containerPort"]) for target in targets] == [
        ("users", 3000),
        ("dns", 5353),
    ]
    (mapping,) = containers(record)["dns"]["portMappings"]
    assert mapping["protocol"] == "udp"


def test_the_execution_role_reads_what_any_container_needs_and_nothing_else(tmp_path: Path) -> None:
    record = with_users(
        tmp_path,
        image={"location": f"users@{DIGEST}", "port": 3000, "credentials": REGISTRY},
        secrets={"A": "/a"},
        sidecars={"nginx": {"image": NGINX, "credentialsParameter": "other", "secrets": {"A": "/b"}}},
    )
    parameters = "arn:aws:ssm:eu-west-1:123456789012:parameter"
    secrets = [REGISTRY, "arn:aws:secretsmanager:eu-west-1:123456789012:secret:other"]
    wanted = [f"{parameters}/a", f"{parameters}/b", *(form for arn in secrets for form in (arn, f"{arn}-??????"))]
    assert sorted(readable(record)) == sorted(wanted)
    assert containers(record)["users"]["repositoryCredentials"] == {"credentialsParameter": REGISTRY}
    assert containers(record)["nginx"]["repositoryCredentials"] == {"credentialsParameter": "other"}


def test_labels_and_order_of_the_main_container_reach_its_definition(tmp_path: Path) -> None:
    image = {"build": "services/users/Dockerfile", "port": 3000, "labels": {"a": 1}, "depends_on": {"nginx": "START"}}
    record = with_users(tmp_path, image=image, sidecars={"nginx": {"image": NGINX}})
    main = containers(record)["users"]
    assert main["dockerLabels"] == {"a": "1"}
    assert main["dependsOn"] == [{"condition": "START", "containerName": "nginx"}]


def test_a_file_of_variables_stands_below_the_variables_of_the_manifest(tmp_path: Path) -> None:
    record = with_users(
        tmp_path / "file",
        env_file="services/users/some.env",
        variables={"A": "1"},
        sidecars={"nginx": {"image": NGINX, "env_file": "services/users/some.env", "variables": {"FROM_FILE": "no"}}},
    )
    environment = variables(containers(record)["users"])
    assert (environment["FROM_FILE"], environment["A"]) == ("yes", "1")
    assert variables(containers(record)["nginx"])["FROM_FILE"] == "no"


def test_a_secret_of_the_manifest_goes_before_a_variable_of_the_file(tmp_path: Path) -> None:
    record = with_users(tmp_path, env_file="services/users/some.env", secrets={"FROM_FILE": "/from-file"})
    main = containers(record)["users"]
    assert "FROM_FILE" not in variables(main)
    assert [secret["name"] for secret in main["secrets"]] == ["FROM_FILE"]


def test_a_read_only_file_system_is_the_main_containers(tmp_path: Path) -> None:
    record = with_users(tmp_path, storage={"readonly_fs": True}, sidecars={"nginx": {"image": NGINX}})
    assert containers(record)["users"]["readonlyRootFilesystem"] is True
    assert "readonlyRootFilesystem" not in containers(record)["nginx"]


def test_logs_go_through_a_router_of_their_own_where_the_manifest_names_a_destination(tmp_path: Path) -> None:
    record = with_users(
        tmp_path,
        logging={
            "destination": {"Name": "http", "Port": 443},
            "secretOptions": {"apikey": "/key"},
            "secrets": {"B": "/b"},
            "variables": {"A": "1"},
            "env_file": "services/users/some.env",
        },
        sidecars={"nginx": {"image": NGINX}},
    )
    found = containers(record)
    assert list(found) == ["users", "firelens_log_router", "nginx"]
    parameters = "arn:aws:ssm:eu-west-1:123456789012:parameter"
    assert found["users"]["logConfiguration"] == {
        "logDriver": "awsfirelens",
        "options": {"Name": "http", "Port": "443"},
        "secretOptions": [{"name": "apikey", "valueFrom": f"{parameters}/key"}],
    }
    router = found["firelens_log_router"]
    assert router["image"] == "amazon/aws-for-fluent-bit:latest"
    assert router["firelensConfiguration"] == {"type": "fluentbit", "options": {"enable-ecs-log-metadata": "true"}}
    assert (router["essential"], router["user"], router["portMappings"]) == (True, "0", [])
    environment = variables(router)
    assert (environment["A"], environment["FROM_FILE"], environment["COPILOT_SERVICE_NAME"]) == ("1", "yes", "users")
    for name in ("firelens_log_router", "nginx"):
        assert found[name]["logConfiguration"]["logDriver"] == "awslogs"
    assert sorted(readable(record)) == [f"{parameters}/b", f"{parameters}/key"]


def test_the_router_has_the_image_and_the_configuration_of_the_manifest(tmp_path: Path) -> None:
    given = {"image": f"router@{DIGEST}", "configFilePath": "/extra.conf", "enableMetadata": False}
    found = containers(with_users(tmp_path, logging=given))
    assert found["users"]["logConfiguration"] == {"logDriver": "awsfirelens"}
    assert found["firelens_log_router"]["image"] == f"router@{DIGEST}"
    assert found["firelens_log_router"]["firelensConfiguration"]["options"] == {
        "config-file-type": "file",
        "config-file-value": "/extra.conf",
        "enable-ecs-log-metadata": "false",
    }


def test_a_retention_alone_makes_no_router(tmp_path: Path) -> None:
    assert list(containers(with_users(tmp_path, logging={"retention": 7}))) == ["users"]
