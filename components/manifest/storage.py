"""`storage` of a manifest: the task's disk, and volumes that outlive a container or are shared by several. Pure.

Rules and defaults are those of Copilot's parser at v1.34. Copilot documents `auth.iam` as true by default, but deploys
it as false; so does Strangler.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from zlib import crc32

from components.input.scalars import truth
from components.input.value import Value
from components.manifest.exports import is_pending
from components.manifest.support import BUILT, NO_DIFFERENCE, Field, Group, State, group

_PATH = re.compile(r"[a-zA-Z0-9._/-]+")
VOLUME = re.compile(r"[a-zA-Z0-9_-]{1,255}")
"""The name of a volume."""
FILE_SYSTEM = re.compile(r"fs-[0-9a-f]{8,40}")
"""The id of a file system."""
_ACCESS_POINT = re.compile(r"fsap-[0-9a-f]{8,40}")
_LONGEST, _LONGEST_IN_EFS = 241, 254
_MOST_IDS = 4294967295

_OWN = ("id", "root_dir", "auth")
_MANAGED = ("uid", "gid")

_ON_LOCAL = Field(
    State.BUILT,
    State.BUILT,
    "on the local platform it is a Docker volume, empty at first and writable for every user",
)
_EACH = replace(_ON_LOCAL, why="on the local platform, a Docker volume for each")
_OF_AWS = Field(State.KEPT, State.BUILT, "on the local platform, every user may write to the Docker volume")
STORAGE = Group(
    {
        "ephemeral": NO_DIFFERENCE,
        "readonly_fs": BUILT,
        "volumes": Group(
            any_key=Group(
                {
                    "path": BUILT,
                    "read_only": BUILT,
                    "efs": Group(
                        {
                            "id": Group({"from_cfn": replace(_ON_LOCAL, local=State.KEPT)}, short=_ON_LOCAL),
                            "root_dir": _EACH,
                            "uid": _OF_AWS,
                            "gid": _OF_AWS,
                            "auth": group("iam", of=_OF_AWS, access_point_id=_EACH),
                        },
                        short=_ON_LOCAL,
                        forms=(_MANAGED, _OWN),
                    ),
                }
            )
        ),
    }
)
"""The fields of `storage`."""


@dataclass(frozen=True)
class ManagedFiles:
    """A directory of the service's own in the file system of its environment."""

    uid: int
    """The owner's user id. Default in a manifest: a checksum of the service's name, as with Copilot."""
    gid: int
    """The owner's group id, likewise."""


@dataclass(frozen=True)
class OwnFiles:
    """An existing file system in EFS."""

    id: str
    """Such as fs-0a1b2c3d4e5f67890."""
    root: str = "/"
    """The directory that is mounted. Default `/`."""
    iam: bool = False
    """Whether the task's role is used for access. Default false."""
    access_point: str | None = None
    """The id of an access point. Default: none."""


@dataclass(frozen=True)
class Volume:
    """A directory of a task."""

    name: str
    """Up to 255 letters, digits, `-` and `_`."""
    path: str = ""
    """Where the main container mounts it. Default: it doesn't, but sidecars may."""
    read_only: bool = True
    """Whether the main container can only read it. Default true."""
    efs: ManagedFiles | OwnFiles | None = None
    """Where it is kept. Default: it is empty when a task starts, and lost when it stops."""


def read_volumes(at: Value, service: str) -> tuple[Volume, ...]:
    """`storage.volumes` of a service, sorted by name."""
    found: list[Volume] = []
    for name, item in at.entries():
        if not VOLUME.fullmatch(name):
            item.fail("give 1 to 255 letters, digits, - and _", f"found the name {name!r}")
        item.require_map()
        volume = Volume(
            name=name,
            path=_mounted(item.required("path", "write the path in the container, such as path: /data")),
            read_only=item.get("read_only").boolean(True),
            efs=_efs(item.get("efs"), service),
        )
        if isinstance(volume.efs, ManagedFiles) and managed(found):
            item.get("efs").fail("give the others an id", "a second volume in the environment's file system")
        found.append(volume)
    return tuple(sorted(found, key=lambda volume: volume.name))


def managed(volumes: Iterable[Volume]) -> ManagedFiles | None:
    """The directory that a service has in the file system of its environment; there is one at most."""
    return next((volume.efs for volume in volumes if isinstance(volume.efs, ManagedFiles)), None)


def _efs(at: Value, service: str) -> ManagedFiles | OwnFiles | None:
    # The name's checksum: two services of an environment don't share an owner.
    made_up = crc32(service.encode())
    if not at.is_map():
        if at and truth(at.value) is None:
            at.fail("give true, or a map with the id of a file system")
            return None
        return ManagedFiles(made_up, made_up) if at.boolean(False) else None
    own, of_managed = (any(map(at.get, keys)) for keys in (_OWN, _MANAGED))
    if own and of_managed:
        at.fail("give uid and gid, or id, root_dir and auth", "both forms")
    if own:
        return _own(at)
    if not of_managed:
        at.fail("give true, or the id of a file system", "an empty map" if not at.names() else None)
        return None
    return ManagedFiles(
        uid=at.required("uid", "write it together with gid").integer(made_up, 1, _MOST_IDS),
        gid=at.required("gid", "write it together with uid").integer(made_up, 0, _MOST_IDS),
    )


def _own(at: Value) -> OwnFiles:
    remedy = "give a file system's id, such as id: fs-0a1b2c3d4e5f67890"
    name = at.required("id", remedy)
    auth, root = at.get("auth"), at.get("root_dir")
    if auth:
        auth.require_map()
    point = auth.get("access_point_id")
    own = OwnFiles(
        id=str(name.value) if is_pending(name.value) else name.matching(FILE_SYSTEM, remedy, ""),
        root=_path(root, _LONGEST_IN_EFS) or "/",
        iam=auth.get("iam").boolean(False),
        access_point=point.matching(_ACCESS_POINT, "give an access point's id, such as fsap-0a1b2c3d4e5f67890"),
    )
    if point and own.root != "/":
        root.refuse("remove it: the access point has its own directory")
    if point and auth.get("iam") and not auth.get("iam").boolean(True):
        auth.get("iam").fail("write iam: true, or remove access_point_id, which requires it")
    return own


def _path(at: Value, longest: int) -> str:
    accepted = f"give a path of up to {longest} letters, digits and . _ - /, such as /data"
    path = at.matching(_PATH, accepted, "")
    if len(path) > longest:
        at.fail(accepted)
    return path


def _mounted(at: Value) -> str:
    path = _path(at, _LONGEST)
    return check_mounted(at, path) if path else ""


def check_mounted(at: Value, path: str) -> str:
    """The path at which something is mounted: Docker mounts at absolute ones, and not in the place of everything."""
    if path and (not path.startswith("/") or not path.strip("/.")):
        at.fail("give a path below /, such as /data")
    return path
