"""Copilot's Request-Driven Web Service manifest, of AWS App Runner, read as that of a load-balanced service. Pure.

App Runner takes no new customers since 2026-04-30 (App Runner developer guide, "AWS App Runner availability change").
Defaults are Copilot's for this type (v1.34): 1024 CPU units, 2048 MiB.
"""

from dataclasses import replace
from typing import cast

from components.input.value import Value
from components.manifest.http import Http, HttpRule, read_check
from components.manifest.image import IMAGE
from components.manifest.manifest import LOAD_BALANCED_WEB_SERVICE, Manifest
from components.manifest.network import PLACEMENT
from components.manifest.observability import OBSERVABILITY
from components.manifest.overrides import without
from components.manifest.publish import PUBLISH
from components.manifest.support import BUILT, Field, Group, State, group
from components.manifest.task import PLATFORM, read_task
from components.manifest.variables import SECRETS, VARIABLES

AS = "load-balanced"
"""What `strangler:services.<name>.as` says of one that is to be read so."""

_ALIAS = Field(State.KEPT, State.LEFT_OUT, "App Runner's own: give the facade a name, see docs/facades.md")
_PRIVATE = Field(State.KEPT, State.REFUSED, "a facade is public: exclude the service with strangler:exclude")
_COUNT = Field(
    State.KEPT,
    State.LEFT_OUT,
    "an App Runner setting: set strangler:services.<name>.count",
)
_TAGS = Field(State.KEPT, State.LEFT_OUT, "resources have tags of their own")

FIELDS = Group(
    {
        "name": BUILT,
        "type": BUILT,
        "image": IMAGE,
        "cpu": BUILT,
        "memory": BUILT,
        "platform": PLATFORM,
        "http": Group(
            {
                "healthcheck": replace(
                    group("path", "healthy_threshold", "unhealthy_threshold", "interval", "timeout", of=BUILT),
                    short=BUILT,
                ),
                "alias": _ALIAS,
                "private": Group({"endpoint": _PRIVATE}, short=_PRIVATE),
            }
        ),
        "count": _COUNT,
        "command": BUILT,
        "variables": VARIABLES,
        "secrets": SECRETS,
        "network": Group({"vpc": Group({"placement": PLACEMENT})}),
        "publish": PUBLISH,
        "observability": OBSERVABILITY,
        "tags": Group(any_key=_TAGS),
    }
)
"""Every field of the manifest, and what each platform makes of it."""

_CHECKED = {"healthy_threshold": 3, "unhealthy_threshold": 3, "interval": "5s", "timeout": "2s"}
"""Copilot's documentation of this type."""


def read(at: Value, folder: str, given: Value | None = None) -> Manifest:
    """See `WorkloadType.read`. It answers every path, as at an address of its own, and finds its port in PORT."""
    # Its count is the name of a configuration, and so nothing that this side reads.
    task = read_task(without(at, ("count",)), folder, given, size=(1024, 2048))
    port = at.get("image").required("port", "write the port that the container listens on, such as port: 8080")
    number = port.integer(0, 1, 65535)
    check = at.get("http").get("healthcheck")
    own = check.value if check.is_map() else {"path": check.value} if check else {}
    checked = read_check(replace(check, value={**_CHECKED, **cast("dict[str, object]", own)}), "http1")
    return replace(
        task,
        type=LOAD_BALANCED_WEB_SERVICE,
        port=number,
        http=Http(HttpRule("/", healthcheck=checked)),
        variables=tuple(sorted({"PORT": str(number), **dict(task.variables)}.items())),
    )
