"""The stacks that are checked, each run once: what they register, at first and with each change."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import yaml

from components.aws.platform import AwsPlatform
from components.model.facades import FACADES
from components.platform import checks_for
from components.settings import Settings, read_settings
from components.strangler import Strangler, StranglerArgs
from tests.aws_api import rich
from tests.aws_api.account import Account, LookUp, Registered
from tests.projects import manifest, read_project, write_project
from tests.repository import ROOT
from tests.standin import shop
from tests.standin.driver import Driver

SIDE_BY_SIDE = ("refactor-spaces,api-gateway", "api-gateway,alb")


@dataclass(frozen=True)
class Run:
    """What one run of a program came to."""

    registered: tuple[Registered, ...]
    look_ups: tuple[LookUp, ...]


def run_program(account: Account, settings: Settings, folder: Path, stack: str) -> Run:
    account.cloud.root = folder

    def program() -> Strangler:
        return Strangler(settings.project, StranglerArgs(settings, AwsPlatform(settings, folder)))

    account.run(program, settings.project, stack)
    return Run(tuple(account.registered), tuple(account.look_ups))


def _of_file(file: Path, **more: str) -> list[Run]:
    """A stack of this project, as its file says, and once more with other routes."""
    config = cast("dict[str, Any]", yaml.safe_load(file.read_text(encoding="utf-8"))["config"])
    texts = {key: value if isinstance(value, str) else json.dumps(value) for key, value in config.items()}
    own = {**texts, **{f"strangler:{key}": value for key, value in more.items()}}
    stack = file.name.split(".")[1]
    others = "users,posts" if stack == "dev" else '{"api": 0}'
    account, runs = Account(), list[Run]()
    for keys in (own, {**own, "strangler:routes": others}):
        runs.append(run_program(account, read_settings(keys, ROOT, stack, {}, checks_for), ROOT, stack))
    return runs


def _rich(facade: str) -> list[Run]:
    account, runs = Account(), list[Run]()
    found = rich.surroundings(account.cloud)
    with TemporaryDirectory() as path:
        for manifests, config in rich.stages(found, facade):
            folder = write_project(Path(path), manifests)
            settings = read_project(folder, {"platform": "aws", "facade": facade, **config}, "dev")
            runs.append(run_program(account, settings, folder, "dev"))
    return runs


def _dev(facade: str) -> list[Run]:
    return _of_file(ROOT / "Pulumi.dev.yaml", facade=facade)


def _example(name: str) -> list[Run]:
    return _of_file(ROOT / f"examples/copilot-app/Pulumi.copilot-{name}.yaml")


def _existing() -> list[Run]:
    runs = list[Run]()
    with TemporaryDirectory() as path:
        folder = write_project(Path(path), {name: manifest(name) for name in ("posts", "users")})
        account = Account()
        stands = shop.settings(shop.stood(Driver(account.cloud)))
        for share in (25, 100):
            settings = read_project(folder, {"platform": "aws", **stands, "routes": {"users": share}}, "dev")
            runs.append(run_program(account, settings, folder, "dev"))
    return runs


STACKS: Mapping[str, Callable[[], list[Run]]] = {
    **{f"dev on {facade}": partial(_dev, facade) for facade in (*FACADES, *SIDE_BY_SIDE)},
    **{f"the example in {name}": partial(_example, name) for name in ("test", "prod")},
    "services in a listener that stands already": _existing,
    **{f"a rich stack on {facade}": partial(_rich, facade) for facade in FACADES},
}


@cache
def runs(stack: str) -> list[Run]:
    return STACKS[stack]()


def everything() -> list[Registered]:
    """What all stacks register."""
    return [resource for stack in STACKS for run in runs(stack) for resource in run.registered]
