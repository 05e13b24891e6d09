"""The rules of backends on the internal load balancer of their environment, and what a user is told of it."""

from ipaddress import IPv4Network
from pathlib import Path

import pytest

from components.aws.plan.internal_rules import group_name, internal_rules, priorities, standing
from components.input.diagnostics import InputError
from components.manifest.http import Alias, Http, HttpRule
from components.manifest.manifest import BACKEND_SERVICE, Manifest
from components.model.environment import EnvironmentSettings
from components.settings.service import Service
from tests.projects import Tree, environment, lines_of, of_copilot, read_project, without_numbers, write_workspace
from tests.pure.bad_http_nlb import CERTIFICATE

PLAIN = EnvironmentSettings("test", IPv4Network("10.1.0.0/16"))
CERTIFIED = EnvironmentSettings("test", PLAIN.cidr, internal_certificates=(CERTIFICATE,))
ZONE = "test.dev.shop.internal"
COPILOT: Tree = {"platform": "aws", "facade": "alb", "copilot": "copilot", "copilotEnvironment": "test"}


def backend(name: str, *rules: HttpRule) -> Service:
    return Service(Manifest(name, 3000, None, type=BACKEND_SERVICE, internal=Http(rules[0], rules[1:])), "test")


def test_without_certificates_a_backend_has_one_name_in_the_zone() -> None:
    service = backend("api", HttpRule("/"), HttpRule("/admin", sources=("10.0.0.0/8",)))
    main, admin = internal_rules(service, PLAIN, ZONE)
    assert (main.name, main.hosts, main.paths, main.redirect) == ("api", (f"api.{ZONE}",), (), False)
    assert (admin.name, admin.paths, admin.sources) == ("api-Rule1", ("/admin", "/admin/*"), ("10.0.0.0/8",))
    given = priorities((main, admin))
    assert given["api-Rule1"] < given["api"]


def test_with_certificates_it_has_its_aliases_as_many_as_fit_a_rule() -> None:
    hosts = tuple(Alias(f"{letter}.example.com") for letter in "abcd")
    rules = internal_rules(backend("api", HttpRule("/v1", aliases=hosts, sources=("10.0.0.0/8",))), CERTIFIED, ZONE)
    assert [rule.hosts for rule in rules] == [("a.example.com", "b.example.com"), ("c.example.com", "d.example.com")]
    assert all(rule.redirect for rule in rules)


def test_a_rule_that_is_there_waits_for_the_tasks_of_the_next_release() -> None:
    service = backend("api", HttpRule("/"))
    rules = internal_rules(service, PLAIN, ZONE)
    groups = {group_name("api", 0): {"arn": "group"}}
    tags = {"environment": "test"}
    known = {"api": {"tags": tags, "actions": [{"targetGroupArn": "group"}]}}
    assert standing(service, rules, groups, known) == {"api"}
    assert standing(service, rules, groups, {}) == frozenset()


def workspace(folder: Path, private: Tree, **backends: Tree) -> Path:
    made = {name: {**of_copilot(name), "type": "Backend Service", "http": http} for name, http in backends.items()}
    settings = environment("test", **({"http": {"private": private}} if private else {}))
    write_workspace(folder, {"web": of_copilot("web", "/"), **made}, {"test": settings})
    return folder


def test_two_backends_may_have_one_path_as_each_has_its_name(tmp_path: Path) -> None:
    read = read_project(workspace(tmp_path, {}, a={"path": "/"}, b={"path": "/"}), COPILOT)
    assert read.warnings == ()
    assert [service.name for service in read.services if service.routed] == ["web"]


def test_certificates_and_aliases_come_together(tmp_path: Path) -> None:
    private: Tree = {"certificates": [CERTIFICATE]}
    (line,) = lines_of(workspace(tmp_path, private, api={"path": "/"}), COPILOT)
    assert "http.alias: missing; the environment test has http.private.certificates: give each rule an alias" in line


def test_certificates_may_be_the_configs(tmp_path: Path) -> None:
    given = {**COPILOT, "environments": {"test": {"internalCertificates": [CERTIFICATE]}}}
    http: Tree = {"path": "/", "alias": "api.example.com"}
    (found,) = read_project(workspace(tmp_path, {}, api=http), given).environments
    assert found.internal_certificates == (CERTIFICATE,)
    other = {**given, "environments": {"test": {"internalCertificates": ["api.example.com"]}}}
    wrong = "strangler:environments.test.internalCertificates[0]: found 'api.example.com'; give a certificate's"
    assert any(wrong in line for line in lines_of(tmp_path, other))
    elsewhere = CERTIFICATE.replace(CERTIFICATE.split(":")[3], "us-east-2")
    regional = {**given, "environments": {"test": {"internalCertificates": [elsewhere]}}}
    with pytest.raises(InputError, match=r"environments\.test\.internalCertificates: a certificate of us-east-2"):
        read_project(tmp_path, regional, region="eu-west-1")


def test_one_alias_and_path_is_one_backends(tmp_path: Path) -> None:
    private: Tree = {"certificates": [CERTIFICATE]}
    http: Tree = {"path": "/", "alias": "api.example.com"}
    (line,) = lines_of(workspace(tmp_path, private, a=http, b=http), COPILOT)
    assert "api.example.com/ is also at copilot/a/manifest.yml" in line


def test_what_copilot_ignores_of_a_backend_is_told(tmp_path: Path) -> None:
    http: Tree = {"path": "/", "alb": "arn:aws:x", "targetContainer": "web", "redirect_to_https": False}
    warnings = without_numbers(read_project(workspace(tmp_path, {}, api=http), COPILOT).warnings)
    assert [line.partition("; ")[0].rpartition("http.")[2] for line in warnings] == [
        "alb: omitted on the platform aws",
        "targetContainer: omitted on the platform aws",
    ]


def test_on_this_machine_it_is_told_where_a_backend_is_reached(tmp_path: Path) -> None:
    local = {key: value for key, value in COPILOT.items() if key != "facade"}
    read = read_project(
        workspace(tmp_path, {}, api={"path": "/", "alias": "a.example.com"}), {**local, "platform": "local"}
    )
    (line,) = without_numbers(read.warnings)
    assert line == (
        "copilot/api/manifest.yml: http: omitted on the platform local; there is no internal load balancer on the "
        "local platform: call it by its name, at its container's port"
    )
