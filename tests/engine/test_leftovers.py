"""What AWS has made and the engine never heard of: the way of docs/leftovers.md, typed as it stands there."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.engine.projects import must, project
from tests.engine.warm import WarmStack, give_warm_host
from tests.projects import Tree, manifest
from tests.repository import ROOT
from tests.standin.driver import Driver
from tools.standin import cloudwatch, dns, ecs, efs, elb, target_groups
from tools.standin.catalog import KINDS
from tools.standin.cloud import Cloud, Object
from tools.standin.engine import WITHOUT_CHECKPOINTS, EngineStack
from tools.standin.values import table

DOCUMENT = (ROOT / "docs/leftovers.md").read_text(encoding="utf-8")
EXISTS = re.compile(r"^\| (`aws:[\w:`, ]+`) \| `([\w.]+)` \|", re.MULTILINE)
"""A row of the table: types, and what AWS says."""
HOST = "users.example.com"
LOST = "the answer never arrived"
SECONDS = 1.0
"""What it takes until that is known: what can be made side by side is lost in the same `up`."""
KEPT = {efs.FILE_SYSTEM, efs.FILE_SYSTEM_POLICY, efs.BACKUP_POLICY, dns.RECORD}
"""What stays after `destroy`: a service's files, and the record by which certificates of its name are renewed."""
CONFIG: Tree = {
    "strangler:platform": "aws",
    "strangler:facade": "alb",
    "strangler:default": "users",
    "strangler:deleteImages": True,
    "strangler:services": {"users": {"environment": "users"}},
}


def wanted(folder: Path) -> tuple[Path, Cloud]:
    """A project with the service users, which has a name and files, and an account with the name's zone."""
    cloud = Cloud()
    zone = Driver(cloud).create(dns.ZONE, "example", name="example.com")
    users = manifest(
        "users",
        http={"path": "/", "alias": [{"name": HOST, "hosted_zone": zone.id}]},
        storage={"volumes": {"data": {"path": "/data", "efs": True}}},
    )
    return project(folder, {"users": users}), cloud


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[EngineStack]:
    """That service in its environment users, before its first `up` of the stack dev."""
    with WarmStack(*wanted(tmp_path), stack="dev", config=CONFIG) as made:
        yield made


@contextmanager
def killed_while_creating(folder: Path, token: str) -> Generator[EngineStack]:
    """The same after its first `pulumi up` was killed while AWS made the first object of this type, which AWS does to
    the end. That `up` is as it is without these tests: the kill hits the program too, and the state is what was written
    before. What follows it is like any other."""
    with EngineStack(*wanted(folder), stack="dev", config=CONFIG, checkpoints=True) as stack:
        kill_while_creating(stack, token)
        languages = give_warm_host(stack.environment, stack.program)
        stack.environment[WITHOUT_CHECKPOINTS] = "true"
        try:
            yield stack
        finally:
            languages.stop(grace=None).wait()


def commands(first: str) -> list[list[str]]:
    """The commands of the block that begins with this one."""
    block = next(item for item in re.findall(r"```sh\n(.*?)```", DOCUMENT, re.DOTALL) if item.startswith(first))
    return [shlex.split(line) for line in block.replace("\\\n", "").splitlines()]


