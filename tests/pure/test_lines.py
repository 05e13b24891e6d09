"""The line of a manifest in which a mistake was made."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import cast

import pytest
import yaml

from components.input.diagnostics import InputError, Problems
from components.input.files import text_of
from components.input.yaml import load
from components.manifest.overrides import overridden
from components.manifest.support import Group
from tests.projects import (
    DIGEST,
    Tree,
    as_yaml,
    board,
    environment,
    manifest,
    numbered_lines_of,
    of_copilot,
    read_project,
    write_project,
    write_workspace,
)
from tests.pure import bad_containers, bad_http_nlb, bad_manifests, bad_tasks
from tests.pure.bad import Bad
from tests.pure.full import FULL

TEXT = """\
name: users
type: Load Balanced Web Service
image:
  build: services/users/Dockerfile
  port: 3000
http:
  path: api/users
  alias:
  - users.example.com
  - name: nowhere
environments:
  local:
    http:
      healthcheck:
        interval: 5
"""
"""A manifest with a mistake in line 10, and one in line 15, in an override."""


def test_a_mistake_names_its_line_and_in_an_override_the_line_there(tmp_path: Path) -> None:
    write_project(tmp_path, {**board(), "users": TEXT})
    assert numbered_lines_of(tmp_path) == [
        "services/users/manifest.yml:10: http.alias[1].name: found 'nowhere'; give a host name such as"
        " api.example.com, or *.example.com",
        "services/users/manifest.yml:15: environments.local.http.healthcheck.interval: found 5; give a duration in"
        " whole seconds from 5s to 300s, such as 5s",
    ]


def test_a_missing_key_names_the_line_of_the_map_in_which_it_is_missing_and_at_the_top_its_first_line(
    tmp_path: Path,
) -> None:
    write_project(tmp_path, {**board(), "users": TEXT.replace("  port: 3000\n", "").replace("  - name: nowhere\n", "")})
    line, *_ = numbered_lines_of(tmp_path)
    assert line.startswith("services/users/manifest.yml:3: image.port: missing; ") or "interval" in line
    write_project(tmp_path, {**board(), "users": "# mine\ntype: Load Balanced Web Service\nhttp: {path: /users}\n"})
    lines = numbered_lines_of(tmp_path)
    assert any(line.startswith("services/users/manifest.yml:2: name: missing; ") for line in lines)


def test_what_an_override_says_alone_is_told_there_and_what_it_adds_to_where_that_stands(tmp_path: Path) -> None:
    """A missing key, or a map as a whole: where the override alone has it, nothing else of the file is meant."""
    text = f"""\
name: users
type: Load Balanced Web Service
image:
  build: services/users/Dockerfile
  port: 3000
http: {{path: api/users}}
sidecars:
  old: {{image: old@{DIGEST}}}
environments:
  prod:
    sidecars: {{old: {{port: 80}}}}
  users:
    sidecars:
      new:
        port: 8080
    storage:
      volumes: {{data: {{efs: {{root_dir: /}}}}}}
  local:
    storage:
      volumes:
        data:
          read_only: true
        more: 5
