"""A service and where it runs. Pure.

It lies here and not in the model, as it holds a manifest.
"""

from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from components.manifest.image import Build
from components.manifest.load_balanced_web_service import Manifest


@dataclass(frozen=True)
class Service:
    """A service and where it runs. timeout: seconds to wait for its steady state (default 600). file: its manifest,
    as messages name it. root: what paths in it are relative to, from the project folder. application and stage: what
    its containers are told as Copilot's application and environment. new_deployments: whether each change in place
    starts its tasks anew, so that it can change between Fargate and Fargate Spot (default: it doesn't)."""

    manifest: Manifest
    environment: str
    timeout: int = 600
    file: str = ""
    root: str = "."
    application: str = ""
    stage: str = ""
    new_deployments: bool = False

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
