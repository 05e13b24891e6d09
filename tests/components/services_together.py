"""What is registered for many manifests, in one program: a program for each would take minutes."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.components.recorder import Record
from tests.components.system import registered
from tests.projects import Tree, write_project

FROM_NAME = re.compile(r"(?<=-sidecar-name-)[0-9a-f]{8}|[0-9a-f]{12}(?=-(?:amd|arm)64)|(?<='priority': )\d+\.0")
"""What follows from a service's name: the sums in the names of repositories and of images, whose files have a folder of
that name, and the priorities of rules."""


def registered_together(
    manifests: Iterable[str], config: Mapping[str, object], beside: Mapping[str, Tree] | None = None
) -> dict[str, list[str]]:
    """The resources that each manifest of `users` makes, type, name and inputs: all are services side by side, each
    with a name instead of `users`. The first is there twice, to see that two services differ by their manifests only.
    config: one with which services share an environment. beside: further manifests by name."""
    different = [*dict.fromkeys(manifests)]
    names = named(different)
    with TemporaryDirectory() as home:
        folder = folder_of(Path(home), names, beside or {})
        texts = texts_of(registered(folder, config), home)
    *found, twin = (_of(name, texts) for name in names)
    assert found[0] == twin
    return dict(zip(different, found, strict=True))


def named(manifests: list[str]) -> dict[str, str]:
    """The manifests of `users` by the names of services side by side; the first of them is there twice."""
    width = max(2, len(str(len(manifests))))
    return {f"users{number:0{width}}": text for number, text in enumerate((*manifests, manifests[0]))}


def folder_of(home: Path, manifests: Mapping[str, str], beside: Mapping[str, Tree] | None = None) -> Path:
    """A project with these services, and the files that their manifests name."""
    services = {name: _called(name, text) for name, text in manifests.items()}
    folder = write_project(home, {**services, **(beside or {})})
    for name in manifests:
        place = folder / "services" / name
        (place / "Other").write_text("FROM scratch\n", encoding="utf-8")
        (place / "other.env").write_text("FROM_FILE=no\n", encoding="utf-8")
    return folder


def texts_of(record: Record, folder: str) -> list[str]:
    """Each resource's type, name and inputs; without the folder's name, which is another one for each program."""
    found = ((resource.type, resource.name, dict(resource.inputs)) for resource in record.all)
    return sorted(repr(resource).replace(folder, "") for resource in found)


def _called(name: str, text: str) -> str:
    """The manifest of `users` as that of a service with another name, which has hosts of its own."""
    return text.replace("users", name).replace("example.com", f"{name}.example.com")


def _of(name: str, texts: list[str]) -> list[str]:
    """What a service with such a name has of the resources, with `users` instead of the name."""
    return sorted(FROM_NAME.sub("-", text.replace(name, "users")) for text in texts if name in text)
