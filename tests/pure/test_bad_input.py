"""Bad input, case by case: each mistake is one line that names the place and the remedy, and all are told in one go."""

from pathlib import Path

import pytest

from tests.projects import Tree, board, lines_of, manifest, write_project
from tests.pure import (
    bad_aws,
    bad_backends,
    bad_comparisons,
    bad_config,
    bad_containers,
    bad_external,
    bad_http_nlb,
    bad_listener,
    bad_manifests,
    bad_names,
    bad_registered,
    bad_side_by_side,
    bad_tasks,
    bad_testers,
    bad_workers,
)
from tests.pure.bad import Bad

LOCAL: Tree = {"platform": "local"}
AWS: Tree = {"platform": "aws", "facade": "refactor-spaces"}

ANYWHERE = [
    *bad_config.CASES,
    *bad_comparisons.CASES,
    *bad_testers.CASES,
    *bad_manifests.CASES,
    *bad_tasks.CASES,
    *bad_workers.CASES,
    *bad_http_nlb.ANYWHERE,
    *bad_containers.ANYWHERE,
    *bad_external.ANYWHERE,
    *bad_backends.ANYWHERE,
]
"""What is bad input on both platforms."""


ON_AWS = [
    *bad_aws.CASES,
    *bad_testers.ON_AWS,
    *bad_http_nlb.ON_AWS,
    *bad_containers.ON_AWS,
    *bad_side_by_side.CASES,
    *bad_names.CASES,
    *bad_registered.CASES,
    *bad_listener.CASES,
    *bad_external.ON_AWS,
    *bad_backends.ON_AWS,
]
"""What is bad input on AWS."""


def _names(case: Bad) -> str:
    return case.what


def _is_told(case: Bad, lines: list[str]) -> None:
    assert len(lines) == case.lines, lines
    for said in case.says:
        assert any(said in line for line in lines), lines
    for line in lines:
        assert ": " in line
        assert "; " in line


@pytest.mark.parametrize("case", bad_external.ON_LOCAL, ids=_names)
def test_what_only_the_local_platform_refuses_is_one_line_with_place_and_remedy(tmp_path: Path, case: Bad) -> None:
    _is_told(case, case.messages(tmp_path, LOCAL))


@pytest.mark.parametrize("case", ANYWHERE, ids=_names)
def test_bad_input_on_the_local_platform_is_one_line_with_place_and_remedy_and_on_aws_the_same_line(
    tmp_path: Path, case: Bad
) -> None:
    here = case.messages(tmp_path, LOCAL)
    _is_told(case, here)
    there = case.messages_again(tmp_path, {**AWS, "allowMutableTags": True})
    assert set(here) <= {line.replace("the platform aws", "the platform local") for line in there}, there


@pytest.mark.parametrize("case", ON_AWS, ids=_names)
def test_bad_input_for_aws_is_one_line_with_place_and_remedy(tmp_path: Path, case: Bad) -> None:
    _is_told(case, case.messages(tmp_path, AWS))


def test_no_case_is_there_twice_and_there_are_enough_of_them() -> None:
    names = [case.what for case in (*ANYWHERE, *bad_external.ON_LOCAL, *ON_AWS)]
    assert len(set(names)) == len(names)
    assert len(ANYWHERE) >= 70
    assert len(ON_AWS) >= 60


def test_the_message_board_itself_is_no_bad_input(tmp_path: Path) -> None:
    write_project(tmp_path, board())
    assert lines_of(tmp_path, LOCAL) == lines_of(tmp_path, AWS) == []


def test_all_mistakes_of_all_files_are_reported_in_one_go(tmp_path: Path) -> None:
    write_project(
        tmp_path,
        {
            **board(),
            "posts": manifest(
                "posts", cpu="many", count="some", http={"path": "api/posts", "healthcheck": {"interval": 5}}
            ),
            "threads": "name: threads\nimage: [\n",
            "users": manifest("users", image={"build": "Nowhere/Dockerfile"}, exec="perhaps"),
        },
    )
    config: Tree = {
        "colour": "red",
        "port": 0,
        "routes": {"users": 101, "nobody": True, "threads": True},
        "services": {"threads": {"count": -1}},
        "environments": {"users": {"zones": 9}},
    }
    assert [line.split(";")[0] for line in lines_of(tmp_path, config)] == [
        "Pulumi.local.yaml: strangler:colour: unknown key",
        "Pulumi.local.yaml: strangler:services.threads.count: found -1",
        "Pulumi.local.yaml: strangler:routes.users: found 101",
        "Pulumi.local.yaml: strangler:routes.nobody: unknown route 'nobody'",
        "Pulumi.local.yaml: strangler:environments.users.zones: found 9",
        "Pulumi.local.yaml: strangler:port: found 0",
        "services/posts/manifest.yml: http.healthcheck.interval: found 5",
        "services/posts/manifest.yml: cpu: found 'many'",
        "services/posts/manifest.yml: count: found 'some'",
        "services/threads/manifest.yml:3: invalid YAML: expected the node content, but found '<stream end>'",
        "services/users/manifest.yml: image.port: missing",
        "services/users/manifest.yml: image.build: no Dockerfile at Nowhere/Dockerfile",
        "services/users/manifest.yml: exec: found 'perhaps'",
    ]


def test_one_mistake_that_several_steps_meet_is_reported_once(tmp_path: Path) -> None:
    write_project(
        tmp_path,
        {
            **board(),
            "users": manifest(
                "users", count={"range": "1-2", "cooldown": {"in": "soon"}, "cpu_percentage": 1, "requests": 2}
            ),
        },
    )
    assert len(lines_of(tmp_path)) == 1
