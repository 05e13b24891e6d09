"""The real Pulumi CLI on a program, against a `Cloud` in this process."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, cast

import yaml

from tools.setup.stack import backend
from tools.standin import stack_files, vault
from tools.standin.cloud import Cloud
from tools.standin.server import serve
from tools.standin.values import rows, table

_TIMEOUT_SECONDS = 300

WITHOUT_CHECKPOINTS = "PULUMI_SKIP_CHECKPOINTS"
"""The variable by which the CLI writes a state once (sdk/go/common/env/env.go, pkg/backend/journal.go of Pulumi)."""

_TOLD = ('"resOutputsEvent"', '"diagnosticEvent"')
"""The events that a `Run` is made of; the others have each resource's whole state once more."""

_initialised: dict[tuple[str, str], stack_files.Initialised] = {}
"""What the CLI has made of a new stack, by the project's file and the stack's name: no key of `vault` is another's."""


@dataclass(frozen=True)
class Step:
    """One operation as the engine reports it."""

    op: str
    type: str
    name: str
    urn: str
    diff: tuple[str, ...] = ()
    """The properties that differ, by the plugin's word."""

    def __str__(self) -> str:
        return f"{self.op} {self.type} {self.name}"


@dataclass(frozen=True)
class Run:
    """What a command did. `operations` has no `same`, and in the order in which they ended."""

    code: int
    output: str
    operations: tuple[Step, ...] = ()
    errors: tuple[str, ...] = ()
    """The errors that the engine reported, without its colours; the first is most often the cause."""

    @property
    def ok(self) -> bool:
        return self.code == 0

    def of(self, op: str) -> tuple[Step, ...]:
        return tuple(operation for operation in self.operations if operation.op == op)

    def lines(self) -> list[str]:
        """`op type name` for each operation."""
        return [str(operation) for operation in self.operations]


