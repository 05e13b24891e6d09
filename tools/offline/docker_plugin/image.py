"""`docker:index/image:Image`: built, and pushed unless told not to.

Like the real plugin: a preview builds nothing; a changed file is an update, by the input `build.contextDigest`; a
changed user or password of the registry is no change; a refresh looks at nothing; deletion leaves the image.
"""

import os
import platform
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Final

from tools.offline.docker_plugin import client
from tools.offline.docker_plugin.digest import context_digest
from tools.offline.docker_plugin.docker_engine import registry_key
from tools.offline.docker_plugin.job import Job
from tools.offline.docker_plugin.schema import Field, Fields, Kind, Problem
from tools.offline.docker_plugin.values import UNKNOWN, Value, Values, flag, mapping, text, text_map, texts

_TEXT: Final = Field(Kind.TEXT, replaces=False)
_ARCHITECTURES: Final = {"x86_64": "amd64", "aarch64": "arm64"}
_BUILDERS: Final = {"BuilderBuildKit": "1", "BuilderV1": "0"}

_BUILD: Final = {
    "args": Field(Kind.MAP),
    "builderVersion": _TEXT,
    "cacheFrom": Field(Kind.OBJECT, fields={"images": Field(Kind.TEXTS)}),
    "context": _TEXT,
    "contextDigest": _TEXT,
    "dockerfile": _TEXT,
    "network": _TEXT,
    "platform": _TEXT,
    "target": _TEXT,
}
_REGISTRY: Final = {
    "server": _TEXT,
    "username": Field(Kind.TEXT, compared=False),
    "password": Field(Kind.TEXT, compared=False),
}
_FIELDS: Final[Fields] = {
    "build": Field(Kind.OBJECT, replaces=False, fields=_BUILD),
    "buildOnPreview": Field(Kind.FLAG, replaces=False, default=False, only_default=True),
    "imageName": Field(Kind.TEXT, replaces=False, required=True),
    "registry": Field(Kind.OBJECT, replaces=False, fields=_REGISTRY),
    "skipPush": Field(Kind.FLAG, replaces=False, default=False),
}


class Image:
    """The image resource. Its id is the image's name, as with the real plugin."""

    fields: Fields = _FIELDS
    named: bool = False
    deletes_first: bool = False

    def check(self, inputs: Values) -> tuple[Values, list[Problem]]:
        build, found = _checked_build(mapping(inputs.get("build")))
        name = inputs.get("imageName")
        if isinstance(name, str) and inputs.get("skipPush") is False and not _has_registry(name):
            reason = "names no registry; write registry/repository:tag, or set skipPush"
            found.append(Problem("imageName", f'"{name}" {reason}'))
        return {**inputs, "build": build}, found

    def planned(self, inputs: Values, outputs: Values) -> Values:  # noqa: ARG002
        return {**_outputs(inputs), "repoDigest": UNKNOWN}

    def create(self, job: Job, inputs: Values) -> tuple[str, Values]:
        name = text(inputs.get("imageName"))
        _build(job, name, mapping(inputs.get("build")), inputs)
        if flag(inputs.get("skipPush")):
            return name, {**_outputs(inputs), "repoDigest": job.docker.image_id(name)}
        job.tell(f"Pushing image {name}")
        with _credentials(job, inputs) as settings:
            client.run(job, f"pushing image {name}", ["push", name], settings)
        repository = _repository(name)
        digests = [digest for digest in job.docker.repository_digests(name) if digest.split("@")[0] == repository]
        return name, {**_outputs(inputs), "repoDigest": digests[0]}

    def read(self, job: Job, object_id: str, outputs: Values) -> Values | None:  # noqa: ARG002
        return outputs

    def update(self, job: Job, object_id: str, outputs: Values, old: Values, new: Values) -> Values:  # noqa: ARG002
        return self.create(job, new)[1]

    def delete(self, job: Job, object_id: str, outputs: Values) -> None:
        """Nothing: the image may be in use, here or elsewhere."""


