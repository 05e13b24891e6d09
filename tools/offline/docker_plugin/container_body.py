"""A container's inputs as the requests that Docker's engine takes (all pure)."""

import base64
import binascii
from typing import Final

from tools.offline.docker_plugin.durations import nanoseconds
from tools.offline.docker_plugin.schema import Problem
from tools.offline.docker_plugin.values import (
    UNKNOWN,
    Json,
    Value,
    Values,
    flag,
    integer,
    mapping,
    mappings,
    text,
    text_map,
    texts,
)

_MEGABYTE: Final = 1024 * 1024
_RESTARTS: Final = ("no", "on-failure", "always", "unless-stopped")
_MOUNT_TYPES: Final = ("bind", "volume", "tmpfs")
_DURATIONS: Final = ("interval", "timeout", "startPeriod", "startInterval")


def container_problems(inputs: Values) -> list[Problem]:
    """What the types alone do not tell is wrong with a container's inputs."""
    found: list[Problem] = []
    if _known(inputs, "restart") and text(inputs["restart"]) not in _RESTARTS:
        found.append(Problem("restart", f"is {text(inputs['restart'])}; give one of {', '.join(_RESTARTS)}"))
    if "" in texts(inputs.get("command")):
        found.append(Problem("command", "has an empty part; leave it out"))
    for name in ("memory", "cpuShares", "shmSize", "destroyGraceSeconds", "waitTimeout"):
        if integer(inputs.get(name)) < 0:
            found.append(Problem(name, "is below 0; give 0 or more"))
    if _known(inputs, "cpus") and _nano_cpus(text(inputs["cpus"])) is None:
        found.append(Problem("cpus", 'is no number of processors; give a string such as "1.5"'))
    for index, mount in enumerate(mappings(inputs.get("mounts"))):
        if _known(mount, "type") and text(mount["type"]) not in _MOUNT_TYPES:
            found.append(Problem(f"mounts[{index}].type", f"is no type; give one of {', '.join(_MOUNT_TYPES)}"))
    for index, upload in enumerate(mappings(inputs.get("uploads"))):
        found += _upload_problems(upload, f"uploads[{index}]")
    return found + _healthcheck_problems(mapping(inputs.get("healthcheck")))


def create_body(inputs: Values) -> dict[str, Json]:
    """The body of the request that creates the container; `inputs` are checked and hold no unknowns."""
    ports = mappings(inputs.get("ports"))
    healthcheck = mapping(inputs.get("healthcheck"))
    body: dict[str, Json] = {
        "Image": text(inputs.get("image")),
        "Hostname": text(inputs.get("hostname")),
        "Domainname": text(inputs.get("domainname")),
        "User": text(inputs.get("user")),
        "WorkingDir": text(inputs.get("workingDir")),
        "StopSignal": text(inputs.get("stopSignal")),
        "StopTimeout": _optional_integer(inputs.get("stopTimeout")),
        "Tty": flag(inputs.get("tty")),
        "OpenStdin": flag(inputs.get("stdinOpen")),
        "Env": [*texts(inputs.get("envs"))],
        "Cmd": _optional_list(inputs.get("command")),
        "Entrypoint": _optional_list(inputs.get("entrypoints")),
        "Labels": labels(inputs.get("labels")),
        "ExposedPorts": {_port_key(port): {} for port in ports},
        "Volumes": {path: {} for path in _anonymous_volumes(inputs)},
        "Healthcheck": _healthcheck(healthcheck) if healthcheck else None,
        "HostConfig": _host_config(inputs, ports),
    }
    return {key: value for key, value in body.items() if value not in (None, "", [], {})}


def update_arguments(old: Values, new: Values) -> dict[str, Json]:
    """The settings of a running container that change from `old` to `new`, as `docker update` knows them."""
    changes: dict[str, Json] = {}
    sizes = {"memory": "mem_limit", "memoryReservation": "mem_reservation", "memorySwap": "memswap_limit"}
    for name, argument in sizes.items():
        if old.get(name) != new.get(name) and name in new:
            changes[argument] = _bytes(new[name])
    counts = {"cpuShares": "cpu_shares", "cpuPeriod": "cpu_period", "cpuQuota": "cpu_quota"}
    for name, argument in counts.items():
        if old.get(name) != new.get(name) and name in new:
            changes[argument] = integer(new[name])
    if old.get("cpuSet") != new.get("cpuSet") and "cpuSet" in new:
        changes["cpuset_cpus"] = text(new["cpuSet"])
    if any(old.get(name) != new.get(name) for name in ("restart", "maxRetryCount")):
        changes["restart_policy"] = _restart_policy(new)
    return changes


def labels(value: Value) -> dict[str, Json]:
    """The labels of any resource: a list of label and value as a map."""
    return {text(item.get("label")): text(item.get("value")) for item in mappings(value)}


