"""A base image made from this machine's own files, for an engine that can pull none."""

import io
import json
import re
import shutil
import stat
import subprocess
import tarfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO

from tools.setup.run import capture
from tools.setup.say import MachineError

WHERE = "base images"
# fmt: off
TOOLS = (
    "sh", "cat", "ls", "sleep", "mkdir", "rmdir", "cp", "mv", "ln", "rm", "touch",
    "chmod", "chown", "id", "whoami", "env", "printenv", "echo", "printf", "true", "false", "test",
    "date", "head", "tail", "tr", "cut", "sort", "uniq", "wc", "grep", "sed", "awk",
    "find", "xargs", "basename", "dirname", "readlink", "stat", "mktemp", "tee", "hostname", "uname", "tar",
    "gzip", "ps",
)
# fmt: on

"""What a Dockerfile's RUN or a health check is likely to call; those that the machine lacks are left out."""
NAME_SERVICE = ("libnss_dns.so.2", "libnss_files.so.2")
MERGED = ("bin", "sbin", "lib", "lib64")
LDD_LIBRARY = re.compile(r"(?:=> |^\s+)(/\S+) \(0x", re.MULTILINE)
LDD_MISSING = re.compile(r"^\s+(\S+) => not found", re.MULTILINE)


@dataclass(frozen=True)
class Rootfs:
    """What goes into an image: files of this machine by their path inside, and texts written for it."""

    files: Mapping[str, Path]
    """Path inside the image -> file or folder of this machine."""
    texts: Mapping[str, str]
    links: Mapping[str, str] = field(default_factory=dict[str, str])
    """Path inside the image -> target of the symbolic link."""
    folders: Sequence[tuple[str, int, int]] = ()
    """Path, owner's id and mode of each folder that starts empty."""


def programs(extra: Iterable[str] = ()) -> dict[str, Path]:
    """The machine's own small programs, by their path inside the image."""
    found = ((name, shutil.which(name, path="/usr/bin:/bin:/usr/sbin:/sbin")) for name in (*TOOLS, *extra))
    return {f"/usr/bin/{name}": Path(path).resolve() for name, path in found if path}


def libraries_in(ldd: str) -> list[str]:
    """The paths of shared libraries in what `ldd` printed."""
    return sorted(set(LDD_LIBRARY.findall(ldd)))


def libraries(binaries: Sequence[Path], besides: Sequence[str] = ()) -> dict[str, Path]:
    """The shared libraries that the binaries need, the C library's name service, and those of these names that lie
    beside the C library, by path inside the image."""
    elves = [str(path) for path in binaries if is_elf(path)]
    ldd = capture(["ldd", *elves])
    if missing := LDD_MISSING.findall(ldd.out):
        raise MachineError(WHERE, f"the library {missing[0]} is missing on this machine", "install it and run it again")
    paths = libraries_in(ldd.out)
    if not paths:
        raise MachineError(WHERE, f"ldd named no libraries: {ldd.reason}", "let the Docker engine pull the images")
    folders = {Path(path).parent for path in paths if Path(path).name == "libc.so.6"}
    extra = [folder / name for folder in folders for name in (*NAME_SERVICE, *besides)]
    return {inside(str(path)): path.resolve() for path in [*map(Path, paths), *extra] if path.exists()}


