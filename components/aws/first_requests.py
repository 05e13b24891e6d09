"""Asks what runs elsewhere, or AWS of it, whether it answers at all, before the first request is led there."""

import time
from collections.abc import Callable
from typing import Any, cast

import pulumi
import pulumi_aws as aws

from components.aws import sdk
from components.aws.deployed import Deployed
from components.aws.plan import first_answers
from components.aws.plan.first_answers import Finding
from components.aws.plan.first_requests import due
from components.compare.client import Client
from components.compare.request import Request
from components.model.facades import KINDS, Endpoint
from components.settings import Settings
from components.settings.external import ExternalService, region_of

_SYSTEM = "strangler:index:Strangler"
_TRIES = 3
_PAUSE = 2.0
_LONGEST = 10
"""Seconds for an answer, at most."""

_GONE = {
    "TargetGroupNotFound": "there is no such target group",
    "ListenerNotFound": "there is no such listener",
    "LoadBalancerNotFound": "its load balancer is gone",
    "ResourceNotFoundException": "there is no such function, version or alias",
}
"""What error codes of AWS mean (ELB API, DescribeTargetHealth, DescribeListeners and DescribeLoadBalancers; Lambda API,
GetFunctionConfiguration)."""

_QUESTIONS = {
    Endpoint.URL: "asks for {address}{path}",
    Endpoint.TARGET_GROUP: "asks AWS whether a target of {address} is healthy",
    Endpoint.LISTENER: "asks AWS whether the load balancer of {address} is active",
    Endpoint.LAMBDA: "asks AWS whether {address} is active",
}

_REMEDIES = {
    Endpoint.URL: "it must answer {codes}; if this machine can't reach it, set check: false next to it",
    Endpoint.TARGET_GROUP: "get a target healthy, or set check: false next to it",
    Endpoint.LISTENER: "give one whose load balancer is active, or set check: false next to it",
    Endpoint.LAMBDA: "give one that is active (invoking an idle one activates it), or set check: false next to it",
}

_ANOTHER = "give one that exists in this account, or set check: false next to it"
_RIGHTS = "log in with the permissions listed in docs/facades.md, or set check: false next to it"


def ask_first(settings: Settings, deployed: Deployed) -> None:
    """In an `up`, asks for each service that gets its first requests by it, and raises RunError, a line for each that
    wouldn't answer as it should. A preview says who will be asked."""
    up = list(deployed.of(_SYSTEM).values())
    services = due(up[0] if up else {}, settings.table, settings.external)
    if sdk.is_missing() and (lines := [_line(one, _NO_SDK) for one in services if one.endpoint is not Endpoint.URL]):
        raise pulumi.RunError("\n".join(lines))
    if pulumi.runtime.is_dry_run():
        for service in services:
            question = _QUESTIONS[service.endpoint].format(address=service.address, path=service.healthcheck.path)
            pulumi.log.info(_line(service, f"up {question} before anything is created or routed there"))
        return
    woken = all(KINDS[name].readies_functions for name in settings.facades)
    if lines := [line for service in services if (line := _mistake(service, woken=woken))]:
        raise pulumi.RunError("\n".join(lines))


_NO_SDK = "boto3 is not installed, and the check needs it; run `pip install boto3`, or set check: false next to it"


def _line(service: ExternalService, text: str) -> str:
    return f"{service.at.get(service.endpoint).where}: {text}"


def _mistake(service: ExternalService, *, woken: bool) -> str | None:
    """What is told of a service that wouldn't answer; None if it would, or if AWS can't say."""

    def ask() -> Finding:
        return _of_url(service) if service.endpoint is Endpoint.URL else _of_aws(service, woken=woken)

    found = ask()
    for _ in range(_TRIES - 1):
        if not found.passing:
            break
        time.sleep(_PAUSE)
        found = ask()
    if found.unknown:
        pulumi.log.info(_line(service, f"{service.address}: {found.unknown}"))
    if found.wrong is None:
        return None
    check = service.healthcheck
    asked = f"{service.address}{check.path if service.endpoint is Endpoint.URL else ''}"
    remedy = found.remedy or _REMEDIES[service.endpoint].format(codes=check.success_codes)
    return _line(service, f"{asked}: {found.wrong}; nothing has been changed; {remedy}")


def _of_url(service: ExternalService) -> Finding:
    check = service.healthcheck
    client = Client(service.address, min(check.timeout, _LONGEST))
    try:
        answer = client.ask(Request("GET", check.path), [])
    finally:
        client.close()
    if not answer.status:
        return Finding(answer.failure, passing=True)
    return Finding() if check.will_do(answer.status) else Finding(f"answers {answer.status}", passing=True)


class _NotReportedError(Exception):
    """AWS doesn't say. Its text is one line."""


def _of_aws(service: ExternalService, *, woken: bool) -> Finding:
    from botocore.exceptions import ClientError  # pyright: ignore[reportMissingTypeStubs]

    ask: dict[Endpoint, Callable[[Any, str], Finding]] = {
        Endpoint.TARGET_GROUP: _of_targets,
        Endpoint.LISTENER: _of_listener,
        Endpoint.LAMBDA: lambda session, arn: _of_function(session, arn, woken=woken),
    }
    try:
        with sdk.one_line(_NotReportedError):
            session = sdk.session(region_of(service) or "", aws.config.profile)
            try:
                return ask[service.endpoint](session, service.address)
            except ClientError as error:
                code = str(cast("Any", error).response["Error"]["Code"])
                if code not in _GONE:
                    raise
                return Finding(_GONE[code], remedy=_ANOTHER)
    except _NotReportedError as error:
        return Finding(str(error), remedy=_RIGHTS)


def _of_targets(session: Any, arn: str) -> Finding:
    found = session.client("elbv2").describe_target_health(TargetGroupArn=arn)
    return first_answers.of_targets(found["TargetHealthDescriptions"])


def _of_listener(session: Any, arn: str) -> Finding:
    elb = session.client("elbv2")
    (listener,) = elb.describe_listeners(ListenerArns=[arn])["Listeners"]
    (balancer,) = elb.describe_load_balancers(LoadBalancerArns=[listener["LoadBalancerArn"]])["LoadBalancers"]
    return first_answers.of_load_balancer(balancer)


def _of_function(session: Any, arn: str, *, woken: bool) -> Finding:
    return first_answers.of_function(session.client("lambda").get_function_configuration(FunctionName=arn), woken=woken)
