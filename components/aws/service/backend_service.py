"""A service on AWS to which nothing leads from outside: Copilot's Backend Service, from plain resources."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from components.aws.network import security_groups, tls
from components.aws.network.backends import Backends
from components.aws.plan.alias_rules import AliasRule, HostName
from components.aws.plan.further_rules import GoingRule
from components.aws.plan.internal_rules import group_name, host_of
from components.aws.plan.target_groups import Version
from components.aws.service.fargate_service import FargateService, FargateServiceArgs
from components.aws.service.listener_rules import (
    Listeners,
    alias_listener_rules,
    attachment_rule,
    without_requests,
)
from components.aws.service.target_groups import http_group
from components.manifest.http import Http


@dataclass(frozen=True)
class BackendServiceArgs:
    """What leads to a backend, besides what it is made of."""

    base: FargateServiceArgs
    """What the service is made of."""
    rules: tuple[tuple[AliasRule, int], ...] = ()
    """Its rules on the load balancer of backends, with their priorities. Default none."""
    standing: frozenset[str] = frozenset()
    """The names of those that are there already, and attach their target groups. Default none."""
    versions: Mapping[str, Version] = field(default_factory=dict[str, Version])
    """Of the target groups that aren't the first ones of their tasks, or come to tasks that run, by the first one's
    logical name. Default none."""
    going: tuple[GoingRule, ...] = ()
    """The listener rules of target groups that tasks are taken out of. Default none."""
    domain: str = ""
    """The name of the private zone of its environment's backends. Default: empty, as nothing leads to it."""


@dataclass(frozen=True)
class _Group:
    """A target group of the service's."""

    group: aws.lb.TargetGroup
    version: Version | None
    """None: it is there before its tasks, attached by what sends it requests."""


class BackendService(FargateService):
    """`strangler:index:BackendService`: a service on Fargate that others of its environment find by its name, and by
    the environment's internal load balancer if its manifest has `http`."""

    def __init__(self, name: str, args: BackendServiceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("BackendService", name, args.base, opts)
        self._args = args
        http, balancer = self.context.manifest.internal, self.context.environment.backends
        if http is None or balancer is None:
            self.run([], [], None)
        else:
            self._balanced(http, balancer)
        self.register_outputs({"image": self.image, "serviceName": self.service_name})

    def _balanced(self, http: Http, balancer: Backends) -> None:
        """What is there already, or isn't attached by its rules, turns to the tasks once these are in steady state."""
        context, groups = self.context, self._groups(http)
        needs = [*self._lead_to(http, balancer, groups, after=None), *self._let_in(balancer)]
        listeners = Listeners(balancer.listener_arn, balancer.https_arn)
        needs += without_requests(self._args.going, listeners, context.tags, context.child)
        for number, found in groups.items():
            if found.version:
                secure = balancer.https_arn if http.numbered[number].version != "http1" else None
                listener = secure or balancer.listener_arn
                needs.append(attachment_rule(found.version, listener, found.group, context.tags, context.child))
        targets = [
            aws.ecs.ServiceLoadBalancerArgs(
                target_group_arn=groups[number].group.arn,
                container_name=rule.target_container or context.name,
                container_port=rule.target_port or context.manifest.port,
            )
            for number, rule in http.numbered.items()
        ]
        self.run(targets, needs, groups[0].group)
        leading = self._lead_to(http, balancer, groups, after=self.ready)
        self._records(http, balancer, [self.ready, *needs, *leading])

    def _groups(self, http: Http) -> dict[int, _Group]:
        """The target groups, by the number of the rule."""
        context, found = self.context, dict[int, _Group]()
        for number, rule in http.numbered.items():
            plain = group_name(context.name, number)
            version = self._args.versions.get(plain)
            port, name = rule.target_port or context.manifest.port, version.name if version else plain
            group = http_group(name, rule, port, context.environment.vpc_id, context.tags, context.child)
            found[number] = _Group(group, version)
        return found

    def _lead_to(
        self, http: Http, balancer: Backends, groups: Mapping[int, _Group], after: pulumi.Input[pulumi.Resource] | None
    ) -> list[aws.lb.ListenerRule]:
        """The rules that send requests to target groups: those that are to wait for the tasks, once `after` is there;
        or the others, which attach them, if it is None."""
        context, made = self.context, list[aws.lb.ListenerRule]()
        listeners = Listeners(balancer.listener_arn, balancer.https_arn)
        later = pulumi.ResourceOptions(depends_on=[] if after is None else [after])
        opts = pulumi.ResourceOptions.merge(context.child, later)
        for rule, priority in self._args.rules:
            found = groups[rule.rule]
            if (found.version is not None or rule.name in self._args.standing) is (after is None):
                continue
            version = http.numbered[rule.rule].version
            own = () if balancer.https_arn else (balancer.dns,)
            made += alias_listener_rules(rule, priority, listeners, found.group, version, context.tags, opts, own)
        return made

    def _let_in(self, balancer: Backends) -> list[pulumi.Resource]:
        """With `deny_default`, the load balancer is let in by the first of the groups that the manifest names."""
        context = self.context
        if not context.manifest.network.deny_default:
            return []
        rule = security_groups.GroupRule(balancer.group, context.security_groups[0], security_groups.CHECKED)
        return security_groups.between(f"{context.name}-Groups-to-tasks", rule, context.tags, context.child)

    def _records(
        self, http: Http, balancer: Backends, needs: Sequence[pulumi.Input[pulumi.Resource]]
    ) -> list[aws.route53.Record]:
        """Its name in the private zone; with certificates, those of its aliases that have a zone."""
        context = self.context
        if balancer.zone_id is not None:
            host = host_of(context.name, self._args.domain)
            target = aws.route53.RecordAliasArgs(
                name=balancer.dns, zone_id=balancer.hosted_zone, evaluate_target_health=True
            )
            opts = pulumi.ResourceOptions.merge(context.child, pulumi.ResourceOptions(depends_on=list(needs)))
            return [
                aws.route53.Record(
                    context.name, zone_id=balancer.zone_id, name=host, type="A", aliases=[target], opts=opts
                )
            ]
        aliases = {alias.name: alias for rule in http.rules for alias in rule.aliases}
        hosts = [HostName(alias.name, alias.hosted_zone, (context.name,)) for alias in aliases.values()]
        wanted = {host.name: [*needs, *balancer.held] for host in hosts}
        return tls.records(hosts, balancer.dns, balancer.hosted_zone, wanted, self)
