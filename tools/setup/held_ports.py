"""Keeps published ports answering while an engine that died is started again.

An engine that starts empties its chains in the nat table and fills them again as it finds its living containers: for a
moment new connections to their ports are refused. Copies of these rules in chains of our own bridge that moment.
"""

import contextlib
from collections.abc import Generator

from tools.setup.run import capture

PORTS, RETURN = "STRANGLER-PORTS", "STRANGLER-RETURN"


def wanted(rules: str, chain: str, own: str) -> list[list[str]]:
    """The arguments that put the rules of a chain, as `iptables -S` prints them, into a chain of our own."""
    rows = [row.split() for row in rules.splitlines()]
    return [["-A", own, *row[2:]] for row in rows if row[:2] == ["-A", chain] and row[-2:] != ["-j", "DOCKER"]]


@contextlib.contextmanager
def held_ports() -> Generator[None]:
    """Within it, the ports that are published now stay published. Without iptables, or without a rule, it does
    nothing."""
    found = {"DOCKER": capture(["iptables", "-t", "nat", "-S", "DOCKER"])}
    if not found["DOCKER"].ok or "DNAT" not in found["DOCKER"].out:
        yield
        return
    found["POSTROUTING"] = capture(["iptables", "-t", "nat", "-S", "POSTROUTING"])
    _remove()
    for own in (PORTS, RETURN):
        _nat("-N", own)
    for chain, own in (("DOCKER", PORTS), ("POSTROUTING", RETURN)):
        for rule in wanted(found[chain].out, chain, own):
            _nat(*rule)
    _nat("-I", "OUTPUT", "-j", PORTS)
    _nat("-I", "POSTROUTING", "-j", RETURN)
    try:
        yield
    finally:
        _remove()


def _remove() -> None:
    for chain, own in (("OUTPUT", PORTS), ("POSTROUTING", RETURN)):
        _nat("-D", chain, "-j", own)
        _nat("-F", own)
        _nat("-X", own)


def _nat(*arguments: str) -> None:
    capture(["iptables", "-t", "nat", *arguments])
