"""Random changes of a small board on the real engine: what its user wants, step by step, and what goes wrong."""

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random

import yaml

from tests.engine.projects import must, stack
from tests.engine.results import Results, Watch
from tests.engine.scenarios import NAMES, PATHS, Scenario, next_scenario
from tests.projects import manifest
from tests.standin import sample
from tests.standin.driver import Driver
from tools.standin import dns
from tools.standin.cloud import Cloud
from tools.standin.engine import EngineStack

CHANGES = (1, 2, 5, 8, 12)
"""How many are made in one `up`."""

HOST = "board.example.com"
"""The name of the facade `alb`, at times."""

_FAILING = 4
"""One plan in so many fails on the way."""


@dataclass
class RandomRun:
    """What a random run did: the changes that a user made, the plans that made them, and how many of these failed."""

    facade: str
    seed: str
    changes: int = 0
    plans: int = 0
    failures: int = 0

    def __str__(self) -> str:
        summary = f"{self.changes} changes in {self.plans} plans, {self.failures} of which failed on the way"
        return f"{self.facade}, seed {self.seed}: {summary}"


def run_at_random(folder: Path, random_run: RandomRun, changes: int, results: Results) -> None:
    """Lives until so many changes were made."""
    random, cloud = Random(f"{random_run.facade} {random_run.seed}"), Cloud()
    manifests = {name: manifest(name, "/") for name in NAMES}
    network = sample.network(Driver(cloud))
    zone = Driver(cloud).create(dns.ZONE, "example", name=HOST).id
    scenario = Scenario(random_run.facade)
    with stack(folder, random_run.facade, manifests, cloud=cloud) as board:
        aside = folder / "aside"
        shutil.copytree(board.program / "services", aside)
        settings = _Settings(board, aside, zone, {"id": network.vpc.id, **_subnets(network.subnets)})
        must(board.pulumi("stack", "ls"))
        settings.write(scenario)
        must(board.up())
        url = str(board.outputs()["url"])
        while random_run.changes < changes:
            number = random.choice(CHANGES)
            after = next_scenario(random, scenario, number)
            settings.write(after)
            watch = Watch(
                *(random_run.facade, url, scenario.table, after.table, PATHS, results),
                https=f"https://{HOST}" if after.secure else "",
                redirected=scenario.secure or after.secure,
            )
            fails = random.randrange(_FAILING) == 0
            if fails:
                cloud.fail_at(random.randint(1, 2 + 2 * number), after=random.random() < 0.5)
            with cloud.watching(watch.look):
                run = board.up()
                cloud.clear_failures()
                if fails and not run.ok:
                    random_run.failures += 1
                    run = board.up()
                must(run)
            watch.ends(cloud.snapshot)
            scenario, random_run.plans, random_run.changes = after, random_run.plans + 1, random_run.changes + number
        assert must(board.up()).lines() == []


def _subnets(ids: list[str]) -> dict[str, object]:
    return {"publicSubnets": ids, "privateSubnets": ids}


@dataclass(frozen=True)
class _Settings:
    """The stack file and the folder `services` of a board. aside: the services that may be there. zone: of its name."""

    board: EngineStack
    aside: Path
    zone: str
    vpc: Mapping[str, object]

    def write(self, scenario: Scenario) -> None:
        """Writes what a user wants, and nothing else."""
        for name in NAMES:
            place = self.board.program / "services" / name
            if name not in scenario.services:
                shutil.rmtree(place, ignore_errors=True)
            elif not place.exists():
                shutil.copytree(self.aside / name, place)
        file = self.board.program / f"Pulumi.{self.board.stack}.yaml"
        text = yaml.safe_load(file.read_text(encoding="utf-8"))
        places = ["shared"] if scenario.facade == "alb" else list(scenario.services)
        name = {"domain": {"name": HOST, "hostedZone": self.zone}}
        own: dict[str, object] = {
            "facadeSettings": {"alb": name} if scenario.secure else {},
            "default": scenario.default or "none",
            "environments": {place: {"vpc": self.vpc} for place in places},
            "services": {
                name: {"count": wanted.count, "image": image(name, wanted.release)}
                for name, wanted in scenario.services.items()
            },
            "routes": {
                route.id: {
                    "path": route.path,
                    "service": route.service,
                    "children": route.children,
                    "weight": route.weight,
                    **({"methods": list(route.methods)} if route.methods else {}),
                }
                for route in scenario.routes.values()
            },
        }
        text["config"] |= {f"strangler:{key}": value for key, value in own.items()}
        file.write_text(json.dumps(text), encoding="utf-8")


def image(name: str, release: int) -> str:
    """The reference of a release."""
    return f"images.example.com/{name}@sha256:{hashlib.sha256(f'{name} {release}'.encode()).hexdigest()}"
