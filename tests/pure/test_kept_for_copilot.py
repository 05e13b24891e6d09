"""What a workspace has for Copilot, which goes on deploying from it, isn't asked to be taken out; and what Copilot
reads in ways of its own is read so here."""

import json
from pathlib import Path

import pytest

from components.manifest.variables import Secret
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

COPILOT: Tree = {"platform": "aws", "facade": "alb", "copilot": "copilot", "copilotEnvironment": "test"}
GROUPS = ["sg-06b511534b8fa8bb0", "sg-0e921ad50faae7777"]


def workspace(folder: Path, **fields: object) -> Path:
    """A workspace with one service that answers all, and has these fields."""
    return write_workspace(folder, {"web": of_copilot("web", "/", **fields)}, {"test": environment("test")})


def test_a_load_balancer_to_import_is_left_out_with_a_warning(tmp_path: Path) -> None:
    rules = [{"path": "admin", "alias": "a.example.com", "alb": "own"}]
    certified = environment(
        "test",
        http={
            "public": {
                "certificates": ["arn:aws:acm:eu-west-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"]
            }
        },
    )
    web = of_copilot("web", "/", http={"path": "/", "alb": "own", "additional_rules": rules})
    write_workspace(tmp_path, {"web": web}, {"test": certified})
    warnings = [str(warning) for warning in read_project(tmp_path, COPILOT).warnings if ".alb: " in str(warning)]
    assert [warning.split("; ")[0].split(": ", 1)[1] for warning in warnings] == [
        "http.alb: omitted on the platform aws",
        "http.additional_rules[0].alb: omitted on the platform aws",
    ]
    assert not any("remove" in warning for warning in warnings)


def test_a_missing_workspace_file_is_asked_for_with_what_stands_in_it(tmp_path: Path) -> None:
    workspace(tmp_path)
    (tmp_path / "copilot/.workspace").unlink()
    (line,) = lines_of(tmp_path, COPILOT)
    assert "copilot: no file copilot/.workspace; create it with the one line application: <name>" in line
    assert "application: <name>" in line
    (tmp_path / "copilot/.workspace").write_text("application: shop\n")
    assert read_project(tmp_path, COPILOT).services[0].application == "shop"


def test_a_list_of_texts_comes_from_a_variable_of_the_shell(tmp_path: Path) -> None:
    fields: Tree = {
        "network": {"vpc": {"security_groups": "${GROUPS}"}},
        "command": "${COMMAND}",
        "variables": {"ALLOWED": "${GROUPS}", "PLAIN": "[${NAME}]", "NONE": "${NONE}"},
        "secrets": {"KEY": "/shop/${NAME}/key"},
    }
    shell = {"GROUPS": json.dumps(GROUPS), "COMMAND": '["node", "a b.js"]', "NAME": "one", "NONE": "[]"}
    found = read_project(workspace(tmp_path, **fields), COPILOT, shell=shell).services[0].manifest
    assert found.network.security_groups == tuple(GROUPS)
    assert found.command == ("node", "a b.js")
    # Where a text is wanted it is one, and what is no list of texts stays what it is.
    assert dict(found.variables) == {"ALLOWED": json.dumps(GROUPS), "PLAIN": "[one]", "NONE": "[]"}
    assert found.secrets == (("KEY", Secret("ssm", "/shop/one/key")),)


@pytest.mark.parametrize("text", ["[1, 2]", '["a", 1]', '{"a": "b"}', '["a"', "[", '"a"'])
def test_what_is_no_list_of_texts_is_none(tmp_path: Path, text: str) -> None:
    fields: Tree = {"variables": {"A": "${A}"}, "network": {"vpc": {"security_groups": "${A}"}}}
    (line,) = lines_of(workspace(tmp_path, **fields), COPILOT, shell={"A": text})
    assert "network.vpc.security_groups" in line


@pytest.mark.parametrize("quote", ["'", '"'])
@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("/copilot/shop/test/secrets/KEY", "ssm"),
        ("arn:aws:ssm:eu-west-1:123456789012:parameter/KEY", "ssm"),
        ("arn:aws:secretsmanager:eu-west-1:123456789012:secret:KEY-abcdef", "secretsmanager"),
    ],
)
def test_second_quotes_around_a_secret_are_quotes(tmp_path: Path, quote: str, name: str, source: str) -> None:
    found = read_project(workspace(tmp_path, secrets={"KEY": f"{quote}{name}{quote}"}), COPILOT).services[0].manifest
    assert found.secrets == (("KEY", Secret(source, name)),)
    (line,) = lines_of(workspace(tmp_path, secrets={"KEY": f"{quote}{name}"}), COPILOT)
    assert "secrets.KEY: found" in line


def test_an_alias_may_be_for_all_names_below_one(tmp_path: Path) -> None:
    aliases: list[object] = ["example.com", {"name": "*.Example.com", "hosted_zone": "Z0123456789ABC"}]
    web = of_copilot("web", "/", http={"path": "/", "alias": aliases, "hosted_zone": "Z0123456789ABC"})
    write_workspace(tmp_path, {"web": web}, {"test": environment("test")})
    (service,) = read_project(tmp_path, COPILOT).services
    assert service.manifest.http is not None
    own, below = service.manifest.http.main.aliases
    assert (own.name, below.name) == ("example.com", "*.example.com")
    assert [below.takes(host) for host in ("a.example.com", "a.b.example.com", "example.com", "an-example.com")] == [
        True,
        True,
        False,
        False,
    ]
    for wrong in ("a.*.example.com", "*example.com", "*.*.example.com", "*.com*"):
        (line,) = lines_of(workspace(tmp_path, http={"path": "/", "alias": wrong}), COPILOT)
        assert "http.alias: found" in line


