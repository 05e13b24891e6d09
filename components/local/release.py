"""A release: what a container is made of. Another release means other containers, beside the old ones. Pure."""

import json
from dataclasses import asdict

from components.manifest.load_balanced_web_service import Manifest
from components.model.names import short_hash
from components.settings.service import Service


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
    # What is rarely said has no part in the name while it isn't: else another version of Strangler renamed everything.
    rare = {"labels": manifest.labels, "readonly_fs": manifest.readonly_fs}
    return short_hash(json.dumps({**parts, **{key: value for key, value in rare.items() if value}}, sort_keys=True))


def environment_of(service: Service, endpoint: str, facade: str) -> dict[str, str]:
    """The variables of a container: the manifest's, and those that Copilot gives to each. endpoint: the domain in which
    services find each other. facade: host and port of the facade, as containers reach it."""
    return {
        **dict(service.manifest.variables),
        "COPILOT_APPLICATION_NAME": service.application,
        "COPILOT_ENVIRONMENT_NAME": service.stage,
        "COPILOT_SERVICE_NAME": service.name,
        "COPILOT_SERVICE_DISCOVERY_ENDPOINT": endpoint,
        "COPILOT_LB_DNS": facade,
    }
