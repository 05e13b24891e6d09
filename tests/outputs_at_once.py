"""Pulumi's wait at the end of a program, at once for all outputs."""

import asyncio
from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any


async def wait(tasks: Iterable["asyncio.Task[Any]"], return_when: str) -> tuple[set[Any], set[Any]]:
    """The end of all these tasks, or the first failure: at the end of a program Pulumi waits for one task after the
    other, and subscribes to all that are left each time. What came up meanwhile, it adds at the next call."""
    assert return_when == asyncio.FIRST_COMPLETED
    return await asyncio.wait(tasks, timeout=0.25, return_when=asyncio.FIRST_EXCEPTION)


ASYNCIO = SimpleNamespace(**{**vars(asyncio), "wait": wait})
"""What takes the place of `asyncio` in `pulumi.runtime.stack`."""
