"""The services of a stack: the manifests in `services/` and in a Copilot workspace, and what the config says of each.
Pure."""

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from components.input import yaml
from components.input.diagnostics import Problems, did_you_mean, one_of
from components.input.files import is_there, written
from components.input.value import Value
from components.manifest import addons, env_file
from components.manifest.count import MOST_TASKS, Count
from components.manifest.exports import AddonsStack, Exports, filled
from components.manifest.http import Http, HttpRule, open_to_all, read_aliases
from components.manifest.image import Build
from components.manifest.manifest import LOAD_BALANCED_WEB_SERVICE, Manifest
from components.manifest.overrides import ignoring, overridden
from components.manifest.patches import TemplateValues, read_patches, with_patches
from components.manifest.sidecars import check_mounts
from components.manifest.unknown_keys import check_fields, check_keys
from components.manifest.workload_types import is_read_so, type_of
from components.manifest.workspace import (
    MANIFESTS,
    NO_SERVICES,
    Workspace,
    check_stages,
    excluded_at,
    folders,
    manifest_at,
    manifests,
)
from components.model.facades import ALB, KINDS, Endpoint, Reach, share_environment
from components.model.names import NAME, NAME_RULE
from components.model.platforms import AWS, LOCAL
from components.model.where import Where
from components.settings.external import Answering, ExternalService
from components.settings.service import RESERVED, SERVICE_KEYS, STEADY_STATE, Service


@dataclass(frozen=True)
class ReadingContext:
    """What the reading of a service depends on besides its manifest."""

    folder: Path
    """The project's."""
    project: str
    """Its name."""
    stack: str
    """Its name."""
    variables: Mapping[str, str]
    """The environment variables that manifests may name."""
    platform: str
    """`aws` or `local`."""
    facades: tuple[str, ...]
    """The names of the stack's facades; none on `local`."""
    excluded: tuple[str, ...]
    """The names of what isn't run: the config key `exclude`."""
    workspace: Workspace | None
    """None without one."""
    strict: bool
    """Whether unknown keys are errors."""
    exports: Exports = field(default_factory=Exports)
    """What CloudFormation exports. Default: none is known before `up`."""

    def environment(self, service: str) -> str:
        """Where a service runs unless the config says so. A Copilot environment holds all of its services, but the
        facades that reach an environment and not a service in it need one for each."""
        alone = self.platform == AWS and not self.facades  # where nothing leads from outside
        if alone or share_environment(KINDS[name] for name in self.facades):
            return self.shared
        apart = bool(self.facades) or self.workspace is None or service in self.workspace.environments
        return service if apart else self.shared

    @property
    def shared(self) -> str:
        """The environment in which all services run, where they share one."""
        return self.workspace.environment if self.workspace else "shared"


@dataclass(frozen=True)
class _Found:
    """A manifest that is to be run."""

    path: Path
    """Its file."""
    at: Value
    """What it holds."""
    name: str
    """The service's name; the folder's, if it has none."""
    of_copilot: bool
    """Whether it belongs to the Copilot workspace."""


def read_services(
    top: Value, around: ReadingContext, external: Mapping[str, ExternalService] | None = None
) -> dict[str, Service]:
    """Every service of ours by name, with what the config says of it. Mistakes are reported in the value's problems.
    external: those that run elsewhere."""
    elsewhere = external or {}
    problems, own, services = top.problems, top.get("services"), dict[str, Service]()
    places: dict[str, Value] = {}
    manifests: list[_Found] = []
    for found in _found(top, around, needed=not elsewhere):
        if found.name in places:
            where = _called(places[found.name]).where
            found.at.get("name").fail("give each service its own name", f"{found.name!r} is also the name at {where}")
        else:
            places[found.name] = found.at
            services[found.name] = _service(found, own.get(found.name), around)
            manifests.append(found)
    _check_config(own, places, elsewhere)
    workspace = around.workspace
    if workspace:
        check_stages(workspace, {service.name: service.stage for service in services.values() if service.is_read}, top)
    _warn_of_different_secrets(manifests, services, around, problems)
    return dict(sorted(services.items()))


