"""A Copilot workspace, as it is: its application, its environments and its services. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from os.path import normpath, relpath
from pathlib import Path

from components.input import yaml
from components.input.diagnostics import Problems, did_you_mean
from components.input.files import UnreadableError, entries, is_there, is_utf8, reported_text, written
from components.input.value import Value
from components.manifest.patches import read_environment_patches
from components.model.names import NAME, NAME_RULE
from components.model.where import Where

NO_SERVICES = ("environments", "pipelines")
"""Folders of a workspace that hold no service."""

_NO_ENVIRONMENTS = ("addons", "overrides")
"""Folders beside the environments that hold none."""

MANIFESTS = ("manifest.yml", "manifest.yaml")
"""File names of a manifest."""

_FOLDER = "give the path of a Copilot folder, such as copilot"


@dataclass(frozen=True)
class Workspace:
    """A Copilot folder."""

    root: str
    """What paths in its manifests are relative to, from the project folder."""
    application: str
    """The application's name."""
    environment: str
    """The Copilot environment that the stack stands for."""
    environments: Mapping[str, Path] = field(default_factory=dict[str, Path])
    """The manifest of each environment that has one, by name. Default: none."""
    idle_timeout: int | None = None
    """Seconds that a connection of the public load balancer may be silent, by a patch of its template. Default: none
    says."""
    services: tuple[Path, ...] = ()
    """The services' manifests, sorted. Default: none."""

    def stage(self, environment: str) -> str:
        """The Copilot environment that an environment stands for: the one of its name, else the stack's."""
        return environment if environment in self.environments else self.environment


def read_workspace(top: Value, folder: Path, stack: str, excluded: tuple[str, ...]) -> Workspace | None:
    """The workspace that the config names. Mistakes are reported in the value's problems."""
    at, problems = top.get("copilot"), top.problems
    place = at.text(None, _FOLDER)
    if not at:
        if top.get("copilotEnvironment"):
            remedy = "also set strangler:copilot to the path of the Copilot folder"
            top.get("copilotEnvironment").fail(remedy, "no workspace")
        if is_there(folder / "copilot" / ".workspace", Path.is_file):
            problems.warn(
                Where("copilot"), "a Copilot workspace, which isn't used", "`pulumi config set copilot copilot`"
            )
        return None
    if not place:
        if at.value == "":
            at.fail(_FOLDER)
        return None
    home = Path(normpath(folder / place))
    if not is_there(home, Path.is_dir):
        at.fail(
            "give the path of the folder that contains .workspace, relative to the project folder", f"no folder {place}"
        )
        return None
    application = _application(at, home, place)
    environment = top.get("copilotEnvironment").text(stack, "give a Copilot environment's name")
    if not NAME.fullmatch(environment):
        top.get("copilotEnvironment").fail(NAME_RULE, f"found {environment!r}")
    environments = _environments(home, folder, problems)
    _report_pipelines(home, place, excluded, problems)
    return Workspace(
        root=Path(relpath(home.parent, folder)).as_posix(),
        application=application,
        environment=environment,
        environments=environments,
        idle_timeout=read_environment_patches(home / "environments", folder, problems),
        services=tuple(manifests(home, folder, problems, NO_SERVICES)),
    )


def check_stages(workspace: Workspace, used: Mapping[str, str], top: Value) -> None:
    """Reports an environment that the workspace doesn't know. used: the Copilot environment of each service."""
    unknown = sorted({stage for stage in used.values() if stage not in workspace.environments})
    if workspace.environments and unknown:
        known = did_you_mean(unknown[0], workspace.environments)
        top.get("copilotEnvironment").fail(
            f"name an environment of the workspace: {known}", f"the workspace has no environment {unknown[0]!r}"
        )


def manifests(home: Path, folder: Path, problems: Problems, without: tuple[str, ...] = ()) -> list[Path]:
    """The manifests in the folders below `home`, sorted by folder. folder: the project's, for messages."""
    found: list[Path] = []
    for place in folders(home, folder, problems):
        if place.name in without:
            continue
        names = [name for name in MANIFESTS if is_there(place / name, Path.is_file)]
        where = written(place, folder)
        if not is_utf8(place.name):
            problems.add(Where(where), "a name that is not UTF-8", "rename the folder")
        elif len(names) == 2:
            problems.add(Where(where), "both manifest.yml and manifest.yaml", "keep one of them")
        elif names:
            found.append(place / names[0])
        elif is_there(place / MANIFESTS[0], Path.is_dir):
            problems.add(Where(f"{where}/{MANIFESTS[0]}"), "a folder", "make it a file")
    return found


