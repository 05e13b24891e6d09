"""What the account is asked while settings are read, before anything is registered."""

from collections.abc import Mapping
from functools import cache

import pulumi_aws as aws

from components.manifest.exports import AddonsStack, LookUpError, is_pending

_NO_EXPORT = "was not found in CloudFormation Exports"
"""How the provider says that there is none (terraform-provider-aws, internal/service/cloudformation,
export_data_source.go)."""
_NO_TOPIC = ("empty result", "couldn't find resource")
"""The same of a topic (terraform-provider-aws, internal/service/sns, topic_data_source.go and
tfresource/not_found_error.go)."""


class AwsLookUps:
    """The account and region of the stack's own config."""

    def export(self, name: str) -> str:
        """The value of an export. Raises LookUpError."""
        return _export(name)

    def addons(self, place: AddonsStack) -> Mapping[str, str] | None:
        """The outputs of the stack of a service's addons. Raises LookUpError."""
        stack = place.stack or _addons_stack(place)
        try:
            found = aws.cloudformation.get_stack(name=stack)
            return None if is_pending(found.name) else found.outputs
        except Exception as error:  # the SDK has no narrower one
            reason = " ".join(str(error).split())
            raise LookUpError(f"the stack {stack!r} can't be read: {reason}", _NAME_IT.format(place.service)) from error

    def has_topic(self, name: str) -> bool | None:
        """Whether there is a topic of SNS of this name. Raises LookUpError."""
        return _has_topic(name)


@cache
def _export(name: str) -> str:
    try:
        return aws.cloudformation.get_export(name=name).value
    except Exception as error:  # the SDK has no narrower one
        reason = " ".join(str(error).split())
        if _NO_EXPORT in reason:
            found = f"the export {name!r} doesn't exist in this account and region"
            raise LookUpError(found, f"check the stack that exports it, or set strangler:exports.{name}") from error
        raise LookUpError(f"the export {name!r} can't be read: {reason}", "get permission for it, or set it") from error


@cache
def _has_topic(name: str) -> bool | None:
    try:
        return None if is_pending(aws.sns.get_topic(name=name).arn) else True
    except Exception as error:  # the SDK has no narrower one
        reason = " ".join(str(error).split())
        if any(said in reason for said in _NO_TOPIC):
            return False
        raise LookUpError(f"the topic {name} can't be read: {reason}", "get permission for it") from error


_NAME_IT = "set the addons' stack or its outputs: strangler:services.{}.addons"


def _addons_stack(place: AddonsStack) -> str:
    """The nested stack of a service's addons: its name is its parent's, its logical id and what CloudFormation adds.
    It carries its parent's tags (Copilot's partial addons.yml; CloudFormation user guide, Resource tag)."""
    tags = {"application": place.application, "environment": place.environment, "service": place.service}
    remedy = _NAME_IT.format(place.service)
    try:
        found = aws.resourcegroupstaggingapi.get_resources(
            resource_type_filters=["cloudformation:stack"],
            tag_filters=[{"key": f"copilot-{key}", "values": [value]} for key, value in tags.items()],
        )
    except Exception as error:  # the SDK has no narrower one
        reason = " ".join(str(error).split())
        raise LookUpError(f"its addons' stack can't be found: {reason}", remedy) from error
    # An ARN ends with the stack's name and an id, with a slash between.
    names = [one.resource_arn.split("/")[1] for one in found.resource_tag_mapping_lists]
    nested = [name for name in names if "-AddonsStack-" in name]
    if len(nested) != 1:
        tagged = ", ".join(tags.values())
        raise LookUpError(f"{len(nested) or 'no'} stacks of addons with Copilot's tags {tagged}", remedy)
    return nested[0]
