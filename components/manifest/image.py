"""`image` of a manifest, `entrypoint` and `command`: what a container runs, and its own health check. Pure."""

import re
import shlex
from dataclasses import dataclass
from pathlib import PurePosixPath

from components.input.scalars import Unresolved
from components.input.value import DURATIONS, Seconds, Value
from components.manifest.support import BUILT, PULLED, Group, group
from components.model.image_source import Build

# The grammar of github.com/distribution/reference: a host, a path, a tag, a digest. In any case, for placeholders that
# a pipeline fills in later, such as IMAGE_URI.
_REFERENCE = re.compile(
    r"(?:(?:[a-zA-Z0-9.-]+|\[[0-9a-fA-F:]+\])(?::[0-9]+)?/)?"
    r"[a-zA-Z0-9]+(?:(?:[._/]|__|-+)[a-zA-Z0-9]+)*(?::\w[\w.-]{0,127})?(?:@(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}))?",
    re.ASCII,
)
# As github.com/google/shlex has it, which Copilot uses: # begins a comment where a word would begin.
_COMMENT = re.compile(r"""(?P<kept>'[^']*'|"(?:\\.|[^"\\])*"|\\.#?)|(?:^|(?<=[ \t\r\n]))#[^\n]*""", re.DOTALL)

_ACCEPTED = "give an image's reference, such as name@sha256:…"


BUILD = Group(
    {"dockerfile": BUILT, "context": BUILT, "args": Group(any_key=BUILT), "target": BUILT, "cache_from": BUILT},
    short=BUILT,
)
"""The fields of `image.build`."""

HEALTHCHECK = group("command", "interval", "retries", "timeout", "start_period", of=BUILT)
"""The fields of `image.healthcheck`."""

FORMS = (("build",), ("location",))
"""An image is built, or given by its reference."""

IMAGE = Group(
    {
        "build": BUILD,
        "location": BUILT,
        "credentials": PULLED,
        "labels": Group(any_key=BUILT),
        "depends_on": Group(any_key=BUILT),
        "port": BUILT,
        "healthcheck": HEALTHCHECK,
    },
    forms=FORMS,
)
"""The fields of `image`."""


@dataclass(frozen=True)
class ContainerHealthCheck:
    """`image.healthcheck`: the container's own check. It is off unless given. Defaults are Copilot's."""

    command: tuple[str, ...]
    """As ECS has it: CMD or CMD-SHELL, then the command. Default in a manifest: a request to `/` with curl."""
    interval: int = 10
    """Seconds, 5 to 300. Default 10."""
    retries: int = 2
    """Failed checks in a row, 1 to 10. Default 2."""
    timeout: int = 5
    """Seconds, 2 to 60. Default 5."""
    start_period: int = 0
    """Seconds after the start in which failed checks don't count, 0 to 300. Default 0."""

    @property
    def words(self) -> tuple[str, ...]:
        """The command with what says how it is run."""
        return self.command if self.command[:1] in (("CMD",), ("CMD-SHELL",)) else ("CMD", *self.command)


def reference(at: Value, instead: str = "") -> str | None:
    """An image's reference; None if there is none. instead: a further remedy."""
    return at.matching(_REFERENCE, _ACCEPTED + instead)


def read_build(image: Value, folder: str, instead: str = "") -> Build | None:
    """How an image is built; None if it is given by its location. folder: where its Dockerfile is by default. instead:
    a further remedy if there is neither."""
    build, location = image.get("build"), image.get("location")
    if build and location:
        image.fail("keep one of them", "both build and location")
        return None
    if location:
        return None
    if not build:
        if image.is_map() or not image:
            remedy = f"write build: {folder}/Dockerfile, or location: with an image's reference{instead}"
            image.fail(remedy, "neither build nor location")
        return None
    if not build.is_map():
        dockerfile = build.text("", "give the Dockerfile's path, or a map with dockerfile and context")
        if build.value == "":
            build.fail("give the Dockerfile's path, or a map with dockerfile and context")
        return Build(_normal(dockerfile), str(PurePosixPath(_normal(dockerfile)).parent)) if dockerfile else None
    dockerfile, context = build.get("dockerfile").text(), build.get("context").text()
    if dockerfile is None:
        dockerfile = f"{context}/Dockerfile" if context is not None else f"{folder}/Dockerfile"
    return Build(
        dockerfile=_normal(dockerfile),
        context=_normal(context) if context is not None else str(PurePosixPath(_normal(dockerfile)).parent),
        args=tuple(sorted(build.get("args").mapped(lambda arg: arg.text("")).items())),
        target=build.get("target").text(),
        cache_from=build.get("cache_from").texts(),
    )


def _normal(path: str) -> str:
    """A path, which those who work on Windows write with its separators."""
    return str(PurePosixPath(path.replace("\\", "/")))


def shell_words(text: str) -> tuple[str, ...] | None:
    """The words of a command as a shell splits them, without a comment; None if a quotation isn't closed."""
    try:
        return tuple(shlex.split(_COMMENT.sub(lambda found: found["kept"] or "", text)))
    except ValueError:
        return None


def words(at: Value) -> tuple[str, ...]:
    """A command: a list of words, or a text that is split as a shell does."""
    tagged = isinstance(at.value, Unresolved) and at.value.text is not None
    if isinstance(at.value, str) or tagged:
        words = shell_words(at.text(""))
        if words is None:
            at.fail("close the quotes, or give a list of words")
        return words or ()
    if at and not isinstance(at.value, list):
        at.fail("give a string or a list of words")
        return ()
    return at.texts()


def read_healthcheck(at: Value) -> ContainerHealthCheck | None:
    """`image.healthcheck`; None without one."""
    if not at.is_map():
        return None
    command = at.get("command")
    words: tuple[str, ...] = ("CMD-SHELL", "curl -f http://localhost/ || exit 1")
    if isinstance(command.value, str):
        words = ("CMD-SHELL", command.value)
    elif isinstance(command.value, list):
        words = command.texts()
        if len(words) == len(command.items()) and not how_to_run(words):
            command.fail("begin the list with CMD or CMD-SHELL, then the command, or give a string")
    elif command:
        command.fail("give a string or a list of words")
    return read_check_times(at, words, DURATIONS)


def read_check_times(at: Value, command: tuple[str, ...], seconds: Seconds) -> ContainerHealthCheck:
    """What a map says of a check besides its command."""
    return ContainerHealthCheck(
        command=command,
        interval=seconds.read(at, "interval", ContainerHealthCheck.interval, 5, 300),
        retries=at.get("retries").integer(ContainerHealthCheck.retries, 1, 10),
        timeout=seconds.read(at, "timeout", ContainerHealthCheck.timeout, 2, 60),
        start_period=seconds.read(at, "start_period", ContainerHealthCheck.start_period, 0, 300),
    )


def how_to_run(words: tuple[str, ...]) -> bool:
    """Whether a command says first how it is run, and then what."""
    return len(words) > 1 and words[0] in ("CMD", "CMD-SHELL")
