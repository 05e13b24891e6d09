"""The form of a case of bad input: what is written, and what the one line about it must say."""

from dataclasses import dataclass, field
from pathlib import Path

from tests.projects import Tree, board, lines_of, manifest, write_project


@dataclass(frozen=True)
class Bad:
    """what: the mistake. says: what its line must contain: the place and the remedy. config: keys of the config.
    manifests: by service, laid over the message board's. shell: variables. lines: how many mistakes these are."""

    what: str
    says: tuple[str, ...]
    config: Tree = field(default_factory=dict[str, object])
    manifests: Tree = field(default_factory=dict[str, object])
    shell: dict[str, str] = field(default_factory=dict[str, str])
    lines: int = 1

    def messages(self, folder: Path, base: Tree) -> list[str]:
        """What reading the project is refused with."""
        write_project(folder, {**board(), **self.manifests})
        return self.messages_again(folder, base)

    def messages_again(self, folder: Path, base: Tree) -> list[str]:
        """The same in the folder that has been written."""
        return lines_of(folder, {**base, **self.config}, "test", self.shell)


C = "Pulumi.test.yaml: strangler:"
M = "services/users/manifest.yml"


def config(what: str, key: str, value: object, *says: str, lines: int = 1) -> Bad:
    """A mistake in one key of the config, whose line begins with the key's place."""
    place = says[0] if says and says[0].startswith(key) else key
    return Bad(what, (f"{C}{place}", *says), {key: value}, lines=lines)


def users(what: str, place: str, *says: str, **fields: object) -> Bad:
    """A mistake in a top-level field of users' manifest, whose line begins with the field's place."""
    return Bad(what, (f"{M}: {place}: ", *says), manifests={"users": manifest("users", **fields)})


def without(what: str, key: str, place: str, *says: str) -> Bad:
    """A top-level field that is missing."""
    tree = {name: value for name, value in manifest("users").items() if name != key}
    return Bad(what, (f"{M}: {place}: ", *says), manifests={"users": tree})


def text(what: str, written: str, *says: str) -> Bad:
    """A manifest that can't be read."""
    return Bad(what, says, manifests={"users": written})
