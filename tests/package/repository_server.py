"""A git repository of this working tree's plugin and template at an address that the CLI reaches by HTTPS."""

import os
import shutil
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.named_hosts import NamedHost, named_hosts
from tests.package.wheel import run
from tests.repository import ROOT

HOST = "git.example.com"


@dataclass(frozen=True)
class Repository:
    """Where it is."""

    address: str
    """As one gives it to the CLI, without a folder in it."""
    variables: dict[str, str]
    """By which the CLI finds its server, and trusts it."""


@contextmanager
def repository(folder: Path, version: str) -> Generator[Repository]:
    """A repository with one commit, tagged with the version. folder: a new one, for it."""
    served = folder / "served"
    _bare(folder / "tree", served / "shop/strangler.git", version)
    with named_hosts(folder, (HOST,), partial(_answer, served)) as variables:
        yield Repository(f"https://{HOST}/shop/strangler", variables)


def _bare(tree: Path, place: Path, version: str) -> None:
    """A bare repository with the folders of this one that users name."""
    for name in ("plugin", "template"):
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("venv", "__pycache__", "node_modules"))
    who = ("-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false")
    for command in (
        ("init", "--quiet", "--initial-branch=main"),
        ("add", "--all"),
        (*who, "commit", "--quiet", "--message=All"),
        (*who, "tag", f"v{version}"),
    ):
        run(tree, "git", *command)
    run(tree, "git", "clone", "--quiet", "--bare", ".", str(place))


def _answer(root: Path, request: NamedHost) -> None:
    """As Git's own server of the smart protocol does, by CGI."""
    path, _, query = request.path.partition("?")
    length = request.headers.get("Content-Length", "0")
    variables = {
        "GIT_PROJECT_ROOT": str(root),
        "GIT_HTTP_EXPORT_ALL": "1",
        "REQUEST_METHOD": request.command,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "CONTENT_TYPE": request.headers.get("Content-Type", ""),
        "CONTENT_LENGTH": length,
        "HTTP_CONTENT_ENCODING": request.headers.get("Content-Encoding", ""),
        "GIT_PROTOCOL": request.headers.get("Git-Protocol", ""),
    }
    done = subprocess.run(
        ["git", "http-backend"],
        input=request.rfile.read(int(length)),
        env={**os.environ, **variables},
        capture_output=True,
        timeout=60,
        check=False,
    )
    head, _, body = done.stdout.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().splitlines())
    request.send_response(int(headers.pop("Status", "200 OK").split()[0]))
    for name, value in {**headers, "Content-Length": len(body)}.items():
        request.send_header(name, str(value))
    request.end_headers()
    request.wfile.write(body)
