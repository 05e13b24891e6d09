"""The services of a stack: the manifests in `services/` and in a Copilot workspace, and what the config says of each.
Pure."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from components.input import yaml
from components.input.diagnostics import Problems, did_you_mean
from components.input.value import Cursor
from components.manifest import env_file
from components.manifest.http import Http
from components.manifest.image import Build, reference
from components.manifest.load_balanced_web_service import Count, Manifest, is_ours, read
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
from components.model.names import NAME, NAME_RULE

SERVICE_KEYS = ("count", "environment", "image", "timeout")

_RESERVED = ("none", "true", "false")
"""What can't be a service's name, as it means something else where config names a service."""


@dataclass(frozen=True)
class Service:
    """A service and where it runs. timeout: seconds to wait for its steady state (default 600). file: its manifest,
    as messages name it. root: what paths in it are relative to, from the project folder. application and stage: what
    its containers are told as Copilot's application and environment."""

    manifest: Manifest
    environment: str
    timeout: int = 600
    file: str = ""
    root: str = "."
    application: str = ""
    stage: str = ""

    @property
    def name(self) -> str:
        """The service's name."""
        return self.manifest.name

    @property
    def build(self) -> Build | None:
        """How its image is built, with paths from the project folder."""
        return below(self.root, self.manifest.build) if self.manifest.build else None


def below(root: str, build: Build) -> Build:
    """A build with its paths from where `root` lies."""
    dockerfile, context = PurePosixPath(root) / build.dockerfile, PurePosixPath(root) / build.context
    return replace(build, dockerfile=str(dockerfile), context=str(context))


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
    facades: Collection[str]
    left_out: tuple[str, ...]
    workspace: Workspace | None
    strict: bool

    def environment(self, service: str) -> str:
        """Where a service runs unless the config says so. A Copilot environment holds all of its services, but the
        facades that reach an environment and not a service in it need one for each."""
        shared = self.workspace.environment if self.workspace else "shared"
        if "alb" in self.facades and "refactor-spaces" not in self.facades:
            return shared
        apart = bool(self.facades) or self.workspace is None or service in self.workspace.environments
        return service if apart else shared


@dataclass(frozen=True)
class _Found:
    """A manifest: its file, where messages say it is, its tree, and whether it lies in the Copilot workspace."""

    path: Path
    at: Cursor
    name: str
    of_copilot: bool


def read_services(top: Cursor, around: Surroundings) -> dict[str, Service]:
    """Every service by name, with what the config says of it. Mistakes are noted in the cursor's problems."""
    problems, own, services = top.problems, top.at("services"), dict[str, Service]()
    places: dict[str, str] = {}
    for found in _found(around, problems):
        if found.name in places:
            found.at.at("name").fail(
                "give each service a name of its own", f"{found.name!r} is also the name in {places[found.name]}"
            )
        else:
            places[found.name] = found.at.file
            services[found.name] = _service(found, own.at(found.name), around)
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
            name = at.at("name").text(path.parent.name)
            known.add(name)
            if name not in around.left_out:
                yield _Found(path, at, name, of_copilot)
    for name in around.left_out:
        if name not in known:
            where = f"Pulumi.{around.stack}.yaml: {around.project}:leaveOut"
            problems.add(where, f"unknown service {name!r}", did_you_mean(name, known))


def _service(found: _Found, settings: Cursor, around: Surroundings) -> Service:
    """A service, from its manifest and its own part of the config."""
    at, workspace, name = found.at, around.workspace, found.name
    environment = settings.at("environment").text(around.environment(name))
    stage = workspace.stage(environment) if workspace else environment
    service = Service(
        manifest=_with_count(Manifest(name, 0, Http(f"/{name}")), settings),
        environment=environment,
        timeout=settings.at("timeout").duration(600, 30, 86400),
        file=at.file,
        root=workspace.root if workspace and found.of_copilot else ".",
        application=workspace.application if workspace else around.project,
        stage=stage,
    )
    if not at.names() or not is_ours(at):  # noted; what the config says of it is no mistake
        return replace(service, stage="")
    if not NAME.fullmatch(name) or name in _RESERVED:
        at.at("name").fail(NAME_RULE)
    check_keys(at, around.strict)
    at = overridden(at, dict.fromkeys((environment, stage if found.of_copilot else around.stack)))
    names = {"COPILOT_APPLICATION_NAME": service.application, "COPILOT_ENVIRONMENT_NAME": stage}
    at = replace(at, value=yaml.interpolated(at, {**around.shell, **names}))
    check_fields(at, around.platform)
    place = "." if found.of_copilot else written(found.path.parent, around.folder)
    manifest = _with_count(read(_with_image(at, settings), place), settings)
    root, called = around.folder / service.root, "workspace root" if found.of_copilot else "project folder"
    _check_build(manifest.build, at.at("image").at("build"), root, called)
    for each in manifest.sidecars:
        _check_build(each.build, at.at("sidecars").at(each.name).at("image").at("build"), root, called)
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


def _check_build(build: Build | None, at: Cursor, root: Path, called: str) -> None:
    """What an image is built from must be there. Copilot's paths begin at the workspace's root."""
    if build and not is_there(root / build.dockerfile, Path.is_file):
        at.fail(f"give the path from the {called}", f"there is no Dockerfile at {build.dockerfile}")
    elif build and not is_there(root / build.context, Path.is_dir):
        at.at("context").fail(f"give the path from the {called}", f"there is no folder {build.context}")


def _check_config(own: Cursor, places: Mapping[str, str], services: Mapping[str, Service], problems: Problems) -> None:
    for name, settings in own.entries():
        if name not in places:
            problems.add(settings.where, f"unknown service {name!r}", did_you_mean(name, places))
        elif settings:
            settings.require_map()
            settings.only(SERVICE_KEYS)
            if settings.at("environment") and not NAME.fullmatch(services[name].environment):
                settings.at("environment").fail(NAME_RULE)


def _with_image(at: Cursor, settings: Cursor) -> Cursor:
    """The manifest with the image that the config gives."""
    given = settings.at("image")
    image = reference(given)
    if not given or not at.is_map():
        return at
    own = {key: inner.value for key, inner in at.at("image").entries() if key not in ("build", "location")}
    tree = {key: inner.value for key, inner in at.entries()}
    return replace(at, value={**tree, "image": {**own, "location": image or "given"}})


def _with_count(manifest: Manifest, settings: Cursor) -> Manifest:
    """The manifest with the count that the config gives, which leaves no autoscaling."""
    count = settings.at("count")
    return replace(manifest, count=Count(desired=count.integer(1, 0, 5000))) if count else manifest
