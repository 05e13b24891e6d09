"""The image of a container: built here and pushed to a repository of its own, or given by its reference."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pulumi
import pulumi_aws as aws
import pulumi_docker as docker

from components.aws.plan import image_retention
from components.aws.service.context import ServiceContext
from components.model.image_source import Build, Source, source
from components.model.names import fit, slug
from components.settings.service import below

_LONGEST = 247
"""Of a repository's logical name: the provider makes up names of 255 characters, the 8 that it adds included."""


@dataclass(frozen=True)
class Login:
    """Who pushes to the account's registry."""

    username: pulumi.Output[str]
    """ECR's own: `AWS`."""
    password: pulumi.Output[str]
    """A secret, which AWS renews every few hours; pulumi-docker takes another one for no change."""


@dataclass(frozen=True)
class Registry:
    """Where images are pushed to, and how long they stay."""

    folder: Path
    """The project's, from which builds' paths are given."""
    login: Login | None
    """None only where nothing is built."""
    keep_releases: int = 10
    """How many images are kept in each repository. Default 10."""
    delete_images: bool = False
    """Whether a repository goes, images and all, when it isn't needed any more. Default: it stays, with what it
    holds."""
    pushed: Mapping[str, image_retention.Pushed] = field(default_factory=dict[str, image_retention.Pushed])
    """What the repositories had before this `up`, by the logical name of the image. Default: nothing."""


@dataclass(frozen=True)
class ImageArgs:
    """One of `build` and `reference` is given."""

    repository: str
    """The logical name of the repository."""
    tags: dict[str, str]
    """Of the repository."""
    registry: Registry
    """Where it is pushed to."""
    build: Build | None = None
    """How it is built, with paths from the project folder. Default: it isn't."""
    reference: pulumi.Input[str] = ""
    """What it is, where it isn't built. Default: empty."""
    platform: str = "linux/amd64"
    """For which processor it is built. Default linux/amd64."""


def image_args(context: ServiceContext, registry: Registry) -> ImageArgs:
    """Of the main container."""
    return ImageArgs(
        repository=_repository(context, context.name),
        tags=context.tags,
        registry=registry,
        build=context.service.build,
        reference=context.manifest.location or "" if context.later.image is None else context.later.image,
        platform=context.manifest.platform,
    )


def _repository(context: ServiceContext, name: str) -> str:
    """What stays behind has a name that tells whose it is, and an ending of its own, so that it never is in the way."""
    return fit(f"{slug(context.aws.project)}-{slug(context.aws.stack)}-{slug(name)}", _LONGEST)


class Image(pulumi.ComponentResource):
    """`strangler:index:Image`: repository, its lifecycle policy, and what is built and pushed. Nothing is built in a
    preview."""

    reference: pulumi.Output[str]
    """The image by its digest, or as it was given."""

    def __init__(self, name: str, args: ImageArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strangler:index:Image", name, None, opts)
        self._name, self._registry = name, args.registry
        self._pushed_to: tuple[pulumi.Output[str], str] | None = None
        if args.build and args.registry.login:
            self.reference = self._pushed(name, args, args.build, args.registry.login)
        else:
            self.reference = pulumi.Output.from_input(args.reference)
        self.register_outputs({"reference": self.reference})

    def keep(self, ready: pulumi.Input[pulumi.Resource]) -> None:
        """Keeps what runs, whatever is pushed after it: makes the repository's lifecycle policy, or changes it.

        ready: what to depend on for a service in steady state with this image. Before that, and where its release
        fails, the policy names the image that ran before.
        """
        if self._pushed_to:
            (repository, its_tag), registry = self._pushed_to, self._registry
            aws.ecr.LifecyclePolicy(
                self._name,
                repository=repository,
                policy=image_retention.policy(its_tag, registry.keep_releases, registry.pushed.get(self._name)),
                opts=pulumi.ResourceOptions.merge(self._kept(), pulumi.ResourceOptions(depends_on=[ready])),
            )

    def _kept(self) -> pulumi.ResourceOptions:
        """The image of a running service is never taken away (complaint 2 of docs/decisions.md)."""
        return pulumi.ResourceOptions(parent=self, retain_on_delete=not self._registry.delete_images)

    def _pushed(self, name: str, args: ImageArgs, build: Build, login: Login) -> pulumi.Output[str]:
        made_of = source(args.registry.folder, build, {})  # what a machine has instead of a base image isn't pushed
        its_tag = tag(made_of, args.platform)
        repository = aws.ecr.Repository(
            args.repository,
            image_scanning_configuration=aws.ecr.RepositoryImageScanningConfigurationArgs(scan_on_push=True),
            encryption_configurations=[aws.ecr.RepositoryEncryptionConfigurationArgs(encryption_type="AES256")],
            # A release is referred to by its digest, whatever its tag says. An immutable tag would refuse what was
            # built anew from the same content: after a way back, or an `up` that was killed behind the push.
            image_tag_mutability="MUTABLE",
            force_delete=args.registry.delete_images,
            tags=args.tags,
            opts=self._kept(),
        )
        self._pushed_to = repository.name, its_tag
        image = docker.Image(
            name,
            image_name=pulumi.Output.concat(repository.repository_url, ":", its_tag),
            build=docker.DockerBuildArgs(
                # Relative to the project folder: another checkout is no change (complaint 3 of docs/decisions.md).
                context=build.context,
                dockerfile=build.dockerfile,
                args=dict(made_of.args) or None,
                target=made_of.target,
                cache_from=docker.CacheFromArgs(images=list(made_of.cache_from)) if made_of.cache_from else None,
                platform=args.platform,
                builder_version=docker.BuilderVersion.BUILDER_BUILD_KIT,
            ),
            registry=docker.RegistryArgs(
                server=repository.repository_url, username=login.username, password=login.password
            ),
            opts=self._kept(),
        )
        return image.repo_digest


def sidecar_images(context: ServiceContext, registry: Registry) -> dict[str, Image]:
    """The images of the sidecars that are built, by the sidecar's name. They are named with a capital, which no
    service's name has."""
    images: dict[str, Image] = {}
    for sidecar in context.manifest.sidecars:
        if sidecar.build is None:
            continue
        name = f"{context.name}-Sidecar-{sidecar.name}"
        args = ImageArgs(
            repository=_repository(context, name),
            # Tagged as a service of this name would be. ECR takes 255 characters (CloudFormation schema, Tag: Value).
            tags=context.aws.tags(context.service.environment, fit(name, 255)),
            registry=registry,
            build=below(context.service.root, sidecar.build),
            platform=context.manifest.platform,
        )
        images[sidecar.name] = Image(name, args, context.child)
    return images


def tag(made_of: Source, platform: str) -> str:
    """The tag of a release: what it is made of, and for which processor."""
    return f"{made_of.digest[:12]}-{platform.rpartition('/')[2]}"
