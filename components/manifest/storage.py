"""`storage.volumes` of a manifest: directories that outlive a container, or that the containers of a task share. Pure.

Rules and defaults are those of Copilot's parser at v1.34. Where its documentation says that `auth.iam` is on unless
said otherwise, what it deployed has it off; so it is here.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from zlib import crc32

from components.input.scalars import truth
from components.input.value import Value

_PATH = re.compile(r"[a-zA-Z0-9._/-]+")
_VOLUME = re.compile(r"[a-zA-Z0-9_-]{1,255}")
_FILE_SYSTEM = re.compile(r"fs-[0-9a-f]{8,40}")
_ACCESS_POINT = re.compile(r"fsap-[0-9a-f]{8,40}")
_LONGEST, _LONGEST_IN_EFS = 241, 254
_MOST_IDS = 4294967295

_OWN = ("id", "root_dir", "auth")
_MANAGED = ("uid", "gid")

EFS_FORMS = (_MANAGED, _OWN)
"""The keys of `efs` by the form that they belong to: an override in one form drops what the other has said."""


@dataclass(frozen=True)
class ManagedFiles:
    """A directory of the service's own in the file system of its environment. uid and gid: of who owns it."""

    uid: int
    gid: int


@dataclass(frozen=True)
class OwnFiles:
    """A file system that is there already. id: of EFS. root: the directory of it that is the volume's. iam: whether the
    task's role says what it may do (default false). access_point: its id (default: none is used)."""

    id: str
    root: str = "/"
    iam: bool = False
    access_point: str | None = None


@dataclass(frozen=True)
class Volume:
    """path: where it is in the main container. efs: default none, a directory that is empty when a task starts."""

    name: str
    path: str
    read_only: bool = True
    efs: ManagedFiles | OwnFiles | None = None


def read_volumes(at: Value, service: str) -> tuple[Volume, ...]:
    """What stands at `storage.volumes` of a service, sorted by name."""
    found: list[Volume] = []
    for name, each in at.entries():
        if not _VOLUME.fullmatch(name):
            each.fail("give 1 to 255 letters, digits, - and _", f"found the name {name!r}")
        each.require_map()
        if each.is_map() and not each.get("path"):
            each.missing("path", "write the path in the container, such as path: /data")
        volume = Volume(
            name=name,
            path=_path(each.get("path"), _LONGEST),
            read_only=each.get("read_only").boolean(True),
            efs=_efs(each.get("efs"), service),
        )
        if isinstance(volume.efs, ManagedFiles) and managed(found):
            each.get("efs").fail("give the others an id", "a second volume in the environment's file system")
        found.append(volume)
    return tuple(sorted(found, key=lambda each: each.name))


def managed(volumes: Iterable[Volume]) -> ManagedFiles | None:
    """What a service has in the file system of its environment; there is one at most."""
    return next((each.efs for each in volumes if isinstance(each.efs, ManagedFiles)), None)


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
        at.fail("give uid and gid, or id, root_dir and auth", "both forms in one")
    if own:
        return _own(at)
    if not of_managed:
        at.fail("give true, or the id of a file system", "an empty map" if not at.names() else None)
        return None
    for key, other in (_MANAGED, _MANAGED[::-1]):
        if not at.get(key):
            at.missing(key, f"write it beside {other}")
    return ManagedFiles(at.get("uid").integer(made_up, 1, _MOST_IDS), at.get("gid").integer(made_up, 0, _MOST_IDS))


def _own(at: Value) -> OwnFiles:
    name, auth, root = at.get("id"), at.get("auth"), at.get("root_dir")
    if not name:
        at.missing("id", "write the file system's id, such as id: fs-0a1b2c3d4e5f67890")
    elif not name.is_map() and not _FILE_SYSTEM.fullmatch(name.text("") if isinstance(name.value, str) else ""):
        name.fail("give a file system's id, such as fs-0a1b2c3d4e5f67890")
    if auth:
        auth.require_map()
    point = auth.get("access_point_id")
    if point and not _ACCESS_POINT.fullmatch(point.value if isinstance(point.value, str) else ""):
        point.fail("give an access point's id, such as fsap-0a1b2c3d4e5f67890")
    directory = _path(root, _LONGEST_IN_EFS) or "/"
    if point and directory != "/":
        root.fail("leave it out: the access point says which directory it is")
    if point and auth.get("iam") and not auth.get("iam").boolean(True):
        auth.get("iam").fail("write iam: true, or take access_point_id out: the one needs the other")
    return OwnFiles(
        id=name.value if isinstance(name.value, str) else "",
        root=directory,
        iam=auth.get("iam").boolean(False),
        access_point=point.value if isinstance(point.value, str) else None,
    )


def _path(at: Value, longest: int) -> str:
    text = at.text("", "give a path such as /data")
    if isinstance(at.value, (str, int)) and not (_PATH.fullmatch(text) and len(text) <= longest):
        at.fail(f"give a path of up to {longest} letters, digits and . _ - /, such as /data")
    return text
