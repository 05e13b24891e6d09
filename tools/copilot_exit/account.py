"""A Copilot application as it is on AWS. Only reads. boto3 has no types: they are given here and nowhere else."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import botocore.exceptions as aws_errors  # pyright: ignore[reportMissingTypeStubs]

from components.input.diagnostics import did_you_mean
from tools.copilot_exit import template
from tools.copilot_exit.stacks import APPLICATION, Resource, Stack, belongs
from tools.operate.on_aws import one_line
from tools.setup.say import MachineError

TOOL = "copilot_exit"
Client = Callable[[str, str], Any]
"""boto3's client of a service in a region."""


@dataclass(frozen=True)
class Application:
    """What an application has, in all of its regions that this account can see."""

    name: str
    account: str
    stacks: Sequence[Stack]
    importers: Mapping[str, Sequence[str]]
    """Names of the stacks that import an export, of any application."""
    stack_sets: Sequence[tuple[str, str]]
    """Name and region of the StackSet, if it is there."""
    elsewhere: Sequence[str]
    """What couldn't be looked at, one line each."""


def application(name: str, environment: str | None, region: str, client: Client) -> Application:
    """Reads an application, or one environment of it. region: where Copilot's own records are."""
    with one_line(TOOL):
        account = str(client("sts", region).get_caller_identity()["Account"])
        environments = dict(_environments(name, region, client))
        regions = sorted({region, *(one["region"] for one in environments.values() if one["accountID"] == account)})
        known, found = set[str](), list[Stack]()
        for place in regions:
            for described in _described(place, client):
                tags = _tags(described)
                known |= {tags[APPLICATION]} if APPLICATION in tags else set()
                if belongs(name, environments, described["StackName"], tags):
                    found.append(_stack(described, place, client))
        if not found:
            raise _unknown("application", name, known, f"there is no stack of it in {', '.join(regions)}")
        stacks, named = found, {stack.environment for stack in found if stack.environment} | set(environments)
        if environment is not None:
            if environment not in named:
                raise _unknown("environment", environment, named, f"the application {name} has none")
            stacks = [stack for stack in found if environment == (stack.environment or _named(name, stack, named))]
        return Application(
            name,
            account,
            stacks,
            _importers(found, client),
            list(_stack_sets(name, region, client)),
            [
                f"environment {one}: it is in the account {record['accountID']}; take a profile of that one"
                for one, record in sorted(environments.items())
                if record["accountID"] != account and environment in (None, one)
            ],
        )


def _named(application: str, stack: Stack, environments: Iterable[str]) -> str:
    """Of a stack without tags: the environment that its name begins with, the longest that fits."""
    fitting = [one for one in environments if f"{stack.name}-".startswith(f"{application}-{one}-")]
    return max(fitting, key=len, default="")


def _unknown(what: str, name: str, known: set[str], otherwise: str) -> MachineError:
    meant = did_you_mean(name, known) if known else f"{otherwise}; look at AWS_REGION and AWS_PROFILE"
    return MachineError(TOOL, f"{what} {name!r} not found", meant)


def _environments(name: str, region: str, client: Client) -> Iterator[tuple[str, dict[str, str]]]:
    """Copilot's record of each environment (internal/pkg/config/env.go)."""
    pages = client("ssm", region).get_paginator("get_parameters_by_path")
    for page in pages.paginate(Path=f"/copilot/applications/{name}/environments/", WithDecryption=True):
        for parameter in page["Parameters"]:
            record = cast("dict[str, str]", json.loads(parameter["Value"]))
            yield parameter["Name"].rpartition("/")[2], {key: record.get(key, "") for key in ("region", "accountID")}


def _described(region: str, client: Client) -> Iterator[dict[str, Any]]:
    """All stacks but the nested ones, which their parents lead to."""
    for page in client("cloudformation", region).get_paginator("describe_stacks").paginate():
        yield from (one for one in page["Stacks"] if "ParentId" not in one)


def _tags(described: Mapping[str, Any]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in described.get("Tags", ())}


def _stack(described: Mapping[str, Any], region: str, client: Client) -> Stack:
    """With its template, its resources and all that is nested in it."""
    cloudformation = client("cloudformation", region)
    identifier = described["StackId"]
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=identifier)
    resources = [
        Resource(one["LogicalResourceId"], one["ResourceType"], one["PhysicalResourceId"])
        for page in pages
        for one in page["StackResourceSummaries"]
        if one["ResourceStatus"] != "DELETE_COMPLETE" and one.get("PhysicalResourceId")
    ]
    nested = {
        one.logical_id: _stack(cloudformation.describe_stacks(StackName=one.physical_id)["Stacks"][0], region, client)
        for one in resources
        if one.type == template.NESTED
    }
    return Stack(
        described["StackName"],
        identifier,
        described["StackStatus"],
        region,
        _tags(described),
        {one["ParameterKey"]: one.get("ParameterValue", "") for one in described.get("Parameters", ())},
        template.read(cloudformation.get_template(StackName=identifier, TemplateStage="Original")["TemplateBody"]),
        resources,
        nested,
        [output["ExportName"] for output in described.get("Outputs", ()) if output.get("ExportName")],
        described.get("RoleARN") or "",
        bool(described.get("EnableTerminationProtection")),
    )


def _importers(stacks: Sequence[Stack], client: Client) -> dict[str, list[str]]:
    """Who imports each export. ListImports fails for one that nobody imports (CloudFormation API reference)."""
    found = dict[str, list[str]]()
    for stack in (inner for outer in stacks for inner in outer.with_nested()):
        for name in stack.exports:
            try:
                pages = client("cloudformation", stack.region).get_paginator("list_imports").paginate(ExportName=name)
                found[name] = [importer for page in pages for importer in page["Imports"]]
            except aws_errors.ClientError as failure:
                if "not imported" not in str(failure):
                    raise
    return found


def _stack_sets(name: str, region: str, client: Client) -> Iterator[tuple[str, str]]:
    cloudformation = client("cloudformation", region)
    try:
        cloudformation.describe_stack_set(StackSetName=f"{name}-infrastructure")
    except cloudformation.exceptions.StackSetNotFoundException:
        return
    yield f"{name}-infrastructure", region