def is_elf(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


def inside(path: str) -> str:
    """The path in an image where /bin, /sbin, /lib and /lib64 are links into /usr."""
    first = PurePosixPath(path).parts[1]
    return f"/usr{path}" if first in MERGED else path


def users(name: str, number: int) -> dict[str, str]:
    """/etc/passwd, /etc/group and what resolves names, with root and one more user."""
    return {
        "/etc/passwd": f"root:x:0:0:root:/root:/bin/sh\n{name}:x:{number}:{number}:{name}:/home/{name}:/bin/sh\n",
        "/etc/group": f"root:x:0:\n{name}:x:{number}:\n",
        "/etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
    }


def import_image(
    client: Sequence[str], env: Mapping[str, str], rootfs: Rootfs, changes: Sequence[str], tag: str
) -> None:
    """Make the image `tag` of a rootfs with `docker import`; the old image of that tag stays until it is done."""
    args = [*client, "import", *(part for change in changes for part in ("--change", change)), "-", tag]
    process = subprocess.Popen(
        args, env=env, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
    )
    assert process.stdin is not None
    try:
        write(rootfs, process.stdin)
        _, error = process.communicate(timeout=300)
    except BrokenPipeError:
        _, error = process.communicate()
    except BaseException:
        process.kill()
        raise
    if process.returncode != 0:
        said = error.decode(errors="replace").strip()
        raise MachineError(WHERE, f"docker import of {tag} failed: {said}", "check whether the Docker engine has space")


def write(rootfs: Rootfs, output: IO[bytes]) -> None:
    """Write the rootfs as a tar file, parents before children, everything owned by root unless said otherwise."""
    with tarfile.open(fileobj=output, mode="w|") as tar:
        seen: set[str] = set()
        for name in ("usr/bin", "usr/sbin", "usr/lib", "usr/lib64", "usr/local/bin", "root"):
            add_folder(tar, seen, name, 0, 0o755)
        for name in MERGED:
            add_link(tar, seen, name, f"usr/{name}")
        for name, owner, mode in [("tmp", 0, 0o1777), *rootfs.folders]:
            add_folder(tar, seen, name.lstrip("/"), owner, mode)
        for name, text in sorted(rootfs.texts.items()):
            data = text.encode()
            entry = named(name, tarfile.REGTYPE, 0o644)
            entry.size = len(data)
            add_parents(tar, seen, name)
            tar.addfile(entry, io.BytesIO(data))
        for name, path in sorted(rootfs.files.items()):
            add_path(tar, seen, name, path)
        for name, target in sorted(rootfs.links.items()):
            add_link(tar, seen, name, target)


def named(name: str, kind: bytes, mode: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name.lstrip("/"))
    entry.type = kind
    entry.mode = mode
    return entry


def add_parents(tar: tarfile.TarFile, seen: set[str], name: str) -> None:
    for parent in reversed(PurePosixPath(name.lstrip("/")).parents[:-1]):
        add_folder(tar, seen, str(parent), 0, 0o755)


def add_folder(tar: tarfile.TarFile, seen: set[str], name: str, owner: int, mode: int) -> None:
    if name in seen:
        return
    add_parents(tar, seen, name)
    seen.add(name)
    entry = named(name, tarfile.DIRTYPE, mode)
    entry.uid = entry.gid = owner
    tar.addfile(entry)


def add_link(tar: tarfile.TarFile, seen: set[str], name: str, target: str) -> None:
    add_parents(tar, seen, name)
    entry = named(name, tarfile.SYMTYPE, 0o777)
    entry.linkname = target
    tar.addfile(entry)


def add_path(tar: tarfile.TarFile, seen: set[str], name: str, path: Path) -> None:
    """A file, or a folder with all that is in it; symbolic links below a folder stay links."""
    if path.is_symlink():
        add_link(tar, seen, name, str(path.readlink()))
    elif path.is_dir():
        add_folder(tar, seen, name.lstrip("/"), 0, 0o755)
        for child in sorted(path.iterdir()):
            add_path(tar, seen, f"{name}/{child.name}", child)
    elif path.is_file():
        about = path.stat()
        entry = named(name, tarfile.REGTYPE, 0o755 if about.st_mode & stat.S_IXUSR else 0o644)
        entry.size = about.st_size
        add_parents(tar, seen, name)
        with path.open("rb") as file:
            tar.addfile(entry, file)


def package_name(folder: Path) -> str:
    """The name in a folder's package.json, or nothing."""
    try:
        about: object = json.loads((folder / "package.json").read_text())
    except (OSError, ValueError):
        return ""
    return str(about.get("name", "")) if isinstance(about, dict) else ""  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
