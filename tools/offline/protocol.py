"""Pulumi's protocol without its SDK: the packages above `pulumi.runtime.proto` import all of it, which is a third of
what the start of a language host or a plugin takes."""

import sys
from importlib.machinery import PathFinder
from types import ModuleType


def without_sdk() -> None:
    """From now on, for this process, these packages are only where their modules lie. Nothing of them may be loaded."""
    place = sys.path
    for name in ("pulumi", "pulumi.runtime"):
        assert name not in sys.modules
        found = PathFinder.find_spec(name, place)
        if found is None or found.submodule_search_locations is None:
            return  # the import says what is missing
        package = ModuleType(name)
        package.__path__ = place = list(found.submodule_search_locations)
        sys.modules[name] = package
