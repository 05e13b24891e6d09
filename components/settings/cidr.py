"""The config key `cidr` of an environment. Pure."""

from ipaddress import AddressValueError, IPv4Network, NetmaskValueError

from components.input.value import Value
from components.model.cidr import of_name

_PRIVATE = (
    IPv4Network("10.0.0.0/8"),
    IPv4Network("172.16.0.0/12"),
    IPv4Network("192.168.0.0/16"),
    IPv4Network("100.64.0.0/10"),
)
"""What a VPC should lie in: RFC 1918 and RFC 6598, as the VPC user guide recommends."""

_ACCEPTED = "give a range such as 10.7.0.0/16, whose host bits are 0"


def read(at: Value, name: str) -> IPv4Network:
    """The range that stands here, or the name's own."""
    text = at.text(None, _ACCEPTED)
    if text is None:
        return of_name(name)
    try:
        network = IPv4Network(text)
    except (AddressValueError, NetmaskValueError, ValueError):
        at.fail(_ACCEPTED)
        return of_name(name)
    if not 16 <= network.prefixlen <= 24:
        at.fail("give a range from /16 to /24: a VPC takes no larger one, and two zones need room")
        return of_name(name)
    if not any(network.subnet_of(each) for each in _PRIVATE):
        at.fail("give a private range: within 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or 100.64.0.0/10")
        return of_name(name)
    return network
