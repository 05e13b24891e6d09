"""A Copilot workspace, as it is: its application, its environments and its services. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from os.path import normpath, relpath
from pathlib import Path

from components.input import yaml
from components.input.diagnostics import Problems, did_you_mean
from components.input.value import Value
from components.model.names import NAME, NAME_RULE

NO_SERVICES = ("environments", "pipelines")
"""Folders of a workspace that hold no service."""

_OF_CLOUDFORMATION = {
    "addons": "what they make isn't made here, and no variable tells of it: give its names as variables and secrets",
    "overrides": "they patch Copilot's own templates: say the same with taskdef_overrides or the config",
}
"""Folders beside a manifest, and what to do about them."""


MANIFESTS = ("manifest.yml", "manifest.yaml")
"""What a manifest's file may be called."""


@dataclass(frozen=True)
class Workspace:
    """A Copilot folder. root: what paths in its manifests are relative to, from the project folder. application: its
    name. environment: the environment that the stack stands for. environments: the manifest of each environment that
    has a folder. services: the services' manifests, sorted."""

    root: str
    application: str
    environment: str
    environments: Mapping[str, Path] = field(default_factory=dict[str, Path])
    services: tuple[Path, ...] = ()

    def stage(self, environment: str) -> str:
        """The Copilot environment that one of ours stands for: its namesake, else the stack's."""
        return environment if environment in self.environments else self.environment


def read_workspace(top: Value, folder: Path, stack: str, left_out: tuple[str, ...]) -> Workspace | None:
    """The workspace that the config names. Mistakes are noted in the cursor's problems."""
    at, problems = top.get("copilot"), top.problems
    place = at.text(None, "give the path of a Copilot folder, such as copilot")
    if not at:
        if top.get("copilotEnvironment"):
            remedy = "set strangler:copilot to the path of the Copilot folder too"
            top.get("copilotEnvironment").fail(remedy, "no workspace")
        if (folder / "copilot" / ".workspace").is_file():
            problems.warn("copilot", "a Copilot workspace that isn't read", "`pulumi config set copilot copilot`")
        return None
    if not place:
        if at.value == "":
            at.fail("give the path of a Copilot folder, such as copilot")
        return None
    home = Path(normpath(folder / place))
    if not is_there(home, Path.is_dir):
        at.fail("give the path of the folder that holds .workspace, from the project folder", f"no folder {place}")
        return None
    application = _application(at, home, place)
    environment = top.get("copilotEnvironment").text(stack, "give a Copilot environment's name")
    if not NAME.fullmatch(environment):
        top.get("copilotEnvironment").fail(NAME_RULE, f"found {environment!r}")
    environments = _environments(home, folder, problems)
    _tell_pipelines(home, place, left_out, problems)
    return Workspace(
        root=Path(relpath(home.parent, folder)).as_posix(),
        application=application,
        environment=environment,
        environments=environments,
        services=tuple(manifests(home, folder, problems, NO_SERVICES)),
    )


def check_stages(workspace: Workspace, used: Mapping[str, str], top: Value) -> None:
    """Notes an environment that the workspace doesn't know. `used`: the Copilot environment of each service."""
    unknown = sorted({each for each in used.values() if each not in workspace.environments})
    if workspace.environments and unknown:
        known = did_you_mean(unknown[0], workspace.environments)
        top.get("copilotEnvironment").fail(
            f"name an environment of the workspace: {known}", f"no environment {unknown[0]!r} in the workspace"
        )


def manifests(home: Path, folder: Path, problems: Problems, without: tuple[str, ...] = ()) -> list[Path]:
    """The manifests in the folders below `home`, sorted by folder. `folder` is the project's, for messages."""
    folders = sorted(each for each in home.glob("*") if each.is_dir() and each.name[0] not in "._")
    found: list[Path] = []
    for each in folders:
        if each.name in without:
            continue
        names = [name for name in MANIFESTS if (each / name).is_file()]
        where = written(each, folder)
        if len(names) == 2:
            problems.add(where, "both manifest.yml and manifest.yaml", "keep one of them")
        elif names:
            found.append(each / names[0])
    return found


