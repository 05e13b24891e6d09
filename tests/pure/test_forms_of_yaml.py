"""Manifests as they are written by hand: what Copilot's reader takes each form for, which its v1.34.1 was asked."""

from pathlib import Path

import pytest

from components.manifest.deployment import RollbackAlarms
from components.manifest.image import Build
from components.manifest.manifest import Manifest
from components.manifest.variables import Secret
from tests.projects import (
    environment,
    lines_of,
    manifest,
    of_copilot,
    read_project,
    without_numbers,
    write_project,
    write_workspace,
)

BASE = """
name: users
type: Load Balanced Web Service
image: {build: services/users/Dockerfile, port: 3000}
http: {path: api/users}
"""
SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:"
YES, NO = ("true", "True", "TRUE", "yes", "Y", "on", "ON"), ("false", "False", "no", "N", "off", "Off")


def read(folder: Path, text: str) -> Manifest:
    """The service users in the environment test, with these lines in its manifest."""
    write_project(folder, {"users": BASE + text})
    return read_project(folder, {"default": "none"}, "test").services[-1].manifest


def messages(folder: Path, text: str) -> list[str]:
    write_project(folder, {"users": BASE + text})
    return lines_of(folder, {"default": "none"}, "test")


def test_a_variable_is_the_text_that_was_written(tmp_path: Path) -> None:
    found = read(tmp_path, "variables: {A: False, B: TRUE, C: +18775217865, D: -0, E: on, F: 1.10, G: 010, H: 5}")
    wanted = {"A": "False", "B": "TRUE", "C": "+18775217865", "D": "-0", "E": "on", "F": "1.10", "G": "010", "H": "5"}
    assert dict(found.variables) == wanted


def test_a_label_and_an_argument_of_a_build_are_the_texts_that_were_written(tmp_path: Path) -> None:
    build = "{dockerfile: services/users/Dockerfile, args: {DEBUG: False}}"
    found = read(tmp_path, f"environments: {{test: {{image: {{build: {build}, labels: {{up: True}}}}}}}}")
    assert found.build
    assert (found.build.args, dict(found.labels)) == ((("DEBUG", "False"),), {"up": "True"})


@pytest.mark.parametrize(("words", "value"), [(YES, True), (NO, False)])
def test_a_boolean_is_any_of_yamls_words(words: tuple[str, ...], value: bool, tmp_path: Path) -> None:
    for word in words:
        found = read(tmp_path, f"exec: {word}\nstorage: {{readonly_fs: {word}}}\nnetwork: {{connect: {word}}}")
        assert (found.exec, found.readonly_fs, found.network.connect) == (value, value, value), word


def test_a_service_without_http_may_say_so_in_any_word(tmp_path: Path) -> None:
    write_project(tmp_path, {"posts": manifest("posts")})
    assert read(tmp_path, "environments: {test: {http: no, nlb: {port: 80/tcp}}}").http is None


def test_a_field_that_is_refused_may_be_switched_off_in_any_word(tmp_path: Path) -> None:
    write_workspace(tmp_path, {"web": of_copilot("web", "/")}, {"test": environment("test", cdn="off")})
    config = {"platform": "aws", "facade": "alb", "copilot": "copilot", "copilotEnvironment": "test"}
    assert lines_of(tmp_path, config) == []


@pytest.mark.parametrize("path", [".env", "./.env", "services/users/.env"])
def test_a_file_of_variables_may_have_no_more_of_a_name_than_its_ending(path: str, tmp_path: Path) -> None:
    (tmp_path / "services/users").mkdir(parents=True)
    (tmp_path / path).write_text("A=1\n")
    assert dict(read(tmp_path, f"env_file: {path}").variables) == {"A": "1"}


