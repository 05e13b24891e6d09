"""A stack that is up under another name. Pure.

Names on AWS carry the names of project and stack, and their log groups and the domain of an environment can't be called
otherwise: in their place come others, and services that run keep the old ones from going.
"""

from collections.abc import Iterator, Mapping
from typing import Any, cast


def mistakes(project: str, stack: str, clusters: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """A line if the stack had another name when it came up. clusters: those that the stack has."""
    for outputs in clusters.values():
        tags = cast("Mapping[str, str]", outputs.get("tags") or {})
        was = tags.get("application", project), tags.get("stack", stack)
        if was != (project, stack):
            back = f"`pulumi stack rename {was[1]} -s {stack}`"
            if was[0] != project:
                back = f"restoring the name {was[0]} in Pulumi.yaml, and the stack's name"
            yield (
                f"the stack: found {project}/{stack}, but it was deployed as {'/'.join(was)}, which names on AWS "
                f"contain: rename it back, by {back}, or destroy it first"
            )
            return
