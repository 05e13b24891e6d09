"""Where something stands in what a user wrote. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Where:
    """Where in what a user wrote something stands. Its text is the place as messages name it:
    `services/users/manifest.yml:12: http.path`."""

    source: str
    """What it was read from, such as `services/users/manifest.yml` or `Pulumi.dev.yaml: strangler:`; or what it is
    about, such as `the environment shop`."""
    path: str = ""
    """The keys that lead to it, such as `http.alias[0].name`. Default: all of it."""
    line: int | None = None
    """The line of the file, counted from 1. Default: there are no lines."""

    def __str__(self) -> str:
        source = f"{self.source}:{self.line}" if self.line else self.source
        if not self.path:
            return source
        return f"{source}{self.path}" if source.endswith(":") else f"{source}: {self.path}"

    def is_within(self, other: "Where") -> bool:
        """Whether this is the other place, or one in it."""
        return self.source == other.source and (not other.path or is_within(self.path, other.path))


def is_within(path: str, place: str) -> bool:
    """Whether a path is this place or leads into it."""
    return path.startswith(place) and path[len(place) :][:1] in ("", ".", "[")