def upload_content(upload: Values) -> bytes | None:
    """What an upload holds, or None when it names a file of this machine (`source`)."""
    if "contentBase64" in upload:
        return base64.b64decode(text(upload["contentBase64"]))
    return text(upload["content"]).encode() if "content" in upload else None


def upload_mode(upload: Values) -> int:
    """The permissions of an uploaded file: 644, or 744 for an executable one, unless given."""
    if "permissions" in upload:
        return int(text(upload["permissions"]), 8)
    return 0o744 if flag(upload.get("executable")) else 0o644


def _known(values: Values, name: str) -> bool:
    return isinstance(values.get(name), str)


def _upload_problems(upload: Values, path: str) -> list[Problem]:
    sources = [name for name in ("content", "contentBase64", "source") if upload.get(name) not in (None, "")]
    if len(sources) != 1:
        given = " and ".join(sources) or "none of them"
        return [Problem(path, f"has {given}; give exactly one of content, contentBase64 and source, not empty")]
    found: list[Problem] = []
    if _known(upload, "contentBase64"):
        try:
            base64.b64decode(text(upload["contentBase64"]), validate=True)
        except binascii.Error:
            found.append(Problem(f"{path}.contentBase64", "is not base64"))
    mode = upload.get("permissions")
    if isinstance(mode, str) and not (len(mode) == 4 and mode[0] == "0" and set(mode) <= set("01234567")):
        found.append(Problem(f"{path}.permissions", 'is no file mode; give a string such as "0644"'))
    return found


def _healthcheck_problems(healthcheck: Values) -> list[Problem]:
    found: list[Problem] = []
    for name in _DURATIONS:
        if _known(healthcheck, name):
            try:
                nanoseconds(text(healthcheck[name]))
            except ValueError as error:
                found.append(Problem(f"healthcheck.{name}", str(error)))
    return found


def _optional_integer(value: Value) -> int | None:
    return None if value is None or value is UNKNOWN else integer(value)


def _optional_list(value: Value) -> list[Json] | None:
    return None if value is None else [*texts(value)]


def _bytes(value: Value) -> int:
    """Megabytes as bytes; -1, which stands for no limit, stays."""
    return integer(value) * _MEGABYTE if integer(value) > 0 else integer(value)


def _nano_cpus(cpus: str) -> int | None:
    try:
        return round(float(cpus) * 10**9)
    except ValueError:
        return None


def _port_key(port: Values) -> str:
    return f"{integer(port.get('internal'))}/{text(port.get('protocol')) or 'tcp'}"


def _port_bindings(ports: list[Values]) -> dict[str, Json]:
    bindings: dict[str, list[Json]] = {}
    for port in ports:
        external = integer(port.get("external"))
        ip = text(port.get("ip")) or "0.0.0.0"
        binding: Json = {"HostIp": ip, "HostPort": str(external) if external else ""}
        bindings.setdefault(_port_key(port), []).append(binding)
    return {key: [*values] for key, values in bindings.items()}


def _healthcheck(healthcheck: Values) -> dict[str, Json]:
    named = {"Interval": "interval", "Timeout": "timeout", "StartPeriod": "startPeriod"}
    body: dict[str, Json] = {"Test": [*texts(healthcheck.get("tests"))]}
    body |= {key: nanoseconds(text(healthcheck.get(name)) or "0s") for key, name in named.items()}
    if "startInterval" in healthcheck:
        body["StartInterval"] = nanoseconds(text(healthcheck["startInterval"]))
    return body | {"Retries": integer(healthcheck.get("retries"))}


def _restart_policy(inputs: Values) -> dict[str, Json]:
    return {"Name": text(inputs.get("restart")) or "no", "MaximumRetryCount": integer(inputs.get("maxRetryCount"))}


def _anonymous_volumes(inputs: Values) -> list[str]:
    sources = ("hostPath", "volumeName", "fromContainer")
    given = mappings(inputs.get("volumes"))
    return [text(v.get("containerPath")) for v in given if not any(text(v.get(name)) for name in sources)]


def _binds(inputs: Values) -> list[Json]:
    binds: list[Json] = []
    for volume in mappings(inputs.get("volumes")):
        source = text(volume.get("volumeName")) or text(volume.get("hostPath"))
        if source:
            mode = "ro" if flag(volume.get("readOnly")) else "rw"
            binds.append(f"{source}:{text(volume.get('containerPath'))}:{mode}")
    return binds


def _volumes_from(inputs: Values) -> list[Json]:
    given = [volume for volume in mappings(inputs.get("volumes")) if text(volume.get("fromContainer"))]
    return [f"{text(v['fromContainer'])}:{'ro' if flag(v.get('readOnly')) else 'rw'}" for v in given]