@pytest.mark.parametrize(
    ("written", "name"),
    [
        (f"\"'{SECRET}demo/mysql-Yi6mvL'\"", f"{SECRET}demo/mysql-Yi6mvL"),
        (f"{{secretsmanager: \"'{SECRET}demo/mysql-Yi6mvL'\"}}", f"{SECRET}demo/mysql-Yi6mvL"),
        (f"'{SECRET}rds!db-58398c9d-OCrjFE:username::'", f"{SECRET}rds!db-58398c9d-OCrjFE:username::"),
        ("{secretsmanager: 'rds!cluster-58398c9d'}", "rds!cluster-58398c9d"),
    ],
)
def test_a_secret_may_be_quoted_twice_and_one_of_a_services_of_awss(written: str, name: str, tmp_path: Path) -> None:
    assert read(tmp_path, f"secrets: {{DB: {written}}}").secrets == (("DB", Secret("secretsmanager", name)),)


def test_an_arn_of_a_parameter_may_be_quoted_twice(tmp_path: Path) -> None:
    arn = "arn:aws:ssm:eu-west-1:123456789012:parameter/db"
    assert read(tmp_path, f"secrets: {{DB: \"'{arn}'\"}}").secrets == (("DB", Secret("ssm", arn)),)


def warned(folder: Path, text: str) -> list[str]:
    """What the service users with these lines is accepted with."""
    write_project(folder, {"users": BASE + text})
    return without_numbers(read_project(folder, {"default": "none"}, "test").warnings)


def test_a_value_of_cloudformations_is_reported_where_it_stands_and_hides_nothing_else(tmp_path: Path) -> None:
    text = "variables: {BUCKET: !Sub ['${x}', {x: y}]}\nsecrets: {DB: !Join ['', [a, b]]}\ncpu: 255"
    remedy = "write the value itself, or an environment variable such as ${NAME}"
    lines = messages(tmp_path, text)
    assert f"services/users/manifest.yml: variables.BUCKET: the CloudFormation tag !Sub; {remedy}" in lines
    assert f"services/users/manifest.yml: secrets.DB: the CloudFormation tag !Join; {remedy}" in lines
    assert any("cpu: found 255" in line for line in lines)
    assert len(lines) == 3


def test_a_text_behind_a_tag_of_cloudformations_is_the_text_and_a_warning_says_so(tmp_path: Path) -> None:
    text = "variables: {BUCKET: !GetAtt Addons.Outputs.bucket}\nsecrets: {DB: !Sub '/db'}\ncommand: [a, !Ref Word]"
    found = read(tmp_path, text)
    assert dict(found.variables) == {"BUCKET": "Addons.Outputs.bucket"}
    assert found.secrets == (("DB", Secret("ssm", "/db")),)
    assert found.command == ("a", "Word")
    begin = "services/users/manifest.yml: variables.BUCKET: the CloudFormation tag !GetAtt, which Copilot ignores: "
    (line,) = (line for line in warned(tmp_path, text) if "BUCKET" in line)
    assert line.startswith(f"{begin}using 'Addons.Outputs.bucket' as it is")


@pytest.mark.parametrize("value", ["!Sub 'arn:${AWS::Region}'", "[a, !Ref B]", "{c: !GetAtt d.e}", "!Join ['', [a]]"])
def test_below_a_key_that_nobody_knows_a_tag_is_no_mistake_of_its_own(value: str, tmp_path: Path) -> None:
    (line,) = (line for line in warned(tmp_path, f"permissions: {value}") if "permissions" in line)
    assert line.startswith("services/users/manifest.yml: permissions: unknown key; ")


def test_below_a_key_of_an_environment_that_nobody_knows_a_tag_is_no_mistake_either(tmp_path: Path) -> None:
    text = "name: test\ntype: Environment\npermissions: [{resources: !Sub 'arn:${AWS::Region}'}]\n"
    write_workspace(tmp_path, {"web": of_copilot("web", "/")}, {"test": text})
    config = {"platform": "aws", "facade": "alb", "copilot": "copilot", "copilotEnvironment": "test"}
    assert lines_of(tmp_path, config) == []


