"""A container's inputs as the requests that Docker's engine takes (all pure)."""

from typing import Final

from tools.offline.docker_plugin.durations import nanoseconds
from tools.offline.docker_plugin.schema import Problem
from tools.offline.docker_plugin.values import (
    Json,
    Value,
    Values,
    flag,
    integer,
    mapping,
    mappings,
    text,
    texts,
)

_MEGABYTE: Final = 1024 * 1024
_RESTARTS: Final = ("no", "on-failure", "always", "unless-stopped")
_DURATIONS: Final = {"Interval": "interval", "Timeout": "timeout", "StartPeriod": "startPeriod"}


def container_problems(inputs: Values) -> list[Problem]:
    """What the types alone do not tell is wrong with a container's inputs."""
    found: list[Problem] = []
    if _known(inputs, "restart") and text(inputs["restart"]) not in _RESTARTS:
        found.append(Problem("restart", f"is {text(inputs['restart'])}; give one of {', '.join(_RESTARTS)}"))
    if "" in texts(inputs.get("command")):
        found.append(Problem("command", "has an empty part; leave it out"))
    mode = text(inputs.get("networkMode"))
    if _known(inputs, "networkMode") and mode != "bridge" and not mode.startswith("container:"):
        found.append(Problem("networkMode", "the stand-in docker plugin takes only bridge and container:<id>"))
    for number, mount in enumerate(mappings(inputs.get("mounts"))):
        if _known(mount, "type") and text(mount["type"]) != "volume":
            found.append(Problem(f"mounts[{number}].type", "the stand-in docker plugin mounts only a volume"))
    for name in ("memory", "cpuShares", "destroyGraceSeconds", "waitTimeout"):
        if integer(inputs.get(name)) < 0:
            found.append(Problem(name, "is below 0; give 0 or more"))
    return found + _healthcheck_problems(mapping(inputs.get("healthcheck")))


def create_body(inputs: Values) -> dict[str, Json]:
    """The body of the request that creates the container; `inputs` are checked and hold no unknowns."""
    ports = mappings(inputs.get("ports"))
    healthcheck = mapping(inputs.get("healthcheck"))
    body: dict[str, Json] = {
        "Image": text(inputs.get("image")),
        "Env": [*texts(inputs.get("envs"))],
        "Cmd": _optional_list(inputs.get("command")),
        "Entrypoint": _optional_list(inputs.get("entrypoints")),
        "Labels": labels(inputs.get("labels")),
        "ExposedPorts": {port_key(port): {} for port in ports},
        "Healthcheck": _healthcheck(healthcheck) if healthcheck else None,
        "HostConfig": _host_config(inputs, ports),
    }
    return {key: value for key, value in body.items() if value not in (None, "", [], {})}


def update_arguments(old: Values, new: Values) -> dict[str, Json]:
    """The settings of a running container that change from `old` to `new`, as `docker update` knows them."""
    changed = {name for name in new if old.get(name) != new[name]}
    changes: dict[str, Json] = {}
    for name, argument in {"memory": "mem_limit", "memorySwap": "memswap_limit"}.items():
        if name in changed:
            changes[argument] = _bytes(new[name])
    if "cpuShares" in changed:
        changes["cpu_shares"] = integer(new["cpuShares"])
    if old.get("restart") != new.get("restart"):
        changes["restart_policy"] = _restart_policy(new)
    return changes


def labels(value: Value) -> dict[str, Json]:
    """The labels of any resource: a list of label and value as a map."""
    return {text(item.get("label")): text(item.get("value")) for item in mappings(value)}


def port_key(port: Values) -> str:
    """A published port's name on the engine."""
    return f"{integer(port.get('internal'))}/tcp"


def _known(values: Values, name: str) -> bool:
    return isinstance(values.get(name), str)


def _healthcheck_problems(healthcheck: Values) -> list[Problem]:
    found: list[Problem] = []
    for name in _DURATIONS.values():
        if _known(healthcheck, name):
            try:
                nanoseconds(text(healthcheck[name]))
            except ValueError as error:
                found.append(Problem(f"healthcheck.{name}", str(error)))
    return found


def _optional_list(value: Value) -> list[Json] | None:
    return None if value is None else [*texts(value)]


def _bytes(value: Value) -> int:
    """Megabytes as bytes; -1, which stands for no limit, stays."""
    return integer(value) * _MEGABYTE if integer(value) > 0 else integer(value)


def _port_bindings(ports: list[Values]) -> dict[str, Json]:
    bindings: dict[str, list[Json]] = {}
    for port in ports:
        external = integer(port.get("external"))
        ip = text(port.get("ip")) or "0.0.0.0"
        binding: Json = {"HostIp": ip, "HostPort": str(external) if external else ""}
        bindings.setdefault(port_key(port), []).append(binding)
    return {key: [*values] for key, values in bindings.items()}


def _healthcheck(healthcheck: Values) -> dict[str, Json]:
    body: dict[str, Json] = {"Test": [*texts(healthcheck.get("tests"))]}
    body |= {key: nanoseconds(text(healthcheck.get(name)) or "0s") for key, name in _DURATIONS.items()}
    return body | {"Retries": integer(healthcheck.get("retries"))}


def _restart_policy(inputs: Values) -> dict[str, Json]:
    return {"Name": text(inputs.get("restart")) or "no", "MaximumRetryCount": 0}


def _mount(mount: Values) -> Json:
    options = mapping(mount.get("volumeOptions"))
    return {
        "Type": text(mount.get("type")),
        "Source": text(mount.get("source")),
        "Target": text(mount.get("target")),
        "ReadOnly": flag(mount.get("readOnly")),
        **({"VolumeOptions": {"NoCopy": flag(options.get("noCopy"))}} if options else {}),
    }


def _host_config(inputs: Values, ports: list[Values]) -> dict[str, Json]:
    config: dict[str, Json] = {
        "NetworkMode": text(inputs.get("networkMode")) or "bridge",
        "Mounts": [_mount(mount) for mount in mappings(inputs.get("mounts"))],
        "PortBindings": _port_bindings(ports),
        "RestartPolicy": _restart_policy(inputs),
        "ReadonlyRootfs": flag(inputs.get("readOnly")),
        "Memory": _bytes(inputs.get("memory")),
        "MemorySwap": _bytes(inputs.get("memorySwap")),
        "CpuShares": integer(inputs.get("cpuShares")),
        "ExtraHosts": [f"{text(host.get('host'))}:{text(host.get('ip'))}" for host in mappings(inputs.get("hosts"))],
    }
    given: dict[str, Json] = {key: value for key, value in config.items() if value not in (None, "", [], {}, 0)}
    if "init" in inputs:
        given["Init"] = flag(inputs["init"])
    return given
