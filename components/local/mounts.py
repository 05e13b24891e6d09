"""The volumes of a task: which of them outlives it, and who shares it. Pure."""

from dataclasses import dataclass

from components.manifest.exports import is_pending
from components.manifest.manifest import Manifest
from components.manifest.storage import ManagedFiles, Volume
from components.model.names import short_hash


@dataclass(frozen=True)
class Mount:
    """Where a container mounts a volume."""

    volume: str
    """Its name in the manifest."""

    path: str
    """In the container."""

    read_only: bool
    """Whether the container can only read it."""

    kept: str = ""
    """The logical name of a volume that tasks share and that outlives them. Default: each task has its own, which goes
    with it."""

    @property
    def key(self) -> str:
        """What tells it from the other volumes of its task: a dot begins one of the task's own, and no name of one that
        is kept."""
        return self.kept or f".{self.volume}"


def mounted(manifest: Manifest, name: str, path: str, *, read_only: bool) -> Mount:
    """A volume of a manifest, mounted."""
    volume = next(volume for volume in manifest.volumes if volume.name == name)
    return Mount(name, path, read_only, kept_name(manifest.name, volume))


def kept_name(service: str, volume: Volume) -> str:
    """The logical name of the volume that stands for a file system; empty if it is none. As in EFS, a service has a
    directory of its own in its environment's file system, and all that name another file system see the same files."""
    if volume.efs is None:
        return ""
    if isinstance(volume.efs, ManagedFiles):
        return f"{service}-files"
    own = volume.efs
    if own.root == "/" and not own.access_point and not is_pending(own.id):
        return own.id
    return f"files-{short_hash(repr((own.id, own.root, own.access_point)))}"


def volumes_of(manifest: Manifest) -> tuple[Mount, ...]:
    """The volumes of a task, as its main container mounts them."""
    return tuple(mounted(manifest, volume.name, volume.path, read_only=volume.read_only) for volume in manifest.mounted)


def kept_volumes(manifest: Manifest) -> tuple[str, ...]:
    """The logical names of those that are kept, sorted."""
    return tuple(sorted({kept for volume in manifest.volumes if (kept := kept_name(manifest.name, volume))}))
