"""Images that Strangler doesn't build. Pure."""

import re

from components.manifest import logging
from components.settings.stack import Stack

_DIGEST = re.compile(r".+@sha256:[0-9a-f]{64}")


def check(stack: Stack) -> None:
    """An image that Strangler doesn't build must say by its digest what it is."""
    if stack.mutable_tags:
        return
    for service in stack.services.values():
        manifest, place = service.manifest, stack.config.get("services").get(service.name).get("image")
        located = {place.where if place else service.where("image.location"): manifest.location}
        located |= {
            service.where(f"sidecars.{sidecar.name}.image.location"): sidecar.location for sidecar in manifest.sidecars
        }
        router = manifest.router.container.location if manifest.router else None
        located |= {service.where("logging.image"): router} if router != logging.IMAGE else {}
        for where, location in located.items():
            if location and not _DIGEST.fullmatch(location):
                remedy = "give name@sha256:<64 hex digits>, or set strangler:allowMutableTags to true on this stack"
                stack.problems.add(where, f"the tag of {location!r} can be moved to another image", remedy)
