"""The facade `alb`: the rules of the load balancer of the one environment in which all services run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pulumi
import pulumi_aws as aws

from components.aws.facades.balanced import Balanced
from components.aws.facades.route_rules import OtherGroup
from components.aws.facades.url import known_after
from components.aws.network import tls
from components.aws.network.listeners import (
    conditions,
    https_only,
    no_service_at_this_path,
    redirect_to_https,
)
from components.aws.plan import alb_rules
from components.aws.plan.alb_priorities import CATCH_ALL
from components.aws.plan.alb_rules import PLAIN_RULES, PlainRule
from components.aws.plan.alias_rules import HostName


@dataclass(frozen=True)
class Https:
    """How a load balancer answers routes with TLS."""

    listener_arn: pulumi.Input[str]
    """Of its port 443, which has a certificate for every name of the facade."""
    hosts: tuple[HostName, ...]
    """The names of the facade, the main one first; those in a hosted zone get a record."""
    zone_id: pulumi.Input[str]
    """Id of the hosted zone of the load balancer's own name."""
    held: Sequence[pulumi.Resource] = ()
    """What holds the names' certificates on the listener. Default none."""
    first: bool = False
    """Whether nothing of the stack is up yet: then records don't wait for the rules. Default false."""


@dataclass(frozen=True)
class AlbFacadeArgs:
    """What the facade is made of."""

    balanced: Balanced
    """Its routes. All services are in one environment with a public load balancer."""
    load_balancer_arn: pulumi.Input[str]
    """Of that load balancer."""
    listener_arn: pulumi.Input[str]
    """Of its port 80. It has no other rules from `alb_priorities.TO_TLS` to `alb_priorities.CATCH_ALL`."""
    dns_name: pulumi.Input[str]
    """Its own name."""
    vpc_id: pulumi.Input[str]
    """Its VPC."""
    https: Https | None = None
    """Default None: routes are answered on port 80."""
    web_acl: str | None = None
    """ARN of a web ACL of the scope REGIONAL that filters its requests. Default: none does."""
    balancer_group: pulumi.Input[str] | None = None
    """Id of the load balancer's security group, which lets it call such targets. Default: that is not ours to say."""


class AlbFacade(pulumi.ComponentResource):
    """`strangler:index:AlbFacade`: a rule or a few for each route, from the start, and one for what no route takes.

    Testers of a route have rules of their own before these, from the start too.
    A cut-over, or a step of one, changes weights in place. A rule sends requests to a service once that is ready.
    Rules change from the longest paths to the shortest, and go the other way round, new ones beside the old: while an
    update runs, every request goes to its previous or its new service, never to a third.
    Without a default, the last rule answers 503, and so does an empty target group where a route's weight leaves
    something over.

    With TLS, the rules are those of port 443. Once they are there the records of the names come, and then what sends
    clients from port 80 to port 443, before all rules that port 80 may still have. So on the way from one port to the
    other, a request is answered by the old rules until all of the new ones are there; the old ones go last.
    """

    url: pulumi.Output[str]
    """Of the load balancer, or by its main name with TLS."""
    elsewhere: Mapping[str, OtherGroup]
    """The target groups of services that run elsewhere, by the service."""

    def __init__(self, name: str, args: AlbFacadeArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strangler:index:AlbFacade", name, None, opts)
        self._args, self._name = args, name
        listener = args.https.listener_arn if args.https else args.listener_arn
        routes = args.balanced
        planned = alb_rules.rules(routes.table, known=routes.known)
        others = dict[str | None, OtherGroup]({**routes.groups})
        if routes.groups and args.balancer_group is not None:
            egress = self._egress(args.balancer_group)
            others = {service: replace(group, ready=(egress,)) for service, group in others.items()}
        others |= routes.function_groups(name, pulumi.ResourceOptions(parent=self))
        self.elsewhere = {service: group for service, group in others.items() if service is not None}
        if routes.table.default is None and planned:
            empty = aws.lb.TargetGroup(
                f"{name}-nobody",
                port=80,
                protocol="HTTP",
                target_type="ip",
                vpc_id=args.vpc_id,
                tags=dict(routes.tags),
                opts=pulumi.ResourceOptions(parent=self),
            )
            others[None] = OtherGroup(empty.arn)
        self._routes = routes.rules(listener, others, self)
        made = self._routes.make(planned)
        last = self._routes.rest(f"{name}-default", CATCH_ALL, self._last(), planned, made)
        ends: list[pulumi.CustomResource] = [last]
        if args.https:
            ends += self._to_tls(args.https, [*made, last], opts)
        if args.web_acl:
            ends.append(
                aws.wafv2.WebAclAssociation(
                    name,
                    resource_arn=args.load_balancer_arn,
                    web_acl_arn=args.web_acl,
                    # What is deleted is the association of the load balancer, whichever it has by then (WAF API,
                    # DisassociateWebACL: ResourceArn alone).
                    opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
                )
            )
        url = f"https://{args.https.hosts[0].name}" if args.https else pulumi.Output.concat("http://", args.dns_name)
        self.url = known_after(url, ends)
        self.register_outputs({"url": self.url})

    def _to_tls(
        self, https: Https, routes: list[pulumi.Resource], opts: pulumi.ResourceOptions | None
    ) -> list[pulumi.CustomResource]:
        """What leads to the routes on port 443, once they are there. Records are beside the facade and not below it:
        that of a name which goes to another facade, or to a service, changes in place."""
        beside = opts.parent if opts and opts.parent else self
        needs = {host.name: [*https.held, *(() if https.first else routes)] for host in https.hosts}
        made: list[pulumi.CustomResource] = [
            *tls.records(https.hosts, self._args.dns_name, https.zone_id, needs, beside)
        ]
        for rule in PLAIN_RULES:
            made.append(
                aws.lb.ListenerRule(
                    f"{self._name} {rule.name}",
                    listener_arn=self._args.listener_arn,
                    priority=rule.priority,
                    tags=dict(self._args.balanced.tags),
                    conditions=self._plain_conditions(rule),
                    # Not for good: a client that remembers it would not follow a way back to plain HTTP.
                    actions=[
                        redirect_to_https(https.hosts[0].name if rule.own_name else None, for_good=False)
                        if rule.redirects
                        else https_only()
                    ],
                    opts=pulumi.ResourceOptions(parent=self, depends_on=[*routes, *made]),
                )
            )
        return made

    def _plain_conditions(self, rule: PlainRule) -> list[aws.lb.ListenerRuleConditionArgs]:
        hosts = [self._args.dns_name] if rule.own_name else []
        return conditions(hosts=hosts, paths=() if rule.methods else ("/*",), methods=rule.methods)

    def _egress(self, group: pulumi.Input[str]) -> pulumi.Resource:
        """Lets the load balancer call targets that aren't ours, wherever their target group has them: at a port of each
        target's own (ELB API, TargetDescription)."""
        return aws.vpc.SecurityGroupEgressRule(
            f"{self._name}-elsewhere",
            security_group_id=group,
            ip_protocol="tcp",
            from_port=0,
            to_port=65535,
            cidr_ipv4="0.0.0.0/0",
            description="Requests and health checks of targets that run elsewhere",
            tags=dict(self._args.balanced.tags),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _last(self) -> aws.lb.ListenerRuleActionArgs:
        default = self._args.balanced.table.default
        if default is not None:
            return self._routes.forward({default: 100})
        return no_service_at_this_path()