def _found(top: Value, around: ReadingContext, *, needed: bool) -> Iterator[_Found]:
    """The manifests that aren't excluded, with the names of their services. needed: whether there must be one."""
    workspace, folder, problems = around.workspace, around.folder, top.problems
    own = manifests(folder / "services", folder, problems)
    _warn_without_manifest(folder, problems)
    listed = [*((path, False) for path in own), *((path, True) for path in (workspace.services if workspace else ()))]
    if needed and not listed and not problems.errors:
        remedy = "write services/<name>/manifest.yml and services/<name>/Dockerfile"
        problems.add(Where("services"), "no service", remedy)
    known: set[str] = {*NO_SERVICES}
    left = 0
    for path, of_copilot in listed:
        known.add(path.parent.name)
        if path.parent.name not in around.excluded:
            at = manifest_at(path, folder, problems)
            name = at.get("name").text(path.parent.name)
            known.add(name)
            if name not in around.excluded:
                left += 1
                yield _Found(path, at, name, of_copilot)
    place = excluded_at(top)
    for name in around.excluded:
        if name not in known:
            place.fail(did_you_mean(name, known), f"unknown service {name!r}")
    if needed and listed and not left:
        place.fail("keep at least one service", "every service is excluded")


def _service(found: _Found, settings: Value, around: ReadingContext) -> Service:
    """A service, from its manifest and its own part of the config."""
    at, workspace, name = found.at, around.workspace, found.name
    environment = settings.get("environment").matching(NAME, NAME_RULE, around.environment(name))
    stage = workspace.stage(environment) if workspace else environment
    service = Service(
        manifest=_with_count(Manifest(name, 0, Http(HttpRule(f"/{name}"))), settings),
        environment=environment,
        timeout=settings.get("timeout").duration(*STEADY_STATE),
        at=at,
        root=workspace.root if workspace and found.of_copilot else ".",
        application=workspace.application if workspace else around.project,
        stage=stage,
        new_deployments=settings.get("forceNewDeployment").boolean(False),
        before=_words(settings.get("before")),
        of_copilot=found.of_copilot,
    )
    kind = type_of(at) if at.names() else None
    # What was reported here makes what the config says of it no mistake.
    if kind is None or not is_read_so(kind, at, settings.get("as")):
        return replace(service, is_read=False)
    if name in RESERVED:
        found_name = f"the name {name!r} is reserved in the config"
        _called(at).fail("give the service another name", found_name)
    elif not NAME.fullmatch(name):
        at.get("name").fail(NAME_RULE)
    check_keys(at, kind.fields, around.strict)
    at = overridden(at, dict.fromkeys((environment, stage if found.of_copilot else around.stack)), kind.fields)
    names = {"COPILOT_APPLICATION_NAME": service.application, "COPILOT_ENVIRONMENT_NAME": stage}
    at = replace(at, value=yaml.interpolated(at, {**around.variables, **names}))
    at = ignoring(at, settings.get("ignore"))
    check_fields(at, kind.fields, around.platform)
    at = replace(at, value=filled(at, kind.fields, around.exports))
    place = "." if found.of_copilot else written(found.path.parent, around.folder)
    manifest = _with_count(kind.read(at, place, settings.get("image")), settings)
    if manifest.job and service.before:
        settings.get("before").refuse("remove it, and run it in the job's own command: a job has no traffic to protect")
    root, called = around.folder / service.root, "workspace root" if found.of_copilot else "project folder"
    _check_build(manifest.build, at.get("image").get("build"), root, called)
    for sidecar in manifest.sidecars:
        _check_build(sidecar.build, at.get("sidecars").get(sidecar.name).get("image").get("build"), root, called)
    if found.of_copilot:
        known = TemplateValues(service.application, stage, found.path.parent.name, around.exports)
        manifest = with_patches(manifest, read_patches(found.path.parent, around.folder, known, at.problems))
    check_mounts(at.get("sidecars"), manifest.sidecars, [volume.name for volume in manifest.volumes])
    manifest = env_file.with_files(manifest, at, root, around.folder, called, secrets_win=around.platform == AWS)
    manifest = replace(manifest, policies=(*manifest.policies, *addons.read_policies(settings.get("policies"))))
    if found.of_copilot:
        manifest = _with_addons(manifest, found, settings, service, around)
    elif settings.get("addons"):
        settings.get("addons").refuse("remove it: only a service of a Copilot workspace has addons", "no addons")
    manifest = _named(manifest, settings)
    if around.platform == LOCAL and manifest.http:
        manifest = replace(manifest, http=open_to_all(manifest.http))
    elif manifest.http:
        _check_sources(manifest.http, at.get("http"), name)
    named = settings.get("alias") if not at.get("http").get("alias") else None
    return replace(service, manifest=manifest, at=at, names_at=named or None)


