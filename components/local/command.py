"""A command that runs in a container of its own, made as those of a release are."""

from collections.abc import Generator, Mapping, Sequence

from components.before import CommandError
from components.local.docker_engine import Engine, EngineError
from components.local.release import LocalContainer

STOP_SECONDS = 3
"""What it has between SIGTERM and SIGKILL: the host kills an interrupted program after 5 seconds."""


class Command:
    """Satisfies `components.before.Running`."""

    def __init__(self, engine: Engine, name: str, settings: Mapping[str, object]) -> None:
        """name: of its container. settings: see `settings_of`."""
        self._engine, self._name, self._settings = engine, name, settings

    def lines(self) -> Generator[str, None, int]:
        """Runs it; the engine removes the container at its end."""
        try:
            self._engine.remove_container(self._name)  # of an `up` that was killed
            self._engine.create(self._name, self._settings)
            return (yield from self._engine.run(self._name))
        except EngineError as problem:
            raise CommandError(str(problem)) from None

    def stop(self) -> None:
        """Ends it."""
        try:
            self._engine.stop(self._name, STOP_SECONDS)
        except EngineError as problem:
            raise CommandError(str(problem)) from None


def settings_of(
    made: LocalContainer, image: str, network: str, labels: Mapping[str, str], command: Sequence[str]
) -> dict[str, object]:
    """How such a container is made, as the Docker SDK names it: like those of the release, with another command, no
    name in its network and no health check. Pure."""
    return {
        "image": image,
        "command": list(command),
        "entrypoint": list(made.entrypoint) or None,
        "environment": dict(made.environment),
        "network": network,
        "mem_limit": f"{made.memory}m",
        "memswap_limit": f"{made.memory}m",
        "cpu_shares": made.cpu,
        "read_only": made.readonly_fs,
        "labels": {**dict(made.labels), **labels},
        "extra_hosts": {"host.docker.internal": "host-gateway"},
        "healthcheck": {"test": ["NONE"]},
        "init": True,
        "auto_remove": True,
    }
