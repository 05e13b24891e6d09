"""The public components, for those that want all of them: the plugin for other languages, and the pages about them."""

import importlib
import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi.errors import InputPropertiesError, InputPropertyErrorDetails

if TYPE_CHECKING:
    from pulumi.output import Inputs
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

        def construct(
            self, name: str, resource_type: str, inputs: "Inputs", options: pulumi.ResourceOptions | None = None
        ) -> "ConstructResult":
            try:
                return super().construct(name, resource_type, inputs, options)
            except ComponentInitError as stopped:
                if not isinstance(stopped.inner, pulumi.RunError):
                    raise
                lines = as_in_schema(str(stopped.inner), names).splitlines()
                raise InputPropertiesError("", [told(line) for line in lines]) from None

    made = Provider(hosted(), name, namespace, version)
    schema = json.loads(made.schema or "{}")
    names = schema_names(schema)
    # Pulumi's generator for Go (3.250) leaves the input types of objects in plain lists and maps out, and uses them
    # (pulumi/pulumi #14662, #10077): the SDK wouldn't compile.
    schema["language"]["go"]["generateExtraInputTypes"] = True
    made.schema = json.dumps(schema)
    return made


def told(line: str) -> InputPropertyErrorDetails:
    """A line about an argument of a component, as Pulumi tells of an input: who has it is told by the engine."""
    rest = line.partition(": ")[2]
    place, between, found = rest.partition(": ")
    if not between or ";" in place:
        return {"property_path": "", "reason": rest}
    return {"property_path": place, "reason": found}


def schema_names(schema: Mapping[str, Any]) -> dict[str, str]:
    """The names of inputs in the schema, by those in Python."""
    objects = [about["inputProperties"] for about in schema["resources"].values()]
    objects += [about["properties"] for about in schema["types"].values()]
    every = {name for properties in objects for name in properties}
    return {re.sub("[A-Z]", lambda capital: f"_{capital[0].lower()}", name): name for name in every}


def as_in_schema(text: str, names: Mapping[str, str]) -> str:
    """A line about inputs, with the names that programs in other languages have for them."""
    return re.sub(r"[a-z]+(?:_[a-z]+)+", lambda word: names.get(word[0], word[0]), text)
