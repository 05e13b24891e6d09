"""A service on AWS, with everything that Copilot's Load Balanced Web Service makes, from plain resources."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from components.aws.alarms import AlarmTopic, metric_alarms
from components.aws.network import security_groups, tls
from components.aws.plan import alarms
from components.aws.plan.alias_rules import AliasRule, HostName
from components.aws.plan.further_rules import GoingRule
from components.aws.plan.load_balancers import AttachmentPlan
from components.aws.plan.target_groups import Version, http_groups
from components.aws.service.fargate_service import FargateService, FargateServiceArgs
from components.aws.service.listener_attachment import Attachment, attach
from components.aws.service.listener_rules import (
    Listeners,
    alias_listener_rules,
    attachment_rule,
    without_requests,
)
from components.aws.service.network_load_balancer import NetworkLoadBalancer, network_load_balancer
from components.aws.service.target_groups import http_group
from components.model.facades import Scheme


@dataclass(frozen=True)
class LoadBalancedWebServiceArgs:
    """What leads to a service, besides what it is made of."""

    base: FargateServiceArgs
    """What the service is made of."""
    attachments: tuple[AttachmentPlan, ...] = (AttachmentPlan(),)
    """How it is attached to each of the environment's load balancers. Default: by a rule on port 80 of the public
    one."""
    priority: int = 100
    """Of the service's catch-all listener rule, unique on the listener. 1-50000, default 100. A facade that is this
    load balancer has rules before it: then it only attaches the target group, as ECS wants it."""
    attached: int = 100
    """Of the rule that attaches its target group in a listener that is the user's own, unique there. Default 100."""
    alias_rules: tuple[tuple[AliasRule, int], ...] = ()
    """The rules of the service's own on the first load balancer, with their priorities. Default none."""
    standing: frozenset[str] = frozenset()
    """The names of those that are there already, and attach their target groups. Default none."""
    versions: Mapping[str, Version] = field(default_factory=dict[str, Version])
    """Of the target groups that aren't the first ones of their tasks, or come to tasks that run, by the first one's
    logical name. Default none."""
    going: tuple[GoingRule, ...] = ()
    """The listener rules of target groups that tasks are taken out of. Default none."""
    alarm_topic: AlarmTopic | None = None
    """Whom alarms tell. Default: there are none."""


@dataclass(frozen=True)
class _Group:
    """A target group of the service's."""

    group: aws.lb.TargetGroup
    version: Version | None
    """None: it is there before its tasks, attached by what sends it requests."""

    @property
    def later(self) -> bool:
        """Whether requests turn to it only once the tasks are ready."""
        return self.version is not None


