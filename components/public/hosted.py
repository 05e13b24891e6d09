"""The public components, for those that want all of them: the plugin for other languages, and the pages about them."""

import importlib
import json
from typing import TYPE_CHECKING

import pulumi

if TYPE_CHECKING:
    from pulumi.provider.experimental.component import ComponentProvider


def hosted() -> list[type[pulumi.ComponentResource]]:
    """By name."""
    package = importlib.import_module(__name__.rsplit(".", 2)[0])
    named = [getattr(package, name) for name in package.__all__]
    return [one for one in named if isinstance(one, type) and issubclass(one, pulumi.ComponentResource)]


def provider(name: str, version: str, namespace: str | None = None) -> "ComponentProvider":
    """What makes them for programs in other languages. name, version: the plugin's. namespace: of the SDKs, before its
    name. Default: the CLI's, which is the owner of a repository."""
    # Here, as it brings a copy of Google's message types along, which who asks for `hosted` alone may have too.
    from pulumi.provider.experimental.component import ComponentProvider

    made = ComponentProvider(hosted(), name, namespace, version)
    schema = json.loads(made.schema or "{}")
    # Pulumi's generator for Go (3.250) leaves the input types of objects in plain lists and maps out, and uses them
    # (pulumi/pulumi #14662, #10077): the SDK wouldn't compile.
    schema["language"]["go"]["generateExtraInputTypes"] = True
    made.schema = json.dumps(schema)
    return made