"""
    write_project(tmp_path, {**board(), "users": text})
    place = "services/users/manifest.yml"
    aws = numbered_lines_of(tmp_path, {"platform": "aws", "facade": "refactor-spaces", "allowMutableTags": True})
    assert sorted(line.partition(": missing")[0].partition(": found")[0] for line in aws) == [
        f"{place}:14: environments.users.sidecars.new.image",
        f"{place}:17: environments.users.storage.volumes.data.efs.id",
        f"{place}:17: environments.users.storage.volumes.data.path",
        f"{place}:23: environments.local.storage.volumes.more",
    ]


def test_what_an_override_replaces_as_a_whole_is_no_longer_where_an_earlier_one_wrote_a_part_of_it() -> None:
    text = "a: {b: {c: 1, d: 1}}\nenvironments:\n  one: {a: {b: {c: 2}}}\n  two:\n    a:\n      b: text\n"
    at = overridden(load(text, "m.yml", Problems()), ("one", "two"), Group())
    assert [str(place.where) for place in (at.get("a").get("b"), at.get("a").get("b").get("c"))] == [
        "m.yml:6: environments.two.a.b",
        "m.yml:6: environments.two.a.b.c",
    ]
    one = overridden(load(text, "m.yml", Problems()), ("one",), Group()).get("a").get("b")
    assert [str(place.where) for place in (one, one.get("c"), one.get("d"))] == [
        "m.yml:3: environments.one.a.b",
        "m.yml:3: environments.one.a.b.c",
        "m.yml:1: a.b.d",
    ]


def test_an_environments_manifest_has_lines_too(tmp_path: Path) -> None:
    content = yaml.safe_dump(environment("test"), sort_keys=False) + "observability:\n  container_insights: perhaps\n"
    write_workspace(tmp_path, {"web": of_copilot("web", "/")}, {"test": content})
    config: Tree = {"platform": "aws", "facade": "alb", "copilot": "copilot", "copilotEnvironment": "test"}
    (line,) = numbered_lines_of(tmp_path, config)
    assert line.startswith(
        "copilot/environments/test/manifest.yml:4: observability.container_insights: found 'perhaps'"
    )


_SUBNETS = """\
name: test
type: Environment
network:
  vpc:
    id: vpc-0a1b2c3d
    subnets:
      private: [{id: subnet-0a1b2c3d}, {id: subnet-0a1b2c3e}]
http:
  public:
    access_logs:
      bucket_name: xn--logs
"""
_TEST: Tree = {"platform": "aws", "facade": "alb", "copilot": "copilot", "copilotEnvironment": "test"}


def test_what_aws_would_refuse_of_an_environments_manifest_names_the_line_too(tmp_path: Path) -> None:
    write_workspace(tmp_path, {"web": of_copilot("web", "/")}, {"test": _SUBNETS})
    place = "copilot/environments/test/manifest.yml"
    subnets, bucket = numbered_lines_of(tmp_path, _TEST)
    assert bucket.startswith(f"{place}:11: http.public.access_logs.bucket_name: the bucket 'xn--logs'; ")
    assert subnets.startswith(f"{place}:6: network.vpc.subnets.public: none; give the ids of two or more")


def test_of_two_settings_of_an_environment_the_one_that_is_used_is_named(tmp_path: Path) -> None:
    write_workspace(tmp_path, {"web": of_copilot("web", "/")}, {"test": _SUBNETS})
    logs: Tree = {"environments": {"test": {"accessLogs": "sthree-logs"}}}
    bucket, _ = numbered_lines_of(tmp_path, {**_TEST, **logs})
    assert bucket.startswith("Pulumi.local.yaml: strangler:environments.test.accessLogs: the bucket 'sthree-logs'; ")


def test_ranges_that_overlap_name_the_line_of_the_range(tmp_path: Path) -> None:
    ranged = "type: Environment\nnetwork:\n  vpc: {cidr: 10.7.0.0/16}\n"
    services = {name: of_copilot(name, path) for name, path in (("web", "/"), ("api", "api"))}
    write_workspace(tmp_path, services, {"a": f"name: a\n{ranged}", "b": f"name: b\n{ranged}"})
    placed: Tree = {"services": {"web": {"environment": "a"}, "api": {"environment": "b"}}}
    config: Tree = {"platform": "aws", "facade": "api-gateway", "copilot": "copilot", "copilotEnvironment": "a"}
    (line,) = numbered_lines_of(tmp_path, {**config, **placed})
    assert line.startswith("copilot/environments/b/manifest.yml:4: network.vpc.cidr: the range 10.7.0.0/16 overlaps")


_BASE = """\
name: users
type: Load Balanced Web Service
image:
  build: services/users/Dockerfile
  port: 3000