def folders(home: Path, folder: Path, problems: Problems) -> list[Path]:
    """The folders below `home`, sorted, but for hidden and private ones. One that can't be read is reported."""
    try:
        return [path for path in entries(home) if path.name[0] not in "._" and is_there(path, Path.is_dir)]
    except UnreadableError as failure:
        problems.add(Where(written(home, folder)), f"can't be read: {failure}", "make it a readable folder")
        return []


def manifest_at(path: Path, folder: Path, problems: Problems) -> Value:
    """A manifest as it was written."""
    where = written(path, folder)
    return yaml.load(reported_text(path, where, problems), where, problems)


def _application(at: Value, home: Path, place: str) -> str:
    file = home / ".workspace"
    if not is_there(file, Path.is_file):
        inner = is_there(home / "copilot" / ".workspace", Path.is_file)
        remedy = (
            f"give the folder that contains .workspace: did you mean {place}/copilot?"
            if inner
            else "create it with the one line application: <name>; some projects keep this file out of git, and "
            "Copilot accepts it too"
        )
        at.fail(remedy, f"no file {place}/.workspace")
        return ""
    where = f"{place}/.workspace"
    top = yaml.load(reported_text(file, where, at.problems), where, at.problems)
    if not top.names():
        return ""  # it couldn't be read, which is reported
    remedy = "write application: with the application's name"
    name = top.required("application", remedy).text("", "give the application's name")
    if top.get("application").value == "":
        top.get("application").fail(remedy)
    return name


def _environments(home: Path, folder: Path, problems: Problems) -> dict[str, Path]:
    beside = home / "environments"
    if is_there(beside / "addons", Path.is_dir):
        found = "CloudFormation, which Strangler doesn't read"
        remedy = "their stack stays as it is: where a service needs their exports, use from_cfn"
        problems.warn(Where(written(beside / "addons", folder)), found, remedy)
    listed = manifests(beside, folder, problems, _NO_ENVIRONMENTS)
    return {path.parent.name: path for path in listed}


def _report_pipelines(home: Path, place: str, excluded: tuple[str, ...], problems: Problems) -> None:
    """Copilot's pipelines deploy; what a stack holds doesn't depend on them."""
    for name in ("pipelines", "pipeline.yml"):
        if is_there(home / name, Path.exists) and "pipelines" not in excluded:
            remedy = "see docs/ci.md for what to use instead; add pipelines to strangler:exclude to end this warning"
            problems.warn(Where(f"{place}/{name}"), "a Copilot pipeline, which Strangler doesn't run", remedy)


def excluded_at(top: Value) -> Value:
    """Where services are excluded: in `exclude`, or in its old spelling `leaveOut`. An empty list in `exclude` is
    Pulumi.yaml's, which gives it to every stack."""
    at, old = top.get("exclude"), top.get("leaveOut")
    return old if old and not at.value else at


def read_excluded(top: Value) -> tuple[str, ...]:
    """The names there: a list, or a text with commas, as `pulumi config set` stores it."""
    at, old = excluded_at(top), top.get("leaveOut")
    if old and at.path != old.path:
        old.fail("keep exclude, the new name of leaveOut", "both exclude and leaveOut")
    if isinstance(at.value, str):
        return tuple(name.strip() for name in at.value.split(",") if name.strip())
    if at and not isinstance(at.value, list):
        at.fail("give a list of service names, or a string such as worker,job")
        return ()
    return at.texts()


def interpolated(at: Value, workspace: Workspace, stage: str, variables: Mapping[str, str]) -> Value:
    """A manifest of the workspace with variables replaced, those of Copilot's own too."""
    names = {"COPILOT_APPLICATION_NAME": workspace.application, "COPILOT_ENVIRONMENT_NAME": stage}
    return replace(at, value=yaml.interpolated(at, {**variables, **names}))
