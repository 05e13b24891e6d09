"""What was asked for: the variables beside a verb, such as `make logs SERVICE=users SINCE=1h`. Pure."""

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from tools.setup.say import MachineError

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
SWITCHES = {"": False, "0": False, "1": True}
TAKES = {
    "status": ("SERVICE", "DRY"),
    "logs": ("SERVICE", "FOLLOW", "SINCE", "FILTER", "DRY"),
    "exec": ("SERVICE", "CONTAINER", "CMD", "DRY"),
    "task": ("SERVICE", "CMD", "DRY"),
    "job": ("NAME", "DRY"),
    "open": ("DRY",),
    "cost": ("DRY",),
}
"""The verbs, and the variables that count for each, besides STACK."""


@dataclass(frozen=True)
class Request:
    """A verb with its variables."""

    verb: str
    service: str = ""
    """SERVICE, or NAME of a job: a service's name. Default: every one; `exec` and `task` need one."""
    follow: bool = False
    """FOLLOW=1: go on with what is written from now on."""
    since: str = "10m"
    """SINCE: how far back, a number of s, m, h or d. Default 10m."""
    filter: str = ""
    """FILTER: a text that a line has in it. Default: every line."""
    container: str = ""
    """CONTAINER: the name of one of its containers. Default: the main one."""
    command: str = "sh"
    """CMD: what runs in the container. Default: a shell; `task` needs one."""
    dry: bool = False
    """DRY=1: print what would have run."""

    @property
    def words(self) -> list[str]:
        """CMD as a shell splits it."""
        try:
            return shlex.split(self.command)
        except ValueError as failure:
            raise MachineError(self.verb, f"CMD={self.command}: {failure}", "close the quotes") from None

    @property
    def since_seconds(self) -> int:
        """How many seconds back."""
        found = re.fullmatch(r"(\d{1,6})([smhd])", self.since)
        if found is None or int(found[1]) == 0:
            raise MachineError(
                self.verb, f"SINCE={self.since}", "give a number of s, m, h or d, such as 90s, 10m or 2h"
            )
        return int(found[1]) * UNITS[found[2]]


def request(verb: str, variables: Mapping[str, str]) -> Request:
    """Reads the variables that count for a verb."""
    given = {name: variables.get(name, "").strip() for name in TAKES[verb]}
    asked = Request(
        verb,
        service=given.get("SERVICE", "") or given.get("NAME", ""),
        follow=switch(verb, "FOLLOW", given),
        since=given.get("SINCE") or Request.since,
        filter=given.get("FILTER", ""),
        container=given.get("CONTAINER", ""),
        command=given.get("CMD") or Request.command,
        dry=switch(verb, "DRY", given),
    )
    # A mistake is told before anything is asked.
    _ = asked.since_seconds
    if verb == "job" and not asked.service:
        raise MachineError(verb, "NAME is missing", "say which job, such as NAME=nightly")
    if verb == "task" and not (given["CMD"] and asked.words):
        raise MachineError(verb, "CMD is missing", "say what to run, such as CMD='rake db:migrate'")
    return asked


def switch(verb: str, name: str, given: Mapping[str, str]) -> bool:
    value = given.get(name, "")
    if value not in SWITCHES:
        raise MachineError(verb, f"{name}={value}", "give 1, or leave it out")
    return SWITCHES[value]