def test_an_item_without_a_value_is_none(tmp_path: Path) -> None:
    lists = "command: [a, null]\ntaskdef_overrides: [null]\npublish: {topics: [null]}\n"
    found = read(tmp_path, f"{lists}network:\n  vpc:\n    security_groups:\n      -\n      - sg-0a1b2c3d\n")
    assert found.command == ("a",)
    assert (found.overrides, found.topics) == ((), ())
    assert found.network.security_groups == ("sg-0a1b2c3d",)


def test_the_first_document_is_the_manifest(tmp_path: Path) -> None:
    text = "cpu: 512\nmemory: 1024\n---\ncpu: 1024\n"
    assert read(tmp_path, text).cpu == 512
    assert "services/users/manifest.yml:8: another document, which Copilot doesn't read; remove it" in map(
        str, read_project(tmp_path, {"default": "none"}, "test").warnings
    )


@pytest.mark.parametrize(
    "text", ["exec:\ttrue", "exec: true\t", "exec: true\t# yes", "exec :\t\ttrue", "x: {\n\ta: b}\nexec: true"]
)
def test_a_tab_that_indents_nothing_is_a_blank(text: str, tmp_path: Path) -> None:
    assert read(tmp_path, f"{text}\n").exec


def test_a_tab_that_indents_is_refused(tmp_path: Path) -> None:
    (line,) = messages(tmp_path, "variables:\n\tA: b\n")
    assert "found character '\\t' that cannot start any token" in line


@pytest.mark.parametrize("text", ["'Fn::ImportValue: shop-group'", "\"Fn::ImportValue: 'shop-group'\""])
def test_a_security_group_may_be_an_import_that_is_written_as_a_text(text: str, tmp_path: Path) -> None:
    write_project(
        tmp_path, {"posts": manifest("posts"), "users": f"{BASE}network: {{vpc: {{security_groups: [{text}]}}}}"}
    )
    config = {"platform": "aws", "facade": "alb", "default": "none", "exports": {"shop-group": "sg-0a1b2c3d"}}
    (service,) = (found for found in read_project(tmp_path, config, "test").services if found.name == "users")
    assert service.manifest.network.security_groups == ("sg-0a1b2c3d",)


@pytest.mark.parametrize(
    "build", [r"services\users\Dockerfile", r"{dockerfile: services\users\Dockerfile}", r"{context: services\users}"]
)
def test_the_paths_of_an_image_may_be_written_as_on_windows(build: str, tmp_path: Path) -> None:
    text = BASE.replace("build: services/users/Dockerfile", f"build: {build}")
    assert text != BASE
    write_project(tmp_path, {"users": text})
    (service,) = read_project(tmp_path, {"default": "none"}).services
    assert service.manifest.build == Build("services/users/Dockerfile", "services/users")


def test_a_delay_without_a_unit_is_seconds_and_a_warning_says_what_copilot_makes_of_it(tmp_path: Path) -> None:
    text = "environments: {test: {http: {deregistration_delay: 5}}}"
    http = read(tmp_path, text).http
    assert http
    assert http.main.deregistration_delay == 5
    assert any(
        "5 without a unit is read as 5s; write 5s: Copilot waits for 0s" in line for line in warned(tmp_path, text)
    )


def test_so_is_a_cooldown(tmp_path: Path) -> None:
    scaling = "range: 1-2, cooldown: {in: 60, out: 0}, cpu_percentage: {value: 50, cooldown: {out: '90'}}, requests: 9"
    text = f"environments: {{test: {{count: {{{scaling}}}}}}}"
    count = read(tmp_path, text).count
    assert count.cpu
    assert count.requests
    assert (count.cpu.cooldown_in, count.cpu.cooldown_out) == (60, 90)
    assert (count.requests.cooldown_in, count.requests.cooldown_out) == (60, 0)
    assert len([line for line in warned(tmp_path, text) if "s: Copilot waits for 0s" in line]) == 2


