"""Project folders and stack configs for tests, written as a user would write them."""

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import yaml

from components.input.diagnostics import InputError
from components.manifest.exports import LookUps
from components.platform import checks_for
from components.settings import Settings, read_settings

DIGEST = "sha256:" + "0123456789abcdef" * 4
"""What an image's content is known by."""

Tree = dict[str, object]
"""A manifest, or what a config key holds."""


def manifest(name: str, path: str | None = None, /, **fields: object) -> Tree:
    """A valid manifest of a service, `http.path` being `api/<name>` unless given, with further top-level fields."""
    return {
        "name": name,
        "type": "Load Balanced Web Service",
        "image": {"build": f"services/{name}/Dockerfile", "port": 3000},
        "http": {"path": f"api/{name}" if path is None else path},
        **fields,
    }


def board() -> dict[str, object]:
    """The manifests of a message board: a monolith that answers all, and three services that may take over a part."""
    return {"monolith": manifest("monolith", "/"), **{name: manifest(name) for name in ("posts", "threads", "users")}}


def as_yaml(content: object) -> str:
    """A text that says this, written by PyYAML's binding to libyaml where there is one: it is ten times as fast."""
    return yaml.dump(content, Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper), sort_keys=False, width=4096)


def write_project(folder: Path, manifests: Mapping[str, object]) -> Path:
    """Writes `services/<name>/manifest.yml` (a text as it is, everything else as YAML), a Dockerfile and `some.env`
    beside each; returns the folder."""
    for name, content in manifests.items():
        place = folder / "services" / name
        place.mkdir(parents=True, exist_ok=True)
        text = content if isinstance(content, str) else as_yaml(content)
        (place / "manifest.yml").write_text(text, encoding="utf-8")
        (place / "Dockerfile").write_text("FROM scratch\n", encoding="utf-8")
        (place / "some.env").write_text("# as ECS reads it\nFROM_FILE=yes\n", encoding="utf-8")
    return folder


def write_workspace(
    folder: Path,
    services: Mapping[str, object],
    environments: Mapping[str, object] | None = None,
    application: str = "board",
) -> Path:
    """Writes a Copilot workspace: `.workspace` and the manifests of services and environments below `copilot/`, a text
    as it is, everything else as YAML. Each service has `<name>/Dockerfile`. Returns the folder."""
    home = folder / "copilot"
    home.mkdir(parents=True, exist_ok=True)
    (home / ".workspace").write_text(f"application: {application}\n", encoding="utf-8")
    places = {**services, **{f"environments/{name}": item for name, item in (environments or {}).items()}}
    for name, content in places.items():
        (home / name).mkdir(parents=True, exist_ok=True)
        text = content if isinstance(content, str) else as_yaml(content)
        (home / name / "manifest.yml").write_text(text, encoding="utf-8")
    for name in services:
        (folder / name).mkdir(exist_ok=True)
        (folder / name / "Dockerfile").write_text("FROM scratch\n", encoding="utf-8")
    return folder


def of_copilot(name: str, path: str | None = None, /, **fields: object) -> Tree:
    """A valid manifest of a service in a Copilot workspace, built from `<name>/Dockerfile`."""
    return manifest(name, path, **{"image": {"build": f"{name}/Dockerfile", "port": 3000}, **fields})


def environment(name: str, **fields: object) -> Tree:
    """A valid manifest of a Copilot environment."""
    return {"name": name, "type": "Environment", **fields}


def config_of(values: Mapping[str, object]) -> dict[str, str]:
    """A stack's config as the engine hands it to a program: every value a text, structured ones as JSON; None is no
    value."""
    return {
        f"strangler:{key}": value if isinstance(value, str) else json.dumps(value)
        for key, value in values.items()
        if value is not None
    }


def read_project(
    folder: Path,
    config: Mapping[str, object] | None = None,
    stack: str = "local",
    shell: Mapping[str, str] | None = None,
    region: str | None = None,
    look_ups: LookUps | None = None,
) -> Settings:
    """Reads a project's settings, on the platform `local` unless the config names one. region: as the stack's config
    names it. look_ups: who asks the account."""
    whole = {**config_of({"platform": "local", **(config or {})}), **({"aws:region": region} if region else {})}
    return read_settings(whole, folder, stack, shell or {}, checks_for, look_ups_for=lambda _: look_ups)


def lines_of(
    folder: Path,
    config: Mapping[str, object] | None = None,
    stack: str = "local",
    shell: Mapping[str, str] | None = None,
) -> list[str]:
    """What reading a project's settings is refused with, line by line; none if it is accepted. Without the numbers of
    lines in manifests, which these tests write by program."""
    return without_numbers(numbered_lines_of(folder, config, stack, shell))


def without_numbers(lines: Iterable[object]) -> list[str]:
    """Messages without the numbers of lines in manifests."""
    return [re.sub(r"(?<=manifest\.yml):\d+(?=: )(?!: invalid YAML)", "", str(line)) for line in lines]


def numbered_lines_of(
    folder: Path,
    config: Mapping[str, object] | None = None,
    stack: str = "local",
    shell: Mapping[str, str] | None = None,
) -> list[str]:
    """The same with the numbers."""
    try:
        read_project(folder, config, stack, shell)
    except InputError as refused:
        return str(refused).splitlines()
    return []
