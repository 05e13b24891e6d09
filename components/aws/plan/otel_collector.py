"""The container that collects traces: the AWS Distro for OpenTelemetry, which hands them to X-Ray. Pure."""

from collections.abc import Mapping

COLLECTOR = "aws-otel-collector"
"""The container's name."""

_IMAGE = "amazon/aws-otel-collector:v0.17.0"
"""The version that Copilot v1.34 has (its template sidecars.yml), by its name on Docker's own hub; its configuration is
in the image."""


def collector(log_options: Mapping[str, str]) -> dict[str, object]:
    """The container definition, as Copilot has it. It takes traces of OpenTelemetry on port 4317 and of the X-Ray SDK
    on port 2000 (UDP) of localhost, which the containers of a task share: no port is opened."""
    return {
        "name": COLLECTOR,
        "image": _IMAGE,
        "command": ["--config=/etc/ecs/ecs-xray.yaml"],
        "essential": True,
        "cpu": 0,
        "portMappings": [],
        "environment": [],
        "secrets": [],
        "mountPoints": [],
        "volumesFrom": [],
        "systemControls": [],
        "logConfiguration": {"logDriver": "awslogs", "options": dict(log_options)},
    }
