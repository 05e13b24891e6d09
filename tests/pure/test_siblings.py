"""What is silently different from Copilot, and told: names of other services in variables, UDP between tasks, files,
headers, certificates of another region."""

from dataclasses import replace
from pathlib import Path

import pytest

from components.aws.plan.first_differences import first_differences
from tests.projects import (
    DIGEST,
    Tree,
    environment,
    lines_of,
    of_copilot,
    read_project,
    without_numbers,
    write_workspace,
)
from tests.pure.bad_http_nlb import CERTIFICATE
from tests.repository import ROOT

AWS: Tree = {"platform": "aws", "facade": "alb", "copilot": "copilot", "copilotEnvironment": "test", "default": "web"}
APART: Tree = {**AWS, "facade": "api-gateway"}
LOCAL: Tree = {"platform": "local", "copilot": "copilot", "copilotEnvironment": "test", "default": "web"}
WEB = "copilot/web/manifest.yml"


def backend(**fields: object) -> Tree:
    return {key: value for key, value in of_copilot("api", **fields).items() if key != "http"} | {
        "type": "Backend Service"
    }


def told(folder: Path, config: Tree, variables: Tree, settings: Tree | None = None, **web: object) -> list[str]:
    services: Tree = {"web": of_copilot("web", "/", variables=variables, **web), "api": backend()}
    write_workspace(folder, services, {"test": environment("test", **(settings or {}))}, "shop")
    return without_numbers(read_project(folder, config, "dev").warnings)


VALUES = ["http://api:80", "http://user:secret@api:8080/v1?x=1", "api:3000", "http://api"]


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("config", [AWS, LOCAL])
def test_the_name_of_a_service_that_is_left_out_is_told(tmp_path: Path, config: Tree, value: str) -> None:
    (line,) = told(tmp_path, {**config, "exclude": ["api"]}, {"API": value})
    assert line == (
        f"{WEB}: variables.API: api, which is left out (strangler:exclude); run it too, or use another service's "
        "address"
    )


@pytest.mark.parametrize("value", VALUES)
def test_the_name_of_a_service_in_another_environment_is_told(tmp_path: Path, value: str) -> None:
    lines = told(tmp_path, {**APART, "quotas": {"vpcs": 9}}, {"API": value})
    found = [line for line in lines if "variables" in line]
    assert found == [
        f"{WEB}: variables.API: api, which runs in the environment api, not in web; put both in one environment: "
        "strangler:services.api.environment; or call it by the facade's URL"
    ]
    together: Tree = {"services": {"api": {"environment": "web"}}}
    assert [line for line in told(tmp_path, {**APART, **together}, {"API": value}) if "variables" in line] == []


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("config", [AWS, LOCAL])
def test_the_name_of_a_service_beside_it_is_fine(tmp_path: Path, config: Tree, value: str) -> None:
    assert told(tmp_path, config, {"API": value}) == []


@pytest.mark.parametrize("config", [AWS, LOCAL])
@pytest.mark.parametrize("end", ["local", "internal"])
def test_a_name_in_copilots_domain_is_told_with_the_one_that_it_has_here(
    tmp_path: Path, config: Tree, end: str
) -> None:
    (line,) = told(tmp_path, config, {"API": f"http://api.test.shop.{end}:3000/v1"})
    assert line.startswith(
        f"{WEB}: variables.API: api.test.shop.{end} is a name of Copilot's; it leads to Copilot's, or nowhere: here it "
        f"is api.test.dev.strangler.{end}"
    )


def test_the_domain_alone_and_a_sidecars_variable_are_told_too(tmp_path: Path) -> None:
    car: Tree = {"image": f"envoy@{DIGEST}", "variables": {"UPSTREAM": "api.test.shop.local"}}
    lines = told(tmp_path, AWS, {"DOMAIN": "test.shop.local"}, sidecars={"envoy": car})
    assert [line.partition(" is a name")[0] for line in lines] == [
        f"{WEB}: variables.DOMAIN: test.shop.local",
        f"{WEB}: sidecars.envoy.variables.UPSTREAM: api.test.shop.local",
    ]


@pytest.mark.parametrize(
    "variables",
    [
        {"API": "http://api.example.com", "TITLE": "api: what it does", "KIND": "api", "TIME": "web:x"},
        {
            "A": "http://api.test.dev.strangler.local:3000",
            "B": "db.other.local",
            "C": "https://api-docs/",
            "D": "s3://x",
        },
        {"HOST": "0.0.0.0", "URL": "postgres://user@db:5432/api"},
    ],
)
def test_what_only_looks_like_a_service_is_no_false_alarm(tmp_path: Path, variables: Tree) -> None:
    assert told(tmp_path, {**AWS, "exclude": ["api"]}, variables) == []


