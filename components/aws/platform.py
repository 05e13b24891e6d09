"""The platform `aws`: everything on Fargate, behind the facades that the settings name."""

from collections.abc import Callable, Mapping
from functools import cached_property
from itertools import chain
from pathlib import Path

import pulumi
import pulumi_aws as aws

from components.aws import context, domains
from components.aws.changes import check_change
from components.aws.deployed import deployed, tasks_of
from components.aws.existing import check_existing, look_up
from components.aws.facades.kinds import LISTENER_RULE, MAKE, AwsFacade, FacadeParts, target
from components.aws.first_requests import ask_first
from components.aws.monitoring import Watch, WatchedElsewhere, WatchedFacade
from components.aws.network.environment import Environment, EnvironmentArgs, given_balancer
from components.aws.plan import (
    alb_rules,
    alias_rules,
    ecs_services,
    execution_roles,
    existing_listener,
    further_rules,
    image_retention,
    internal_rules,
    listener_priorities,
    load_balancers,
    ports,
    rule_numbers,
    target_groups,
)
from components.aws.plan.alb_priorities import attachment_priorities
from components.aws.plan.first_differences import first_differences
from components.aws.plan.further_rules import GoingRule
from components.aws.plan.load_balancers import attachments, schemes
from components.aws.proof import guard
from components.aws.service.backend_service import BackendService, BackendServiceArgs
from components.aws.service.fargate_service import FargateServiceArgs
from components.aws.service.fargate_task import FargateTask, FargateTaskArgs
from components.aws.service.image import Login, Registry
from components.aws.service.load_balanced_web_service import LoadBalancedWebService, LoadBalancedWebServiceArgs
from components.aws.service.scheduled_job import ScheduledJob
from components.aws.service.worker_service import WorkerService, subscribe
from components.aws.tags import tags_of
from components.manifest.manifest import BACKEND_SERVICE, LOAD_BALANCED_WEB_SERVICE, SCHEDULED_JOB, WORKER_SERVICE
from components.manifest.storage import managed
from components.model.environment import EnvironmentSettings
from components.model.facades import ALB, KINDS, LISTENER, Listener, Scheme
from components.model.names import internal_domain
from components.model.routes import RouteTable
from components.platform import RunningFacade, RunningService
from components.settings import Settings
from components.settings.service import Service

_BALANCER = "aws:lb/loadBalancer:LoadBalancer"
_FILES = "aws:efs/fileSystem:FileSystem"
_TARGET_GROUP = "aws:lb/targetGroup:TargetGroup"
_ECS_SERVICE = "aws:ecs/service:Service"
_CLUSTER = "aws:ecs/cluster:Cluster"
_POLICY = "aws:iam/rolePolicy:RolePolicy"
_RULE = "aws:lb/listenerRule:ListenerRule"
_OWN_RULE = f"strangler:index:LoadBalancedWebService${_RULE}"
_OWN_LISTENER = "strangler:index:LoadBalancedWebService$aws:lb/listener:Listener"
_LISTENER = "strangler:index:Environment$aws:lb/listener:Listener"
_IMAGE = "docker:index/image:Image"
_LIFECYCLE = "aws:ecr/lifecyclePolicy:LifecyclePolicy"


