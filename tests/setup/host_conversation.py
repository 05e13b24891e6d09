"""What is said between the engine and a language host: `python -m tests.setup.host_conversation HOST VERSION` plays the
engine to a host, and prints what it heard. tests/setup/host_conversation.json is what Pulumi's own host said.
"""

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any, cast

import grpc
from google.protobuf.empty_pb2 import Empty
from google.protobuf.json_format import MessageToDict
from pulumi.runtime.proto import language_pb2

from tests.setup.host_client import Host, engine, project, running, shake

ROOT = Path(__file__).resolve().parents[2]
RECORD = Path(__file__).with_suffix(".json")

REVEAL = """
import json, os, sys, beside, pulumi
keys = ("PULUMI_CONFIG", "PULUMI_CONFIG_SECRET_KEYS", "VIRTUAL_ENV", "PYTHONHOME", "OWN")
print(json.dumps({
    "arguments": sys.orig_argv[sys.orig_argv.index("--monitor"):],
    "argv": sys.argv, "name": __name__, "file": __file__, "cwd": os.getcwd(), "beside": beside.WORD,
    "environment": {key: os.environ[key] for key in keys if key in os.environ},
    "path": os.environ["PATH"].split(os.pathsep)[0],
    "python": sys.executable, "stdin": sys.stdin.read(),
    "group of the host": os.getpgid(0) == os.getpgid(int(os.environ["HOST"])),
    "config": dict(pulumi.runtime.config.CONFIG.get()), "secret": sorted(pulumi.runtime.config._SECRET_KEYS.get()),
    "settings": [pulumi.get_project(), pulumi.get_stack(), pulumi.get_organization(),
                 pulumi.runtime.is_dry_run(), pulumi.runtime.get_root_directory()],
}, default=sorted))
print("to stderr", file=sys.stderr)
pulumi.export("done", True)
"""
SLEEPS = """
import asyncio, pulumi
async def sleep():
    await asyncio.sleep(0.5)
    print("READY", flush=True)
    await asyncio.sleep(30)
pulumi.export("x", pulumi.Output.from_input(sleep()))
"""


@dataclass(frozen=True)
class Scene:
    """A program, and what becomes of it."""

    program: str
    options: Mapping[str, str] = field(default_factory=dict[str, str])
    """Of the runtime, as `Pulumi.yaml` has them, besides the virtual environment."""

    config: Mapping[str, str] = field(default_factory=dict[str, str])
    secrets: Sequence[str] = ()
    arguments: Sequence[str] = ()
    dry_run: bool = False
    act: str = ""
    """What happens once it has printed READY: `cancel` is the engine's Cancel, `hang up` the end of its call, and
    `group` an interrupt of the host's processes."""


SCENES = {
    "all that a program can see": Scene(
        REVEAL, config={"board:b": "<&> \u00e9 \u2028", "aws:a": '{"x": 1}'}, secrets=["board:b"], arguments=["x", "y"]
    ),
    "arguments that look like the host's own": Scene("", arguments=["--x", "y"]),
    "a preview without config": Scene(REVEAL, dry_run=True),
    "nothing goes wrong": Scene("import pulumi\npulumi.export('x', 1)\n"),
    "a RunError": Scene("import pulumi\nraise pulumi.RunError('Pulumi.local.yaml: wrong\\nposts: wrong too')\n"),
    "a RunError in an apply": Scene(
        "import pulumi\ndef f(x): raise pulumi.RunError('in an apply')\n"
        "pulumi.export('y', pulumi.Output.from_input(1).apply(f))\n"
    ),
    "an exception": Scene("def f():\n    raise ValueError('broken')\nf()\n"),
    "an exception with a cause": Scene(
        "def g():\n    int('x')\ndef f():\n    try:\n        g()\n    except ValueError as e:\n"
        "        raise KeyError('k') from e\nf()\n"
    ),
    "a syntax error": Scene("def f(:\n    pass\n"),
    "an import that isn't there": Scene("import nothing_like_it\n"),
    "exit code 3": Scene("import sys; sys.exit(3)"),
    "exit code 32": Scene("import sys; sys.exit(32)"),
    "exit with a text": Scene("import sys; sys.exit('broken')"),
    "exit code 0": Scene("import sys; sys.exit(0)"),
    "exit without a code": Scene("import sys; sys.exit()"),
    "a program that is killed": Scene("import os; os.kill(os.getpid(), 9)"),
    "no program": Scene(""),
    "a virtual environment that isn't there": Scene("", {"virtualenv": "nowhere"}),
    "a virtual environment that is none": Scene("", {"virtualenv": "."}),
    "an unknown toolchain": Scene("", {"toolchain": "conda"}),
    "an unknown type checker": Scene("", {"typechecker": "pyre"}),
    "the engine cancels": Scene(SLEEPS, act="cancel"),
    "the engine hangs up": Scene(SLEEPS, act="hang up"),
    "the group is interrupted": Scene(SLEEPS, act="group"),
    "an interrupt is taken as an end": Scene(
        "import asyncio, os, signal\nasyncio.get_running_loop().add_signal_handler(signal.SIGINT, os._exit, 32)\n"
        + SLEEPS,
        act="cancel",
    ),
    "an interrupt is ignored": Scene(
        "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n" + SLEEPS, act="cancel"
    ),
}


