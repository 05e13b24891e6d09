"""The services of a stack: the manifests in `services/` and in a Copilot workspace, and what the config says of each.
Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from components.input import yaml
from components.input.diagnostics import Problems, did_you_mean
from components.input.value import Value
from components.manifest import env_file
from components.manifest.count import Count
from components.manifest.http import Http
from components.manifest.image import Build, reference
from components.manifest.load_balanced_web_service import Manifest, is_ours, read
from components.manifest.unknown_keys import check_fields, check_keys, overridden
from components.manifest.workspace import (
    MANIFESTS,
    NO_SERVICES,
    Workspace,
    check_stages,
    is_there,
    manifest_at,
    manifests,
    tell_templates,
    written,
)
from components.model.facades import FACADES, share_environment
from components.model.names import NAME, NAME_RULE
from components.settings.service import Service

SERVICE_KEYS = ("count", "environment", "forceNewDeployment", "image", "timeout")

_RESERVED = ("none", "true", "false")
"""What can't be a service's name, as it means something else where config names a service."""


@dataclass(frozen=True)
class Surroundings:
    """What the reading of a service depends on besides its manifest. folder: the project's. project and stack: their
    names. shell: the variables that manifests may name. facades: those of the stack, none on `local`. left_out: the
    names of what isn't run. workspace: None without one. strict: whether unknown keys are errors."""

    folder: Path
    project: str
    stack: str
    shell: Mapping[str, str]
    platform: str
    facades: tuple[str, ...]
    left_out: tuple[str, ...]
    workspace: Workspace | None
    strict: bool

    def environment(self, service: str) -> str:
        """Where a service runs unless the config says so. A Copilot environment holds all of its services, but the
        facades that reach an environment and not a service in it need one for each."""
        shared = self.workspace.environment if self.workspace else "shared"
        if share_environment(FACADES[name] for name in self.facades):
            return shared
        apart = bool(self.facades) or self.workspace is None or service in self.workspace.environments
        return service if apart else shared


@dataclass(frozen=True)
class _Found:
    """A manifest: its file, where messages say it is, its tree, and whether it lies in the Copilot workspace."""

    path: Path
    at: Value
    name: str
    of_copilot: bool


def read_services(top: Value, around: Surroundings) -> dict[str, Service]:
    """Every service by name, with what the config says of it. Mistakes are noted in the cursor's problems."""
    problems, own, services = top.problems, top.get("services"), dict[str, Service]()
    places: dict[str, str] = {}
    for found in _found(around, problems):
        if found.name in places:
            found.at.get("name").fail(
                "give each service a name of its own", f"{found.name!r} is also the name in {places[found.name]}"
            )
        else:
            places[found.name] = found.at.file
            services[found.name] = _service(found, own.get(found.name), around)
    _check_config(own, places, services, problems)
    workspace = around.workspace
    if workspace:
        check_stages(workspace, {each.name: each.stage for each in services.values() if each.stage}, top)
    return dict(sorted(services.items()))


def _found(around: Surroundings, problems: Problems) -> Iterator[_Found]:
    """The manifests that are not left out, with the names of their services."""
    workspace, folder = around.workspace, around.folder
    own = manifests(folder / "services", folder, problems)
    _tell_without_manifest(folder, problems)
    listed = [*((path, False) for path in own), *((path, True) for path in (workspace.services if workspace else ()))]
    if not listed and not problems.errors:
        remedy = "write services/<name>/manifest.yml and services/<name>/Dockerfile"
        problems.add("services", "no service", remedy)
    known: set[str] = {*NO_SERVICES}
    for path, of_copilot in listed:
        known.add(path.parent.name)
        if path.parent.name not in around.left_out:
            at = manifest_at(path, folder, problems)
            name = at.get("name").text(path.parent.name)
            known.add(name)
            if name not in around.left_out:
                yield _Found(path, at, name, of_copilot)
    for name in around.left_out:
        if name not in known:
            where = f"Pulumi.{around.stack}.yaml: {around.project}:leaveOut"
            problems.add(where, f"unknown service {name!r}", did_you_mean(name, known))


