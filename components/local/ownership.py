"""Whose a container or network is: labels that tell, and the removal of what a killed `up` left behind."""

import contextlib
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pulumi

from components.local.docker_engine import Engine, EngineError
from components.model.names import fit, short_hash

NAME_LIMIT = 63
"""Characters of a container's name: it is a host name too, and a DNS label has no more (RFC 1035)."""


NO_ADDRESSES = "address pool"
"""What an engine says that has no range of addresses left for a network (libnetwork: "could not find an available,
non-overlapping IPv4 address pool among the defaults"; since Docker 28 "all predefined address pools have been fully
subnetted")."""


@contextlib.contextmanager
def one_line(where: str) -> Generator[None]:
    """Fails the step in one line that begins with `where` when the engine fails."""
    try:
        yield
    except EngineError as failure:
        raise pulumi.RunError(f"{where}: {failure}") from None


@dataclass(frozen=True)
class Owner:
    """Who owns what is made on the engine."""

    folder: Path
    """The project's."""

    project: str
    """Its name."""

    stack: str
    """The stack's name."""

    def name(self, resource: str) -> str:
        """A resource's name on the engine, apart from those of other folders and stacks."""
        return fit(f"{self.project}-{self.stack}-{short_hash(str(self.folder), 4)}-{resource}", NAME_LIMIT)

    def home_network(self, facade: str) -> str:
        """The network of the facade's own, which it never leaves."""
        return f"{self.name(facade)}-network"

    def network(self, environment: str, facade: str) -> str:
        """The network of an environment. It sorts after the facade's own: the engine publishes a container's ports
        through the first of its networks by name (libnetwork, `endpoint.Less`), and would cut every connection to the
        facade when it joins or leaves one that sorts before. `_` is in no environment's name."""
        usual, home = self.name(environment), self.home_network(facade)
        return usual if usual > home else f"{home}_{environment}"

    def labels(self, resource: str) -> dict[str, str]:
        """The labels of a resource; `make down` finds leftovers by them."""
        return {"strangler.folder": str(self.folder), "strangler.stack": self.stack, "strangler.resource": resource}

    def owns(self, labels: Mapping[str, str]) -> bool:
        """Whether what has these labels was made by this stack in this folder."""
        mine = self.labels("")
        return all(labels.get(key) == mine[key] for key in ("strangler.folder", "strangler.stack"))


class Leftovers:
    """Removes, just before something is created, a thing of its name that a killed `up` made and didn't record."""

    def __init__(self, owner: Owner, engine: Engine) -> None:
        self.owner = owner
        self._engine = engine
        self.made = set[str]()
        """The names of the containers that are new in this `up`."""
        self._of_container = pulumi.ResourceHook("remove-leftover-container", self._remove_container)
        self._of_network = pulumi.ResourceHook("remove-leftover-network", self._remove_network)
        self._of_volume = pulumi.ResourceHook("remove-leftover-volume", self._remove_volume)

    def container(self, parent: pulumi.Resource, hooks: Sequence[pulumi.ResourceHook] = ()) -> pulumi.ResourceOptions:
        """The options of a container: the leftover goes first, and `hooks` are run. Labels tell the owner only, and an
        image's id may change while its content doesn't: neither is a reason to replace a container. Containers without
        an init, or without a name for the machine, were made by an earlier version; their next release has them."""
        binding = pulumi.ResourceHookBinding(before_create=[self._of_container, *hooks])
        return pulumi.ResourceOptions(parent=parent, hooks=binding, ignore_changes=["hosts", "image", "init", "labels"])

    def network(self, parent: pulumi.Resource) -> pulumi.ResourceOptions:
        """The options of a network: the leftover goes first."""
        hooks = pulumi.ResourceHookBinding(before_create=[self._of_network])
        return pulumi.ResourceOptions(parent=parent, hooks=hooks, ignore_changes=["labels"])

    def volume(self, parent: pulumi.Resource) -> pulumi.ResourceOptions:
        """The options of a volume of a task's own: the leftover goes first, and what uses it."""
        hooks = pulumi.ResourceHookBinding(before_create=[self._of_volume])
        return pulumi.ResourceOptions(parent=parent, hooks=hooks, ignore_changes=["labels"])

    def _remove_volume(self, args: pulumi.ResourceHookArgs) -> None:
        name = _name(args)
        with one_line(f"volume {name}"):
            labels = self._engine.volume_labels(name) if name else None
            if labels is not None and self.owner.owns(labels):
                for user, its in self._engine.users_of_volume(name).items():
                    if self.owner.owns(its):
                        self._engine.remove_container(user)
                self._engine.remove_volume(name)

    def _remove_container(self, args: pulumi.ResourceHookArgs) -> None:
        name = _name(args)
        self.made.add(name)
        with one_line(f"container {name}"):
            found = self._engine.container(name) if name else None
            if found and self.owner.owns(found.labels):
                self._engine.remove_container(name)

    def _remove_network(self, args: pulumi.ResourceHookArgs) -> None:
        name = _name(args)
        with one_line(f"network {name}"):
            labels = self._engine.network_labels(name) if name else None
            if labels is not None and self.owner.owns(labels):
                self._engine.remove_network(name)
            self._check_addresses(name)

    def _check_addresses(self, name: str) -> None:
        """Fails in one line with a remedy, where the provider would hand on what the engine says, if the engine has no
        range of addresses left. Only making a network tells."""
        probe = f"{name}-probe"
        self._engine.remove_network(probe)
        try:
            self._engine.create_network(probe, self.owner.labels("probe"))
        except EngineError as failure:
            if NO_ADDRESSES not in str(failure):
                raise
            raise pulumi.RunError(
                f"network {name}: the Docker engine has no free address range left, as its networks or this "
                "machine's routes "
                "(such as a VPN's) use them all; remove networks (docker network prune), or set other ranges with "
                '"default-address-pools" in the engine\'s daemon.json'
            ) from None
        self._engine.remove_network(probe)


def _name(args: pulumi.ResourceHookArgs) -> str:
    return str((args.new_inputs or {}).get("name", ""))
