"""`docker:index/container:Container`.

Like the real plugin: a replacement deletes the old container first; a stopped container that must run is deleted by a
refresh and made anew by the update after it; deletion sends SIGTERM and, `destroyGraceSeconds` later (0 without it),
SIGKILL; and to delete a container that is gone already is an error that a refresh resolves.
"""

import time
from typing import Final

from tools.offline.docker_plugin.container_body import container_problems, create_body, port_key, update_arguments
from tools.offline.docker_plugin.container_fields import CONTAINER_FIELDS
from tools.offline.docker_plugin.docker_engine import NotFoundError, at
from tools.offline.docker_plugin.errors import PluginError, UnfinishedError
from tools.offline.docker_plugin.job import Job
from tools.offline.docker_plugin.schema import Fields, Problem
from tools.offline.docker_plugin.values import (
    UNKNOWN,
    Value,
    Values,
    flag,
    integer,
    mapping,
    mappings,
    text,
    texts,
)

UNFINISHED: Final = "__unfinished"
"""The output that marks a container whose creation failed half-way: the next update replaces it."""

_POLL_SECONDS: Final = 0.2

# Outputs that are inputs of the real plugin too: what the engine made of them when they were left out.
_COMPUTED: Final = {
    "command": ("Config", "Cmd"),
    "entrypoints": ("Config", "Entrypoint"),
    "hostname": ("Config", "Hostname"),
    "init": ("HostConfig", "Init"),
    "ipcMode": ("HostConfig", "IpcMode"),
    "logDriver": ("HostConfig", "LogConfig", "Type"),
    "runtime": ("HostConfig", "Runtime"),
    "securityOpts": ("HostConfig", "SecurityOpt"),
    "stopSignal": ("Config", "StopSignal"),
    "stopTimeout": ("Config", "StopTimeout"),
}
_RESULTS: Final = ("bridge", "exitCode", "networkDatas")
_NETWORK_DATA: Final = {
    "ipAddress": "IPAddress",
    "ipPrefixLength": "IPPrefixLen",
    "gateway": "Gateway",
    "globalIpv6Address": "GlobalIPv6Address",
    "globalIpv6PrefixLength": "GlobalIPv6PrefixLen",
    "ipv6Gateway": "IPv6Gateway",
    "macAddress": "MacAddress",
}


class Container:
    """The container resource."""

    fields: Fields = CONTAINER_FIELDS
    named: bool = True
    deletes_first: bool = True

    def check(self, inputs: Values) -> tuple[Values, list[Problem]]:
        return inputs, container_problems(inputs)

    def planned(self, inputs: Values, outputs: Values) -> Values:
        if outputs:
            return outputs | inputs
        unknown: Values = dict.fromkeys((*_COMPUTED, *_RESULTS, "shmSize"), UNKNOWN)
        return unknown | inputs

    def create(self, job: Job, inputs: Values) -> tuple[str, Values]:
        _fetch_image(job, text(inputs.get("image")))
        container_id = job.docker.create_container(create_body(inputs), text(inputs.get("name")))
        try:
            _connect(job, container_id, inputs)
            job.check()
            if inputs.get("start") is not False:
                job.docker.start(container_id)
            if flag(inputs.get("wait")):
                _wait_until_healthy(job, container_id, integer(inputs.get("waitTimeout")))
            state = job.docker.container(container_id)
        except PluginError as error:
            raise UnfinishedError(str(error), container_id, _unfinished(job, container_id, inputs)) from error
        return container_id, container_outputs(inputs, state)

    def read(self, job: Job, object_id: str, outputs: Values) -> Values | None:
        try:
            state = job.docker.container(object_id)
            if not at(state, "State", "Running") and outputs.get("mustRun") is not False:
                self.delete(job, object_id, outputs)
                return None
        except NotFoundError:
            return None
        inputs = {name: outputs[name] for name in CONTAINER_FIELDS if name in outputs}
        kept: Values = {UNFINISHED: True} if UNFINISHED in outputs else {}
        return container_outputs(inputs, state) | kept

    def update(self, job: Job, object_id: str, outputs: Values, old: Values, new: Values) -> Values:  # noqa: ARG002
        settings = update_arguments(old, new)
        if settings:
            job.docker.update_container(object_id, settings)
        return container_outputs(new, job.docker.container(object_id))

    def delete(self, job: Job, object_id: str, outputs: Values) -> None:
        job.docker.stop(object_id, integer(outputs.get("destroyGraceSeconds")))
        job.check()
        try:
            job.docker.remove_container(object_id)
        except PluginError as error:
            if "is already in progress" not in str(error):
                raise


def container_outputs(inputs: Values, state: Values) -> Values:
    """What the state keeps of a container: its inputs, and what the engine says of it."""
    computed: Values = {name: at(state, *path) for name, path in _COMPUTED.items()}
    shm = integer(at(state, "HostConfig", "ShmSize"))
    outputs: Values = {
        **{name: value for name, value in computed.items() if value is not None},
        "shmSize": shm // (1024 * 1024),
        **inputs,
        "bridge": text(at(state, "NetworkSettings", "Bridge")),
        "networkDatas": _network_datas(state),
    }
    if "ports" in inputs:
        outputs["ports"] = [_bound_port(port, state) for port in mappings(inputs["ports"])]
    if not at(state, "State", "Running"):
        outputs["exitCode"] = integer(at(state, "State", "ExitCode"))
    return outputs


def _network_datas(state: Values) -> list[Value]:
    networks = mapping(at(state, "NetworkSettings", "Networks"))
    return [
        {"networkName": name} | {key: at(networks[name], source) for key, source in _NETWORK_DATA.items()}
        for name in sorted(networks)
    ]


def _bound_port(port: Values, state: Values) -> Value:
    """A published port with its defaults, and the outer port that the engine chose if none was given."""
    port = {"ip": "0.0.0.0", "protocol": "tcp"} | port
    bound = mappings(at(state, "NetworkSettings", "Ports", port_key(port)))
    if "external" not in port and bound:
        port["external"] = int(text(bound[0].get("HostPort")) or 0)
    return port


def _unfinished(job: Job, container_id: str, inputs: Values) -> Values:
    try:
        return container_outputs(inputs, job.docker.container(container_id)) | {UNFINISHED: True}
    except PluginError:
        return inputs | {UNFINISHED: True}


def _fetch_image(job: Job, image: str) -> None:
    try:
        job.docker.image_id(image)
    except NotFoundError:
        job.tell(f"Pulling image {image}")
        job.docker.pull(image)


def _connect(job: Job, container_id: str, inputs: Values) -> None:
    networks = mappings(inputs.get("networksAdvanced"))
    if networks:
        job.docker.leave_network("bridge", container_id)
    for network in networks:
        job.docker.join_network(text(network.get("name")), container_id, texts(network.get("aliases")))


def _wait_until_healthy(job: Job, container_id: str, seconds: int) -> None:
    """Wait for the healthcheck; like the real plugin for all the time given, even if the process is long dead."""
    deadline = time.monotonic() + seconds
    while True:
        state = job.docker.container(container_id)
        if at(state, "Config", "Healthcheck") is None:
            raise PluginError("the container has no healthcheck; give one, or leave out wait")
        if at(state, "State", "Health", "Status") == "healthy":
            return
        if time.monotonic() > deadline:
            raise PluginError("container failed to be in healthy state")
        job.cancellation.pause(_POLL_SECONDS)
