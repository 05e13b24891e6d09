"""What AWS would refuse, or never bring up, between settings: told before anything is made. Pure."""

import re
from collections.abc import Collection, Iterable
from typing import Protocol

from components.aws.plan import container_definitions
from components.input.diagnostics import Problems
from components.input.value import Cursor
from components.manifest import limits, logging
from components.manifest.load_balanced_web_service import Manifest
from components.manifest.taskdef_overrides import OverrideError, Size, overridden_size
from components.model.environment import Vpc

_DIGEST = re.compile(r".+@sha256:[0-9a-f]{64}")


class _Service(Protocol):
    @property
    def manifest(self) -> Manifest: ...
    @property
    def environment(self) -> str: ...
    @property
    def file(self) -> str: ...


class _Environment(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def nat(self) -> str: ...
    @property
    def vpc(self) -> Vpc | None: ...
    @property
    def internal(self) -> bool | None: ...
    @property
    def internal_subnets(self) -> tuple[str, ...]: ...
    @property
    def file(self) -> str: ...


def check_images(services: Iterable[_Service], top: Cursor) -> None:
    """An image that Strangler doesn't build must say by its digest what it is."""
    for each in services:
        place = top.at("services").at(each.manifest.name).at("image")
        located = {place.where if place else f"{each.file}: image.location": each.manifest.location}
        located |= {f"{each.file}: sidecars.{one.name}.image": one.location for one in each.manifest.sidecars}
        router = each.manifest.router.container.location if each.manifest.router else None
        located |= {f"{each.file}: logging.image": router} if router != logging.IMAGE else {}
        for where, location in located.items():
            if location and not _DIGEST.fullmatch(location):
                remedy = "give name@sha256:<64 hex digits>, or set strangler:allowMutableTags true on this stack"
                top.problems.add(where, f"the tag of {location!r} can be moved to another image", remedy)


def check_overrides(services: Iterable[_Service], problems: Problems) -> None:
    """What is overridden in a task definition leads somewhere in it, and Fargate has a task of that size."""
    for each in services:
        manifest, where = each.manifest, f"{each.file}: taskdef_overrides"
        size = overridden_size(manifest.overrides, Size(manifest.cpu, manifest.memory, manifest.ephemeral))
        mistake = limits.mistake(size.cpu, size.memory) if manifest.overrides else None
        if mistake:
            problems.add(where, f"Fargate has no task of {size.cpu} CPU units and {size.memory} MiB", mistake)
        try:
            container_definitions.definitions(manifest, container_definitions.nowhere(manifest))
        except OverrideError as wrong:
            problems.add(where, f"found the path {wrong.path}", wrong.remedy)


def check_placement(services: Iterable[_Service], environments: Iterable[_Environment], top: Cursor) -> None:
    """A task in a private subnet reaches its image and its secrets through a NAT gateway only."""
    without = {each.name for each in environments if each.nat == "none" and not each.vpc}
    for each in services:
        if each.manifest.network.placement == "private" and each.environment in without:
            remedy = f"set nat of the environment {each.environment} to single or per-az, or place it in public subnets"
            top.problems.add(f"{each.file}: network.vpc.placement", "found private, with no NAT gateway", remedy)


def check_subnets(
    services: Iterable[_Service], environments: Iterable[_Environment], facades: Collection[str], problems: Problems
) -> None:
    """A VPC that a Copilot manifest brings has the subnets that are used: it may have public or private ones only.
    Tasks that are placed in subnets by their ids use neither."""
    listed = list(services)
    placed = {
        (each.environment, each.manifest.network.placement) for each in listed if not each.manifest.network.subnets
    }
    balanced = {each.environment for each in listed if each.manifest.nlb}
    for each in environments:
        if each.vpc is None:
            continue
        inside = {"api-gateway"} & {*facades} if each.internal is None else each.internal
        outside = {*facades} - {"api-gateway"} if each.internal is None else not each.internal
        # A network load balancer is public unless the environment is said to be internal.
        outside = outside or (not each.internal and each.name in balanced)
        wanted = {
            "public": (each.vpc.public_subnets, outside, (each.name, "public") in placed),
            "private": (
                each.vpc.private_subnets,
                inside and not each.internal_subnets,
                (each.name, "private") in placed,
            ),
        }
        for kind, (subnets, balancer, tasks) in wanted.items():
            users = [*(["the load balancer is in them"] if balancer else [])]
            users += ["the tasks that are placed there"] if tasks else []
            if users and not subnets:
                remedy = f"give the ids of two or more: {', and '.join(users)}"
                problems.add(f"{each.file}: network.vpc.subnets.{kind}", "none", remedy)