def test_a_path_with_all_that_is_below_it_is_the_path_and_a_warning_says_so(tmp_path: Path) -> None:
    text = "environments: {test: {http: {path: 'api/users/*'}}}"
    http = read(tmp_path, text).http
    assert http
    assert http.main.path == "/api/users"
    assert any(
        "/api/users/* is read as /api/users; /api/users is matched together" in line for line in warned(tmp_path, text)
    )


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (BASE.replace("name: users", "name: !Ref Name"), "name"),
        (BASE.replace("type: Load Balanced Web Service", "type: !Ref Type"), "type"),
        (BASE.replace("{build: services/users/Dockerfile, port: 3000}", "!Ref Image"), "image"),
        (BASE.replace("port: 3000", "port: !Ref Port"), "image.port"),
        (BASE.replace("path: api/users", "path: !Sub [a]"), "http.path"),
        (f"{BASE}env_file: !Ref File", "env_file"),
        (f"{BASE}exec: !Ref Exec", "exec"),
        (f"{BASE}count: !Ref Count", "count"),
        (f"{BASE}taskdef_overrides: [{{path: Cpu, value: !Ref Cpu}}]", "taskdef_overrides[0].value"),
        (f"{BASE}sidecars: !FindInMap [a, b, c]", "sidecars"),
        (f"{BASE}network: {{vpc: {{placement: !Ref Where}}}}", "network.vpc.placement"),
        (f"{BASE}environments: !Ref All", "environments"),
    ],
)
def test_a_value_of_cloudformations_is_reported_in_one_line_wherever_it_stands(
    text: str, place: str, tmp_path: Path
) -> None:
    write_project(tmp_path, {"posts": manifest("posts"), "users": text})
    (line,) = lines_of(tmp_path, {"default": "none"}, "test")
    assert line.startswith(f"services/users/manifest.yml: {place}: the CloudFormation tag !")


@pytest.mark.parametrize(
    ("field", "place"),
    [
        ("http: {path: api/users, alias: '${HOST}.example.com'}", "http.alias"),
        ("count: ${HOST}", "count"),
        ("image: {location: 'users:${HOST}', port: 3000}", "image.location"),
        ("sidecars: {nginx: {image: 'nginx:${HOST}'}}", "sidecars.nginx.image"),
        ("env_file: ${HOST}.env", "env_file"),
        ("secrets: {DB: '/${HOST}/db'}", "secrets.DB"),
        ("network: {vpc: {security_groups: ['${HOST}']}}", "network.vpc.security_groups[0]"),
    ],
)
def test_of_a_value_with_a_variable_that_is_not_set_that_alone_is_reported(
    field: str, place: str, tmp_path: Path
) -> None:
    key = field.partition(":")[0]
    base = "".join(line for line in BASE.splitlines(keepends=True) if not line.startswith(f"{key}:"))
    write_project(tmp_path, {"posts": manifest("posts"), "users": base + field})
    (line,) = lines_of(tmp_path, {"default": "none"}, "test")
    assert line.startswith(
        f"services/users/manifest.yml: {place}: the variable HOST is not set; export HOST, or write "
    )


def test_a_value_of_cloudformations_in_another_environment_is_none_of_this_ones(tmp_path: Path) -> None:
    assert messages(tmp_path, "environments: {prod: {variables: {BUCKET: !Ref Bucket}}}") == []


def test_an_override_of_nothing_empties_a_text_and_changes_no_other_field(tmp_path: Path) -> None:
    text = "variables: {A: x, B: y}\ncpu: 512\nmemory: 1024\nlogging: {destination: {Name: x}}\n"
    nothing = "{test: {cpu: , variables: {A: }, logging: {destination: {Name: }}}}"
    found = read(tmp_path, f"{text}environments: {nothing}")
    assert (dict(found.variables), found.cpu) == ({"A": "", "B": "y"}, 512)
    assert found.router
    assert found.router.destination == (("Name", ""),)


def test_an_escaped_blank_ends_no_word_of_a_command(tmp_path: Path) -> None:
    assert read(tmp_path, "command: 'serve a\\ #b'").command == ("serve", "a #b")


def test_a_command_may_have_a_comment_behind_it(tmp_path: Path) -> None:
    assert read(tmp_path, "command: 'serve --tag a#b \"# no\" # all of it'").command == (
        "serve",
        "--tag",
        "a#b",
        "# no",
    )