def test_a_host_alone_is_one_where_the_variables_name_says_so(tmp_path: Path) -> None:
    (line,) = told(tmp_path, {**AWS, "exclude": ["api"]}, {"API_HOST": "api", "API_KIND": "api"})
    assert line.startswith(f"{WEB}: variables.API_HOST: api, which is left out")


def test_udp_between_tasks_is_told_until_the_environment_lets_it_in(tmp_path: Path) -> None:
    car: Tree = {"sidecars": {"stats": {"image": f"stats@{DIGEST}", "port": "8125/udp"}}}
    (line,) = told(tmp_path, AWS, {}, sidecars=car["sidecars"])
    assert line.startswith(
        f"{WEB}: sidecars.stats.port: 8125/udp: Copilot lets other tasks reach it, Strangler doesn't; "
    )
    rule = {"ip_protocol": "udp", "ports": "8000-9000", "cidr": "10.0.0.0/8"}
    open_: Tree = {"network": {"vpc": {"security_group": {"ingress": [rule]}}}}
    assert told(tmp_path, AWS, {}, open_, sidecars=car["sidecars"]) == []
    assert told(tmp_path, AWS, {}, sidecars={"stats": {"image": f"stats@{DIGEST}", "port": "8125"}}) == []
    # What clients of the network load balancer reach is no other task's.
    balanced: Tree = {"port": "54/udp", "target_container": "stats", "target_port": 54}
    assert told(tmp_path, AWS, {}, open_, sidecars=car["sidecars"], nlb=balanced) == []


@pytest.mark.parametrize("side", ["public", "private"])
def test_a_certificate_of_another_region_is_refused(tmp_path: Path, side: str) -> None:
    services: Tree = {"web": of_copilot("web", "/")}
    settings = environment("test", http={side: {"certificates": [CERTIFICATE]}})
    write_workspace(tmp_path, services, {"test": settings})
    read_project(tmp_path, AWS, "dev", region="eu-west-1")
    with pytest.raises(
        Exception, match="a certificate of eu-west-1; give one in us-east-1, where the load balancer is"
    ):
        read_project(tmp_path, AWS, "dev", region="us-east-1")
    assert lines_of(tmp_path, AWS, "dev") == []


def test_an_empty_file_system_and_dropped_headers_are_told_until_they_are_there(tmp_path: Path) -> None:
    storage: Tree = {"volumes": {"data": {"path": "/data", "efs": True}}}
    write_workspace(tmp_path, {"web": of_copilot("web", "/", storage=storage)}, {"test": environment("test")})
    read = read_project(tmp_path, AWS, "dev")
    (test,) = read.environments
    files, headers = first_differences(test, read.services, {}, {})
    assert files.data
    assert without_numbers([files.line]) == [
        f"{WEB}: storage.volumes.data.efs: this stack creates its own file system, empty at first; copy the data from "
        "Copilot's "
        "(AWS DataSync), or give that one by its id"
    ]
    assert headers.line.startswith(
        "the environment test: headers with a _ in their name are dropped, unlike with Copilot"
    )
    there: Tree = {"test": {}}
    assert list(first_differences(test, read.services, there, {"test-Files": {}})) == []
    without = [replace(service, manifest=replace(service.manifest, http=None)) for service in read.services]
    assert list(first_differences(test, without, {}, {"test-Files": {}})) == []
    keeps = read_project(tmp_path, {**AWS, "environments": {"test": {"dropInvalidHeaders": False}}}, "dev")
    assert list(first_differences(keeps.environments[0], keeps.services, {}, {"test-Files": {}})) == []


@pytest.mark.parametrize(("name", "stage"), [("copilot-app", "test"), ("copilot-orders", "test")])
@pytest.mark.parametrize("config", [AWS, LOCAL])
def test_the_examples_have_no_false_alarm(name: str, stage: str, config: Tree) -> None:
    own: Tree = {"copilot": f"examples/{name}/copilot", "copilotEnvironment": stage}
    exclude = sorted(path.name for path in (ROOT / "services").iterdir())
    read = read_project(ROOT, {**config, **own, "exclude": exclude, "default": None}, "dev", {"TAG": "1"})
    ours = ("which is left out", "which runs in the environment", "is a name of Copilot's", "/udp")
    assert [str(line) for line in read.warnings if any(part in str(line) for part in ours)] == []
