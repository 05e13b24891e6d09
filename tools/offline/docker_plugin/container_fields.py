"""The inputs of `docker:index/container:Container`, as the provider's 4.11 schema has them.

45 of them make a new container when they change, 22 are changed in place; only some of the latter reach the running
container (`container.update`), as with the real plugin: a changed healthcheck is recorded and does nothing.
"""

from typing import Final

from tools.offline.docker_plugin.schema import Field, Fields, Kind

_TEXT: Final = Field(Kind.TEXT)
_NEEDED: Final = Field(Kind.TEXT, required=True)
_INTEGER: Final = Field(Kind.INTEGER)
_FLAG: Final = Field(Kind.FLAG)
_MAP: Final = Field(Kind.MAP)
_LIST: Final = Field(Kind.TEXTS)
_SET: Final = Field(Kind.TEXTS, unordered=True)


def _set_of(fields: Fields) -> Field:
    return Field(Kind.OBJECTS, unordered=True, fields=fields)


def _object(fields: Fields, *, replaces: bool = True) -> Field:
    return Field(Kind.OBJECT, replaces=replaces, fields=fields)


LABELS: Final = _set_of({"label": _NEEDED, "value": _NEEDED})

_HEALTHCHECK: Final = {
    "tests": Field(Kind.TEXTS, required=True),
    "interval": Field(Kind.TEXT, default="0s"),
    "timeout": Field(Kind.TEXT, default="0s"),
    "startPeriod": Field(Kind.TEXT, default="0s"),
    "startInterval": Field(Kind.TEXT, default="0s"),
    "retries": Field(Kind.INTEGER, default=0),
}

_MOUNT: Final = {
    "target": _NEEDED,
    "type": _NEEDED,
    "source": _TEXT,
    "readOnly": _FLAG,
    "bindOptions": _object({"propagation": _TEXT}),
    "tmpfsOptions": _object({"sizeBytes": _INTEGER, "mode": _INTEGER}),
    "volumeOptions": _object(
        {"driverName": _TEXT, "driverOptions": _MAP, "labels": LABELS, "noCopy": _FLAG, "subpath": _TEXT}
    ),
}

_PORT: Final = {
    "internal": Field(Kind.INTEGER, required=True),
    "external": _INTEGER,
    "ip": Field(Kind.TEXT, default="0.0.0.0"),
    "protocol": Field(Kind.TEXT, default="tcp"),
}

_UPLOAD: Final = {
    "file": _NEEDED,
    "content": _TEXT,
    "contentBase64": _TEXT,
    "source": _TEXT,
    "sourceHash": _TEXT,
    "executable": Field(Kind.FLAG, default=False),
    "permissions": _TEXT,
}

_NETWORK: Final = {
    "name": _NEEDED,
    "aliases": _SET,
    "ipv4Address": _TEXT,
    "ipv6Address": _TEXT,
    "macAddress": _TEXT,
}

_VOLUME: Final = {
    "containerPath": _TEXT,
    "fromContainer": _TEXT,
    "hostPath": _TEXT,
    "volumeName": _TEXT,
    "readOnly": _FLAG,
}

_REPLACING: Final[Fields] = {
    "capabilities": _object({"adds": _SET, "drops": _SET}),
    "cgroupParent": _TEXT,
    "cgroupnsMode": _TEXT,
    "command": _LIST,
    "cpus": _TEXT,
    "devices": _set_of({"hostPath": _NEEDED, "containerPath": _TEXT, "permissions": Field(Kind.TEXT, default="rwm")}),
    "dns": _SET,
    "dnsOpts": _SET,
    "dnsSearches": _SET,
    "domainname": _TEXT,
    "entrypoints": _LIST,
    "envs": _SET,
    "groupAdds": _SET,
    "hostname": _TEXT,
    "hosts": _set_of({"host": _NEEDED, "ip": _NEEDED}),
    "image": _NEEDED,
    "ipcMode": _TEXT,
    "labels": LABELS,
    "logDriver": _TEXT,
    "logOpts": _MAP,
    "mounts": _set_of(_MOUNT),
    "name": _TEXT,
    "networkMode": Field(Kind.TEXT, default="bridge"),
    "networksAdvanced": _set_of(_NETWORK),
    "pidMode": _TEXT,
    "ports": _set_of(_PORT),
    "privileged": _FLAG,
    "publishAllPorts": _FLAG,
    "readOnly": Field(Kind.FLAG, default=False),
    "runtime": _TEXT,
    "securityOpts": _SET,
    "shmSize": _INTEGER,
    "stdinOpen": Field(Kind.FLAG, default=False),
    "stopSignal": _TEXT,
    "stopTimeout": _INTEGER,
    "storageOpts": _MAP,
    "sysctls": _MAP,
    "tty": Field(Kind.FLAG, default=False),
    "ulimits": _set_of(
        {"name": _NEEDED, "soft": Field(Kind.INTEGER, required=True), "hard": Field(Kind.INTEGER, required=True)}
    ),
    "uploads": _set_of(_UPLOAD),
    "user": _TEXT,
    "usernsMode": _TEXT,
    "volumes": _set_of(_VOLUME),
    "workingDir": _TEXT,
}
"""The real plugin has one more, `gpus`: refused here, as no machine of ours can try it."""

_IN_PLACE: Final[Fields] = {
    "attach": Field(Kind.FLAG, replaces=False, default=False),
    "containerReadRefreshTimeoutMilliseconds": Field(Kind.INTEGER, replaces=False, default=15000),
    "cpuPeriod": Field(Kind.INTEGER, replaces=False),
    "cpuQuota": Field(Kind.INTEGER, replaces=False),
    "cpuSet": Field(Kind.TEXT, replaces=False),
    "cpuShares": Field(Kind.INTEGER, replaces=False),
    "destroyGraceSeconds": Field(Kind.INTEGER, replaces=False),
    "healthcheck": _object(_HEALTHCHECK, replaces=False),
    "init": Field(Kind.FLAG, replaces=False),
    "logs": Field(Kind.FLAG, replaces=False, default=False),
    "maxRetryCount": Field(Kind.INTEGER, replaces=False),
    "memory": Field(Kind.INTEGER, replaces=False),
    "memoryReservation": Field(Kind.INTEGER, replaces=False),
    "memorySwap": Field(Kind.INTEGER, replaces=False),
    "mustRun": Field(Kind.FLAG, replaces=False, default=True),
    "removeVolumes": Field(Kind.FLAG, replaces=False, default=True),
    "restart": Field(Kind.TEXT, replaces=False, default="no"),
    "rm": Field(Kind.FLAG, replaces=False, default=False),
    "start": Field(Kind.FLAG, replaces=False, default=True),
    "tmpfs": Field(Kind.MAP, replaces=False),
    "wait": Field(Kind.FLAG, replaces=False, default=False),
    "waitTimeout": Field(Kind.INTEGER, replaces=False, default=60),
}

CONTAINER_FIELDS: Final[Fields] = {**_REPLACING, **_IN_PLACE}
