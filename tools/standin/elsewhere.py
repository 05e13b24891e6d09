"""ELB's and Lambda's interfaces over HTTP, for what the program asks of services that run elsewhere by boto3.

Target groups, listeners and load balancers are the account's own. How their targets do, and what functions there are,
is the test's to say, as nobody here checks a health or runs a function.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qsl, unquote
from xml.sax.saxutils import escape

from tools.standin import deployments, elb, health, lambdas, plain
from tools.standin.actions import TARGET_GROUP
from tools.standin.cloud import AwsError, Cloud
from tools.standin.plain import Asked, Told
from tools.standin.values import Props, table

_FUNCTIONS: Final = "/2015-03-31/functions/"
_XMLNS: Final = "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/"
_CHECKING: Final = {"initial": "Elb.InitialHealthChecking", "unhealthy": "Target.FailedHealthChecks"}
"""A reason of a state of health (ELB API, TargetHealth)."""


@dataclass
class Account:
    """What isn't ours in the account, as it does now."""

    cloud: Cloud
    states: dict[str, str] = field(default_factory=dict[str, str])
    """The state of targets, by id, where a load balancer checks it. Default: they are healthy."""
    balancers: dict[str, str] = field(default_factory=dict[str, str])
    """The state of load balancers, by ARN. Default: they are active."""
    functions: dict[str, str] = field(default_factory=dict[str, str])
    """The state of functions, by the name or ARN that is asked for. Default: there are none."""
    refused: str = ""
    """The action that the caller has no right to. Default: none."""
    asked: list[str] = field(default_factory=list[str])
    """Each action that was asked for, and of what."""

    def answer(self, request: Asked) -> Told:
        """An answer in the form of the interface that was asked."""
        if request.path.startswith(_FUNCTIONS):
            name = unquote(request.path.removeprefix(_FUNCTIONS).rpartition("/configuration")[0])
            return self._json("GetFunctionConfiguration", name)
        form = dict(parse_qsl(request.body))
        return self._xml(form["Action"], next(value for key, value in form.items() if "Arn" in key))

    def _json(self, action: str, name: str) -> Told:
        try:
            found = self._found(action, name)
        except AwsError as error:
            text = json.dumps({"Type": "User", "Message": error.message, "__type": error.code})
            return Told(404 if "NotFound" in error.code else 403, "application/json", text)
        return Told(200, "application/json", json.dumps(found))

    def _xml(self, action: str, arn: str) -> Told:
        try:
            found = "".join(_elements(self._found(action, arn)))
        except AwsError as error:
            inside = (
                f"<Error><Type>Sender</Type><Code>{error.code}</Code><Message>{escape(error.message)}</Message></Error>"
            )
            return Told(400, "text/xml", f'<ErrorResponse xmlns="{_XMLNS}">{inside}</ErrorResponse>')
        text = f'<{action}Response xmlns="{_XMLNS}"><{action}Result>{found}</{action}Result></{action}Response>'
        return Told(200, "text/xml", text)

    def _found(self, action: str, of: str) -> Props:
        self.asked.append(f"{action} {of}")
        if action == self.refused:
            raise AwsError("AccessDenied", f"User is not authorized to perform: {action}")
        return {
            "DescribeTargetHealth": self._targets,
            "DescribeListeners": self._listener,
            "DescribeLoadBalancers": self._balancer,
            "GetFunctionConfiguration": self._function,
        }[action](of)

    def _targets(self, arn: str) -> Props:
        snapshot = self.cloud.snapshot
        group = snapshot.get(TARGET_GROUP, arn)
        if group is None:
            raise AwsError("TargetGroupNotFound", f"Target groups '{arn}' not found")
        used = elb.owner_of(snapshot, arn) is not None
        unchecked = group["targetType"] == "lambda" and not table(group["healthCheck"]).get("enabled")
        targets = [str(one["targetId"]) for one in snapshot.where(lambdas.ATTACHMENT, targetGroupArn=arn)]
        for service in health.services_behind(snapshot, arn):
            targets += [f"{service.name}-{number}" for number in range(deployments.tasks(service)["healthy"])]
        return {
            "TargetHealthDescriptions": [
                {"Target": {"Id": target}, "TargetHealth": self._health(target, used=used, checked=not unchecked)}
                for target in targets
            ]
        }

    def _health(self, target: str, *, used: bool, checked: bool) -> Props:
        """ELB API, TargetHealth."""
        if not checked:
            return {"State": "unavailable", "Reason": "Target.HealthCheckDisabled"}
        if not used:
            return {"State": "unused", "Reason": "Target.NotInUse"}
        state = self.states.get(target, "healthy")
        return {"State": state, **({"Reason": _CHECKING[state]} if state in _CHECKING else {})}

    def _listener(self, arn: str) -> Props:
        listener = self.cloud.snapshot.get(elb.LISTENER, arn)
        if listener is None:
            raise AwsError("ListenerNotFound", f"Listeners '{arn}' not found")
        return {"Listeners": [{"ListenerArn": arn, "LoadBalancerArn": listener["loadBalancerArn"]}]}

    def _balancer(self, arn: str) -> Props:
        if self.cloud.snapshot.get(elb.BALANCER, arn) is None:
            raise AwsError("LoadBalancerNotFound", f"Load balancers '{arn}' not found")
        return {"LoadBalancers": [{"LoadBalancerArn": arn, "State": {"Code": self.balancers.get(arn, "active")}}]}

    def _function(self, name: str) -> Props:
        if name not in self.functions:
            raise AwsError("ResourceNotFoundException", f"Function not found: {name}")
        state = self.functions[name]
        reason = {} if state == "Active" else {"StateReason": "The function is idle.", "StateReasonCode": "Idle"}
        return {"FunctionName": lambdas.name_of(name), "State": state, **reason}


def _elements(found: Any) -> Iterator[str]:
    """The XML of the protocol `query` (botocore's model of ELB: lists are of `member`)."""
    if isinstance(found, dict):
        for key, value in table(found).items():
            yield f"<{key}>{''.join(_elements(value))}</{key}>"
    elif isinstance(found, list):
        for item in found:  # pyright: ignore[reportUnknownVariableType]
            yield f"<member>{''.join(_elements(item))}</member>"
    else:
        yield escape(str(found))


@contextmanager
def serving(account: Account) -> Generator[dict[str, str]]:
    """Answers on this machine; the environment in which boto3 asks there."""
    with plain.serving(account.answer) as environment:
        yield environment
