"""Whose a container or network is: labels that tell, and the removal of what a killed `up` left behind."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pulumi

from components.local.docker_engine import Engine
from components.model.names import fit, short_hash

NAME_LIMIT = 63
"""Characters of a container's name: it is a host name too, and a DNS label has no more (RFC 1035)."""


@dataclass(frozen=True)
class Owner:
    """The project folder and the stack that own what they make on the engine."""

    folder: Path
    project: str
    stack: str

    def name(self, resource: str) -> str:
        """A resource's name on the engine, apart from those of other folders and stacks."""
        return fit(f"{self.project}-{self.stack}-{short_hash(str(self.folder), 4)}-{resource}", NAME_LIMIT)

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
        self._of_container = pulumi.ResourceHook("remove-leftover-container", self._remove_container)
        self._of_network = pulumi.ResourceHook("remove-leftover-network", self._remove_network)

    def container(self, parent: pulumi.Resource) -> pulumi.ResourceOptions:
        """The options of a container: the leftover goes first. Labels tell the owner only, and an image's id may change
        while its content doesn't: neither is a reason to replace a container."""
        hooks = pulumi.ResourceHookBinding(before_create=[self._of_container])
        return pulumi.ResourceOptions(parent=parent, hooks=hooks, ignore_changes=["labels", "image"])

    def network(self, parent: pulumi.Resource) -> pulumi.ResourceOptions:
        """The options of a network: the leftover goes first."""
        hooks = pulumi.ResourceHookBinding(before_create=[self._of_network])
        return pulumi.ResourceOptions(parent=parent, hooks=hooks, ignore_changes=["labels"])

    def _remove_container(self, args: pulumi.ResourceHookArgs) -> None:
        name = _name(args)
        found = self._engine.container(name) if name else None
        if found and self.owner.owns(found.labels):
            self._engine.remove_container(name)

    def _remove_network(self, args: pulumi.ResourceHookArgs) -> None:
        name = _name(args)
        labels = self._engine.network_labels(name) if name else None
        if labels is not None and self.owner.owns(labels):
            self._engine.remove_network(name)


def _name(args: pulumi.ResourceHookArgs) -> str:
    return str((args.new_inputs or {}).get("name", ""))
