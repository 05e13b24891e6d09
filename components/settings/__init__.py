"""Pulumi config and manifests, read and checked into Settings before anything is made. The only reader of config. Pure.

Every mistake is reported in one go: see `components.input.diagnostics`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from components.input.diagnostics import Problem, Problems, did_you_mean, in_order, one_of, show
from components.input.value import Value
from components.manifest import workspace
from components.manifest.exports import LookUps, read_exports
from components.model.comparison import Comparison
from components.model.environment import EnvironmentSettings
from components.model.facades import FACADES, KINDS, FacadeSettings
from components.model.platforms import AWS, LOCAL, PLATFORMS
from components.model.routes import RouteTable
from components.settings.alarms import Alarms, read_alarms
from components.settings.comparisons import read_comparisons
from components.settings.config import read_config
from components.settings.environments import read_environments
from components.settings.external import Answering, ExternalService, has_facade, read_external, unread
from components.settings.facades import read_facade_settings, read_facades
from components.settings.quotas import read_quotas
from components.settings.reached import warn_unled, warn_unreached
from components.settings.routes import ROUTED, read_table, warn_unanswered
from components.settings.service import Service
from components.settings.services import (
    ReadingContext,
    check_routed,
    read_services,
    warn_without_facade,
)
from components.settings.siblings import warn_of_siblings
from components.settings.stack import Check, Stack
from components.settings.subscriptions import check_subscriptions

PROJECT = "strangler"
"""The namespace of our config keys, and Copilot's application name."""

KEYS = (
    "platform",
    "facade",
    "default",
    "routes",
    "services",
    "environments",
    "port",
    "strict",
    "allowMutableTags",
    "deleteImages",
    "facadeSettings",
    "keepReleases",
    "quotas",
    "copilot",
    "copilotEnvironment",
    "exclude",
    "leaveOut",
    "alarms",
    "dashboard",
    "exports",
)


@dataclass(frozen=True)
class Settings:
    """Everything that the program goes by."""

    project: str
    """The Pulumi project's name."""
    stack: str
    """The stack's name."""
    platform: str
    """`aws` or `local`."""
    facades: tuple[str, ...]
    """On AWS, the main one first, whose URL is the one public URL; none on `local`, and without `has_facade`."""
    services: tuple[Service, ...]
    """Those of ours, sorted by name."""
    environments: tuple[EnvironmentSettings, ...]
    """Those in which services run, sorted by name."""
    table: RouteTable
    """Which service gets which request."""
    external: tuple[ExternalService, ...] = ()
    """Those that run elsewhere, sorted by name. Default: none."""
    facade_settings: FacadeSettings = field(default_factory=FacadeSettings)
    """How each facade is set. Default: see there."""
    comparisons: Mapping[str, Comparison] = field(default_factory=dict[str, Comparison])
    """What must hold before a route's weight rises, by the route's id. Default: nothing."""
    port: int = 8080
    """Of the local facade. Default 8080."""
    keep_releases: int = 10
    """Images kept in each repository. Default 10."""
    delete_images: bool = False
    """Whether destroy empties the repositories. Default false."""
    alarms: Alarms | None = None
    """Whom alarms on AWS tell. Default: there are none."""
    dashboard: bool = False
    """Whether there is a dashboard on AWS. Default false."""
    warnings: tuple[Problem, ...] = ()
    """What a user should know and can go on with. Default: nothing."""

    @property
    def has_facade(self) -> bool:
        """Whether there is one, on either platform."""
        return has_facade((*self.services, *self.external))


