"""The platform `local`: everything on the Docker engine of this machine, with no account at all."""

import os
import socket
from collections.abc import Mapping
from pathlib import Path

import pulumi

from components.input.diagnostics import InputError, Problem
from components.local.broker.topology import has_messages, topology_of
from components.local.docker_engine import Engine, EngineError
from components.local.envoy.config import IMAGE
from components.local.facade import LocalFacade, LocalFacadeArgs
from components.local.files import LocalFiles
from components.local.image import image
from components.local.messaging import BROKER, LocalMessaging, LocalMessagingArgs
from components.local.mounts import kept_volumes
from components.local.network import LocalEnvironment, LocalEnvironmentArgs
from components.local.ownership import Leftovers, Owner
from components.local.service import LocalService, LocalServiceArgs
from components.model import image_source
from components.model.environment import EnvironmentSettings
from components.model.image_source import Build, machine_args
from components.model.platforms import LOCAL
from components.model.routes import RouteTable
from components.model.where import Where
from components.platform import RunningFacade, RunningService
from components.settings import Settings
from components.settings.service import Service

FACADE = "facade"

HOLDER = "task-network"
"""The logical name of the image of what has a task's network."""


class LocalPlatform:
    """Environments are networks, services are containers, the facade is an Envoy on 127.0.0.1."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        """Raises InputError when no engine answers, or the port is somebody else's."""
        owner = Owner(folder, settings.project, settings.stack)
        try:
            self._engine = Engine.connect()
        except EngineError as failure:
            remedy = 'start Docker, or run `make setup` and then `eval "$(make -s env)"`'
            raise InputError([Problem(Where("Docker"), f"no Docker engine answers: {failure}", remedy)]) from None
        self._settings, self._folder = settings, folder
        if settings.has_facade:
            self._check_port(owner)
        self._leftovers = Leftovers(owner, self._engine)
        self._environments: dict[str, LocalEnvironment] = {}
        self._messaging: LocalMessaging | None = None
        self._holder: pulumi.Output[str] | None = None
        self._files: dict[str, LocalFiles] = {}

    def environment(self, environment: EnvironmentSettings, parent: pulumi.Resource) -> LocalEnvironment:
        """A network."""
        args = LocalEnvironmentArgs(environment, self._leftovers, FACADE)
        made = LocalEnvironment(environment.name, args, pulumi.ResourceOptions(parent=parent))
        self._environments[environment.name] = made
        return made

    def service(
        self, service: Service, environment: LocalEnvironment, parent: pulumi.Resource
    ) -> RunningService[LocalService]:
        """An image and its containers."""
        messaging = self._broker(parent) if has_messages(service) else None
        manifest = service.manifest
        args = LocalServiceArgs(
            service,
            environment,
            self._folder,
            self._leftovers,
            self._engine,
            FACADE,
            messaging,
            self._holder_image(parent) if manifest.sidecars else "",
            {name: self._kept(name, parent) for name in kept_volumes(manifest)},
            fronted=self._settings.has_facade,
        )
        made = LocalService(service.name, args, pulumi.ResourceOptions(parent=parent))
        known = {"like": made.like, "sidecars": made.sidecars}
        given = {name: output for name, output in known.items() if output is not None}
        return RunningService(service, made.image, made, {"containers": made.containers, **given})

    def _holder_image(self, parent: pulumi.Resource) -> pulumi.Output[str]:
        """What has a task's network is made of the facade's image, which has to be here in any case."""
        if self._holder is None:
            source = image_source.source(IMAGE, Build("Dockerfile", "."), machine_args(os.environ))
            repository, child = f"{self._settings.project}/{FACADE}", pulumi.ResourceOptions(parent=parent)
            self._holder = image(HOLDER, repository, source, self._engine.platform, child).repo_digest
        return self._holder

    def _kept(self, name: str, parent: pulumi.Resource) -> LocalFiles:
        """A volume that several services may share."""
        if name not in self._files:
            child = pulumi.ResourceOptions(parent=parent)
            self._files[name] = LocalFiles(name, self._leftovers, self._engine, self._holder_image(parent), child)
        return self._files[name]

    def facade(
        self, table: RouteTable, services: Mapping[str, RunningService[LocalService]], parent: pulumi.Resource
    ) -> Mapping[str, RunningFacade]:
        """An Envoy in front of the containers."""
        if not self._settings.has_facade:
            return {}
        routed = {name: running for name, running in services.items() if running.service.manifest.routed}
        args = LocalFacadeArgs(
            table,
            routed,
            self._settings.external,
            self._settings.port,
            self._leftovers,
            self._engine,
            machine_args(os.environ),
            self._folder,
            self._settings.stack,
            self._settings.comparisons,
        )
        return {LOCAL: RunningFacade(LocalFacade(FACADE, args, pulumi.ResourceOptions(parent=parent)).url)}

    def _broker(self, parent: pulumi.Resource) -> LocalMessaging:
        """The one of the stack, made with the first service that needs it."""
        if self._messaging is None:
            services = [service for service in self._settings.services if has_messages(service)]
            named = sorted({service.environment for service in services})
            args = LocalMessagingArgs(
                topology_of(services),
                tuple(self._environments[name] for name in named),
                self._leftovers,
                self._engine,
                machine_args(os.environ),
            )
            self._messaging = LocalMessaging(BROKER, args, pulumi.ResourceOptions(parent=parent))
        return self._messaging

    def _check_port(self, owner: Owner) -> None:
        port = self._settings.port
        try:
            own = self._engine.container(owner.name(FACADE))
            if own and port in own.ports.values():
                return
            holder = self._engine.labels_of_port(port)
        except EngineError as failure:
            raise InputError(
                [Problem(Where("Docker"), str(failure), "check that the Docker engine is running")]
            ) from None
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as failure:
                where = f"Pulumi.{self._settings.stack}.yaml: strangler:port"
                found = f"port {port} is not free on 127.0.0.1: {failure.strerror}"
                remedy = (
                    f"stop the program that uses it, or run `pulumi config set port {port + 1} -s "
                    f"{self._settings.stack}`"
                )
                other = holder.get("strangler.stack")
                if holder.get("strangler.folder") == str(owner.folder) and other:
                    remedy = (
                        f"the stack {other} of this folder uses it: if you renamed {other} to {owner.stack}, rename it "
                        f"back (`pulumi stack rename {other} -s {owner.stack}`), or run `pulumi destroy -s "
                        f"{owner.stack}` "
                        f"and then `pulumi up`; otherwise run `pulumi config set port {port + 1} -s {owner.stack}`"
                    )
                raise InputError([Problem(Where(where), found, remedy)]) from None