def _mount(mount: Values) -> dict[str, Json]:
    body: dict[str, Json] = {
        "Type": text(mount.get("type")),
        "Target": text(mount.get("target")),
        "Source": text(mount.get("source")),
        "ReadOnly": flag(mount.get("readOnly")),
    }
    bind, tmpfs, volume = (mapping(mount.get(name)) for name in ("bindOptions", "tmpfsOptions", "volumeOptions"))
    if bind:
        body["BindOptions"] = {"Propagation": text(bind.get("propagation"))}
    if tmpfs:
        body["TmpfsOptions"] = {"SizeBytes": integer(tmpfs.get("sizeBytes")), "Mode": integer(tmpfs.get("mode"))}
    if volume:
        options: dict[str, Json] = {"NoCopy": flag(volume.get("noCopy")), "Labels": labels(volume.get("labels"))}
        driver: dict[str, Json] = {"Name": text(volume.get("driverName"))}
        if "driverName" in volume or "driverOptions" in volume:
            driver_options: dict[str, Json] = {**text_map(volume.get("driverOptions"))}
            driver["Options"] = driver_options
            options["DriverConfig"] = driver
        if "subpath" in volume:
            options["Subpath"] = text(volume["subpath"])
        body["VolumeOptions"] = options
    return body


def _device(device: Values) -> dict[str, Json]:
    host = text(device.get("hostPath"))
    return {
        "PathOnHost": host,
        "PathInContainer": text(device.get("containerPath")) or host,
        "CgroupPermissions": text(device.get("permissions")) or "rwm",
    }


def _ulimit(ulimit: Values) -> dict[str, Json]:
    return {"Name": text(ulimit.get("name")), "Soft": integer(ulimit.get("soft")), "Hard": integer(ulimit.get("hard"))}


def _host_config(inputs: Values, ports: list[Values]) -> dict[str, Json]:
    capabilities = mapping(inputs.get("capabilities"))
    log_options: dict[str, Json] = {**text_map(inputs.get("logOpts"))}
    log: dict[str, Json] = {"Type": text(inputs.get("logDriver")), "Config": log_options}
    config: dict[str, Json] = {
        "NetworkMode": text(inputs.get("networkMode")),
        "PortBindings": _port_bindings(ports),
        "RestartPolicy": _restart_policy(inputs),
        "Mounts": [_mount(mount) for mount in mappings(inputs.get("mounts"))],
        "Binds": _binds(inputs),
        "VolumesFrom": _volumes_from(inputs),
        "Tmpfs": {**text_map(inputs.get("tmpfs"))},
        "AutoRemove": flag(inputs.get("rm")),
        "ReadonlyRootfs": flag(inputs.get("readOnly")),
        "Privileged": flag(inputs.get("privileged")),
        "PublishAllPorts": flag(inputs.get("publishAllPorts")),
        "LogConfig": log if log["Type"] or log_options else None,
        "CapAdd": [*texts(capabilities.get("adds"))],
        "CapDrop": [*texts(capabilities.get("drops"))],
        "SecurityOpt": [*texts(inputs.get("securityOpts"))],
        "Dns": [*texts(inputs.get("dns"))],
        "DnsOptions": [*texts(inputs.get("dnsOpts"))],
        "DnsSearch": [*texts(inputs.get("dnsSearches"))],
        "ExtraHosts": [f"{text(host.get('host'))}:{text(host.get('ip'))}" for host in mappings(inputs.get("hosts"))],
        "GroupAdd": [*texts(inputs.get("groupAdds"))],
        "Devices": [_device(device) for device in mappings(inputs.get("devices"))],
        "Ulimits": [_ulimit(ulimit) for ulimit in mappings(inputs.get("ulimits"))],
        "Sysctls": {**text_map(inputs.get("sysctls"))},
        "StorageOpt": {**text_map(inputs.get("storageOpts"))},
        "Memory": _bytes(inputs.get("memory")),
        "MemoryReservation": _bytes(inputs.get("memoryReservation")),
        "MemorySwap": _bytes(inputs.get("memorySwap")),
        "ShmSize": _bytes(inputs.get("shmSize")),
        "CpuShares": integer(inputs.get("cpuShares")),
        "CpuPeriod": integer(inputs.get("cpuPeriod")),
        "CpuQuota": integer(inputs.get("cpuQuota")),
        "CpusetCpus": text(inputs.get("cpuSet")),
        "NanoCpus": _nano_cpus(text(inputs.get("cpus"))),
        "CgroupParent": text(inputs.get("cgroupParent")),
        "CgroupnsMode": text(inputs.get("cgroupnsMode")),
        "IpcMode": text(inputs.get("ipcMode")),
        "PidMode": text(inputs.get("pidMode")),
        "UsernsMode": text(inputs.get("usernsMode")),
        "Runtime": text(inputs.get("runtime")),
    }
    given: dict[str, Json] = {key: value for key, value in config.items() if value not in (None, "", [], {}, 0)}
    if "init" in inputs:
        given["Init"] = flag(inputs["init"])
    return given