def read_settings(
    config: Mapping[str, str],
    folder: Path,
    stack: str,
    variables: Mapping[str, str],
    checks_for: Callable[[str], Iterable[Check]],
    project: str = PROJECT,
    look_ups_for: Callable[[str], LookUps | None] = lambda _platform: None,
) -> Settings:
    """Reads the config of a stack and the manifests below `folder`. Raises InputError.

    config: as the engine gives it: `strangler:port` -> text, structured values as JSON.
    variables: the environment variables that manifests may name.
    checks_for: what a platform's name demands of a stack, see `components.platform.checks_for`.
    look_ups_for: who asks the account, by the platform's name. Default: nobody, and what it would say is pending.
    """
    problems = Problems()
    top = read_config(config, stack, project, problems)
    top.only(KEYS)
    platform = top.get("platform").choice(None, PLATFORMS)
    if not top.get("platform"):
        top.get("platform").fail(f"give {one_of(PLATFORMS)}", "missing")
    named = read_facades(top.get("facade"))
    facade_settings = read_facade_settings(top.get("facadeSettings"), config.get("aws:region"))
    strict = top.get("strict").boolean(False)
    excluded = workspace.read_excluded(top)
    around = ReadingContext(
        folder=folder,
        project=project,
        stack=stack,
        variables=variables,
        platform=platform or AWS,
        facades=facade_settings.facades(named) if platform != LOCAL else (),
        excluded=excluded,
        workspace=workspace.read_workspace(top, folder, stack, excluded),
        strict=strict,
        exports=read_exports(top.get("exports"), platform or AWS, look_ups_for),
    )
    external = read_external(top, folder)
    services = read_services(top, around, external)
    check_subscriptions(services, problems, platform or "", around.exports.look_ups)
    around.exports.check(top.get("exports"))
    answering: dict[str, Answering] = dict(sorted({**services, **external}.items()))
    fronted = has_facade(answering.values())
    facades = around.facades if fronted else ()
    if fronted:
        check_routed(answering, around.facades, problems)
    else:
        warn_without_facade(top.get("routes"), problems)
    if fronted and platform == AWS and not top.get("facade"):
        top.get("facade").fail(f"give {one_of(FACADES)}", "missing")
    meant = {**answering, **unread(top, answering)}
    given = top.get("default")
    default = _default(given, meant if given else answering, facades)
    table = read_table(top.get("routes") if fronted else replace(top, value=None), meant, default)
    comparisons = read_comparisons(top.get("routes"), table, folder)
    read = Stack(
        name=stack,
        facades=facades,
        services=services,
        external=external,
        environments=read_environments(top, services, around),
        table=table,
        config=top,
        mutable_tags=top.get("allowMutableTags").boolean(False),
        quotas=read_quotas(top.get("quotas")),
        region=config.get("aws:region"),
        facade_settings=facade_settings,
        dashboard=top.get("dashboard").boolean(False),
        project=project,
    )
    alarms = read_alarms(top.get("alarms"), read.region)
    port = top.get("port").integer(Settings.port, 1, 65535)
    keep_releases = top.get("keepReleases").integer(Settings.keep_releases, 1, 1000)
    delete_images = top.get("deleteImages").boolean(False)
    for check in checks_for(platform) if platform else ():
        check(read)
    if not problems.errors:
        warn_unanswered(table, answering, top)
        warn_unreached(services, problems)
        warn_unled(services, table, platform or "", problems)
        warn_of_siblings(services, around.workspace, excluded, (stack, project))
    problems.check()
    return Settings(
        project=project,
        stack=stack,
        platform=platform or "",
        facades=read.facades,
        services=tuple(services.values()),
        external=tuple(external.values()),
        environments=read.environments,
        table=read.table,
        facade_settings=facade_settings,
        comparisons=comparisons,
        port=port,
        keep_releases=keep_releases,
        delete_images=delete_images,
        alarms=alarms,
        dashboard=read.dashboard,
        warnings=tuple(in_order(problems.warnings)),
    )


def _default(at: Value, services: Mapping[str, Answering], facades: Iterable[str]) -> str | None:
    """The service that answers what no route takes; unless it is named, the one whose path is `/`."""
    fixed = {KINDS[name].default for name in facades}
    if len(fixed) == 1 and (only := fixed.pop()):
        return _fixed_default(only, at, services)
    if at:
        name = at.text("", f"give none, or one of {', '.join(services) or 'the services'}")
        if name == "none":
            return None
        if isinstance(at.value, (str, int)) and name not in services:
            at.fail(f"give none, or a service: {did_you_mean(name, services)}", f"unknown service {name!r}")
        elif name in services and not services[name].routed:
            at.fail(ROUTED, f"the service {name} can't get requests from a facade")
        return name
    routed = [service for service in services.values() if service.routed]
    unclear = [service for service in services.values() if _is_unclear(service, at.problems)]
    roots = [service.name for service in routed if service not in unclear and service.route_path == "/"]
    plain = [name for name in roots if not _is_named(services[name])]
    if len(roots) == 1 or len(plain) == 1:
        return (plain or roots)[0]
    if roots or (routed and not unclear):
        found = f"not given, and {' and '.join(roots) if roots else 'no service'} could answer the path /"
        remedy = f"give none, or one of {', '.join(services)}"
        if len(roots) > 1:
            remedy += "; on aws, give the others their own host names: http.alias, or strangler:services.<name>.alias"
        at.fail(remedy, found)
    return None


def _is_named(service: Answering) -> bool:
    """Whether it has host names of its own, so that it needn't be the default to be reached."""
    http = service.manifest.http if isinstance(service, Service) else None
    return http is not None and http.has_names


def _fixed_default(default: str, at: Value, services: Mapping[str, Answering]) -> str:
    """What answers what no route takes, where that is not the stack's to say."""
    if at and at.value != default:
        remedy = f"remove it, or write {default}: its default action gets what no route matches"
        at.fail(
            f"{remedy}, see docs/existing-balancer.md", f"{show(at.value)} together with facadeSettings.alb.listener"
        )
    if default in services:
        found = f"a service named {default}, the word for the default action of facadeSettings.alb.listener"
        service = services[default]
        where = service.at.where if isinstance(service, ExternalService) else service.where("name")
        at.problems.add(where, found, "give it another name")
    return default


def _is_unclear(service: Answering, problems: Problems) -> bool:
    """Whether a mistake in its manifest leaves it open which path a service answers."""
    if isinstance(service, ExternalService):
        return False
    places = {service.where(path) for path in ("type", "http", "http.path", "http.allowed_source_ips")}
    return not service.is_read or any(problem.where in places for problem in problems.errors)