def test_a_name_of_the_facade_is_not_below_an_alias(tmp_path: Path) -> None:
    web = of_copilot("web", "/", http={"path": "/", "alias": "*.example.com", "hosted_zone": "Z0123456789ABC"})
    write_workspace(tmp_path, {"web": web}, {"test": environment("test")})
    domain = {"alb": {"domain": {"name": "shop.example.com", "hostedZone": "Z0123456789ABC"}}}
    (line,) = lines_of(tmp_path, {**COPILOT, "facadeSettings": domain})
    assert "shop.example.com is also at copilot/web/manifest.yml: http.alias; the alias takes" in line


def test_what_only_copilot_is_to_go_on_with_is_ignored_on_request(tmp_path: Path) -> None:
    rules = [
        {"path": "a", "alias": "a.example.com"},
        {"path": "b", "alias": "b.example.com", "allowed_source_ips": ["::1"]},
    ]
    http: Tree = {"path": "/", "allowed_source_ips": ["10.0.0.0/8"]}
    http |= {"additional_rules": [{**rule, "hosted_zone": "Z0123456789ABC"} for rule in rules]}
    folder = workspace(tmp_path, http=http)
    (line,) = lines_of(folder, COPILOT)
    assert line.endswith("set strangler:services.web.ignore: http.allowed_source_ips")
    names = ["http.allowed_source_ips", "http.additional_rules.allowed_source_ips"]
    for said in (names, ", ".join(names)):
        found = read_project(folder, {**COPILOT, "services": {"web": {"ignore": said}}})
        ignored = "ignored, as Pulumi.local.yaml: strangler:services.web.ignore says"
        assert [line.partition("; ")[0].partition(".yml: ")[2] for line in without_numbers(found.warnings)] == [
            f"http.allowed_source_ips: {ignored}",
            f"http.additional_rules[1].allowed_source_ips: {ignored}",
        ]
        http_of = found.services[0].manifest.http
        assert http_of is not None
        assert [alias.name for rule in http_of.rules for alias in rule.aliases] == [f"{x}.example.com" for x in "ab"]


def test_an_alias_that_is_a_mistake_is_not_missing_besides(tmp_path: Path) -> None:
    wrong: Tree = {"path": "a", "alias": "${DOMAIN}", "version": "http2", "allowed_source_ips": ["::1"]}
    api = {**of_copilot("api", http={"path": "/", "alias": "${DOMAIN}"}), "type": "Backend Service"}
    web = of_copilot("web", http={**wrong, "additional_rules": [wrong]})
    other = of_copilot("other", "/")
    certificate = "arn:aws:acm:eu-west-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"
    private = environment("test", http={"private": {"certificates": [certificate]}})
    write_workspace(tmp_path, {"web": web, "api": api, "other": other}, {"test": private})
    found = [line.partition(": the variable DOMAIN is not set; ")[0] for line in lines_of(tmp_path, COPILOT)]
    places = ("api/manifest.yml: http.alias", "web/manifest.yml: http.alias")
    assert found == [f"copilot/{place}" for place in (*places, "web/manifest.yml: http.additional_rules[0].alias")]


def test_what_a_pipeline_fills_in_may_come_from_the_config(tmp_path: Path) -> None:
    folder = workspace(tmp_path, image={"location": "will be injected", "port": 3000})
    (line,) = lines_of(folder, COPILOT)
    assert line.endswith("such as name@sha256:…, or set strangler:services.web.image")
    assert lines_of(folder, {**COPILOT, "services": {"web": {"image": f"web@{DIGEST}"}}}) == []


def test_who_may_ask_makes_no_difference_on_this_machine(tmp_path: Path) -> None:
    http: Tree = {"path": "/", "alias": "a.example.com", "allowed_source_ips": ["10.0.0.0/8"]}
    folder = workspace(tmp_path, http=http)
    (here,) = read_project(folder, {**COPILOT, "platform": "local"}).services
    (there,) = read_project(folder, COPILOT).services
    assert (here.routed, there.routed) == (True, False)


@pytest.mark.parametrize(("said", "message"), [(["http.alb"], "no 'http.alb' in copilot/web"), ({"a": 1}, "found")])
def test_what_is_ignored_must_be_there(tmp_path: Path, said: object, message: str) -> None:
    (line,) = lines_of(workspace(tmp_path), {**COPILOT, "services": {"web": {"ignore": said}}})
    assert line.startswith("Pulumi.local.yaml: strangler:services.web.ignore: ")
    assert message in line


def test_the_http_of_a_backend_can_be_left_to_copilot(tmp_path: Path) -> None:
    api = {**of_copilot("api"), "type": "Backend Service", "http": {"path": "/"}}
    write_workspace(tmp_path, {"web": of_copilot("web", "/"), "api": api}, {"test": environment("test")})
    found = read_project(tmp_path, {**COPILOT, "services": {"api": {"ignore": "http"}}})
    assert [service.manifest.internal is None for service in found.services] == [True, True]
    assert [service.manifest.internal is None for service in read_project(tmp_path, COPILOT).services] == [False, True]
