"""Puts the stand-in where Pulumi's CLI looks for the plugin `docker`."""

import os
import shlex
from pathlib import Path

from tools.offline.docker_plugin.server import VERSION

_SCRIPT = """\
#!/bin/sh
# The stand-in for the Pulumi plugin docker {version}, written by tools/offline/docker_plugin/install.py.
export GRPC_VERBOSITY="${{GRPC_VERBOSITY:-ERROR}}"  # whatever a plugin says on stderr ends up in the user's display
PYTHONPATH={project}${{PYTHONPATH:+:$PYTHONPATH}} exec {python} -P -m tools.offline.docker_plugin "$@"
"""


def install(plugins: Path, python: Path, project: Path) -> Path:
    """Write `pulumi-resource-docker` into `plugins` (PULUMI_HOME/plugins) and return its path.

    It runs `tools.offline.docker_plugin` of the folder `project` with the interpreter `python` (of the project's venv).
    A second call with the same arguments leaves the file alone.
    """
    script = plugins / f"resource-docker-v{VERSION}" / "pulumi-resource-docker"
    content = _SCRIPT.format(
        version=VERSION, project=shlex.quote(str(project.absolute())), python=shlex.quote(str(python.absolute()))
    )
    if script.is_file() and script.read_text() == content and os.access(script, os.X_OK):
        return script
    script.parent.mkdir(parents=True, exist_ok=True)
    new = script.with_name(f".{script.name}.{os.getpid()}")
    new.write_text(content)
    new.chmod(0o755)
    new.replace(script)
    return script
