"""The platforms by name. Each is imported only when it is used, as providers are heavy."""

from pathlib import Path

from components.platform import Platform
from components.settings import Settings


def platform_of(settings: Settings, folder: Path) -> Platform:
    """The platform that the settings name. `folder` is the project's."""
    if settings.platform == "local":
        from components.local.platform import LocalPlatform

        return LocalPlatform(settings, folder)
    from components.aws.platform import AwsPlatform

    return AwsPlatform(settings, folder)
