"""Copilot's functions that act when a stack goes, beside what CloudFormation deletes itself. Pure.

Sources: aws/copilot-cli at 4c858e71, internal/pkg/template/templates and cf-custom-resources/lib.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from tools.copilot_exit.stacks import Resource, Stack
from tools.copilot_exit.template import KEEPS, condition, policy, properties, resources

ENV_CONTROLLER = "Custom::EnvControllerFunction"
BUCKET_CLEANER = "Custom::BucketCleanerFunction"
CERTIFICATES = (
    "Custom::CertificateValidationFunction",
    "Custom::NLBCertValidatorFunction",
    "Custom::CertificateReplicatorFunction",
)
"""The physical id of such a resource is the ARN of the certificate that its function deletes (dns-cert-validator.js,
wkld-cert-validator.js, cert-replicator.js)."""
ACTS = {
    "Custom::CertificateValidationFunction": "deletes the certificate and its validation records",
    "Custom::NLBCertValidatorFunction": "deletes the certificate and its validation records",
    "Custom::CertificateReplicatorFunction": "deletes the certificate's copy in us-east-1",
    "Custom::CustomDomainFunction": "deletes the records of the aliases",
    "Custom::NLBCustomDomainFunction": "deletes the records of the aliases",
    "Custom::DNSDelegationFunction": "deletes the NS record that delegates the environment's zone",
    BUCKET_CLEANER: "deletes every version of every object in its bucket",
}
IDLE = (
    "Custom::RulePriorityFunction",
    "Custom::DynamicDesiredCountFunction",
    "Custom::UniqueJSONValuesFunction",
    "Custom::TriggerStateMachine",
)
"""These do nothing on delete."""
LISTS = ("ALBWorkloads", "InternalALBWorkloads", "EFSWorkloads", "NATWorkloads", "AppRunnerPrivateWorkloads")
"""The environment stack's parameters that name who uses what it shares (env-controller.js)."""


@dataclass(frozen=True)
class Taken:
    """What a workload takes along from its environment's stack when it goes."""

    environment: Stack
    lists: tuple[str, ...]
    """The parameters that name it, and nobody else any more."""
    resources: tuple[Resource, ...]
    """What the environment's stack has no longer then."""


def acting(stack: Stack) -> list[tuple[Resource, str]]:
    """The custom resources whose function is called on delete, with what it does. One that is kept isn't called."""
    found = list[tuple[Resource, str]]()
    for resource in stack.resources:
        custom = resource.type.startswith("Custom::") or resource.type == "AWS::CloudFormation::CustomResource"
        if not custom or resource.type in IDLE or policy(stack.template, resource.logical_id) in KEEPS:
            continue
        if resource.type != ENV_CONTROLLER:
            found.append((resource, ACTS.get(resource.type, "is not Copilot's: read what its function does on delete")))
    return found


def controlled(stack: Stack) -> bool:
    """Whether the stack's own function will tell the environment that the workload is gone."""
    return any(
        resource.type == ENV_CONTROLLER and policy(stack.template, resource.logical_id) not in KEEPS
        for resource in stack.resources
    )


def cleaned(stack: Stack) -> set[str]:
    """The logical ids of the buckets that a function of Copilot's empties on delete."""
    names = [resource.logical_id for resource, _ in acting(stack) if resource.type == BUCKET_CLEANER]
    buckets = [cast("object", properties(stack.template, name).get("BucketName")) for name in names]
    return {str(cast("dict[str, str]", one)["Ref"]) for one in buckets if isinstance(one, dict) and "Ref" in one}


def takes_along(environment: Stack, parameters: Mapping[str, str], workload: str) -> tuple[Taken, dict[str, str]]:
    """What goes with a workload, and the environment's parameters afterwards. The function takes the workload out of
    every list and out of the aliases, and updates the environment's stack: whose list is empty then, that goes."""
    after = dict(parameters)
    emptied = list[str]()
    for name in LISTS:
        users = [user for user in parameters.get(name, "").split(",") if user]
        if workload in users:
            after[name] = ",".join(user for user in users if user != workload)
            emptied += [] if after[name] else [name]
    gone = _missing(environment, parameters, after) if emptied else list[Resource]()
    return Taken(environment, tuple(emptied), tuple(gone)), after


def _missing(environment: Stack, before: Mapping[str, str], after: Mapping[str, str]) -> Sequence[Resource]:
    """The resources whose condition held before and doesn't after. A DeletionPolicy that keeps holds here too: it also
    applies to an update that removes the resource (template reference, DeletionPolicy attribute)."""
    template, gone = environment.template, list[Resource]()
    for resource in environment.resources:
        name = resources(template).get(resource.logical_id, {}).get("Condition")
        if name is None or policy(template, resource.logical_id) in KEEPS:
            continue
        if condition(template, str(name), before) is not False and condition(template, str(name), after) is False:
            gone.append(resource)
    return gone
