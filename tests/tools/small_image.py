"""A small image made of this machine's own files, as no registry can be counted on: a shell and a few tools."""

import io
import re
import shutil
import subprocess
import tarfile
from pathlib import Path

_PROGRAMS = ("sh", "cat", "getent", "kill", "sleep", "stat")


def root_filesystem() -> bytes:
    """A tar archive with `/bin/sh`, the other programs and the libraries that they load."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for folder in ("bin", "tmp", "etc", "data"):
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o1777 if folder == "tmp" else 0o755
            archive.addfile(entry)
        libraries: set[str] = set()
        for program in _PROGRAMS:
            path = shutil.which(program)
            assert path is not None, f"this machine has no {program}"
            _add(archive, Path(path), f"bin/{program}")
            libraries |= _libraries(path)
        for library in sorted(libraries):
            _add(archive, Path(library), library.lstrip("/"))
    return buffer.getvalue()


def _libraries(program: str) -> set[str]:
    """The absolute paths that `ldd` names for a program."""
    answer = subprocess.run(["ldd", program], check=True, capture_output=True, text=True)
    return set(re.findall(r"(/\S+) \(0x", answer.stdout))


def _add(archive: tarfile.TarFile, source: Path, name: str) -> None:
    content = source.resolve().read_bytes()
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), 0o755
    archive.addfile(entry, io.BytesIO(content))
