"""The public components, for those that want all of them: the plugin for other languages, and the pages about them."""

import importlib

import pulumi


def hosted() -> list[type[pulumi.ComponentResource]]:
    """By name."""
    package = importlib.import_module(__name__.rsplit(".", 2)[0])
    named = [getattr(package, name) for name in package.__all__]
    return [one for one in named if isinstance(one, type) and issubclass(one, pulumi.ComponentResource)]
