"""Services that take each other's environments: after every single operation each path is answered by its owner, or,
where that is said, by the default."""

import json
import shutil
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.engine.projects import must, stack
from tests.projects import Tree, manifest
from tests.standin import sample
from tests.standin.driver import Driver
from tools.standin import trace
from tools.standin.cloud import Cloud, Operation
from tools.standin.engine import EngineStack


def drops_nothing(found: EngineStack, owners: Mapping[str, set[str]]) -> None:
    """An `up` that fails if after any operation a path isn't answered by one of its owners. owners: by the name in the
    path."""
    url, wrong = str(found.outputs()["url"]), list[str]()

    def look(operation: Operation) -> None:
        for name, allowed in owners.items():
            path = f"/api/{name}"
            got = dict(trace.answer(operation.snapshot, url, "GET", path, greedy_takes_empty=True))
            if not {*got} <= allowed:
                wrong.append(f"{operation.kind} {operation.phase} {operation.urn}: {path} {got}")

    with found.cloud.watching(look):
        must(found.up())
    assert wrong == []


def each_its_own(*names: str) -> dict[str, set[str]]:
    return {name: {name} for name in names}


@dataclass(frozen=True)
class Board:
    """Services in environments of their own, within a network that is there."""

    vpc: Mapping[str, object]

    def config(self, homes: Mapping[str, str]) -> Tree:
        """The config with these environments by service."""
        return {
            "routes": {name: True for name in homes if name != "monolith"},
            "services": {name: {"environment": home} for name, home in homes.items()},
            "environments": {home: {"vpc": self.vpc} for home in homes.values()},
        }

    def move(self, found: EngineStack, homes: Mapping[str, str]) -> None:
        """Changes the config to these."""
        for key, value in self.config(homes).items():
            found.set(f"strangler:{key}", json.dumps(value), path=False)


@contextmanager
def board(facade: str, folder: Path, homes: Mapping[str, str]) -> Generator[tuple[EngineStack, Board]]:
    """A board that is up."""
    cloud = Cloud()
    network = sample.network(Driver(cloud))
    made = Board({"id": network.vpc.id, "publicSubnets": network.subnets, "privateSubnets": network.subnets})
    manifests = {name: manifest(name, "/" if name == "monolith" else None) for name in homes}
    with stack(folder, facade, manifests, made.config(homes), cloud) as found:
        must(found.up())
        yield found, made


def test_services_take_each_others_environments(tmp_path: Path) -> None:
    homes = {"monolith": "old", "users": "x", "posts": "y", "threads": "z"}
    with board("api-gateway", tmp_path, homes) as (found, made):
        made.move(found, {"monolith": "old", "users": "y", "posts": "z", "threads": "x"})
        drops_nothing(found, each_its_own(*homes))
        # Another goes, and its environment is taken at once.
        shutil.rmtree(found.program / "services" / "posts")
        made.move(found, {"monolith": "z", "users": "y", "threads": "old"})
        drops_nothing(found, {**each_its_own("monolith", "users", "threads"), "posts": {"posts", "monolith"}})
        assert must(found.up()).lines() == []


def test_who_is_reached_by_port_80_only_goes_by_another_environment(tmp_path: Path) -> None:
    with board("refactor-spaces", tmp_path, {"monolith": "old", "users": "x", "posts": "y"}) as (found, made):
        made.move(found, {"monolith": "old", "users": "y", "posts": "x"})
        refused = found.plan()
        assert not refused.ok
        assert "services.users.environment: found y, whose load balancer's port 80, which" in refused.output
        # The way that the message names. Refactor Spaces replaces what moves, and the default answers meanwhile.
        owners = {"monolith": {"monolith"}, "users": {"users", "monolith"}, "posts": {"posts", "monolith"}}
        for users, posts in (("spare", "y"), ("spare", "x"), ("y", "x")):
            made.move(found, {"monolith": "old", "users": users, "posts": posts})
            drops_nothing(found, owners)
        assert must(found.up()).lines() == []