def _named(manifest: Manifest, settings: Value) -> Manifest:
    """The manifest with the names that the config gives a service, as a name in the application's own domain, which
    Copilot gives each, stands in no manifest."""
    given, http = settings.get("alias"), manifest.http
    if not given:
        return manifest
    if http is None or http.main.aliases:
        found = "the manifest has http.alias" if http else "no http section, which an alias needs"
        given.fail("remove it", found)
        return manifest
    return replace(manifest, http=replace(http, main=replace(http.main, aliases=read_aliases(settings, None))))


def _check_sources(http: Http, at: Value, service: str) -> None:
    """A rule with address ranges belongs to an alias, which clients call themselves."""
    for rule, place in zip(http.rules, (at, *at.get("additional_rules").items()), strict=False):
        if rule.sources and not (rule.aliases or place.get("alias")):
            field = "http.allowed_source_ips" if place is at else "http.additional_rules.allowed_source_ips"
            remedy = (
                "behind a facade, all requests come from it: write alias: with a host name; or protect the facade "
                f"itself, such as with a WAF, and set strangler:services.{service}.ignore: {field}"
            )
            place.get("allowed_source_ips").fail(remedy, "not supported without an alias")


def _words(at: Value) -> tuple[str, ...]:
    """A command, as a shell reads its words; no shell runs it."""
    if not at:
        return ()
    text = at.text("", "give a command, such as rake db:migrate")
    try:
        words = tuple(shlex.split(text))
    except ValueError as problem:
        at.fail("close the quotes, or write a \\ before one", f"found {text!r}: {str(problem).lower()}")
        return ()
    if not words and isinstance(at.value, str):
        at.fail("give a command, such as rake db:migrate, or remove it")
    return words


def _with_addons(
    manifest: Manifest, found: _Found, settings: Value, service: Service, around: ReadingContext
) -> Manifest:
    """The manifest with what its addons give it."""
    kinds, own = addons.read_outputs(found.path.parent, around.folder, found.at.problems), settings.get("addons")
    if not kinds:
        if own:
            own.refuse(f"remove it: copilot/{found.path.parent.name}/addons has no outputs", "no addons")
        return manifest
    place = AddonsStack(service.application, service.stage, found.path.parent.name)
    values = addons.given(kinds, own, place, around.exports)
    manifest = addons.with_addons(manifest, kinds, values)
    addons.check_policies(manifest, settings.get("policies"))
    return manifest


_STAGE = "${COPILOT_ENVIRONMENT_NAME}"


