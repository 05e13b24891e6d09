"""What the base image of this machine's Python is made of, where none can be pulled."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tools.offline.rootfs import WHERE, Rootfs, libraries, programs, users
from tools.setup import npm
from tools.setup.run import capture
from tools.setup.say import MachineError

USER = 1000
LEFT_OUT = ("test", "site-packages", "dist-packages", "idlelib", "tkinter", "turtledemo", "ensurepip", "lib2to3")
"""What of the standard library no server needs, and other programs' packages."""
UNWANTED = ("__pycache__", "EXTERNALLY-MANAGED", "config-")
"""How names begin that stay out too."""
OF_WHEELS = (
    *("libgcc_s.so.1", "libstdc++.so.6", "libm.so.6", "libdl.so.2", "librt.so.1"),
    *("libutil.so.1", "libpthread.so.0", "libresolv.so.2"),
)
"""Libraries that a wheel takes for granted on any Linux with the C library of GNU (PEP 599, "manylinux2014 policy")."""
ABOUT = """import json, pathlib, pip, platform, sys, sysconfig
print(json.dumps([platform.python_version(), sys._base_executable, sysconfig.get_path("stdlib"), pip.__path__[0]]))"""


@dataclass(frozen=True)
class Python:
    """A Python with its pip, and where they lie on this machine."""

    version: str
    """Such as `3.13.5`."""
    binary: Path
    """The interpreter."""
    library: Path
    """The folder of the standard library."""
    pip: Path
    """The folder of the package pip."""


def this_machines(python: Path, env: Mapping[str, str]) -> Python:
    """The Python behind a virtual environment's own."""
    done = capture([str(python), "-c", ABOUT], env)
    if not done.ok:
        raise MachineError(WHERE, f"no Python with pip: {done.reason}", "let the Docker engine pull images")
    version, *paths = json.loads(done.out)
    binary, library, package = (Path(path).resolve() for path in paths)
    return Python(version, binary, library, package)


def standard_library(folder: Path) -> list[Path]:
    """What of it goes into an image."""
    found = (path for path in sorted(folder.iterdir()) if path.name not in LEFT_OUT)
    return [path for path in found if not path.name.startswith(UNWANTED) and path.name != "lib-dynload"]


def extensions(folder: Path) -> list[Path]:
    """Its compiled modules that need no screen."""
    return [path for path in sorted((folder / "lib-dynload").glob("*.so")) if not path.name.startswith("_tkinter")]


def rootfs(python: Python, conf: str, authorities: list[Path]) -> Rootfs:
    """Python where it looks for its library by itself, pip with its settings, certificates."""
    name = f"python{python.version.rpartition('.')[0]}"
    inside, compiled, tools = f"/usr/local/lib/{name}", extensions(python.library), programs()
    return Rootfs(
        files={
            f"/usr/local/bin/{name}": python.binary,
            **{f"{inside}/{path.name}": path for path in standard_library(python.library)},
            **{f"{inside}/lib-dynload/{path.name}": path for path in compiled},
            f"{inside}/site-packages/pip": python.pip,
            **tools,
            **libraries([python.binary, *compiled, *tools.values()], OF_WHEELS),
        },
        texts={**users("python", USER), npm.IMAGE_BUNDLE: npm.bundle(authorities), "/etc/pip.conf": conf},
        links={"/usr/local/bin/python3": name},
        folders=[("/home/python", USER, 0o755)],
    )