def hear(command: Sequence[str | Path], scene: Scene) -> dict[str, Any]:
    """What a host, and the engine, heard of this scene."""
    folder = Path(tempfile.mkdtemp(prefix="host-")).resolve()
    try:
        return _hear(command, scene, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _hear(command: Sequence[str | Path], scene: Scene, folder: Path) -> dict[str, Any]:
    if scene.program:
        (folder / "__main__.py").write_text(scene.program, encoding="utf-8")
    (folder / "beside.py").write_text("WORD = 'beside'\n", encoding="utf-8")
    (folder / "venv").symlink_to(ROOT / ".venv")
    environment = {"PATH": os.environ["PATH"], "PYTHONHOME": "", "OWN": "of the user"}
    # The host's number is known to itself only when it runs: the shell is replaced by it.
    started = ["/bin/sh", "-c", 'HOST=$$ exec "$@"', "sh", *command]
    with engine() as found, running(started, folder, environment) as host:
        shake(host, found.address)
        request = language_pb2.RunRequest(
            project="board",
            stack="local",
            organization="organization",
            pwd=str(folder),
            monitor_address=found.address,
            parallel=4,
            config=scene.config,
            configSecretKeys=scene.secrets,
            args=scene.arguments,
            dryRun=scene.dry_run,
            info=project(folder, {"virtualenv": "venv", **scene.options}),
        )
        call = host.begin("Run", request, language_pb2.RunResponse)
        seconds = _act(host, scene.act, call) if scene.act else 0.0
        answer = _answer(call)
        out, err = host.end()
    return _plain(
        {
            "answer": answer,
            "errors": [_own_frames(error, folder) for error in found.errors],
            "outputs": sorted(found.outputs),
            "stdout": _printed(out),
            "stderr": _printed(err),
            **({"killed after 5 s": seconds > 4} if scene.act else {}),
            "host": host.process.returncode,
        },
        {str(folder): "<folder>", found.address: "<engine>"},
    )


def _act(host: Host, act: str, call: Any) -> float:
    """Does what the scene wants; the seconds until the program has ended."""
    assert host.process.stdout is not None
    assert host.process.stdout.readline() == "READY\n"
    begun = time.monotonic()
    if act == "cancel":
        host.ask("Cancel", Empty(), Empty)
    elif act == "hang up":
        call.cancel()
    else:
        host.interrupt()
    with contextlib.suppress(grpc.RpcError, grpc.FutureCancelledError):
        call.result()
    while _children(host.process.pid):
        time.sleep(0.02)
    seconds = time.monotonic() - begun
    if act == "group":
        host.process.wait()
    return seconds


def _children(pid: int) -> str:
    try:
        return "".join(path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children"))
    except OSError:
        return ""


def _answer(call: Any) -> dict[str, Any]:
    try:
        return MessageToDict(call.result())
    except grpc.FutureCancelledError:
        return {"cancelled": True}
    except grpc.RpcError as error:
        return {"code": cast("Any", error).code().name, "details": cast("Any", error).details()}


def _printed(text: str) -> Any:
    """What was printed: parsed, if it is a document, and without the frames of a traceback. How many interrupts met a
    program that handles none is chance."""
    if text.startswith("{"):
        return json.loads(text)
    if "KeyboardInterrupt" in text:
        return ["tracebacks with KeyboardInterrupt"]
    return [line for line in text.splitlines() if line and not line.startswith(" ")]


def _own_frames(text: str, folder: Path) -> str:
    """A traceback with the frames of the program only: the rest are Python's, the SDK's and the host's."""
    own, kept = f'  File "{folder}/__main__.py"', list[str]()
    in_frame = is_own = False
    for line in text.splitlines(keepends=True):
        if line.startswith('  File "'):
            in_frame, is_own = True, line.startswith(own)
        elif not line.startswith("    "):
            in_frame = False
        if is_own or not in_frame:
            kept.append(line)
    return "".join(kept)


def _plain(value: Any, names: Mapping[str, str]) -> Any:
    """The same, with what differs from run to run by its name."""
    if isinstance(value, str):
        for text, name in names.items():
            value = value.replace(text, name)
        return value
    if isinstance(value, Mapping):
        return {key: _plain(part, names) for key, part in cast("Mapping[str, Any]", value).items()}
    if isinstance(value, list):
        return [_plain(part, names) for part in cast("list[Any]", value)]
    return value


DISTRIBUTIONS: Mapping[str, tuple[str, str]] = {
    "acme_four": ("4.1", '{"resource": true, "name": "four", "server": "https://example.com/four"}'),
    "plain": ("1.0", ""),
    "pulumi_alpha": ("2.0.0a4", ""),
    "pulumi_candidate": ("2.0rc1", ""),
    "pulumi_epoch": ("1!2.0", ""),
    "pulumi_esc_sdk": ("0.1", ""),
    "pulumi_four_numbers": ("1.2.3.4", ""),
    "pulumi_none": ("3.0", '{"resource": false}'),
    "pulumi_one": ("1.2.3", '{"resource": true, "name": "uno", "version": "1.2.4"}'),
    "pulumi_policy": ("1.0", ""),
    "pulumi_post": ("6.0.post1.dev2", ""),
    "pulumi_seven": (
        "7.0",
        '{"resource": true, "name": "base", "version": "1.0.0", '
        '"parameterization": {"name": "seven", "version": "7.0.0", "value": "c2V2ZW4="}}',
    ),
}
"""Packages in an environment of the test's: their versions, and what `pulumi-plugin.json` holds where there is one."""

PLUGIN = """
import json, os, sys
print(json.dumps({"argv": sys.argv, "cwd": os.getcwd(), "own": os.environ["OWN"], "stdin": sys.stdin.read()}))
print("to stderr", file=sys.stderr)
sys.exit(int(sys.argv[1]))
"""


PACKAGE = '[project]\nname = "no-such-one"\n[build-system]\nrequires = []\nbuild-backend = "x"\n'


def environment(folder: Path) -> None:
    """A virtual environment `few` with these packages, and with the pip of the Python that made it."""
    base = Path(sys.base_prefix, "bin", "python3")
    subprocess.run([base, "-m", "venv", "--without-pip", "--system-site-packages", folder / "few"], check=True)
    (site,) = folder.glob("few/lib/python*/site-packages")
    for name, (version, about) in DISTRIBUTIONS.items():
        info = site / f"{name}-{version}.dist-info"
        info.mkdir()
        needs = "Requires-Dist: pulumi-one\n" if name == "plain" else ""
        text = f"Metadata-Version: 2.1\nName: {name.replace('_', '-')}\nVersion: {version}\n{needs}"
        (info / "METADATA").write_text(text, encoding="utf-8")
        (site / name).mkdir()
        if about:
            (site / name / "pulumi-plugin.json").write_text(about, encoding="utf-8")


def _without_other_toolchains(path: str) -> str:
    """PATH without the folders that have poetry or uv, as it was when recorded: `make test` has our own uv on it."""
    folders = path.split(os.pathsep)
    return os.pathsep.join(
        folder for folder in folders if not any(Path(folder, name).exists() for name in ("poetry", "uv"))
    )


def ask(command: Sequence[str | Path]) -> dict[str, Any]:
    """What a host answers to the questions that come before a program, or without one."""
    folder = Path(tempfile.mkdtemp(prefix="host-")).resolve()
    try:
        environment(folder)
        kept = {"PATH": _without_other_toolchains(os.environ["PATH"]), "OWN": "of the user"}
        with engine() as there, running(command, folder, kept) as host:
            shake(host, there.address)
            answers = {name: question(host, folder) for name, question in QUESTIONS.items()}
        return _plain(answers, {str(folder): "<folder>"})
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _prompts(host: Host, folder: Path, options: Mapping[str, str]) -> Any:
    request = language_pb2.RuntimeOptionsRequest(info=project(folder, options))
    return MessageToDict(host.ask("RuntimeOptionsPrompts", request, language_pb2.RuntimeOptionsResponse))


def _required(host: Host, folder: Path) -> Any:
    request = language_pb2.GetRequiredPackagesRequest(info=project(folder, {"virtualenv": "few"}))
    return MessageToDict(host.ask("GetRequiredPackages", request, language_pb2.GetRequiredPackagesResponse))


def _dependencies(host: Host, folder: Path, transitive: bool) -> Any:
    request = language_pb2.GetProgramDependenciesRequest(
        info=project(folder, {"virtualenv": "few"}), transitiveDependencies=transitive
    )
    found = host.ask("GetProgramDependencies", request, language_pb2.GetProgramDependenciesResponse)
    ours = {name.replace("_", "-") for name in DISTRIBUTIONS}
    return [f"{package.name} {package.version}" for package in found.dependencies if package.name in ours]


def _about(host: Host, folder: Path, options: Mapping[str, str]) -> Any:
    about = language_pb2.AboutRequest(info=project(folder, {"virtualenv": "few", **options}))
    about_python = host.ask("About", about, language_pb2.AboutResponse)
    right = ".".join(map(str, sys.version_info[:3])) == about_python.version
    three = re.fullmatch(r"\d+\.\d+\.\d+", about_python.metadata["toolchainVersion"]) is not None
    about_python.metadata["toolchainVersion"] = "three numbers" if three else about_python.metadata["toolchainVersion"]
    return {
        "executable": about_python.executable,
        "version is Python's": right,
        "metadata": dict(sorted(about_python.metadata.items())),
    }


def _unimplemented(host: Host, folder: Path) -> Any:
    request = language_pb2.GetRequiredPluginsRequest(info=project(folder))
    return _answer(host.begin("GetRequiredPlugins", request, language_pb2.GetRequiredPluginsResponse))["code"]


def _template(host: Host, folder: Path) -> Any:
    request = language_pb2.TemplateRequest(info=project(folder), project_name="board")
    return MessageToDict(host.ask("Template", request, language_pb2.TemplateResponse))


def _plugin(host: Host, folder: Path, main: str, about: str, code: int = 0, sdk: bool = False) -> Any:
    """A plugin, in the environment of the test's or in one that has the SDK."""
    place = Path(tempfile.mkdtemp(dir=folder))
    (place / "venv").symlink_to(ROOT / ".venv" if sdk else folder / "few")
    for name, text in {"__main__.py": main, "pyproject.toml": about}.items():
        if text:
            (place / name).write_text(text, encoding="utf-8")
    request = language_pb2.RunPluginRequest(
        pwd=str(folder), args=[str(code), "127.0.0.1:1"], env=["OWN=of the engine"], kind="resource", name="own"
    )
    request.info.CopyFrom(project(place))
    try:
        parts = host.ask_all("RunPlugin", request, language_pb2.RunPluginResponse)
    except grpc.RpcError as error:
        return {"details": cast("Any", error).details()}
    found = {
        "stdout": _printed(b"".join(part.stdout for part in parts).decode()),
        "stderr": _printed(b"".join(part.stderr for part in parts).decode()),
        "codes": [part.exitcode for part in parts if part.WhichOneof("output") == "exitcode"],
    }
    return _plain(found, {str(place): "<plugin>"})


Question = Callable[[Host, Path], Any]

QUESTIONS: Mapping[str, Question] = {
    "prompts without options": lambda host, folder: _prompts(host, folder, {}),
    "prompts for pip": lambda host, folder: _prompts(host, folder, {"toolchain": "pip"}),
    "prompts for pip with an environment": lambda host, folder: _prompts(
        host, folder, {"toolchain": "pip", "virtualenv": ".venv"}
    ),
    "prompts for uv": lambda host, folder: _prompts(host, folder, {"toolchain": "uv"}),
    "required packages": _required,
    "dependencies": lambda host, folder: _dependencies(host, folder, transitive=True),
    "dependencies of the program's own": lambda host, folder: _dependencies(host, folder, transitive=False),
    "about": lambda host, folder: _about(host, folder, {}),
    "about with a toolchain": lambda host, folder: _about(host, folder, {"toolchain": "pip"}),
    "required plugins": _unimplemented,
    "a template": _template,
    "a plugin": lambda host, folder: _plugin(host, folder, PLUGIN, ""),
    "a plugin that fails": lambda host, folder: _plugin(host, folder, PLUGIN, "", code=3),
    "a plugin that is nothing": lambda host, folder: _plugin(host, folder, "", ""),
    "a plugin that is nothing, with the SDK": lambda host, folder: _plugin(host, folder, "", "", sdk=True),
    "a plugin that is no package": lambda host, folder: _plugin(
        host, folder, "", '[project]\nname = "own"\n', sdk=True
    ),
    "a plugin that is a package": lambda host, folder: _plugin(host, folder, "", PACKAGE, sdk=True),
}


def main() -> None:
    command, version = sys.argv[1:]
    versions = {
        "pulumi-language-python": version,
        "pulumi": metadata.version("pulumi"),
        "python": ".".join(map(str, sys.version_info[:3])),
    }
    scenes = {name: hear([command], scene) for name, scene in SCENES.items()}
    recorded = {"versions": versions, "answers": ask([command]), "scenes": scenes}
    print(json.dumps(recorded, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
