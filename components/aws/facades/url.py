"""The URL of a facade, known only once all of it is there."""

from collections.abc import Sequence

import pulumi


def known_after(url: pulumi.Input[str], resources: Sequence[pulumi.CustomResource]) -> pulumi.Output[str]:
    """The URL, once these resources exist. In a preview it is known at once: a new route must not make it unknown."""
    known = pulumi.Output.from_input(url)
    if pulumi.runtime.is_dry_run():
        return known
    return pulumi.Output.all(known, *(resource.id for resource in resources)).apply(lambda values: str(values[0]))