def _checked_build(build: Values) -> tuple[Values, list[Problem]]:
    """The build with its defaults and the digest of its context, and what is wrong with it."""
    filled: Values = {"platform": host_platform(), **build}
    version = build.get("builderVersion")
    if isinstance(version, str) and version not in _BUILDERS:
        return filled, [Problem("build.builderVersion", f'is "{version}"; give one of {", ".join(_BUILDERS)}')]
    if build.get("context") is UNKNOWN or build.get("dockerfile") is UNKNOWN:
        return filled | {"contextDigest": UNKNOWN}, []
    context, dockerfile = _paths(build)
    if not context.is_dir():
        return filled, [Problem("build.context", f"there is no folder {context}; give the folder to build from")]
    if not dockerfile.is_file():
        inner = context / dockerfile
        hint = f"did you mean {inner}?" if inner.is_file() else "give its path from the program's folder"
        return filled, [Problem("build.dockerfile", f"there is no file {dockerfile}; {hint}")]
    try:
        return filled | {"contextDigest": context_digest(context, dockerfile)}, []
    except OSError as error:
        return filled, [Problem("build.context", f"cannot read {error.filename}: {error.strerror}")]


def _build(job: Job, name: str, build: Values, inputs: Values) -> None:
    context, dockerfile = _paths(build)
    arguments = ["build", "--progress=plain", "--tag", name, "--file", str(dockerfile)]
    version = text(build.get("builderVersion")) or "BuilderBuildKit"
    if version == "BuilderV1":
        arguments.remove("--progress=plain")
    for option in ("target", "platform", "network"):
        if text(build.get(option)):
            arguments += [f"--{option}", text(build[option])]
    for key, value in sorted(text_map(build.get("args")).items()):
        arguments += ["--build-arg", f"{key}={value}"]
    cached = texts(mapping(build.get("cacheFrom")).get("images"))
    for image in cached:
        arguments += ["--cache-from", image]
    job.tell(f"Building image {name}")
    with _credentials(job, inputs) if cached else nullcontext[dict[str, str]]({}) as settings:
        what = f"building image {name} from {context}"
        client.run(job, what, [*arguments, str(context)], {**settings, "DOCKER_BUILDKIT": _BUILDERS[version]})


def _credentials(job: Job, inputs: Values) -> AbstractContextManager[dict[str, str]]:
    """The client's settings for the registry: the program's credentials if complete, else the user's own."""
    registry = mapping(inputs.get("registry"))
    username, password = text(registry.get("username")), text(registry.get("password"))
    if username and password:
        key = registry_key(text(inputs.get("imageName")), text(registry.get("server")))
        return client.credentials(key, username, password)
    if username or password:
        given, missing = ("username", "password") if username else ("password", "username")
        job.warn(f"registry.{given} is set, registry.{missing} is not; using the credentials of Docker's own client")
    return nullcontext({})


def _outputs(inputs: Values) -> Values:
    build = mapping(inputs.get("build"))
    context, dockerfile = _paths(build)
    shown: Value = os.path.relpath(dockerfile, context)
    unknown = build.get("context") is UNKNOWN or build.get("dockerfile") is UNKNOWN
    return {
        "baseImageName": inputs.get("imageName"),
        "context": build.get("context", "."),
        "dockerfile": UNKNOWN if unknown else shown,
        "imageName": inputs.get("imageName"),
        "platform": build.get("platform"),
        "registryServer": mapping(inputs.get("registry")).get("server", ""),
    }


def _paths(build: Values) -> tuple[Path, Path]:
    """The context and the Dockerfile, both from the program's folder, in which the plugin runs."""
    context = Path(text(build.get("context")) or ".")
    given = text(build.get("dockerfile"))
    return context, Path(given) if given else context / "Dockerfile"


def _has_registry(name: str) -> bool:
    first, slash, _ = name.partition("/")
    return bool(slash) and ("." in first or ":" in first or first == "localhost")


def _repository(name: str) -> str:
    """An image's name without its tag."""
    before, colon, tag = name.rpartition(":")
    return before if colon and "/" not in tag else name


def host_platform() -> str:
    machine = platform.machine()
    return f"linux/{_ARCHITECTURES.get(machine, machine)}"
