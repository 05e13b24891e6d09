"""As many resources of the same types, with the same inputs, as a message board of the same services on this machine;
and nothing else: no settings are read and checked, no route table is made, nothing is asked of the engine.
"""

from pathlib import Path

import pulumi
import pulumi_docker as docker

SERVICES = Path(__file__).resolve().parent / "services"
FACADE = SERVICES.parent / "components/local/envoy/image"


class Part(pulumi.ComponentResource):
    """A component without a content of its own. It ends its registration, as every component has to."""

    def __init__(self, kind: str, name: str, parent: pulumi.Resource | None = None) -> None:
        super().__init__(f"strangler:index:{kind}", name, None, pulumi.ResourceOptions(parent=parent))
        self.register_outputs({})


def network(name: str, parent: pulumi.Resource) -> docker.Network:
    """An environment's network."""
    labels = [docker.NetworkLabelArgs(label=key, value=name) for key in ("folder", "stack", "resource")]
    opts = pulumi.ResourceOptions(parent=parent, ignore_changes=["labels"])
    return docker.Network(name, name=f"bare-{name}", driver="bridge", labels=labels, opts=opts)


def image(name: str, context: Path, parent: pulumi.Resource) -> docker.Image:
    """An image built from a folder."""
    return docker.Image(
        name,
        image_name=f"bare/{name}:1",
        skip_push=True,
        build=docker.DockerBuildArgs(
            context=str(context),
            dockerfile=str(context / "Dockerfile"),
            builder_version=docker.BuilderVersion.BUILDER_BUILD_KIT,
        ),
        opts=pulumi.ResourceOptions(parent=parent),
    )


def container(
    name: str, made_of: docker.Image, home: docker.Network, parent: pulumi.Resource, limited: bool = True
) -> docker.Container:
    """A container in a network."""
    return docker.Container(
        name,
        name=f"bare-{name}",
        image=made_of.repo_digest,
        envs=[f"COPILOT_{key}={name}" for key in ("APPLICATION_NAME", "ENVIRONMENT_NAME", "SERVICE_NAME")],
        networks_advanced=[docker.ContainerNetworksAdvancedArgs(name=home.name)],
        cpu_shares=256 if limited else None,
        memory=512 if limited else None,
        memory_swap=512 if limited else None,
        restart="unless-stopped",
        labels=[docker.ContainerLabelArgs(label=key, value=name) for key in ("folder", "stack", "resource")],
        wait=False,
        opts=pulumi.ResourceOptions(parent=parent, ignore_changes=["labels", "image"]),
    )


def main() -> None:
    """Registers the resources."""
    root = Part("Strangler", "bare")
    names = sorted(path.name for path in SERVICES.iterdir())
    networks = [network(name, Part("LocalEnvironment", name, root)) for name in names]
    containers: list[docker.Container] = []
    for name, home in zip(names, networks, strict=True):
        part = Part("LocalService", name, root)
        made_of = image(name, SERVICES / name, part)
        containers.append(container(f"{name}-1", made_of, home, part))
    part = Part("LocalFacade", "facade", root)
    facade = container("facade", image("facade", FACADE, part), network("facade", part), part, limited=False)
    upstreams = {
        name: {"network": home.name, "containers": [made.name]}
        for name, home, made in zip(names, networks, containers, strict=True)
    }
    pulumi.Stash(
        "route-table",
        input={"facade": facade.id, "name": facade.name, "services": upstreams},
        opts=pulumi.ResourceOptions(parent=part),
    )


main()
