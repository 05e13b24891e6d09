"""What the account is asked while settings are read, before anything is registered."""

from functools import cache

import pulumi_aws as aws

from components.manifest.exports import LookUpError

_NO_EXPORT = "was not found in CloudFormation Exports"
"""How the provider says that there is none (terraform-provider-aws, internal/service/cloudformation,
export_data_source.go)."""


class AwsLookUps:
    """The account and region of the stack's own config."""

    def export(self, name: str) -> str:
        """The value of an export. Raises LookUpError."""
        return _export(name)


@cache
def _export(name: str) -> str:
    try:
        return aws.cloudformation.get_export(name=name).value
    except Exception as error:  # the SDK has no narrower one
        reason = " ".join(str(error).split())
        if _NO_EXPORT in reason:
            found = f"no export {name!r} in this account and region"
            raise LookUpError(found, f"look at its stack, or set strangler:exports.{name}") from error
        raise LookUpError(f"the export {name!r} can't be read: {reason}", "ask for the right to, or set it") from error
