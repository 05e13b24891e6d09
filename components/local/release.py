"""A release: what a container is made of. Another release means other containers, beside the old ones. Pure."""

import json
from dataclasses import asdict

from components.manifest import Manifest
from components.names import short_hash


def release_of(manifest: Manifest, made_of: str, environment: dict[str, str]) -> str:
    """The name of a release: a hash of everything that a container of the service is made of, and of nothing else, so
    that another count or route leaves it as it is. `made_of`: the digest of the image's source, or its reference."""
    parts = {
        "made_of": made_of,
        "environment": sorted(environment.items()),
        "entrypoint": manifest.entrypoint,
        "command": manifest.command,
        "cpu": manifest.cpu,
        "memory": manifest.memory,
        "healthcheck": manifest.healthcheck and asdict(manifest.healthcheck),
    }
    return short_hash(json.dumps(parts, sort_keys=True))


def environment_of(manifest: Manifest, project: str, environment: str) -> dict[str, str]:
    """The variables of a container: the manifest's, and those that Copilot gives to each."""
    return {
        **dict(manifest.variables),
        "COPILOT_APPLICATION_NAME": project,
        "COPILOT_ENVIRONMENT_NAME": environment,
        "COPILOT_SERVICE_NAME": manifest.name,
    }
