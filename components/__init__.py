"""Strangler for programs of one's own: what is named here is public, everything else is not.

In the package this folder is `pulumi_strangler`: `hatch_build.py`. A name is loaded when it is asked for, as AWS's SDK
takes seconds, and the pure modules below need none.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from components.program import deploy
    from components.public.alb_facade import AlbFacade, AlbFacadeArgs, AlbTargetArgs
    from components.public.route_args import RouteArgs

__all__ = [
    "AlbFacade",
    "AlbFacadeArgs",
    "AlbTargetArgs",
    "RouteArgs",
    "deploy",
]

_HOME = {
    "AlbFacade": "public.alb_facade",
    "AlbFacadeArgs": "public.alb_facade",
    "AlbTargetArgs": "public.alb_facade",
    "RouteArgs": "public.route_args",
    "deploy": "program",
}
"""The module of each name."""


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
