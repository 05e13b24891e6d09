"""Asks what runs elsewhere, by a URL, whether it answers at all, before the first request is led there."""

import time

import pulumi

from components.aws.deployed import Deployed
from components.aws.plan.first_requests import due
from components.compare.client import Client
from components.compare.request import Request
from components.settings import Settings
from components.settings.external import ExternalService

_SYSTEM = "strangler:index:Strangler"
_TRIES = 3
_PAUSE = 2.0
_LONGEST = 10
"""Seconds for an answer, at most."""


def ask_first(settings: Settings, deployed: Deployed) -> None:
    """In an `up`, asks each service that gets its first requests by it, and raises RunError, a line for each that
    doesn't answer as it should. A preview says who will be asked."""
    up = list(deployed.of(_SYSTEM).values())
    services = due(up[0] if up else {}, settings.table, settings.external)
    if pulumi.runtime.is_dry_run():
        for service in services:
            where, path = service.at.get("url").where, service.healthcheck.path
            pulumi.log.info(f"{where}: up asks for {service.address}{path} before anything is made or led there")
        return
    if lines := [line for service in services if (line := _finding(service))]:
        raise pulumi.RunError("\n".join(lines))


def _finding(service: ExternalService) -> str | None:
    """What is wrong with a service's answers; None if one is as it should be."""
    found = _asked(service)
    for _ in range(_TRIES - 1):
        if found is None:
            break
        time.sleep(_PAUSE)
        found = _asked(service)
    if found is None:
        return None
    check, place = service.healthcheck, service.at.get("url").where
    remedy = f"it must answer {check.success_codes}, or give check: false beside it if this machine doesn't reach it"
    return f"{place}: {service.address}{check.path}: {found}; nothing has been changed; {remedy}"


def _asked(service: ExternalService) -> str | None:
    check = service.healthcheck
    client = Client(service.address, min(check.timeout, _LONGEST))
    try:
        answer = client.ask(Request("GET", check.path), [])
    finally:
        client.close()
    if answer.status:
        return None if check.will_do(answer.status) else f"answers {answer.status}"
    return answer.failure
