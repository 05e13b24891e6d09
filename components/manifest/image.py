"""How a container's image is built, its own health check and its command, as a manifest has them. Pure."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from components.input.value import Value
from components.manifest import limits
from components.model.image_source import Build

# The grammar of github.com/distribution/reference: a host, a path, a tag, a digest. In any case, for placeholders that
# a pipeline fills in later, such as IMAGE_URI.
_REFERENCE = re.compile(
    r"(?:(?:[a-zA-Z0-9.-]+|\[[0-9a-fA-F:]+\])(?::[0-9]+)?/)?"
    r"[a-zA-Z0-9]+(?:(?:[._/]|__|-+)[a-zA-Z0-9]+)*(?::\w[\w.-]{0,127})?(?:@(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}))?",
    re.ASCII,
)
_ACCEPTED = "give an image's reference, such as name@sha256:…"


@dataclass(frozen=True)
class ContainerHealthCheck:
    """`image.healthcheck`: the container's own check; seconds. Off unless given."""

    command: tuple[str, ...]
    interval: int = 10
    retries: int = 2
    timeout: int = 5
    start_period: int = 0


def reference(at: Value) -> str | None:
    """The image's reference that stands here; None if there is none."""
    text = at.text(None, _ACCEPTED)
    if text is None or _REFERENCE.fullmatch(text):
        return text
    at.fail(_ACCEPTED)
    return None


def read_build(image: Value, folder: str) -> Build | None:
    """How the image that stands here is built; None if it is given by its location. `folder`: where its Dockerfile is
    unless it is named."""
    build, location = image.get("build"), image.get("location")
    if build and location:
        image.fail("give one of them", "found both build and location")
        return None
    if location:
        return None
    if not build:
        if image.is_map() or not image:
            remedy = f"write build: {folder}/Dockerfile, or location: with an image's reference"
            image.fail(remedy, "found neither build nor location")
        return None
    if not build.is_map():
        dockerfile = build.text("", "give the Dockerfile's path, or a map with dockerfile and context")
        if build.value == "":
            build.fail("give the Dockerfile's path, or a map with dockerfile and context")
        return Build(_normal(dockerfile), _normal(str(PurePosixPath(dockerfile).parent))) if dockerfile else None
    dockerfile, context = build.get("dockerfile").text(), build.get("context").text()
    if dockerfile is None:
        dockerfile = f"{context}/Dockerfile" if context is not None else f"{folder}/Dockerfile"
    return Build(
        dockerfile=_normal(dockerfile),
        context=_normal(context if context is not None else str(PurePosixPath(dockerfile).parent)),
        args=tuple(sorted(build.get("args").each(lambda each: each.text("")).items())),
        target=build.get("target").text(),
        cache_from=build.get("cache_from").texts(),
    )


def _normal(path: str) -> str:
    return str(PurePosixPath(path))


def words(at: Value) -> tuple[str, ...]:
    """A command: a list of words, or a text that is split as a shell does."""
    if isinstance(at.value, str):
        words = limits.shell_words(at.value)
        if words is None:
            at.fail("close the quotation, or give a list of words")
        return words or ()
    if at and not isinstance(at.value, list):
        at.fail("give a text or a list of words")
        return ()
    return at.texts()


def read_healthcheck(at: Value) -> ContainerHealthCheck | None:
    """The container's own check that stands here; None without one."""
    if not at.is_map():
        return None
    command = at.get("command")
    words: tuple[str, ...] = ("CMD-SHELL", "curl -f http://localhost/ || exit 1")
    if isinstance(command.value, str):
        words = ("CMD-SHELL", command.value)
    elif isinstance(command.value, list):
        words = command.texts()
        if len(words) == len(command.items()) and (len(words) < 2 or words[0] not in ("CMD", "CMD-SHELL")):
            command.fail("begin the list with CMD or CMD-SHELL, then the command, or give a text")
    elif command:
        command.fail("give a text or a list of words")
    return ContainerHealthCheck(
        command=words,
        interval=at.get("interval").duration(10, 5, 300),
        retries=at.get("retries").integer(2, 1, 10),
        timeout=at.get("timeout").duration(5, 2, 60),
        start_period=at.get("start_period").duration(0, 0, 300),
    )