def typed(stack: EngineStack, words: list[str], folder: Path | None = None) -> str:
    """Types a command of the document, in the program's folder by default; what it prints, or writes behind `>`."""
    words, file = (words[:-2], words[-1]) if words[-2] == ">" else (words, "")
    environment = {**stack.environment, "PYTHONPATH": str(ROOT)}
    command = [sys.executable if words[0] == "python3" else words[0], *words[1:]]
    done = subprocess.run(
        command, cwd=folder or stack.program, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    if file:
        (stack.program / file).write_text(done.stdout, encoding="utf-8")
    return done.stdout


def known(stack: EngineStack) -> set[tuple[str, str]]:
    """Type and id of all that the state has."""
    return {(resource["type"], resource.get("id", "")) for resource in stack.state().get("resources", [])}


def unknown(stack: EngineStack) -> list[Object]:
    """What exists and the state has not, but for what the program never makes or never takes away."""
    held = known(stack)
    return [
        resource
        for resource in stack.cloud.snapshot
        if (resource.type, reported(resource)) not in held and resource.type not in (ecs.TASK_DEFINITION, dns.ZONE)
    ]


def shown(token: str) -> str:
    """A type as the CLI shows it."""
    return re.sub("/[^:]*", "", token)


def reported(current: Object) -> str:
    """The id by which Pulumi knows an object."""
    reported_id = KINDS[current.type].reported_id
    return reported_id(current) if reported_id else current.id


def pair(current: Object) -> str:
    """TYPE:NAME=ID, as the document has it."""
    import_id = KINDS[current.type].import_id
    identifier = import_id(current) if import_id else reported(current)
    return f"{shown(current.type)}:{current.name}={identifier}"


def adopt(stack: EngineStack, lost: list[Object]) -> None:
    """The document's first three commands, for what was lost."""
    preview, keep, take, _ = commands("pulumi preview")
    typed(stack, preview)
    assert keep[-3].startswith("aws:cloudwatch:LogGroup:")
    typed(stack, [*keep[:-3], *map(pair, lost), *keep[-2:]])
    typed(stack, take)


def test_the_document_begins_with_the_log_group_that_this_stack_would_make(stack: EngineStack) -> None:
    stack.cloud.fail_next(cloudwatch.LOG_GROUP, "create", LOST, lost=True)
    assert LOST in stack.up().output
    assert "ResourceAlreadyExistsException: /strangler/dev/users/users already exists" in stack.up().output
    *words, _ = commands("pulumi preview")
    for word in words:
        typed(stack, word)
    assert not [operation for operation in must(stack.up()).operations if operation.type == cloudwatch.LOG_GROUP]
    assert must(stack.up()).lines() == []
    assert unknown(stack) == []


SAYS = {kind: code for kinds, code in EXISTS.findall(DOCUMENT) for kind in re.findall(r"[\w:]+", kinds)}
"""What AWS says of each type that has one place only, as the document has it."""


def converge(stack: EngineStack) -> set[str]:
    """`up` until it has nothing more to say, adopting what it tells as existing already: the types of that."""
    seen = set[str]()
    for _ in range(40):
        run = stack.up()
        if run.ok:
            break
        existing = [item for item in unknown(stack) if SAYS.get(shown(item.type), "nothing at all") in run.output]
        assert existing or LOST in run.output, run.output
        seen |= {shown(line.type) for line in existing}
        if existing:
            adopt(stack, existing)
    return seen


def test_all_that_exists_already_is_adopted_and_the_next_up_converges(stack: EngineStack) -> None:
    for token in KINDS:
        if shown(token) in SAYS:
            # A record that validates a certificate may overwrite: only the name's own is in the way.
            match = f"{token}::{HOST}" if token == dns.RECORD else token
            stack.cloud.fail_next(match, "create", LOST, lost=True, seconds=SECONDS)
    assert converge(stack) == set(SAYS)
    assert must(stack.up()).lines() == []
    assert unknown(stack) == []
    must(stack.destroy())
    assert {resource.type for resource in stack.cloud.snapshot} == {dns.ZONE, *KEPT}


def strays(stack: EngineStack) -> list[str]:
    """What the document's commands find by its tags; AWS's own listing is stood in for."""
    tagged = [
        {"ResourceARN": resource["arn"]}
        for resource in stack.cloud.snapshot
        if resource["arn"] and table(resource["tags"]).get("stack") == "dev" and ":iam:" not in resource["arn"]
    ]
    (stack.program / "tagged.json").write_text(json.dumps({"ResourceTagMappingList": tagged}), encoding="utf-8")
    export, _, tell = commands("pulumi stack export")
    typed(stack, export)
    return typed(stack, tell).split()


def test_what_no_up_ever_meets_is_found_by_its_tags(stack: EngineStack) -> None:
    stack.cloud.fail_next(target_groups.TARGET_GROUP, "create", LOST, lost=True)
    assert LOST in stack.up().output
    must(stack.up())
    (left,) = unknown(stack)
    assert strays(stack) == [left["arn"]]


def kill_while_creating(stack: EngineStack, token: str) -> None:
    """`pulumi up`, killed as soon as an object of this type is there."""
    must(stack.plan())
    stack.cloud.durations, stack.cloud.time_scale = {token: 3.0}, 1.0
    command = ["pulumi", "up", "--yes", "--skip-preview", "--non-interactive", "--stack", stack.stack]
    with subprocess.Popen(
        command,
        cwd=stack.program,
        env=stack.environment,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        deadline = time.monotonic() + 120
        while not stack.cloud.of(token) and time.monotonic() < deadline:
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGKILL)
    time.sleep(3.5)
    stack.cloud.durations = {}


def take_on(stack: EngineStack, made: Object) -> None:
    """The document's commands after a kill that hit this creation, up to the `up`."""
    assert "the stack is currently locked" in stack.up().output
    *before, tell = commands("pulumi cancel")
    for item in before:
        typed(stack, item)
    assert f"creating {made.urn}" in typed(stack, tell).splitlines()
    typed(stack, commands("pulumi refresh")[0])


def test_a_kill_that_emptied_the_file_beside_the_state_costs_that_file_only(stack: EngineStack) -> None:
    backend = Path(stack.environment["PULUMI_BACKEND_URL"].removeprefix("file://").partition("?")[0])
    assert not list(backend.rglob("*.attrs"))
    stack.environment["PULUMI_BACKEND_URL"] = f"file://{backend}"  # as `pulumi login` without our setting has it
    must(stack.up())
    (beside,) = (backend / ".pulumi/stacks").rglob("dev.json.attrs")
    beside.write_text("")
    assert "failed to load checkpoint: EOF" in stack.up().output
    (remove,) = commands("rm ")
    typed(stack, remove, backend)
    assert must(stack.up()).lines() == []


def test_a_killed_up_is_taken_on_and_what_it_made_unseen_is_listed(tmp_path: Path) -> None:
    with killed_while_creating(tmp_path, elb.BALANCER) as killed:
        (made,) = killed.cloud.of(elb.BALANCER)
        take_on(killed, made)
        converge(killed)  # the kill may have hit more than this one creation
        assert "pending operations" not in must(killed.up()).output
        assert made["arn"] in strays(killed)
        for item in unknown(killed):
            killed.cloud.forget(item)
        assert must(killed.up()).lines() == []


def test_a_killed_up_whose_object_is_in_the_way_is_taken_on_by_adopting_it(tmp_path: Path) -> None:
    with killed_while_creating(tmp_path, cloudwatch.LOG_GROUP) as killed:
        (made,) = killed.cloud.of(cloudwatch.LOG_GROUP)
        take_on(killed, made)
        assert shown(cloudwatch.LOG_GROUP) in converge(killed)
        assert "pending operations" not in must(killed.up()).output
        assert must(killed.up()).lines() == []
        assert killed.cloud.of(cloudwatch.LOG_GROUP) == (made,)
