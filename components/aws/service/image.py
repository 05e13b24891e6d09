"""The image of a service: built here and pushed to a repository of its own, or given by its reference."""

from dataclasses import dataclass, replace
from pathlib import Path

import pulumi
import pulumi_aws as aws
import pulumi_docker as docker

from components.aws.context import Place
from components.aws.plan import iam_policies
from components.manifest.image import Build
from components.manifest.sidecars import Sidecar
from components.model.image_source import Source, source
from components.model.names import slug
from components.settings import Service
from components.settings.services import below


@dataclass(frozen=True)
class Login:
    """Who pushes to the account's registry. password: a secret, which AWS renews every few hours; pulumi-docker takes
    another one for no change."""

    username: pulumi.Output[str]
    password: pulumi.Output[str]


@dataclass(frozen=True)
class ImageArgs:
    """service: whose image. place: where its repository is. folder: the project's. login: who pushes; None only where
    nothing is built. keep_releases: how many images are kept. delete_images: whether the repository goes, images and
    all, when it isn't needed any more; default: it stays, with what it holds. sidecar: whose image it is, if it isn't
    the main container's."""

    service: Service
    place: Place
    folder: Path
    login: Login | None
    keep_releases: int = 10
    delete_images: bool = False
    sidecar: Sidecar | None = None

    @property
    def build(self) -> Build | None:
        """How it is built, with paths from the project folder."""
        if self.sidecar is None:
            return self.service.build
        return below(self.service.root, self.sidecar.build) if self.sidecar.build else None

    @property
    def location(self) -> str:
        """Its reference, where it isn't built."""
        return (self.sidecar or self.service.manifest).location or ""


class Image(pulumi.ComponentResource):
    """`strangler:index:Image`: repository, its lifecycle policy, and what is built and pushed.

    reference: the image by its digest, or as the manifest's location gives it. Nothing is built in a preview.
    """

    reference: pulumi.Output[str]

    def __init__(self, name: str, args: ImageArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strangler:index:Image", name, None, opts)
        build = args.build
        if build and args.login:
            self.reference = self._pushed(name, args, build, args.login)
        else:
            self.reference = pulumi.Output.from_input(args.location)
        self.register_outputs({"reference": self.reference})

    def _pushed(self, name: str, args: ImageArgs, build: Build, login: Login) -> pulumi.Output[str]:
        kept = pulumi.ResourceOptions(parent=self, retain_on_delete=not args.delete_images)
        # What stays behind has a name that tells whose it is, and an ending of its own, so that it never is in the way.
        repository = aws.ecr.Repository(
            f"{slug(args.place.project)}-{slug(args.place.stack)}-{slug(name)}",
            image_scanning_configuration=aws.ecr.RepositoryImageScanningConfigurationArgs(scan_on_push=True),
            encryption_configurations=[aws.ecr.RepositoryEncryptionConfigurationArgs(encryption_type="AES256")],
            # A release is referred to by its digest, whatever its tag says. An immutable tag would refuse what was
            # built anew from the same content: after a way back, or an `up` that was killed behind the push.
            image_tag_mutability="MUTABLE",
            force_delete=args.delete_images,
            tags=args.place.tags(args.service.environment, name),
            opts=kept,
        )
        aws.ecr.LifecyclePolicy(
            name,
            repository=repository.name,
            policy=iam_policies.keep_images(args.keep_releases),
            opts=kept,
        )
        made_of = source(args.folder, build, {})  # what a machine has instead of a base image isn't pushed
        platform = args.service.manifest.platform
        image = docker.Image(
            name,
            image_name=pulumi.Output.concat(repository.repository_url, ":", tag(made_of, platform)),
            build=docker.DockerBuildArgs(
                # Relative to the project folder: another checkout is no change (complaint 3 of docs/decisions.md).
                context=build.context,
                dockerfile=build.dockerfile,
                args=dict(made_of.args) or None,
                target=made_of.target,
                cache_from=docker.CacheFromArgs(images=list(made_of.cache_from)) if made_of.cache_from else None,
                platform=platform,
                builder_version=docker.BuilderVersion.BUILDER_BUILD_KIT,
            ),
            registry=docker.RegistryArgs(
                server=repository.repository_url, username=login.username, password=login.password
            ),
            # The image of a running service is never taken away (complaint 2 of docs/decisions.md).
            opts=kept,
        )
        return image.repo_digest


def sidecar_images(name: str, args: ImageArgs, opts: pulumi.ResourceOptions) -> dict[str, pulumi.Output[str]]:
    """The reference of each sidecar's image, by the sidecar's name. What is built is named with a capital, which no
    service's name has."""
    return {
        each.name: Image(f"{name}-Sidecar-{each.name}", replace(args, sidecar=each), opts).reference
        if each.build
        else pulumi.Output.from_input(each.location or "")
        for each in args.service.manifest.sidecars
    }


def tag(made_of: Source, platform: str) -> str:
    """The tag of a release: what it is made of, and for which processor."""
    return f"{made_of.digest[:12]}-{platform.rpartition('/')[2]}"
