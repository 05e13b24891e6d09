"""A service on AWS, with everything that Copilot's Load Balanced Web Service makes, from plain resources."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.aws.network import security_groups, tls
from components.aws.network.environment import LoadBalancer, name_on
from components.aws.plan.alias_rules import AliasRule, HostName, rule_name
from components.aws.plan.load_balancers import AttachmentPlan
from components.aws.service.fargate_service import FargateService, FargateServiceArgs
from components.aws.service.listener_attachment import Attachment, attach
from components.aws.service.listener_rules import Listeners, alias_listener_rules
from components.aws.service.network_load_balancer import NetworkLoadBalancer, network_load_balancer
from components.aws.service.target_groups import http_group
from components.manifest.http import HttpRule
from components.model.facades import Scheme


@dataclass(frozen=True)
class LoadBalancedWebServiceArgs:
    """What leads to a service, besides what it is made of."""

    base: FargateServiceArgs
    attachments: tuple[AttachmentPlan, ...] = (AttachmentPlan(),)
    """How it is attached to each of the environment's load balancers. Default: by a rule on port 80 of the public
    one."""
    priority: int = 100
    """Of the service's catch-all listener rule, unique on the listener. 1-50000, default 100. A facade that is this
    load balancer has rules before it: then it only attaches the target group, as ECS wants it."""
    alias_rules: tuple[tuple[AliasRule, int], ...] = ()
    """The rules of the service's own on the first load balancer, with their priorities. Default none."""


class LoadBalancedWebService(FargateService):
    """`strangler:index:LoadBalancedWebService`: a service on Fargate behind the load balancers of its environment, and
    behind a network load balancer of its own if the manifest says so."""

    attachments: Mapping[Scheme, Attachment]
    """How facades reach it, by the load balancer's scheme; empty if they send it nothing."""
    url: pulumi.Output[str]
    """Of the first load balancer."""
    target_group_arn: pulumi.Output[str] | None
    """The tasks, as the first load balancer knows them; None if facades send it nothing."""

    def __init__(self, name: str, args: LoadBalancedWebServiceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("LoadBalancedWebService", name, args.base, opts)
        environment, manifest = self.context.environment, self.context.manifest
        groups = self._target_groups()
        nlb = network_load_balancer(self.context, manifest.nlb, self) if manifest.nlb else None
        self.attachments = self._attach(args, groups)
        attached = [resource for attachment in self.attachments.values() for resource in attachment.needs]
        needs = [*attached, *self._alias_rules(args, groups), *self._from_load_balancer(), *(nlb.needs if nlb else ())]
        first = groups[0] if groups else None
        self.run(self._ecs_name(), self._targets(groups, nlb), needs, first)
        if nlb:
            names = [HostName(alias.name, alias.hosted_zone, (name,)) for alias in manifest.nlb_aliases]
            tls.records(names, nlb.dns_name, nlb.zone_id, {name: self.ready}, self)
        self.target_group_arn = first.arn if first and manifest.routed else None
        attachment = self.attachments.get(environment.load_balancer.scheme)
        self.url = attachment.url if attachment else pulumi.Output.concat("http://", environment.load_balancer.dns)
        self.register_outputs(
            {
                "image": self.image,
                "url": self.url,
                "targetGroupArn": self.target_group_arn,
                "serviceName": self.service_name,
            }
        )

    def _ecs_name(self) -> str:
        """Behind another first load balancer the ECS service has another logical name: in place, ECS would let the old
        target group go before a facade has turned to the new one. So the new service is made beside the old one."""
        internal = self.context.environment.load_balancer.scheme is Scheme.INTERNAL
        return f"{self.context.name}-internal" if internal and self.attachments else self.context.name

    def _target_groups(self) -> list[aws.lb.TargetGroup]:
        """Of the first load balancer, one for each rule of `http`, the main one first."""
        http = self.context.manifest.http
        first = self.context.environment.load_balancer
        return [self._target_group(number, rule, first) for number, rule in enumerate(http.rules if http else ())]

    def _target_group(self, number: int, rule: HttpRule, load_balancer: LoadBalancer) -> aws.lb.TargetGroup:
        return http_group(
            name_on(rule_name(self.context.name, number), load_balancer.scheme),
            rule,
            rule.target_port or self.context.manifest.port,
            self.context.environment.vpc_id,
            self.context.tags,
            self.context.child,
        )

    def _attach(self, args: LoadBalancedWebServiceArgs, groups: list[aws.lb.TargetGroup]) -> dict[Scheme, Attachment]:
        """How facades reach the service, on each load balancer by a target group of its own."""
        context, http = self.context, self.context.manifest.http
        made: dict[Scheme, Attachment] = {}
        if http is None or not context.manifest.routed:
            return made
        for plan, load_balancer in zip(args.attachments, context.environment.load_balancers, strict=True):
            first = load_balancer is context.environment.load_balancer
            group = groups[0] if first else self._target_group(0, http.rules[0], load_balancer)
            made[plan.scheme] = attach(
                context.name, plan, load_balancer, group, args.priority, context.tags, context.child
            )
        return made

    def _alias_rules(self, args: LoadBalancedWebServiceArgs, groups: list[aws.lb.TargetGroup]) -> list[pulumi.Resource]:
        """What sends requests to the target groups by host name, or by path."""
        context, http = self.context, self.context.manifest.http
        if http is None:
            return []
        listeners = Listeners(context.environment.load_balancer.listener_arn, context.environment.https_arn)
        made: list[pulumi.Resource] = []
        for rule, priority in args.alias_rules:
            version = http.rules[rule.rule].version
            made += alias_listener_rules(
                rule, priority, listeners, groups[rule.rule], version, context.tags, context.child
            )
        return made

    def _from_load_balancer(self) -> list[pulumi.Resource]:
        """With `deny_default`, the load balancer is let in by the first of the groups that the manifest names."""
        context = self.context
        if not context.manifest.network.deny_default or context.manifest.http is None:
            return []
        rule = security_groups.GroupRule(
            context.environment.balancer_group, context.security_groups[0], security_groups.CHECKED
        )
        return security_groups.between(f"{context.name}-Groups-to-tasks", rule, context.tags, context.child)

    def _targets(
        self, groups: list[aws.lb.TargetGroup], nlb: NetworkLoadBalancer | None
    ) -> list[aws.ecs.ServiceLoadBalancerArgs]:
        """With which target group ECS registers which container and port."""
        manifest, first = self.context.manifest, self.context.environment.load_balancer.scheme
        rules = manifest.http.rules if manifest.http else ()
        ports = [(rule.target_container, rule.target_port or manifest.port) for rule in rules]
        further = [attachment.group for scheme, attachment in self.attachments.items() if scheme is not first]
        found = [*zip(groups, ports, strict=True), *((group, ports[0]) for group in further)]
        if nlb and manifest.nlb:
            inner = [(listener.target_container, listener.target_port) for listener in manifest.nlb.listeners]
            found += zip(nlb.groups, inner, strict=True)
        return [
            aws.ecs.ServiceLoadBalancerArgs(
                target_group_arn=group.arn, container_name=container or self.context.name, container_port=port
            )
            for group, (container, port) in found
        ]
