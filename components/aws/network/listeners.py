"""What listeners and their rules are made of."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components.model.routes import Testers


def no_service() -> aws.lb.ListenerDefaultActionArgs:
    """What a listener answers unless a rule says more: 503, as an empty Copilot environment does."""
    return aws.lb.ListenerDefaultActionArgs(
        type="fixed-response",
        fixed_response=aws.lb.ListenerDefaultActionFixedResponseArgs(
            content_type="text/plain", status_code="503", message_body="No service answers here.\n"
        ),
    )


def no_service_at_this_path() -> aws.lb.ListenerRuleActionArgs:
    """What a facade answers where no service does: 503."""
    return aws.lb.ListenerRuleActionArgs(
        type="fixed-response",
        fixed_response=aws.lb.ListenerRuleActionFixedResponseArgs(
            content_type="text/plain", status_code="503", message_body="No service answers this path.\n"
        ),
    )


def forward(target_group_arn: pulumi.Input[str]) -> aws.lb.ListenerRuleActionArgs:
    """Sends requests to one target group."""
    return aws.lb.ListenerRuleActionArgs(type="forward", target_group_arn=target_group_arn)


def redirect_to_https(host: str | None = None, *, for_good: bool = True) -> aws.lb.ListenerRuleActionArgs:
    """Sends a client to the same URL with https. host: another one. for_good: whether it may remember that."""
    status = "HTTP_301" if for_good else "HTTP_302"
    return aws.lb.ListenerRuleActionArgs(
        type="redirect",
        redirect=aws.lb.ListenerRuleActionRedirectArgs(protocol="HTTPS", port="443", host=host, status_code=status),
    )


def https_only() -> aws.lb.ListenerRuleActionArgs:
    """What a client is told that sends by plain HTTP what a redirect would change."""
    return aws.lb.ListenerRuleActionArgs(
        type="fixed-response",
        fixed_response=aws.lb.ListenerRuleActionFixedResponseArgs(
            content_type="text/plain", status_code="403", message_body="Send this request by https.\n"
        ),
    )


def conditions(
    *,
    hosts: Sequence[pulumi.Input[str]] = (),
    paths: Sequence[str] = (),
    regex: bool = False,
    methods: Sequence[str] = (),
    mark: Testers | None = None,
    sources: Sequence[str] = (),
) -> list[aws.lb.ListenerRuleConditionArgs]:
    """The conditions of a rule; what is empty means all. regex: whether the paths are regular expressions. mark: what
    the requests carry. sources: the address ranges of those who ask."""
    condition = aws.lb.ListenerRuleConditionArgs
    found: list[aws.lb.ListenerRuleConditionArgs] = []
    if hosts:
        found.append(condition(host_header=aws.lb.ListenerRuleConditionHostHeaderArgs(values=list(hosts))))
    if paths:
        pattern = aws.lb.ListenerRuleConditionPathPatternArgs
        found.append(
            condition(path_pattern=pattern(regex_values=list(paths)) if regex else pattern(values=list(paths)))
        )
    if methods:
        found.append(
            condition(http_request_method=aws.lb.ListenerRuleConditionHttpRequestMethodArgs(values=list(methods)))
        )
    if sources:
        found.append(condition(source_ip=aws.lb.ListenerRuleConditionSourceIpArgs(values=list(sources))))
    if mark:
        header = aws.lb.ListenerRuleConditionHttpHeaderArgs
        found.append(
            condition(
                http_header=header(http_header_name="Cookie", regex_values=[mark.header_expression])
                if mark.cookie
                else header(http_header_name=mark.name, values=[mark.value])
            )
        )
    return found
