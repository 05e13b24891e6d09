"""How long the image that runs stays in its repository. Pure."""

from components.settings.stack import Stack

FEW = 10
"""Releases below which there is a warning: a few failed ones are a bad day's work."""


def check(stack: Stack) -> None:
    """Warns of few kept releases. ECR counts images by the time of their push (ECR user guide, "Lifecycle policy
    properties": imageCountMoreThan), and can't know which of them runs: one whose deployment failed counts as well."""
    if stack.keep_releases < FEW and any(service.manifest.build for service in stack.services.values()):
        found = (
            f"{stack.keep_releases} images are kept: after as many releases in a row that failed, the image that runs "
            "is gone within a day, and ECS can start no task from it anew"
        )
        stack.problems.warn(stack.config.get("keepReleases").where, found, f"keep {FEW} or more")