class EngineStack:
    """A stack of a program folder with its own backend, in a temporary folder. Use it as a context manager.

    `program` is copied, so that nothing is written into it; a text is a `__main__.py` by itself. `config` is added to
    the stack's file, nested values and all. The CLI and the Python language host come from PATH.
    `real` names the packages for which nobody stands in: their plugins lie in `plugins`, or are installed there.
    `checkpoints`: whether the state is written after every operation, as without these tests, and not at the end of a
    command only. A command that is killed needs it; else writing 191 resources 191 times is most of what an `up` does.
    `secrets`: who keeps the stack's key, as `pulumi stack init --secrets-provider` takes it.
    """

    def __init__(
        self,
        program: Path | str,
        cloud: Cloud | None = None,
        *,
        stack: str = "test",
        config: Mapping[str, Any] | None = None,
        environment: Mapping[str, str] | None = None,
        real: Collection[str] = (),
        checkpoints: bool = False,
        secrets: str = vault.PROVIDER,
    ) -> None:
        self.cloud = cloud or Cloud()
        self.stack = stack
        self.folder = Path(tempfile.mkdtemp(prefix="standin-"))
        self.program = self.folder / "program"
        self._place(program)
        self.cloud.root = self.program
        self.servers = serve(self.cloud, real)
        self.plugins = self.folder / "home" / "plugins"
        own = isolated_environment(self.folder, self.servers.debug_providers)
        self.environment = {**own, **vault.environment(), **(environment or {})}
        if not checkpoints:
            self.environment[WITHOUT_CHECKPOINTS] = "true"
        self._write_config(config or {})
        self._ready, self._secrets = False, secrets

    def _place(self, program: Path | str, *without: str) -> None:
        """Copy a program's folder. without: what isn't copied of what lies directly in it."""
        if isinstance(program, Path):
            skipped = shutil.ignore_patterns(".git", ".venv", "node_modules", "__pycache__", ".pulumi", ".strangler")

            def left_out(folder: str, names: list[str]) -> set[str]:
                return skipped(folder, names).union(without if Path(folder) == program else ())

            shutil.copytree(program, self.program, ignore=left_out)
            if (program / ".venv").is_dir():
                (self.program / ".venv").symlink_to((program / ".venv").resolve())
            return
        self.program.mkdir()
        (self.program / "__main__.py").write_text(program, encoding="utf-8")
        (self.program / "Pulumi.yaml").write_text("name: standin\nruntime: python\n", encoding="utf-8")

    def _write_config(self, config: Mapping[str, Any]) -> None:
        """The stack's settings: those of the file that came with the program, or the region, and what a test gives."""
        file = self._settings
        defaults = {"aws:region": self.cloud.region, "aws-native:region": self.cloud.region}
        found = table(yaml.safe_load(file.read_text(encoding="utf-8"))) if file.is_file() else {"config": defaults}
        merged = {**found, "config": {**table(found.get("config")), **config}}
        file.write_text(yaml.safe_dump(merged), encoding="utf-8")

    @property
    def _settings(self) -> Path:
        return self.program / f"Pulumi.{self.stack}.yaml"

    # Commands

    def plan(self, *arguments: str) -> Run:
        """`pulumi preview`."""
        return self._steps("preview", ("--json", *arguments))

    def up(self, *arguments: str) -> Run:
        return self._logged("up", ("--yes", "--skip-preview", *arguments))

    def refresh(self, *arguments: str) -> Run:
        return self._logged("refresh", ("--yes", "--skip-preview", *arguments))

    def destroy(self, *arguments: str) -> Run:
        return self._logged("destroy", ("--yes", "--skip-preview", *arguments))

    def set(self, key: str, value: str, *, path: bool = True) -> None:
        """What `pulumi config set` does, most often without a command of the CLI's."""
        self._prepare()
        text = stack_files.with_setting(self._settings.read_text(encoding="utf-8"), key, value, path=path)
        if text is None:
            self._must("config", "set", *(("--path",) if path else ()), key, value)
        else:
            self._settings.write_text(text, encoding="utf-8")

    def rewrite(self, text: str) -> None:
        """Change the program."""
        (self.program / "__main__.py").write_text(text, encoding="utf-8")

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs, from its state; a state with secrets in them is the CLI's to read."""
        found = stack_files.outputs(self.folder / "backend", self.stack)
        if found is not None:
            return found
        return cast("dict[str, Any]", json.loads(self._must("stack", "output", "--json", "--show-secrets")))

    def state(self) -> dict[str, Any]:
        """The deployment as the backend has it."""
        return cast("dict[str, Any]", json.loads(self._must("stack", "export"))["deployment"])

    def pulumi(self, *arguments: str) -> Run:
        """Any command of the CLI in the program's folder."""
        self._prepare()
        done = self._call(arguments)
        return Run(done.returncode, done.stdout + done.stderr)

    # Life

    def close(self) -> None:
        self.servers.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> EngineStack:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # Helpers

    def _prepare(self) -> None:
        if self._ready:
            return
        self._ready = True
        places = self.folder / "backend", self._settings
        kind = (self.program / "Pulumi.yaml").read_text(encoding="utf-8"), self.stack
        is_like_others = self._secrets == vault.PROVIDER and stack_files.is_new(*places)
        if is_like_others and kind in _initialised:
            _initialised[kind].again(*places)
            return
        self._must("stack", "init", self.stack, "--secrets-provider", self._secrets)
        if is_like_others:
            _initialised[kind] = stack_files.Initialised.seen(*places)

    def _call(self, arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
        command = ["pulumi", *arguments, "--non-interactive"]
        if arguments[0] not in ("version", "plugin"):
            command += ["--stack", self.stack] if arguments[:2] != ("stack", "init") else []
        return subprocess.run(
            command,
            cwd=self.program,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_SECONDS,
            check=False,
        )

    def _must(self, *arguments: str) -> str:
        self._prepare()
        done = self._call(arguments)
        if done.returncode != 0:
            raise RuntimeError(f"pulumi {' '.join(arguments)}: {done.stderr or done.stdout}")
        return done.stdout

    def _steps(self, command: str, arguments: Sequence[str]) -> Run:
        self._prepare()
        done = self._call((command, *arguments))
        try:
            found = json.loads(done.stdout)
        except ValueError:
            return Run(done.returncode, done.stdout + done.stderr)
        steps = [
            _step(str(step["op"]), str(step["urn"]), table(step.get("detailedDiff")))
            for step in rows(found.get("steps"))
        ]
        diagnostics = rows(found.get("diagnostics"))
        messages = [_plain(diagnostic.get("message")) for diagnostic in diagnostics]
        errors = tuple(
            _plain(diagnostic.get("message")) for diagnostic in diagnostics if diagnostic.get("severity") == "error"
        )
        return Run(done.returncode, "\n".join([*messages, done.stderr]), _interesting(steps), errors)

    def _logged(self, command: str, arguments: Sequence[str]) -> Run:
        self._prepare()
        log = self.folder / "events.jsonl"
        log.unlink(missing_ok=True)
        done = self._call((command, "--event-log", str(log), *arguments))
        lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
        events = [table(json.loads(line)) for line in lines if any(kind in line for kind in _TOLD)]
        ends = [table(event["resOutputsEvent"]["metadata"]) for event in events if "resOutputsEvent" in event]
        steps = [_step(str(end["op"]), str(end["urn"]), table(end.get("detailedDiff"))) for end in ends]
        diagnostics = [table(event["diagnosticEvent"]) for event in events if "diagnosticEvent" in event]
        errors = tuple(
            _plain(diagnostic.get("message")) for diagnostic in diagnostics if diagnostic.get("severity") == "error"
        )
        return Run(done.returncode, done.stdout + done.stderr, _interesting(steps), errors)


def _plain(message: Any) -> str:
    """A message without the engine's colour marks and its own heading."""
    return re.sub(r"<\{%[^%]*%\}>", "", str(message or "")).removeprefix("error: ").strip()


def _step(op: str, urn: str, diff: Mapping[str, Any]) -> Step:
    token = urn.split("::")[2].rpartition("$")[2]
    return Step(op, token, urn.rpartition("::")[2], urn, tuple(sorted(diff)))


def _interesting(steps: list[Step]) -> tuple[Step, ...]:
    """Without what stayed the same, and without the default providers that the engine makes by itself."""
    hidden = ("same", "refresh")
    return tuple(
        step
        for step in steps
        if step.op not in hidden and not (step.type.startswith("pulumi:providers:") and step.name.startswith("default"))
    )


def isolated_environment(folder: Path, providers: str) -> dict[str, str]:
    """The environment of the CLI: nothing of the user's, no credentials, no network."""
    home, state = folder / "home", folder / "backend"
    home.mkdir()
    state.mkdir()
    # A file in the place of the folder for the log of all that the engine does: it goes on without one (StartLogging
    # in pkg/logging/encrypted.go, called in pkg/cmd/pulumi/pulumi.go), which spares a quarter of a plan's time.
    (home / "logs").touch()
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR", "VIRTUAL_ENV") if name in os.environ}
    return {
        **kept,
        "HOME": str(home),
        "PULUMI_HOME": str(home),
        "PULUMI_BACKEND_URL": backend(state),
        "PULUMI_CONFIG_PASSPHRASE": "",
        "PULUMI_DEBUG_PROVIDERS": providers,
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DEBUG_COMMANDS": "true",  # for --event-log
        "AWS_EC2_METADATA_DISABLED": "true",
        # Go's collector runs an eighth as often, and on one processor: a third of the processor time of an `up`.
        "GOGC": "800",
        "GOMAXPROCS": "1",
    }
