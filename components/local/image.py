"""The image of a source on this machine."""

import pulumi
import pulumi_docker as docker

from components.model.image_source import Source


def image(name: str, repository: str, made_of: Source, platform: str, opts: pulumi.ResourceOptions) -> docker.Image:
    """The image of a source, tagged by its digest, built by the engine's own BuildKit and pushed nowhere. platform: the
    engine's own; left out, the provider would say at each `up` which one it took (pulumi-docker, image.go)."""
    return docker.Image(
        name,
        image_name=f"{repository}:{made_of.digest[:12]}",
        skip_push=True,
        build=docker.DockerBuildArgs(
            context=str(made_of.context),
            dockerfile=str(made_of.dockerfile),
            platform=platform,
            args=dict(made_of.args) or None,
            target=made_of.target,
            cache_from=docker.CacheFromArgs(images=list(made_of.cache_from)) if made_of.cache_from else None,
            # A build fetches packages: straight from the machine's own network, as behind the engine's address
            # translation connections were seen to stall (docs/decisions.md).
            network="host",
            builder_version=docker.BuilderVersion.BUILDER_BUILD_KIT,
        ),
        opts=opts,
    )
