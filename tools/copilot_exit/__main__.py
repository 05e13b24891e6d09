"""`python -m tools.copilot_exit APPLICATION`: what a delete of Copilot's stacks would destroy; docs/copilot.md.

Exit code: 0 nothing that holds data would be lost; 1 it couldn't be asked; 2 usage; 3 data would be lost, or not
everything could be looked at. DRY=1 prints what would be read, as commands of the AWS CLI, and asks nothing.
"""

import argparse
import os
import shlex
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, cast

import boto3  # pyright: ignore[reportMissingTypeStubs]
import botocore.exceptions as aws_errors  # pyright: ignore[reportMissingTypeStubs]

from tools.copilot_exit import report, safe
from tools.copilot_exit.account import TOOL, Application, application
from tools.copilot_exit.contents import Content, look
from tools.copilot_exit.fate import Fate, fates, losses
from tools.copilot_exit.stacks import Resource, Stack
from tools.operate.on_aws import one_line
from tools.setup.say import MachineError

LOST = 3


def main(arguments: Sequence[str]) -> int:
    asked = _parser().parse_args(arguments)
    if os.environ.get("DRY", "") not in ("", "0"):
        print("\n".join(_reads(asked.application)))
        return 0
    try:
        return _run(asked.application, asked.environment, asked.templates)
    except MachineError as failure:
        print(failure, file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tools.copilot_exit",
        description="What a delete of a Copilot application's stacks would destroy. Reads, and changes nothing on AWS.",
    )
    parser.add_argument("application", help="the name in copilot/.workspace")
    parser.add_argument("--environment", help="only the stacks of this environment")
    parser.add_argument("--templates", metavar="FOLDER", help="write the templates that keep every resource there")
    return parser


def _run(name: str, environment: str | None, folder: str | None) -> int:
    with one_line(TOOL):
        session = cast("Any", boto3).Session()
        region = os.environ.get("AWS_REGION") or session.region_name  # boto3 itself reads AWS_DEFAULT_REGION only.
    if region is None:
        raise MachineError(TOOL, "there is no AWS region", "set AWS_REGION to the one where `copilot app init` ran")

    @cache
    def client(service: str, place: str) -> Any:
        return session.client(service, region_name=place)

    found = application(name, environment, region, client)
    fates = _fates(found, client)
    if folder is not None:
        _write(found, fates, Path(folder))
    print(report.text(found, fates, folder))
    return LOST if any(losses(fates)) or found.elsewhere else 0


def _fates(found: Application, client: Any) -> list[Fate]:
    own = {one.physical_id for stack in found.stacks for inner in stack.with_nested() for one in inner.resources}

    def content(resource: Resource, region: str) -> Content | None:
        return look(resource, region, own, client)

    def role_exists(stack: Stack) -> bool:
        iam = client("iam", stack.region)
        try:
            iam.get_role(RoleName=stack.role.rpartition("/")[2])
        except iam.exceptions.NoSuchEntityException:
            return False
        except aws_errors.ClientError:
            return True  # It may be there: this right is missing.
        return True

    with one_line(TOOL):
        return fates(found, content, role_exists)


def _write(found: Application, fates: Sequence[Fate], folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for fate in fates:
            for kept in safe.kept([fate.stack], safe.artifact_bucket(found, fate.stack.region)):
                (folder / kept.file).write_text(kept.text, encoding="utf-8")
    except OSError as failure:
        raise MachineError(TOOL, f"--templates {folder}: {failure.strerror}", "name a folder to write to") from None


def _reads(name: str) -> list[str]:
    """What is read, as lines for a shell."""
    path = f"/copilot/applications/{name}/environments/"
    tagged = f"Stacks[?Tags[?Key=='copilot-application' && Value=='{name}']].[StackName,StackStatus]"
    return [
        shlex.join(["aws", "ssm", "get-parameters-by-path", "--path", path, "--with-decryption"]),
        shlex.join(["aws", "cloudformation", "describe-stacks", "--query", tagged, "--output", "text"]),
        "aws cloudformation list-stack-resources --stack-name STACK",
        "aws cloudformation get-template --stack-name STACK --template-stage Original",
        "aws cloudformation list-imports --export-name EXPORT",
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
