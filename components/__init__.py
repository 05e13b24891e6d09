"""Strangler for programs of one's own: what is named here is public, everything else is not.

In the package this folder is `pulumi_strangler`: `hatch_build.py`. A name is loaded when it is asked for, as AWS's SDK
takes seconds, and the pure modules below need none.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from components.program import deploy

__all__ = ["deploy"]

_HOME = {"deploy": "program"}
"""The module of each name."""


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
