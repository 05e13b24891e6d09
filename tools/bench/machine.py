"""What the figures were measured on."""

import os
import platform
import re
from datetime import UTC, datetime
from pathlib import Path

from tests.local.board import Board, docker
from tests.repository import ROOT
from tools.setup.run import capture

GIB = 1024 * 1024
"""KiB, as /proc/meminfo counts."""


def processor(cpuinfo: str) -> str:
    """The model of the processor in the text of /proc/cpuinfo."""
    found = re.search(r"^(?:model name|Model|CPU part)\s*: *(.+)$", cpuinfo, re.MULTILINE)
    return found.group(1).strip() if found else platform.machine()


def memory(meminfo: str) -> str:
    """The memory in the text of /proc/meminfo."""
    found = re.search(r"^MemTotal: +(\d+) kB$", meminfo, re.MULTILINE)
    return f"{int(found.group(1)) / GIB:.0f} GiB" if found else "unknown memory"


def read(path: str) -> str:
    """A file of /proc; nothing where there is none."""
    return Path(path).read_text() if Path(path).exists() else ""


def hardware() -> str:
    """Processor, cores, memory and kernel of this machine."""
    return (
        f"{processor(read('/proc/cpuinfo'))}, {os.cpu_count()} cores, {memory(read('/proc/meminfo'))}, "
        f"{platform.system()} {platform.release()}"
    )


def load() -> str:
    """How busy the machine is with other things, and when that was."""
    one, _, fifteen = os.getloadavg()
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return f"{now}; load average before it {one:.1f} (1 min), {fifteen:.1f} (15 min)"


def versions(board: Board) -> str:
    """The versions of what takes part."""
    pulumi = board.run("version").ok().output.strip().lstrip("v")
    engine = docker("version", "--format", "{{.Server.Version}}").strip()
    envoy = capture([*container(board, "facade"), "envoy", "--version"]).out
    node = capture([*container(board, "users-"), "node", "--version"]).out.strip().lstrip("v")
    number = re.search(r"/(\d+\.\d+\.\d+)/", envoy)
    return (
        f"Pulumi {pulumi}, Python {platform.python_version()}, Docker {engine}, "
        f"Envoy {number.group(1) if number else 'unknown'}, Node.js {node}, autocannon {autocannon()}"
    )


def container(board: Board, service: str) -> list[str]:
    """The command that runs a program in a service's container."""
    return [os.environ.get("STRANGLER_DOCKER", "docker"), "exec", board.containers(service)[0]]


def autocannon() -> str:
    """The version of the load generator."""
    found = re.search(r'"autocannon": "(.+)"', (ROOT / "tools/bench/load/package.json").read_text())
    return found.group(1) if found else "unknown"
