"""The public components, for those that want all of them: the plugin for other languages, and the pages about them."""

import importlib
import json
from typing import TYPE_CHECKING

import pulumi
from pulumi.errors import InputPropertiesError, InputPropertyErrorDetails

from components.public.given import ArgumentsError, ForeignArguments

if TYPE_CHECKING:
    from pulumi.output import Inputs
    from pulumi.provider.experimental.analyzer import ComponentDefinition
    from pulumi.provider.experimental.component import ComponentProvider
    from pulumi.provider.provider import ConstructResult


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
    from pulumi.provider.server import ComponentInitError

    class Provider(ComponentProvider):
        """Which tells mistakes as the schema calls what they are in. As errors of the program, which Pulumi's own takes
        them for, each has its place in our code behind it."""

        def map_inputs(self, inputs: "Inputs", component_def: "ComponentDefinition") -> "Inputs":
            return ForeignArguments(super().map_inputs(inputs, component_def), self._names())

        def _names(self) -> dict[str, str]:
            """The names in the schema, by ours."""
            mappings = [about.inputs_mapping for about in self._component_defs.values()]
            mappings += [about.properties_mapping for about in self._type_defs.values()]
            return {ours: foreign for mapping in mappings for foreign, ours in mapping.items()}

        def construct(
            self, name: str, resource_type: str, inputs: "Inputs", options: pulumi.ResourceOptions | None = None
        ) -> "ConstructResult":
            try:
                return super().construct(name, resource_type, inputs, options)
            except ComponentInitError as stopped:
                if not isinstance(stopped.inner, pulumi.RunError):
                    raise
                raise InputPropertiesError("", told(stopped.inner)) from None

    made = Provider(hosted(), name, namespace, version)
    schema = json.loads(made.schema or "{}")
    # Pulumi's generator for Go (3.250) leaves the input types of objects in plain lists and maps out, and uses them
    # (pulumi/pulumi #14662, #10077): the SDK wouldn't compile.
    schema["language"]["go"]["generateExtraInputTypes"] = True
    made.schema = json.dumps(schema)
    return made


def told(error: pulumi.RunError) -> list[InputPropertyErrorDetails]:
    """What a component stops with, as Pulumi tells of inputs: who has them is told by the engine."""
    if not isinstance(error, ArgumentsError):
        return [{"property_path": "", "reason": str(error)}]
    return [{"property_path": problem.where.path, "reason": problem.reason} for problem in error.problems]
