"""The tags of everything that is made. Pure.

They are given to each resource explicitly: `aws:defaultTags` of the stack stays the user's, and aws-native has no
default tags.
"""


def tags_of(project: str, stack: str, environment: str | None = None, service: str | None = None) -> dict[str, str]:
    """application and stack, and where they apply environment and service."""
    given = {"application": project, "stack": stack, "environment": environment, "service": service}
    return {key: value for key, value in given.items() if value}