class AwsPlatform:
    """Environments are networks with a cluster and load balancers, services are ECS services on Fargate."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self._settings, self._folder = settings, folder
        self._kinds = tuple(KINDS[name] for name in settings.facades)
        self._deployed = deployed()
        self._environments: dict[str, Environment] = {}
        check_change(settings, self._kinds, self._deployed, self._ports)
        ask_first(settings, self._deployed)
        self._existing = look_up(self._listener) if self._listener else None
        if self._existing:
            own = existing_listener.own_rules(self._existing.settings, self._deployed.of(_RULE))
            table = LISTENER.table(settings.table)
            check_existing(self._existing, settings, table, own, self._priorities_in(self._existing.settings))
        self._context = context.look_up(settings.project, settings.stack)
        self._watch = Watch(settings, self._context)

    @cached_property
    def _services(self) -> tuple[Service, ...]:
        """Those of the settings, whose further rules have their numbers."""
        known = self._deployed.of(_RULE), self._deployed.of(_ECS_SERVICE)
        return tuple(rule_numbers.numbered(service, *known) for service in self._settings.services)

    def _priorities_in(self, listener: Listener) -> set[int]:
        """Of all rules that there may be in a listener that is the user's own."""
        known = self._deployed.of(LISTENER_RULE)
        rules = alb_rules.rules(LISTENER.table(self._settings.table), listener, known)
        theirs = (version.priority for version in self._versions.values())
        found = {
            *(rule.priority for rule in rules),
            *self._attached.values(),
            *self._alias_priorities.values(),
            *theirs,
        }
        # Some are of another load balancer.
        return {priority for priority in found if listener.first <= priority <= listener.last}

    def environment(self, environment: EnvironmentSettings, parent: pulumi.Resource) -> Environment:
        """A VPC, existing or created, with a cluster and the load balancers that the facades need."""
        needed = schemes(self._kinds, environment.scheme)
        vpc = environment.vpc if Scheme.INTERNAL in needed else None  # else its range is not needed
        services = [service for service in self._settings.services if service.environment == environment.name]
        args = EnvironmentArgs(
            settings=environment,
            context=self._context,
            schemes=needed,
            vpc_range=aws.ec2.get_vpc_output(id=vpc.id).cidr_block if vpc else None,
            hosts=alias_rules.host_names(services),
            domains=domains.of_environment(self._settings, environment.name),
            files=any(managed(service.manifest.volumes) for service in services),
            backends=internal_rules.has_backends(environment.name, services),
            existing=given_balancer(self._existing) if self._existing else None,
        )
        self._tell_differences(environment, services)
        made = Environment(environment.name, args, pulumi.ResourceOptions(parent=parent))
        self._environments[environment.name] = made
        return made

    def _tell_differences(self, environment: EnvironmentSettings, services: list[Service]) -> None:
        """Before an environment is there."""
        known = self._deployed.of(_BALANCER), self._deployed.of(_FILES)
        for difference in first_differences(environment, services, *known) if pulumi.runtime.is_dry_run() else ():
            tell = pulumi.log.warn if difference.data else pulumi.log.info
            tell(difference.line)

    def service(
        self, service: Service, environment: Environment, parent: pulumi.Resource
    ) -> RunningService[FargateTask]:
        """An image in ECR and what runs it, as the type of the service makes it."""
        service = next(one for one in self._services if one.name == service.name)
        made = _WORKLOADS[service.manifest.type](self, service, environment, pulumi.ResourceOptions(parent=parent))
        return RunningService(service, made.image, made, made.found_by)

    def _base(self, service: Service, environment: Environment) -> FargateServiceArgs:
        planned = self._ecs_service(service, environment)
        role = self._execution_role(service)
        return FargateServiceArgs(service, environment.placement, self._context, self._registry(service), role, planned)

    def load_balanced_web_service(
        self, service: Service, environment: Environment, opts: pulumi.ResourceOptions
    ) -> FargateTask:
        """An ECS service attached to the environment's load balancers."""
        name = service.name
        args = LoadBalancedWebServiceArgs(
            base=self._base(service, environment),
            attachments=attachments(self._kinds, environment.args.schemes, self._own_ports.get(name)),
            priority=self._priorities[name],
            attached=self._attached.get(name, 0),
            alias_rules=tuple((rule, self._alias_priorities[rule.name]) for rule in alias_rules.alias_rules(service)),
            standing=alias_rules.standing(
                service, environment.placement.load_balancer.scheme, *map(self._deployed.of, (_TARGET_GROUP, _RULE))
            ),
            versions=self._versions,
            going=self._going(service),
            alarm_topic=self._watch.topic(opts.parent),
        )
        return LoadBalancedWebService(name, args, opts)

    def _going(self, service: Service) -> tuple[GoingRule, ...]:
        """The listener rules of a service that take no request from now on."""
        environment = service.environment
        of_backends = service.manifest.type == BACKEND_SERVICE
        there = self._of_backends(environment) if of_backends else self._listeners(environment)
        found = further_rules.going(service, self._deployed.of(_RULE), there)
        if line := further_rules.message(found):
            pulumi.log.info(f"{service.where('http')}: {line}")
        return tuple(found)

    def backend_service(self, service: Service, environment: Environment, opts: pulumi.ResourceOptions) -> FargateTask:
        """An ECS service to which nothing leads from outside."""
        domain = internal_domain(service.environment, self._settings.stack, self._settings.project)
        rules = internal_rules.internal_rules(service, environment.args.settings, domain)
        args = BackendServiceArgs(
            base=self._base(service, environment),
            rules=tuple((rule, self._internal_priorities[rule.name]) for rule in rules),
            standing=internal_rules.standing(service, rules, *map(self._deployed.of, (_TARGET_GROUP, _RULE))),
            versions=self._versions,
            going=self._going(service) if service.manifest.internal else (),
            domain=domain,
        )
        return BackendService(service.name, args, opts)

    def scheduled_job(self, service: Service, environment: Environment, opts: pulumi.ResourceOptions) -> FargateTask:
        """A state machine that runs a task."""
        role = self._execution_role(service)
        args = FargateTaskArgs(service, environment.placement, self._context, self._registry(service), role)
        return ScheduledJob(service.name, args, opts)

    def worker_service(self, service: Service, environment: Environment, opts: pulumi.ResourceOptions) -> FargateTask:
        """An ECS service that works on messages."""
        return WorkerService(service.name, self._base(service, environment), opts)

    def facade(
        self,
        table: RouteTable,
        services: Mapping[str, RunningService[FargateTask]],
        parent: pulumi.Resource,
    ) -> Mapping[str, RunningFacade]:
        """The facades that the settings name, in front of the services."""
        placed = {name: running.placed for name, running in services.items()}
        subscribe(placed)
        web = {name: one for name, one in placed.items() if isinstance(one, LoadBalancedWebService)}
        domains.records(web, parent)
        routed = {name: service for name, service in web.items() if service.context.manifest.routed}
        if pulumi.runtime.is_dry_run() and ALB in self._kinds:
            explanation = load_balancers.only_attached(routed, self._deployed.of(_RULE))
            if explanation:
                pulumi.log.info(explanation, parent)
        hosts = domains.of_facades(self._settings, self._kinds)
        held = guard(self._settings, table, self._deployed, self._folder, parent)
        made: dict[str, AwsFacade] = {}
        for kind in self._kinds:
            parts = FacadeParts(
                table=kind.table(table),
                services={name: target(kind, service) for name, service in routed.items()},
                external={service.name: service for service in self._settings.external},
                environments={name: self._environments[name] for name in domains.fronted(self._settings)},
                hosts=hosts[kind.name],
                tags=tags_of(self._settings.project, self._settings.stack),
                settings=self._settings,
                region=self._context.region,
                deployed=self._deployed,
                existing=self._existing,
                parent=parent,
                guard=held,
            )
            made[kind.name] = MAKE[kind.name](parts)
        watched = {
            name: WatchedFacade(facade.url, KINDS[name].metrics, facade.dimension, facade.log_group)
            for name, facade in made.items()
        }
        reached = {name: tuple(service.attachments.values()) for name, service in routed.items()}
        self._watch.begin(table, watched, reached, _elsewhere(made), parent)
        return made

    def _ecs_service(self, service: Service, environment: Environment) -> ecs_services.EcsService:
        known = list(ecs_services.known(service.name, self._deployed.of(_ECS_SERVICE)))
        registered = ecs_services.registered(*map(self._deployed.of, (_ECS_SERVICE, _TARGET_GROUP)))
        logical = ecs_services.logical_name(service, environment.args.schemes, self._versions, registered)
        return ecs_services.planned(service, logical, known, tasks_of)

    def _execution_role(self, service: Service) -> str:
        place = execution_roles.place_of(self._deployed.of(_CLUSTER))
        policies = self._deployed.of(_POLICY)
        return execution_roles.version_of(service.name, service.manifest.all_secrets, place, policies)

    def _registry(self, service: Service) -> Registry:
        return Registry(
            folder=self._folder,
            login=self._login if service.manifest.built else None,
            keep_releases=self._settings.keep_releases,
            delete_images=self._settings.delete_images,
            pushed=self._pushed,
        )

    @cached_property
    def _pushed(self) -> dict[str, image_retention.Pushed]:
        """What the repositories had, by the logical name of the image."""
        return dict(image_retention.pushed(*map(self._deployed.of, (_IMAGE, _LIFECYCLE))))

    @property
    def _routed(self) -> list[Service]:
        return [service for service in self._settings.services if service.manifest.routed]

    @cached_property
    def _ports(self) -> ports.Standing:
        """What there is of ports that lead to services."""
        present = {found.name: schemes(self._kinds, found.scheme) for found in self._settings.environments}
        there = map(self._deployed.of, (_LISTENER, _OWN_LISTENER, _OWN_RULE))
        return ports.standing(self._routed, self._kinds, present, *there)

    @cached_property
    def _own_ports(self) -> dict[str, int]:
        """Of the services that have a listener of their own."""
        routed = {service.name: service.environment for service in self._routed}
        return ports.own_ports(routed, self._kinds, self._ports)

    @cached_property
    def _priorities(self) -> dict[str, int]:
        """Of each service's own rule: behind all of the facade's, where its load balancer is the facade."""
        return attachment_priorities(self._names, self._numbers_on(Scheme.PUBLIC, Scheme.INTERNAL))

    @cached_property
    def _attached(self) -> dict[str, int]:
        """The same in a listener that is the user's own."""
        known = self._numbers_on(Scheme.EXISTING)
        return listener_priorities.of_attachments(self._listener, self._names, known) if self._listener else {}

    @property
    def _names(self) -> list[str]:
        return [service.name for service in self._settings.services]

    def _numbers_on(self, *there: Scheme) -> dict[str, int]:
        """The priorities of services' own rules on load balancers of these schemes."""
        known = {
            name: int(rule["priority"]) for name, rule in self._deployed.of(_OWN_RULE).items() if "priority" in rule
        }
        return load_balancers.numbers_on(self._names, there, known)

    @property
    def _listener(self) -> Listener | None:
        """The user's own that our rules are in."""
        return self._settings.facade_settings.alb.listener if LISTENER in self._kinds else None

    @cached_property
    def _alias_priorities(self) -> dict[str, int]:
        """Of each alias rule: unique on the load balancer of its environment."""
        services = self._services
        found: dict[str, int] = {}
        for environment in {service.environment for service in services}:
            here = (service for service in services if service.environment == environment)
            known = alias_rules.known_priorities(self._deployed.of(_RULE), self._listeners(environment))
            found |= alias_rules.priorities(here, self._listener, known)
        return found

    def _listeners(self, environment: str) -> set[str]:
        """The ARNs of the listeners that the first load balancer of an environment has."""
        wanted = next(one.scheme for one in self._settings.environments if one.name == environment)
        first, own = schemes(self._kinds, wanted)[:1], self._listener.arn if self._listener else None
        known = self._deployed.of(_LISTENER)
        return further_rules.listeners(environment, first[0], known, own) if first else set()

    @cached_property
    def _internal_priorities(self) -> dict[str, int]:
        """Of each rule of a backend: unique on the load balancer of the backends of its environment."""
        found: dict[str, int] = {}
        for environment in self._settings.environments:
            domain = internal_domain(environment.name, self._settings.stack, self._settings.project)
            here = (service for service in self._services if service.environment == environment.name)
            rules = (internal_rules.internal_rules(service, environment, domain) for service in here)
            known = alias_rules.known_priorities(self._deployed.of(_RULE), self._of_backends(environment.name))
            found |= internal_rules.priorities(chain.from_iterable(rules), known)
        return found

    def _of_backends(self, environment: str) -> set[str]:
        """The ARNs of the listeners that the load balancer of the backends of an environment has."""
        return further_rules.listeners_of_backends(environment, self._deployed.of(_LISTENER))

    @cached_property
    def _versions(self) -> dict[str, target_groups.Version]:
        """Of the target groups that are made beside those that the stack has."""
        wanted = {found.name: schemes(self._kinds, found.scheme) for found in self._settings.environments}
        placed = [(service, wanted[service.environment]) for service in self._services]
        networks = {found.name: found.vpc.id for found in self._settings.environments if found.vpc}
        rules, running = self._deployed.of(_RULE), self._deployed.of(_ECS_SERVICE)
        return target_groups.versions(
            placed,
            self._deployed.of(_TARGET_GROUP),
            self._listener,
            networks,
            lambda service, scheme: further_rules.coming(service, scheme, rules, running),
            {name: int(rule["priority"]) for name, rule in rules.items() if "priority" in rule},
        )

    @cached_property
    def _login(self) -> Login:
        """Asked for only when something is built."""
        token = aws.ecr.get_authorization_token_output()
        return Login(token.user_name, pulumi.Output.secret(token.password))


def _elsewhere(facades: Mapping[str, AwsFacade]) -> dict[str, list[WatchedElsewhere]]:
    """The target groups of services that run elsewhere, by the service. facades: by name."""
    found: dict[str, list[WatchedElsewhere]] = {}
    for name, facade in facades.items():
        for service, group in facade.elsewhere.items():
            found.setdefault(service, []).append(WatchedElsewhere(facade.dimension, KINDS[name].scheme, group))
    return found


_WORKLOADS: dict[str, Callable[[AwsPlatform, Service, Environment, pulumi.ResourceOptions], FargateTask]] = {
    LOAD_BALANCED_WEB_SERVICE: AwsPlatform.load_balanced_web_service,
    BACKEND_SERVICE: AwsPlatform.backend_service,
    SCHEDULED_JOB: AwsPlatform.scheduled_job,
    WORKER_SERVICE: AwsPlatform.worker_service,
}
"""What a service is made by, by its type."""