"""
_MANY = "".join(f"  - 1{number}.0.0.0/8\n" for number in range(5))


@pytest.mark.parametrize(
    ("platform", "more", "told"),
    [
        (
            "aws",
            "http:\n  path: users\n  additional_rules:\n  -\n  - healthcheck: /\n    path: admin\n",
            "10: http.additional_rules[1].alias: missing; give",
        ),
        (
            "aws",
            "http:\n  path: api/users\n  version: grpc\n  alias: users.example.com\n",
            "8: http.version: grpc without a certificate; ",
        ),
        (
            "aws",
            "http:\n  alias: users.example.com\n  path: a/{id}\n",
            "8: http.path: the path '/a/{id}' has a parameter; ",
        ),
        (
            "aws",
            f"http:\n  path: api/users\n  alias: a.example.com\n  allowed_source_ips:\n{_MANY}",
            "9: http.allowed_source_ips: 5 ranges; ",
        ),
        (
            "aws",
            "http: {path: u}\ntaskdef_overrides:\n- path: PidMode\n  value: task\n- value: 4096\n  path: Cpu\n",
            "11: taskdef_overrides[1].path: Fargate has no task of 4096 CPU units",
        ),
        (
            "aws",
            "http: {path: u}\nsidecars:\n  agent:\n    image:\n      # by its tag\n      location: agent:1\n",
            "11: sidecars.agent.image.location: the tag of 'agent:1' can be moved",
        ),
        (
            "aws",
            f"http: {{path: u}}\ndeployment:\n  rollback_alarms:\n  - errors\n  - {'a' * 256}\n",
            "10: deployment.rollback_alarms[1]: the name ",
        ),
        ("aws", "http: {path: u}\nvariables:\n  B: b\n  A=B: x\n", "9: variables.A=B: the name 'A=B'; "),
        (
            "local",
            "http:\n  path: u\n  healthcheck:\n    path: /\n    interval: 5s\n",
            "10: http.healthcheck.interval: found 5s; give more than the timeout of 5s, or a timeout",
        ),
        (
            "local",
            "http: {path: u}\nsecrets:\n  B: /b\n  A: /a\n",
            "9: secrets.A: omitted on the platform local: A of users, B of users; ",
        ),
        (
            "local",
            "http: {path: u}\nstorage:\n  volumes:\n    x:\n      path: /x\n"
            "      efs:\n        id: fs-0123456789abcdef0\n",
            "12: storage.volumes.x.efs.id: an empty Docker volume replaces fs-0123456789abcdef0 of users; ",
        ),
    ],
)
def test_what_is_told_long_after_the_reading_still_names_its_line(
    tmp_path: Path, platform: str, more: str, told: str
) -> None:
    write_project(tmp_path, {**board(), "users": _BASE + more})
    config: Tree = {"platform": platform, **({"facade": "alb"} if platform == "aws" else {})}
    if "image:\n      #" not in more:
        config["allowMutableTags"] = True
    try:
        lines = [str(warning) for warning in read_project(tmp_path, config).warnings]
    except InputError as refused:
        lines = str(refused).splitlines()
    assert any(line.startswith(f"services/users/manifest.yml:{told}") for line in lines), lines


def test_messages_come_file_by_file_and_line_by_line_and_warnings_too(tmp_path: Path) -> None:
    """Checks look at one thing in all files; who mends goes through one file after the other."""
    wrong = f"{_BASE}http: {{path: api/users}}\nx1: 1\ncount: many\nexec: perhaps\nx2: 2\ncpu: much\n"
    write_project(tmp_path, {**board(), "users": wrong, "posts": wrong.replace("users", "posts")})
    (tmp_path / "services/posts/some.env").write_text("A\n" * 10, encoding="utf-8")
    with pytest.raises(InputError) as refused:
        read_project(tmp_path, {"port": 0, "default": "nobody"})
    places = [str(problem).split(": ")[0] for problem in refused.value.problems]
    lines = [f"services/{name}/manifest.yml:{line}" for name in ("posts", "users") for line in (8, 9, 11)]
    assert places == ["Pulumi.local.yaml", "Pulumi.local.yaml", *lines]
    warned = [str(problem).split(": ")[0] for problem in refused.value.warnings]
    assert warned == [f"services/{name}/manifest.yml:{line}" for name in ("posts", "users") for line in (7, 10)]


@pytest.mark.parametrize(
    ("base", "override", "told"),
    [
        ("memory: 512", "cpu: 1024", "10: environments.local.cpu: Fargate has no task of 1024 CPU units and 512 MiB"),
        ("cpu: 1024\nmemory: 2048", "memory: 512", "11: environments.local.memory: Fargate has no task of 1024 CPU"),
        ("cpu: 1024\nmemory: 512", "exec: true", "8: memory: Fargate has no task of 1024 CPU units and 512 MiB"),
        ("count: {spot: 2}", "count: {range: 1-5}", "10: environments.local.count: found a range without a metric"),
        ("count: {range: 1-5}", "exec: true", "7: count: found a range without a metric"),
    ],
)
def test_what_only_the_override_makes_wrong_is_told_there(tmp_path: Path, base: str, override: str, told: str) -> None:
    text = f"{_BASE}http: {{path: api/users}}\n{base}\nenvironments:\n  local:\n    {override}\n"
    write_project(tmp_path, {**board(), "users": text})
    (line,) = numbered_lines_of(tmp_path)
    assert line.startswith(f"services/users/manifest.yml:{told}")


_STYLES: dict[str, Callable[[str], str]] = {
    "as it is": lambda text: text,
    "with a byte order mark": lambda text: f"\ufeff{text}",
    "with CRLF": lambda text: text.replace("\n", "\r\n"),
    "with remarks and blank lines": lambda text: "# mine\n\n---\n" + text.replace("\n", "\n# why\n\n"),
    "as JSON": lambda text: json.dumps(yaml.safe_load(text), indent=1),
}


@pytest.mark.parametrize("style", _STYLES)
def test_every_path_of_a_manifest_has_its_line_however_it_is_written(tmp_path: Path, style: str) -> None:
    text = _STYLES[style](as_yaml(FULL))
    file = tmp_path / "manifest.yml"
    file.write_bytes(text.encode())
    at = load(text_of(file), "m.yml", Problems())
    lines = text.splitlines()
    places = list(_keys_of(FULL))
    assert len(places) > 150
    for keys in places:
        path = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in keys).removeprefix(".")
        line = lines[(at.line_of(path) or 0) - 1]
        assert isinstance(keys[-1], int) or re.match(rf"\W*{re.escape(keys[-1])}\W", line), (path, line)


def _keys_of(tree: object, keys: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    pairs: Iterable[tuple[str | int, object]] = ()
    if isinstance(tree, dict):
        pairs = cast("dict[str | int, object]", tree).items()
    elif isinstance(tree, list):
        pairs = enumerate(cast("list[object]", tree))
    for key, inner in pairs:
        yield (*keys, key)
        yield from _keys_of(inner, (*keys, key))


def test_a_mistake_in_what_an_anchor_or_a_merge_brings_names_the_line_where_it_is_written(tmp_path: Path) -> None:
    base = f"{_BASE}x: &x\n  path: api/users\n  stickiness: perhaps\n"
    for more, told in (
        ("http: *x\n", "8: http.stickiness: found 'perhaps'"),
        ("http:\n  <<: *x\n", "8: http.stickiness: found 'perhaps'"),
        ("http:\n  stickiness: often\n  <<: *x\n", "10: http.stickiness: found 'often'"),
        ("http:\n  <<: [*x]\n  stickiness: ${HOW}\n", "11: http.stickiness: found 'never'"),
    ):
        write_project(tmp_path, {**board(), "users": base + more})
        (line,) = numbered_lines_of(tmp_path, shell={"HOW": "never"})
        assert line.startswith(f"services/users/manifest.yml:{told}")


def test_a_workspace_file_that_cant_be_read_is_one_mistake(tmp_path: Path) -> None:
    write_workspace(tmp_path, {"web": of_copilot("web", "/")})
    (tmp_path / "copilot/.workspace").write_text("application: a\napplication: b\n", encoding="utf-8")
    (line,) = numbered_lines_of(tmp_path, {"copilot": "copilot"})
    assert line == "copilot/.workspace:2: invalid YAML: duplicate key application; fix the line"


def test_of_host_names_that_the_config_gives_the_config_is_named(tmp_path: Path) -> None:
    write_project(tmp_path, {**board(), "users": manifest("users", http={"path": "u", "alias": "a.example.com"})})
    services: Tree = {"posts": {"alias": "a.example.com"}, "threads": {"alias": "*.example.com"}}
    lines = numbered_lines_of(tmp_path, {"platform": "aws", "facade": "alb", "services": services})
    places = {line.split("; ")[0] for line in lines}
    given, place = "Pulumi.local.yaml: strangler:services", "services/users/manifest.yml:8: http.alias"
    assert places == {
        f"{given}.threads.alias: *.example.com overlaps with a.example.com at {given}.posts.alias",
        f"{place}: a.example.com overlaps with *.example.com at {given}.threads.alias",
    }


def test_a_line_of_an_env_file_is_told_there_once_for_all_who_read_it(tmp_path: Path) -> None:
    file: Tree = {"env_file": "services/users/some.env"}
    write_project(tmp_path, {**board(), "users": manifest("users", **file), "posts": manifest("posts", **file)})
    (tmp_path / "services/users/some.env").write_bytes(b"\xef\xbb\xbfA=1\r\n# fine\r\n\r\nB\r\n")
    (line,) = numbered_lines_of(tmp_path)
    assert line == "services/users/some.env:4: not a variable; write NAME=value, or start a comment with #"


def test_of_two_manifests_that_meet_both_lines_are_named(tmp_path: Path) -> None:
    write_project(tmp_path, {**board(), "users": f"# mine\n{as_yaml(manifest('posts'))}"})
    (line,) = numbered_lines_of(tmp_path)
    assert line.startswith(
        "services/users/manifest.yml:2: name: 'posts' is also the name at services/posts/manifest.yml:1: name; "
    )


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("a", 1),
        ("b.c", 3),
        ("b.d.e[0].y", 6),
        ("b.d.e[1]", 7),
        ("b.d.e[7]", 4),
        ("b.unknown.y", 2),
        ("unknown", 1),
        ("m.q", 9),
        ("m.z", 12),
        ("again.c", 3),
    ],
)
def test_the_line_of_a_path_is_that_of_its_key_or_of_the_innermost_one_around_it(path: str, line: int) -> None:
    text = (
        "a: 1\nb: &twice\n  c: 2\n  'd.e':\n  - x: 1\n    y: 2\n  - 3\nbase: &base\n  q: 1\nm:\n  <<: *base\n  z: 2\n"
        "again: *twice\n"
    )
    assert load(text, "m.yml", Problems()).line_of(path) == line


CASES = [
    case
    for case in (*bad_manifests.CASES, *bad_tasks.CASES, *bad_http_nlb.ANYWHERE, *bad_containers.ANYWHERE)
    if isinstance(case.manifests.get("users"), dict)
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.what)
def test_the_line_that_is_named_holds_the_last_key_of_the_path_or_of_one_around_it(tmp_path: Path, case: Bad) -> None:
    write_project(tmp_path, {**board(), **case.manifests})
    written = (tmp_path / "services/users/manifest.yml").read_text(encoding="utf-8").splitlines()
    for problem in numbered_lines_of(tmp_path, {"platform": "local", **case.config}, "test", case.shell):
        found = re.match(r"services/users/manifest\.yml:(\d+): (.*?): ", problem)
        if found:
            keys = re.findall(r"[^.\[\]]+", found[2])
            line = written[int(found[1]) - 1].strip().removeprefix("- ")
            whole = found[1] == "1" and keys[0] not in case.manifests["users"]
            named = any(line.startswith((f"{key}:", f"'{key}':")) for key in keys)
            assert named or whole or "[" in found[2], (problem, line)
