"""Certificates and TLS policies as config and manifests name them. Pure.

Sources: ACM user guide (ARNs), ELB user guide (security policies).
"""

import re
from dataclasses import replace

from components.input.value import Value

CERTIFICATE = re.compile(
    r"arn:aws[a-z-]*:acm:(?P<region>[a-z]{2}(?:-[a-z]+)+-[0-9]):[0-9]{12}:certificate/[0-9a-f-]{36}"
)
"""The ARN of a certificate in ACM."""

_POLICY = re.compile(r"ELBSecurityPolicy-[A-Za-z0-9-]{1,80}")


def certificates(at: Value) -> tuple[str, ...]:
    """The ARNs of certificates, in their order: the first is for clients that name no host."""
    accepted = "give a certificate's ARN, arn:aws:acm:<region>:<account>:certificate/<id>"
    found = [(item or replace(item, value="")).matching(CERTIFICATE, accepted) for item in at.items()]
    for arn in dict.fromkeys(arn for arn in found if arn and found.count(arn) > 1):
        at.fail("remove one", f"duplicate certificate {arn.rpartition('/')[2]}")
    return tuple(arn for arn in found if arn)


def policy(at: Value) -> str | None:
    """The name of a TLS policy."""
    return at.matching(_POLICY, "give a policy name, such as ELBSecurityPolicy-TLS13-1-2-2021-06")
