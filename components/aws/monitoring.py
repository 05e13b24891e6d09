"""What watches the whole: the alarms of the facades, and the dashboard."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from components.aws.alarms import AlarmTopic, alarm_topic, metric_alarms
from components.aws.context import AwsContext
from components.aws.facades.route_rules import OtherGroup
from components.aws.plan import alarms, dashboard
from components.aws.plan.dashboard import Watched
from components.aws.service.listener_attachment import Attachment
from components.aws.tags import tags_of
from components.model.facades import Endpoint, RequestMetrics, Scheme
from components.model.routes import RouteTable
from components.settings import Settings


@dataclass(frozen=True)
class WatchedFacade:
    """A facade, as CloudWatch knows it."""

    url: pulumi.Output[str]
    """Known once all of it is there."""
    metrics: RequestMetrics | None = None
    """Default: only the services behind it can be watched."""
    dimension: pulumi.Input[str] = ""
    """What its metrics are named by. Default "": it has none."""
    log_group: pulumi.Input[str] | None = None
    """The name of the log group in which each of its requests has its route. Default: it has none."""

    @property
    def dimensions(self) -> dict[str, pulumi.Input[str]]:
        """The same with the dimension's name."""
        return {self.metrics.dimension: self.dimension} if self.metrics else {}


@dataclass(frozen=True)
class WatchedElsewhere:
    """The target group of a service that runs elsewhere."""

    load_balancer: pulumi.Input[str]
    """The part of its load balancer's ARN by which CloudWatch names it."""
    scheme: Scheme
    """Of that load balancer."""
    group: OtherGroup
    """The target group."""


@dataclass(frozen=True)
class MonitoringArgs:
    """What is watched, and where alarms are sent."""

    context: AwsContext
    """Names and tags of the stack."""
    table: RouteTable
    """Who gets which request."""
    facades: Mapping[str, WatchedFacade]
    """By name."""
    services: Mapping[str, Sequence[Attachment]]
    """How facades reach each service that they send requests to, by name."""
    elsewhere: Mapping[str, Sequence[WatchedElsewhere]] = field(default_factory=dict[str, Sequence[WatchedElsewhere]])
    """The target groups of services that run elsewhere and get requests, by name. Default none."""
    by_route: Sequence[str] = ()
    """The names of those for which the dashboard shows the access log of their facade. Default none."""
    topic: AlarmTopic | None = None
    """Default: there are no alarms."""
    dashboard: bool = False
    """Whether there is a dashboard. Default false."""


class Watch:
    """What the settings want to be watched, made at most once."""

    def __init__(self, settings: Settings, context: AwsContext) -> None:
        self._settings, self._context = settings, context
        self._topic: AlarmTopic | None = None

    def topic(self, parent: pulumi.Resource | None) -> AlarmTopic | None:
        """Whom alarms tell, if there are any; a topic for an address is made once."""
        alarms, context = self._settings.alarms, self._context
        if alarms and self._topic is None:
            opts = pulumi.ResourceOptions(parent=parent)
            self._topic = alarm_topic(alarms, context.prefix, tags_of(context.project, context.stack), opts)
        return self._topic

    def begin(
        self,
        table: RouteTable,
        facades: Mapping[str, WatchedFacade],
        services: Mapping[str, Sequence[Attachment]],
        elsewhere: Mapping[str, Sequence[WatchedElsewhere]],
        parent: pulumi.Resource,
    ) -> None:
        """Alarms on the facades and on what runs elsewhere, and a dashboard, if they are wanted. services, elsewhere:
        see `MonitoringArgs`."""
        if not self._settings.alarms and not self._settings.dashboard:
            return
        asked = {route.service for route in table.routes} | {table.default}
        others = [service.name for service in self._settings.external if service.name in asked]
        uncounted = [name for name in others if name not in elsewhere]
        behind = {service.name for service in self._settings.external if service.endpoint is Endpoint.LISTENER}
        by_route = [name for name in uncounted if name in behind]
        if pulumi.runtime.is_dry_run():
            counted = [name for name, facade in facades.items() if facade.metrics]
            logged = [name for name, facade in facades.items() if facade.log_group is not None]
            if line := alarms.unwatched(uncounted, counted, logged if self._settings.dashboard and by_route else ()):
                pulumi.log.info(line, parent)
        args = MonitoringArgs(
            self._context,
            table,
            facades,
            services,
            {name: elsewhere[name] for name in others if name in elsewhere},
            by_route,
            self.topic(parent),
            dashboard=self._settings.dashboard,
        )
        Monitoring("monitoring", args, pulumi.ResourceOptions(parent=parent))


