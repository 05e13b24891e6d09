"""Bad input in what says how a service is reached: certificates, aliases, load balancers, subnets and groups."""

from tests.pure.bad import Bad, C

CERTIFICATE = "arn:aws:acm:eu-west-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"


def _environment(what: str, place: str, *says: str, **settings: object) -> Bad:
    return Bad(what, (f"{C}environments.users.{place}: ", *says), {"environments": {"users": settings}})


ANYWHERE = [
    _environment(
        "a certificate by its name",
        "certificates[0]",
        "found 'example.com'; give a certificate's ARN, arn:aws:acm:<region>",
        certificates=["example.com"],
    ),
    _environment("one certificate as a text", "certificates", "; give a list", certificates=CERTIFICATE),
    _environment(
        "a certificate twice",
        "certificates",
        "the certificate 12345678-1234-1234-1234-123456789012 twice; name it once",
        certificates=[CERTIFICATE, CERTIFICATE],
    ),
    _environment(
        "too many certificates",
        "certificates",
        "found 26 certificates; a load balancer takes 25 at most",
        certificates=[f"{CERTIFICATE[:-2]}{n}" for n in range(10, 36)],
    ),
    _environment(
        "a TLS version for a policy",
        "sslPolicy",
        "found 'TLS1.2'; give the name of a policy, such as ELBSecurityPolicy-TLS13-1-2-2021-06",
        sslPolicy="TLS1.2",
    ),
]
"""On both platforms."""