def _warn_of_different_secrets(
    manifests: list[_Found], services: Mapping[str, Service], around: ReadingContext, problems: Problems
) -> None:
    """A secret that is one for all in Copilot's environment is another one for each service where each has its own
    environment: a login that works on one facade fails on another."""
    users: dict[str, list[tuple[Value, str]]] = {}
    for found in manifests:
        secrets = found.at.get("secrets")
        for _, place in secrets.entries() if secrets.is_map() else ():
            inner = place.get("secretsmanager") if place.is_map() else place
            if isinstance(inner.value, str) and _STAGE in inner.value:
                users.setdefault(inner.value, []).append((inner, services[found.name].stage))
    for text, places in users.items():
        stages = sorted({stage for _, stage in places})
        if len(stages) > 1:
            names = ", ".join(text.replace(_STAGE, stage) for stage in stages)
            remedy = "write the name of one secret"
            if all(KINDS[name].reach is not Reach.LOAD_BALANCER for name in around.facades):
                remedy += ", or run these services in one environment: strangler:services.<name>.environment"
            problems.warn(places[0][0].where, f"a different secret for each service: {names}", remedy)


def _warn_without_manifest(folder: Path, problems: Problems) -> None:
    """Warns of folders of services/ that look like a service. In a workspace, a sidecar may be built there."""
    for place in folders(folder / "services", folder, problems):
        manifest = any(is_there(place / name, Path.exists) for name in MANIFESTS)
        if is_there(place / "Dockerfile", Path.is_file) and not manifest:
            remedy = "write one, or move the folder elsewhere"
            problems.warn(Where(written(place, folder)), "a Dockerfile without a manifest.yml: not a service", remedy)


def _check_build(build: Build | None, at: Value, root: Path, called: str) -> None:
    """Reports a Dockerfile or a build context that isn't there. Copilot's paths begin at the workspace's root."""
    if build and not is_there(root / build.dockerfile, Path.is_file):
        at.fail(f"give the path relative to the {called}", f"no Dockerfile at {build.dockerfile}")
    elif build and not is_there(root / build.context, Path.is_dir):
        at.get("context").fail(f"give the path relative to the {called}", f"no folder {build.context}")


def _called(at: Value) -> Value:
    """Where a manifest says the service's name; without that it is the folder's."""
    return at.get("name") or replace(at, path="")


def _check_config(own: Value, places: Mapping[str, Value], external: Mapping[str, ExternalService]) -> None:
    for name, settings in own.entries():
        if name in external:
            if name in places:
                remedy = "exclude the service (strangler:exclude), or rename the one that runs elsewhere"
                settings.fail(remedy, f"it runs elsewhere, but has a manifest here, {places[name].file}")
        elif name not in places:
            known = did_you_mean(name, [*places, *external])
            if known.startswith("known: "):
                known += f"; one that runs elsewhere has {one_of(Endpoint)}"
            own.problems.add(settings.where, f"unknown service {name!r}", known)
        elif settings:
            settings.require_map()
            settings.only(SERVICE_KEYS)


def _with_count(manifest: Manifest, settings: Value) -> Manifest:
    """The manifest with the count that the config gives, which leaves no autoscaling."""
    count = settings.get("count")
    return replace(manifest, count=Count(desired=count.integer(1, 0, MOST_TASKS))) if count else manifest


def warn_without_facade(routes: Value, problems: Problems) -> None:
    """Tells that there is no facade, and so no route. routes: the config key."""
    found = "only Backend Services, workers and jobs: there is no facade and no URL"
    problems.warn(Where("services"), found, f"the first {LOAD_BALANCED_WEB_SERVICE} adds one")
    if routes.value not in (None, {}, [], ""):
        routes.refuse("remove it", "routes, but no service that can get requests from a facade")


def check_routed(services: Mapping[str, Answering], facades: tuple[str, ...], problems: Problems) -> None:
    """A facade that leads to nothing is refused, but for `alb`: there it is the load balancer to which aliases lead.
    facades: their names; none on `local`."""
    if not services or problems.errors or any(service.routed for service in services.values()):
        return
    found = "no service can get requests from a facade"
    if facades == (ALB.name,):
        remedy = "there are no routes: services are reachable only by their aliases and network load balancers"
        problems.warn(Where("services"), found, remedy)
    else:
        remedy = "write http: with a path and HTTP/1.1 in one of them; on aws, the facade alb doesn't need it"
        problems.add(Where("services"), found, remedy)
