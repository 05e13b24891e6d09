"""Certificates and TLS policies as config and manifests name them. Pure.

Sources: ACM user guide (ARNs), ELB user guide (security policies).
"""

import re

from components.input.value import Value

CERTIFICATE = re.compile(
    r"arn:aws[a-z-]*:acm:(?P<region>[a-z]{2}(?:-[a-z]+)+-[0-9]):[0-9]{12}:certificate/[0-9a-f-]{36}"
)
"""The ARN of a certificate in ACM."""

_POLICY = re.compile(r"ELBSecurityPolicy-[A-Za-z0-9-]{1,80}")


def certificates(at: Value) -> tuple[str, ...]:
    """The ARNs of certificates that stand here, in their order: the first is for clients that name no host."""
    found = at.texts()
    for each in at.items():
        if not (isinstance(each.value, str) and CERTIFICATE.fullmatch(each.value)):
            each.fail("give a certificate's ARN, arn:aws:acm:<region>:<account>:certificate/<id>")
    for arn in dict.fromkeys(each for each in found if found.count(each) > 1):
        at.fail("name it once", f"the certificate {arn.rpartition('/')[2]} twice")
    return found


def policy(at: Value) -> str | None:
    """The name of the TLS policy that stands here."""
    name = at.text()
    if name is not None and not _POLICY.fullmatch(name):
        at.fail("give the name of a policy, such as ELBSecurityPolicy-TLS13-1-2-2021-06")
    return name