class Monitoring(pulumi.ComponentResource):
    """`strangler:index:Monitoring`: alarms on facades and on services that run elsewhere, and a dashboard. Alarms on a
    service of ours are the service's own."""

    dashboard: str | None
    """The dashboard's name; None without one."""

    def __init__(self, name: str, args: MonitoringArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strangler:index:Monitoring", name, None, opts)
        self._args, self._child = args, pulumi.ResourceOptions(parent=self)
        if args.topic:
            self._alarms(args.topic)
        self.dashboard = self._dashboard() if args.dashboard else None
        self.register_outputs({"dashboard": self.dashboard})

    def _alarms(self, topic: AlarmTopic) -> None:
        context = self._args.context
        tags = tags_of(context.project, context.stack)
        for name, facade in self._args.facades.items():
            if facade.metrics:
                planned = alarms.of_facade(topic.settings, context.prefix, name, facade.metrics)
                metric_alarms(planned, facade.dimensions, topic, tags, self._child)
        for name, groups in self._args.elsewhere.items():
            for one in groups:
                planned = alarms.of_elsewhere(
                    topic.settings, context.prefix, name, one.scheme, function=one.group.function
                )
                dimensions = {"TargetGroup": one.group.suffix, "LoadBalancer": one.load_balancer}
                metric_alarms(planned, dimensions, topic, tags, self._child)

    def _dashboard(self) -> str:
        """It says what is so: it comes and changes after the facades have, as their URLs are known then."""
        args, context = self._args, self._args.context
        urls = (facade.url for facade in args.facades.values())
        region = pulumi.Output.all(context.region, *urls).apply(lambda known: str(known[0]))
        facades = [
            Watched(f"facade {name}", facade.metrics, facade.dimensions)
            for name, facade in args.facades.items()
            if facade.metrics
        ]
        services = {name: _groups(name, attached) for name, attached in args.services.items()}
        services |= {name: _others(name, groups) for name, groups in args.elsewhere.items()}
        settings = args.topic.settings if args.topic else None
        name = dashboard.name(context.prefix)
        body = dashboard.body(
            region, f"{context.project} {context.stack}", args.table, facades, services, settings, self._logs()
        )
        aws.cloudwatch.Dashboard(
            "Dashboard", dashboard_name=name, dashboard_body=pulumi.Output.json_dumps(body), opts=self._child
        )
        return name

    def _logs(self) -> dict[str, object]:
        """What facades tell by the route, by the title, where no metric tells of a service."""
        logged = {name: facade.log_group for name, facade in self._args.facades.items() if self._args.by_route}
        return {
            f"facade {name}: by route, for {', '.join(self._args.by_route)}": (
                pulumi.Output.from_input(group).apply(dashboard.by_route)
            )
            for name, group in logged.items()
            if group is not None
        }


def _groups(service: str, attached: Sequence[Attachment]) -> list[Watched]:
    """The target groups of a service, told apart where it has several."""
    found: list[Watched] = []
    for one in attached:
        balancer = one.load_balancer
        label = service if len(attached) == 1 else f"{service} ({balancer.scheme.value})"
        found.append(dashboard.of_target_group(label, balancer.suffix, one.group.arn_suffix))
    return found


def _others(service: str, groups: Sequence[WatchedElsewhere]) -> list[Watched]:
    """The same of a service that runs elsewhere."""
    found: list[Watched] = []
    for one in groups:
        label = service if len(groups) == 1 else f"{service} ({one.scheme.value})"
        metrics = alarms.FUNCTIONS if one.group.function else alarms.TARGETS
        found.append(dashboard.of_target_group(label, one.load_balancer, one.group.suffix, metrics))
    return found
