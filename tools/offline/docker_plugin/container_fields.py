"""The inputs of `docker:index/container:Container` that Strangler gives, of the some 70 in the provider's 4.11 schema.

The defaults are the provider's own, so that a state reads the same whichever of the two plugins wrote it; where
only the default is accepted, nothing else is done. Some of what is changed in place reaches the running container
(`container.update`), as with the real plugin: a changed healthcheck is recorded and does nothing.
"""

from typing import Final

from tools.offline.docker_plugin.schema import Field, Fields, Kind

_TEXT: Final = Field(Kind.TEXT)
_NEEDED: Final = Field(Kind.TEXT, required=True)
_LIST: Final = Field(Kind.TEXTS)
_SET: Final = Field(Kind.TEXTS, unordered=True)
_INTEGER_IN_PLACE: Final = Field(Kind.INTEGER, replaces=False)
_FALSE_ONLY: Final = Field(Kind.FLAG, default=False, only_default=True)
_FALSE_ONLY_IN_PLACE: Final = Field(Kind.FLAG, replaces=False, default=False, only_default=True)
_TRUE_ONLY_IN_PLACE: Final = Field(Kind.FLAG, replaces=False, default=True, only_default=True)


def _set_of(fields: Fields) -> Field:
    return Field(Kind.OBJECTS, unordered=True, fields=fields)


LABELS: Final = _set_of({"label": _NEEDED, "value": _NEEDED})

_HEALTHCHECK: Final = {
    "tests": Field(Kind.TEXTS, required=True),
    "interval": Field(Kind.TEXT, default="0s"),
    "timeout": Field(Kind.TEXT, default="0s"),
    "startPeriod": Field(Kind.TEXT, default="0s"),
    "retries": Field(Kind.INTEGER, default=0),
}

_PORT: Final = {
    "internal": Field(Kind.INTEGER, required=True),
    "external": Field(Kind.INTEGER),
    "ip": Field(Kind.TEXT, default="0.0.0.0"),
    "protocol": Field(Kind.TEXT, default="tcp", only_default=True),
}

_MOUNT: Final = {
    "target": _NEEDED,
    "type": Field(Kind.TEXT, required=True),
    "source": _TEXT,
    "readOnly": Field(Kind.FLAG),
    "volumeOptions": Field(Kind.OBJECT, fields={"noCopy": Field(Kind.FLAG)}),
}

CONTAINER_FIELDS: Final[Fields] = {
    "attach": _FALSE_ONLY_IN_PLACE,
    "command": _LIST,
    "containerReadRefreshTimeoutMilliseconds": Field(Kind.INTEGER, replaces=False, default=15000, only_default=True),
    "cpuShares": _INTEGER_IN_PLACE,
    "destroyGraceSeconds": _INTEGER_IN_PLACE,
    "entrypoints": _LIST,
    "envs": _SET,
    "healthcheck": Field(Kind.OBJECT, replaces=False, fields=_HEALTHCHECK),
    "hosts": _set_of({"host": _NEEDED, "ip": _NEEDED}),
    "image": _NEEDED,
    "init": Field(Kind.FLAG, replaces=False),
    "labels": LABELS,
    "logs": _FALSE_ONLY_IN_PLACE,
    "memory": _INTEGER_IN_PLACE,
    "memorySwap": _INTEGER_IN_PLACE,
    "mounts": _set_of(_MOUNT),
    "mustRun": Field(Kind.FLAG, replaces=False, default=True),
    "name": _TEXT,
    "networkMode": Field(Kind.TEXT, default="bridge"),
    "networksAdvanced": _set_of({"name": _NEEDED, "aliases": _SET}),
    "ports": _set_of(_PORT),
    "readOnly": Field(Kind.FLAG, default=False),
    "removeVolumes": _TRUE_ONLY_IN_PLACE,
    "restart": Field(Kind.TEXT, replaces=False, default="no"),
    "rm": _FALSE_ONLY_IN_PLACE,
    "start": Field(Kind.FLAG, replaces=False, default=True),
    "stdinOpen": _FALSE_ONLY,
    "tty": _FALSE_ONLY,
    "wait": Field(Kind.FLAG, replaces=False, default=False),
    "waitTimeout": Field(Kind.INTEGER, replaces=False, default=60),
}