def _service(found: _Found, settings: Value, around: Surroundings) -> Service:
    """A service, from its manifest and its own part of the config."""
    at, workspace, name = found.at, around.workspace, found.name
    environment = settings.get("environment").text(around.environment(name))
    stage = workspace.stage(environment) if workspace else environment
    service = Service(
        manifest=_with_count(Manifest(name, 0, Http(f"/{name}")), settings),
        environment=environment,
        timeout=settings.get("timeout").duration(600, 30, 86400),
        file=at.file,
        root=workspace.root if workspace and found.of_copilot else ".",
        application=workspace.application if workspace else around.project,
        stage=stage,
        new_deployments=settings.get("forceNewDeployment").boolean(False),
    )
    if not at.names() or not is_ours(at):  # noted; what the config says of it is no mistake
        return replace(service, stage="")
    if not NAME.fullmatch(name) or name in _RESERVED:
        at.get("name").fail(NAME_RULE)
    check_keys(at, around.strict)
    at = overridden(at, dict.fromkeys((environment, stage if found.of_copilot else around.stack)))
    names = {"COPILOT_APPLICATION_NAME": service.application, "COPILOT_ENVIRONMENT_NAME": stage}
    at = replace(at, value=yaml.interpolated(at, {**around.shell, **names}))
    check_fields(at, around.platform)
    place = "." if found.of_copilot else written(found.path.parent, around.folder)
    manifest = _with_count(read(_with_image(at, settings), place), settings)
    root, called = around.folder / service.root, "workspace root" if found.of_copilot else "project folder"
    _check_build(manifest.build, at.get("image").get("build"), root, called)
    for each in manifest.sidecars:
        _check_build(each.build, at.get("sidecars").get(each.name).get("image").get("build"), root, called)
    manifest = env_file.with_files(manifest, at, root, called)
    if found.of_copilot:
        tell_templates(found.path.parent, around.folder, at.problems)
    return replace(service, manifest=manifest)


def _tell_without_manifest(folder: Path, problems: Problems) -> None:
    """Folders of services/ that look like a service. In a workspace of Copilot's, a sidecar may be built there."""
    for place in sorted(each.parent for each in folder.glob("services/[!._]*/Dockerfile")):
        if not any((place / name).is_file() for name in MANIFESTS):
            remedy = "write one, or move the folder elsewhere"
            problems.warn(written(place, folder), "a Dockerfile and no manifest.yml: not a service", remedy)


def _check_build(build: Build | None, at: Value, root: Path, called: str) -> None:
    """What an image is built from must be there. Copilot's paths begin at the workspace's root."""
    if build and not is_there(root / build.dockerfile, Path.is_file):
        at.fail(f"give the path from the {called}", f"there is no Dockerfile at {build.dockerfile}")
    elif build and not is_there(root / build.context, Path.is_dir):
        at.get("context").fail(f"give the path from the {called}", f"there is no folder {build.context}")


def _check_config(own: Value, places: Mapping[str, str], services: Mapping[str, Service], problems: Problems) -> None:
    for name, settings in own.entries():
        if name not in places:
            problems.add(settings.where, f"unknown service {name!r}", did_you_mean(name, places))
        elif settings:
            settings.require_map()
            settings.only(SERVICE_KEYS)
            if settings.get("environment") and not NAME.fullmatch(services[name].environment):
                settings.get("environment").fail(NAME_RULE)


def _with_image(at: Value, settings: Value) -> Value:
    """The manifest with the image that the config gives."""
    given = settings.get("image")
    image = reference(given)
    if not given or not at.is_map():
        return at
    own = {key: inner.value for key, inner in at.get("image").entries() if key not in ("build", "location")}
    tree = {key: inner.value for key, inner in at.entries()}
    return replace(at, value={**tree, "image": {**own, "location": image or "given"}})


def _with_count(manifest: Manifest, settings: Value) -> Manifest:
    """The manifest with the count that the config gives, which leaves no autoscaling."""
    count = settings.get("count")
    return replace(manifest, count=Count(desired=count.integer(1, 0, 5000))) if count else manifest


def check_routed(services: Mapping[str, Service], problems: Problems) -> None:
    """A system in front of which a facade makes no sense is refused."""
    if services and not problems.errors and not any(service.manifest.routed for service in services.values()):
        remedy = "write http: with a path in one of them: a facade leads to nothing else"
        problems.add("services", "no service takes HTTP/1.1 requests", remedy)