def written(path: Path, folder: Path) -> str:
    """A path as messages name it: from the project folder."""
    return Path(relpath(path, folder)).as_posix()


def is_there(path: Path, kind: Callable[[Path], bool]) -> bool:
    """Whether a file (`Path.is_file`) or a folder (`Path.is_dir`) is there; none is that has too long a name."""
    try:
        return kind(path)
    except OSError:
        return False


def text_of(path: Path, where: str, problems: Problems) -> str:
    """A file's text; a file that can't be read is a mistake, and an empty map."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as failure:
        reason = failure.strerror if isinstance(failure, OSError) else "no UTF-8 text"
        problems.add(where, f"can't be read: {reason}", "make it a readable UTF-8 file")
        return "{}"


def manifest_at(path: Path, folder: Path, problems: Problems) -> Value:
    """A manifest as a tree, as it was written."""
    where = written(path, folder)
    return Value(yaml.load(text_of(path, where, problems), where, problems), where, "", problems)


def tell_templates(beside: Path, folder: Path, problems: Problems) -> None:
    """Warns of CloudFormation templates and patches beside a manifest, which Strangler doesn't read."""
    for name, remedy in _OF_CLOUDFORMATION.items():
        if (beside / name).is_dir():
            problems.warn(written(beside / name, folder), "CloudFormation, which Strangler doesn't read", remedy)


def _application(at: Value, home: Path, place: str) -> str:
    file = home / ".workspace"
    if not file.is_file():
        inner = f"{place}/copilot"
        near = f"did you mean {inner}?" if (home / "copilot" / ".workspace").is_file() else "copy it from where it was"
        at.fail(f"give the folder that holds .workspace: {near}", f"no file {place}/.workspace")
        return ""
    where = f"{place}/.workspace"
    top = Value(yaml.load(text_of(file, where, at.problems), where, at.problems), where, "", at.problems)
    name = top.get("application").text("", "give the application's name")
    if not name:
        top.get("application").fail("write application: with the application's name", "missing")
    return name


def _environments(home: Path, folder: Path, problems: Problems) -> dict[str, Path]:
    for place in sorted((home / "environments").glob("*")) if (home / "environments").is_dir() else ():
        if place.is_dir() and place.name in _OF_CLOUDFORMATION:
            tell_templates(place.parent, folder, problems)
    found = manifests(home / "environments", folder, problems, tuple(_OF_CLOUDFORMATION))
    return {path.parent.name: path for path in found}


def _tell_pipelines(home: Path, place: str, left_out: tuple[str, ...], problems: Problems) -> None:
    """Copilot's pipelines deploy; what a stack is made of doesn't depend on them."""
    for name in ("pipelines", "pipeline.yml"):
        if (home / name).exists() and "pipelines" not in left_out:
            remedy = "docs/ci.md has what to use instead; name pipelines in strangler:leaveOut to hear no more of it"
            problems.warn(f"{place}/{name}", "a Copilot pipeline, which Strangler doesn't run", remedy)


def left_out(top: Value) -> tuple[str, ...]:
    """The names in `leaveOut`: a list, or a text with commas, as `pulumi config set` stores it."""
    at = top.get("leaveOut")
    if isinstance(at.value, str):
        return tuple(name.strip() for name in at.value.split(",") if name.strip())
    if at and not isinstance(at.value, list):
        at.fail("give a list of services' names, or a text such as worker,job")
        return ()
    return at.texts()


def interpolated(at: Value, workspace: Workspace, stage: str, shell: Mapping[str, str]) -> Value:
    """A tree of the workspace with the variables that Copilot knows filled in."""
    names = {"COPILOT_APPLICATION_NAME": workspace.application, "COPILOT_ENVIRONMENT_NAME": stage}
    return replace(at, value=yaml.interpolated(at, {**shell, **names}))
