"""The commands that keep everything before the stacks go, and those that delete them. Pure.

Retain on every resource of every stack, custom resources too, by a change set that changes nothing else: the one way
that someone says to have tried on accounts (moneytool/ecsodus, docs/adr/0004-retain-patches.md and docs/e2e).
"""

import json
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tools.copilot_exit import template
from tools.copilot_exit.account import Application
from tools.copilot_exit.fate import Fate
from tools.copilot_exit.stacks import Stack, kind

CHANGE_SET = "keep-everything"
PREFIX = "copilot-exit"
NO_BUCKET = "YOUR-BUCKET"


@dataclass(frozen=True)
class Kept:
    """A stack's template that keeps everything."""

    file: str
    text: str
    region: str


def kept(stacks: Sequence[Stack], bucket: str) -> list[Kept]:
    """The templates of stacks and of what is nested in them."""
    return [_kept(stack, bucket) for outer in stacks for stack in outer.with_nested()]


def _kept(stack: Stack, bucket: str) -> Kept:
    nested = {name: _url(inner, bucket) for name, inner in stack.nested.items()}
    text = json.dumps(template.retained(stack.template, nested), separators=(",", ":"), ensure_ascii=False)
    return Kept(f"{stack.name}.json", text, stack.region)


def _url(stack: Stack, bucket: str) -> str:
    return f"https://{bucket}.s3.{stack.region}.amazonaws.com/{PREFIX}/{stack.name}.json"


def artifact_bucket(found: Application, region: str) -> str:
    """Copilot's own bucket for templates in a region, which its StackSet made."""
    for stack in found.stacks:
        if kind(found.name, stack.name, stack.tags) == "region" and stack.region == region:
            for resource in stack.resources:
                if resource.type == "AWS::S3::Bucket":
                    return resource.physical_id
    return NO_BUCKET


def keeping(stack: Stack, folder: str, bucket: str) -> Iterator[str]:
    """The commands that put the kept templates in place: read what the change set would do before it is executed."""
    where = ["--region", stack.region]
    for inner in stack.with_nested():
        file = f"{folder}/{inner.name}.json"
        yield shlex.join(["aws", "s3", "cp", file, f"s3://{bucket}/{PREFIX}/{inner.name}.json", *where])
    change = ["--stack-name", stack.name, "--change-set-name", CHANGE_SET]
    previous = [f"ParameterKey={name},UsePreviousValue=true" for name in stack.parameters]
    create = ["--template-url", _url(stack, bucket), *(["--include-nested-stacks"] if stack.nested else [])]
    capable = ["--capabilities", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
    parameters = ["--parameters", *previous] if previous else []
    yield shlex.join(["aws", "cloudformation", "create-change-set", *change, *create, *capable, *parameters, *where])
    yield shlex.join(["aws", "cloudformation", "wait", "change-set-create-complete", *change, *where])
    yield shlex.join(["aws", "cloudformation", "describe-change-set", *change, *where])
    yield shlex.join(["aws", "cloudformation", "execute-change-set", *change, *where])
    yield shlex.join(["aws", "cloudformation", "wait", "stack-update-complete", "--stack-name", stack.name, *where])


def deleting(found: Application, fates: Sequence[Fate]) -> Iterator[str]:
    """The commands that delete, in their order: the StackSet's instances go by the StackSet."""
    instances = [fate.stack.region for fate in fates if fate.kind == "region"]
    stack_set = [*found.stack_sets]
    for fate in fates:
        where = ["--stack-name", fate.stack.name, "--region", fate.stack.region]
        if fate.kind == "region" and stack_set:
            if fate.stack.region == instances[0]:
                yield from _stack_set(*stack_set[0], found.account, instances)
            continue
        yield shlex.join(["aws", "cloudformation", "delete-stack", *where])
        yield shlex.join(["aws", "cloudformation", "wait", "stack-delete-complete", *where])


def _stack_set(name: str, region: str, account: str, regions: Sequence[str]) -> Iterator[str]:
    """`--retain-stacks` leaves its stacks and what they made; they are deleted afterwards, if at all, as any other."""
    where = ["--stack-set-name", name, "--region", region]
    yield shlex.join(
        [
            "aws",
            "cloudformation",
            "delete-stack-instances",
            *where,
            "--accounts",
            account,
            "--regions",
            *regions,
            "--retain-stacks",
        ]
    )
    yield shlex.join(["aws", "cloudformation", "delete-stack-set", *where])