@pytest.mark.parametrize("platform", ["linux/arm", "{osfamily: Linux, architecture: ARM}", "linux/arm64"])
def test_arm_is_arm64(platform: str, tmp_path: Path) -> None:
    assert read(tmp_path, f"platform: {platform}").platform == "linux/arm64"


def test_a_rolling_deployment_is_named_in_any_case(tmp_path: Path) -> None:
    assert read(tmp_path, "deployment: {rolling: Recreate}").rolling == "recreate"


def test_a_threshold_may_have_a_fraction(tmp_path: Path) -> None:
    found = read(tmp_path, "deployment: {rollback_alarms: {cpu_utilization: 70, memory_utilization: 50.5}}")
    assert found.rollback_alarms == RollbackAlarms(cpu=70, memory=50.5)


def test_an_override_of_the_task_definition_has_the_types_that_yaml_has(tmp_path: Path) -> None:
    text = "taskdef_overrides: [{path: 'ContainerDefinitions[0].Ulimits', value: [{a: True, b: 'True', c: +1, d: 2}]}]"
    (override,) = read(tmp_path, text).overrides
    assert override.value == '[{"a": true, "b": "True", "c": 1, "d": 2}]'


def test_a_dockerfile_of_a_sidecar_may_lie_among_the_manifests(tmp_path: Path) -> None:
    write_workspace(tmp_path, {"web": of_copilot("web", "/")})
    (tmp_path / "copilot/proxy").mkdir()
    (tmp_path / "copilot/proxy/Dockerfile").touch()
    settings = read_project(tmp_path, {"copilot": "copilot", "copilotEnvironment": "test", "default": "web"})
    assert settings.warnings == ()


JOB = """
name: users
type: Scheduled Job
image: {build: services/users/Dockerfile}
on: {schedule: none}
"""


@pytest.mark.parametrize(
    "text",
    [
        "observability: {tracing: awsxray}",
        "deployment: {rolling: recreate, rollback_alarms: {cpu_utilization: 70}}",
        "exec: true",
        "count: 3",
        "network: {connect: true}",
        "http: {path: /}",
        "subscribe: {queue: {timeout: 30s}}",
    ],
)
def test_what_has_no_effect_on_a_job_changes_nothing_of_it(text: str, tmp_path: Path) -> None:
    def job(more: str) -> Manifest:
        write_project(tmp_path, {"posts": manifest("posts"), "users": f"{JOB}{more}"})
        return read_project(tmp_path, {"default": "none"}, "test").services[-1].manifest

    assert job(text) == job("")


@pytest.mark.parametrize("name", ["nightly", "worker", "stock"])
def test_a_field_of_any_workload_may_be_left_to_copilot_and_any_workload_left_out(name: str, tmp_path: Path) -> None:
    kinds: dict[str, dict[str, object]] = {
        "nightly": {"type": "Scheduled Job", "on": {"schedule": "@daily"}},
        "worker": {"type": "Worker Service"},
        "stock": {"type": "Backend Service"},
    }
    tags = {"vpc": {"placement": {"subnets": {"from_tags": {"a": "b"}}}}}
    image = {"build": f"{name}/Dockerfile"}
    write_workspace(
        tmp_path, {"web": of_copilot("web", "/"), name: {"name": name, "image": image, "network": tags, **kinds[name]}}
    )
    config: dict[str, object] = {"platform": "aws", "facade": "alb", "copilot": "copilot", "copilotEnvironment": "test"}
    assert len(lines_of(tmp_path, config)) == 1
    assert lines_of(tmp_path, {**config, "services": {name: {"ignore": "network.vpc.placement"}}}) == []
    assert lines_of(tmp_path, {**config, "exclude": [name]}) == []


def test_a_command_may_be_a_text_behind_a_tag(tmp_path: Path) -> None:
    assert read(tmp_path, "command: !Sub 'serve --all'").command == ("serve", "--all")