class LoadBalancedWebService(FargateService):
    """`strangler:index:LoadBalancedWebService`: a service on Fargate behind the load balancers of its environment, and
    behind a network load balancer of its own if the manifest says so."""

    attachments: Mapping[Scheme, Attachment]
    """How facades reach it, by the load balancer's scheme; empty if they send it nothing."""
    answering: Sequence[pulumi.Input[pulumi.Resource]]
    """What to depend on for requests to it: it is ready, and all that leads to it is there."""
    url: pulumi.Output[str]
    """Of the first load balancer."""
    target_group_arn: pulumi.Output[str] | None
    """The tasks, as the first load balancer knows them; None if facades send it nothing."""

    def __init__(self, name: str, args: LoadBalancedWebServiceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("LoadBalancedWebService", name, args.base, opts)
        environment, manifest = self.context.environment, self.context.manifest
        self._args = args
        self._groups = self._target_groups()
        nlb = network_load_balancer(self.context, manifest.nlb, self) if manifest.nlb else None
        attached, needs = self._lead_to(after=None)
        needs += [*self._attachment_rules(), *self._going_rules(), *self._from_load_balancer()]
        needs += nlb.needs if nlb else ()
        first = self._groups[environment.load_balancer.scheme, 0].group if manifest.http else None
        watching, rollback = self._alarms()
        self.run(self._targets(nlb), [*needs, *watching], first, rollback)
        later, leading = self._lead_to(after=self.ready)
        self.answering = (self.ready, *leading)
        found = {**attached, **later}
        self.attachments = {plan.scheme: found[plan.scheme] for plan in args.attachments if plan.scheme in found}
        if nlb:
            names = [HostName(alias.name, alias.hosted_zone, (name,)) for alias in manifest.nlb_aliases]
            tls.records(names, nlb.dns_name, nlb.zone_id, {host.name: [self.ready] for host in names}, self)
        self.target_group_arn = first.arn if first and manifest.routed else None
        attachment = self.attachments.get(environment.load_balancer.scheme)
        self.url = attachment.url if attachment else environment.load_balancer.url
        self.register_outputs(
            {
                "image": self.image,
                "url": self.url,
                "targetGroupArn": self.target_group_arn,
                "serviceName": self.service_name,
            }
        )

    def _target_groups(self) -> dict[tuple[Scheme, int], _Group]:
        """By the scheme of the load balancer and the number of the rule of `http`."""
        context, found = self.context, dict[tuple[Scheme, int], _Group]()
        for key, plain, rule in http_groups(context.service, context.environment.args.schemes):
            version = self._args.versions.get(plain)
            port = rule.target_port or context.manifest.port
            name = version.name if version else plain
            group = http_group(name, rule, port, context.environment.vpc_id, context.tags, context.child)
            found[key] = _Group(group, version)
        return found

    def _alarms(self) -> tuple[list[pulumi.Resource], list[str]]:
        """Alarms on the target groups of facades, which are there before the tasks; and the names of those by which
        deployments are taken back."""
        context, topic = self.context, self._args.alarm_topic
        made, rollback = list[pulumi.Resource](), list[str]()
        if topic is None or not context.manifest.routed:
            return made, rollback
        for balancer in context.environment.load_balancers:
            found = self._groups[balancer.scheme, 0].group
            planned = alarms.of_service(topic.settings, context.aws.prefix, context.name, balancer.scheme)
            dimensions = {"TargetGroup": found.arn_suffix, "LoadBalancer": balancer.suffix}
            made += metric_alarms(planned, dimensions, topic, context.tags, context.child)
            rollback += [alarm.name for alarm in planned if alarm.rollback]
        return made, rollback

    def _attachment_rules(self) -> list[pulumi.Resource]:
        """What attaches target groups to which requests turn only once the tasks are ready."""
        context, made = self.context, list[pulumi.Resource]()
        listeners = {balancer.scheme: balancer.listener_arn for balancer in context.environment.load_balancers}
        for (scheme, number), found in self._groups.items():
            http = context.manifest.http
            if found.version is None or http is None:
                continue
            # HTTP/2 and gRPC are forwarded by TLS only.
            secure = context.environment.https_arn if http.numbered[number].version != "http1" else None
            listener = secure or listeners[scheme]
            made.append(attachment_rule(found.version, listener, found.group, context.tags, context.child))
        return made

    def _going_rules(self) -> list[aws.lb.ListenerRule]:
        context = self.context
        listeners = Listeners(context.environment.load_balancer.listener_arn, context.environment.alias_https_arn)
        return without_requests(self._args.going, listeners, context.tags, context.child)

    def _lead_to(
        self, after: pulumi.Input[pulumi.Resource] | None
    ) -> tuple[dict[Scheme, Attachment], list[pulumi.Resource]]:
        """What sends requests to target groups, for facades and by itself. after: for those that are attached already,
        by another rule or since an earlier `up`, once this is there; None: for the others, which are attached by
        it."""
        context, http = self.context, self.context.manifest.http
        attached, made = dict[Scheme, Attachment](), list[pulumi.Resource]()
        if http is None:
            return attached, made
        later = pulumi.ResourceOptions(depends_on=[] if after is None else [after])
        opts = pulumi.ResourceOptions.merge(context.child, later)
        for plan, load_balancer in zip(self._args.attachments, context.environment.load_balancers, strict=True):
            found = self._groups.get((plan.scheme, 0))
            if found is None or not context.manifest.routed or found.later is (after is None):
                continue
            priority = self._args.attached if plan.scheme is Scheme.EXISTING else self._args.priority
            one = attach(context.name, plan, load_balancer, found.group, priority, context.tags, opts)
            attached[plan.scheme] = one
            made += one.needs
        balancer = context.environment.load_balancer
        listeners = Listeners(balancer.listener_arn, context.environment.alias_https_arn)
        for rule, priority in self._args.alias_rules:
            found = self._groups[balancer.scheme, rule.rule]
            later = found.later or rule.name in self._args.standing
            if later is (after is None):
                continue
            version = http.numbered[rule.rule].version
            made += alias_listener_rules(rule, priority, listeners, found.group, version, context.tags, opts)
        return attached, made

    def _from_load_balancer(self) -> list[pulumi.Resource]:
        """With `deny_default`, the load balancer is let in by the first of the groups that the manifest names."""
        context = self.context
        if not context.manifest.network.deny_default or context.manifest.http is None:
            return []
        environment, name, target = context.environment, f"{context.name}-Groups-to-tasks", context.security_groups[0]
        made: list[pulumi.Resource] = []
        if environment.balancer_group is not None:
            rule = security_groups.GroupRule(environment.balancer_group, target, security_groups.CHECKED)
            made += security_groups.between(name, rule, context.tags, context.child)
        for group in environment.args.existing.groups if environment.args.existing else ():
            rule = security_groups.GroupRule(group, target, security_groups.CHECKED)
            made.append(security_groups.into(f"{name}-{group}", rule, context.tags, context.child))
        return made

    def _targets(self, nlb: NetworkLoadBalancer | None) -> list[aws.ecs.ServiceLoadBalancerArgs]:
        """With which target group ECS registers which container and port."""
        manifest = self.context.manifest
        rules = manifest.http.numbered if manifest.http else {}
        found: list[tuple[aws.lb.TargetGroup, tuple[str | None, int]]] = []
        for (_, number), target in self._groups.items():
            rule = rules[number]
            found.append((target.group, (rule.target_container, rule.target_port or manifest.port)))
        if nlb and manifest.nlb:
            inner = [(listener.target_container, listener.target_port) for listener in manifest.nlb.listeners]
            found += zip(nlb.groups, inner, strict=True)
        return [
            aws.ecs.ServiceLoadBalancerArgs(
                target_group_arn=group.arn, container_name=container or self.context.name, container_port=port
            )
            for group, (container, port) in found
        ]
