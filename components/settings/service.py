"""A service and where it runs. Pure.

It lies here and not in the model, as it holds a manifest.
"""

import re
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from components.input.diagnostics import Problems
from components.input.value import Value
from components.manifest.image import Build
from components.manifest.manifest import Manifest
from components.manifest.subscribe import Subscription
from components.model.where import Where, is_within

RESERVED = ("none", "true", "false")
"""What can't be a service's name, as it means something else where config names a service."""

SERVICE_KEYS = (
    *("addons", "alias", "as", "before", "count", "environment", "forceNewDeployment", "ignore", "image", "policies"),
    "timeout",
)
"""The keys of `services.<name>` of one that runs here."""


STEADY_STATE = (600, 30, 86_400)
"""Seconds to wait for one: the default, the least and the most."""


@dataclass(frozen=True)
class Service:
    """A service and where it runs."""

    manifest: Manifest
    """As its manifest and the config describe it."""
    environment: str
    """The name of the environment in which it runs."""
    timeout: int = STEADY_STATE[0]
    """Seconds to wait for its steady state. Default 600."""
    at: Value = field(default=Value(None, "", "", Problems()), compare=False, repr=False)
    """Its manifest as it was written, overrides merged and variables replaced. Default: it wasn't read from
    one."""
    root: str = "."
    """What paths in its manifest are relative to, from the project folder. Default: the project folder."""
    application: str = ""
    """COPILOT_APPLICATION_NAME of its containers. Default: empty."""
    stage: str = ""
    """COPILOT_ENVIRONMENT_NAME of its containers. Default: empty."""
    new_deployments: bool = False
    """Whether each change in place starts its tasks anew, so that it can change between Fargate and Fargate Spot.
    Default false."""
    before: tuple[str, ...] = ()
    """The words of the command that a new release runs before it takes traffic. Default: none."""
    of_copilot: bool = False
    """Whether its manifest is one of a Copilot workspace. Default false."""
    names_at: Value | None = field(default=None, compare=False, repr=False)
    """What the config says of its host names, which stand in no manifest then. Default: nothing."""
    is_read: bool = True
    """Default true; false: its manifest couldn't be read, and `manifest` is a stand-in."""

    @property
    def file(self) -> str:
        """Its manifest, as messages name it."""
        return self.at.file

    def where(self, path: str) -> Where:
        """A place in its manifest, as messages name it; of a field in its short form, that. Items of lists are counted
        without those that hold nothing, as readers get them."""
        if self.names_at and is_within(path, "http.alias"):
            return self.names_at.where
        here, keys = self.at, path
        while keys and here.value is not None:
            inner = _first(here, keys)
            if inner is None:
                break
            here, keys = inner
        short = not isinstance(here.value, (dict, list, type(None)))
        return (here if short else replace(here, path=_joined(here.path, keys))).where

    @property
    def name(self) -> str:
        """The service's name."""
        return self.manifest.name

    @property
    def routed(self) -> bool:
        """Whether a facade can send it requests."""
        return self.manifest.routed

    @property
    def route_path(self) -> str | None:
        """The path of its implied route, if it has one; `/` for what no route takes."""
        http = self.manifest.http
        return http.main.path if http and self.routed else None

    @property
    def path_place(self) -> Where:
        """Where that path stands."""
        return self.where("http.path")

    def topic_of_copilot(self, subscription: Subscription) -> str:
        """The name of a topic of its application, as Copilot's own stacks have it (v1.34, its template publish.yml)."""
        return f"{self.application}-{self.stage}-{subscription.service}-{subscription.topic_key}"

    @property
    def build(self) -> Build | None:
        """How its image is built, with paths from the project folder."""
        return below(self.root, self.manifest.build) if self.manifest.build else None


_INDEX = re.compile(r"\[([0-9]+)\]")


def _first(at: Value, path: str) -> tuple[Value, str] | None:
    """The value with which a path begins, and what is left of the path; None if it isn't there."""
    if isinstance(at.value, list):
        index, items = _INDEX.match(path), at.items()
        inside = index is not None and int(index[1]) < len(items)
        return (items[int(index[1])], path[index.end() :].removeprefix(".")) if index and inside else None
    # A key may hold dots itself.
    names = [name for name in at.names() if is_within(path, name)]
    name = max(names, key=len, default=None)
    return None if name is None else (at.get(name), path[len(name) :].removeprefix("."))


def _joined(path: str, rest: str) -> str:
    return f"{path}{'.' if path and rest and not rest.startswith('[') else ''}{rest}"


def below(root: str, build: Build) -> Build:
    """A build with its paths from where `root` lies."""
    dockerfile, context = PurePosixPath(root) / build.dockerfile, PurePosixPath(root) / build.context
    return replace(build, dockerfile=str(dockerfile), context=str(context))
