"""`docker:index/network:Network`: every change makes a new one."""

from typing import Final

from tools.offline.docker_plugin.container_body import labels
from tools.offline.docker_plugin.container_fields import LABELS
from tools.offline.docker_plugin.docker_engine import NotFoundError, at
from tools.offline.docker_plugin.job import Job, eventually
from tools.offline.docker_plugin.schema import Field, Fields, Kind, Problem
from tools.offline.docker_plugin.values import UNKNOWN, Json, Value, Values, mappings, text

_FIELDS: Final[Fields] = {"driver": Field(Kind.TEXT), "labels": LABELS, "name": Field(Kind.TEXT)}
# Outputs that are inputs of the real plugin too: what the engine made of them when they were left out.
_COMPUTED: Final = {
    "attachable": ("Attachable",),
    "driver": ("Driver",),
    "ingress": ("Ingress",),
    "internal": ("Internal",),
    "ipamDriver": ("IPAM", "Driver"),
    "ipv6": ("EnableIPv6",),
    "options": ("Options",),
}


class Network:
    """The network resource."""

    fields: Fields = _FIELDS
    named: bool = True
    deletes_first: bool = False

    def check(self, inputs: Values) -> tuple[Values, list[Problem]]:
        return inputs, []

    def planned(self, inputs: Values, outputs: Values) -> Values:
        unknown: Values = dict.fromkeys((*_COMPUTED, "ipamConfigs", "scope"), UNKNOWN)
        return (outputs or unknown) | inputs

    def create(self, job: Job, inputs: Values) -> tuple[str, Values]:
        network_id = job.docker.create_network(text(inputs.get("name")), _settings(inputs))
        return network_id, _outputs(inputs, job.docker.network(network_id))

    def read(self, job: Job, object_id: str, outputs: Values) -> Values | None:
        inputs = {name: outputs[name] for name in self.fields if name in outputs}
        try:
            return _outputs(inputs, job.docker.network(object_id))
        except NotFoundError:
            return None

    def update(self, job: Job, object_id: str, outputs: Values, old: Values, new: Values) -> Values:  # noqa: ARG002
        return _outputs(new, job.docker.network(object_id))

    def delete(self, job: Job, object_id: str, outputs: Values) -> None:  # noqa: ARG002
        try:
            eventually(job, lambda: job.docker.remove_network(object_id), "has active endpoints")
        except NotFoundError:
            return


def _settings(inputs: Values) -> dict[str, Json]:
    """A network's inputs as docker-py's `create_network` takes them."""
    settings: dict[str, Json] = {}
    if "driver" in inputs:
        settings["driver"] = text(inputs["driver"])
    if "labels" in inputs:
        settings["labels"] = labels(inputs["labels"])
    return settings


def _outputs(inputs: Values, state: Values) -> Values:
    computed: Values = {name: at(state, *path) for name, path in _COMPUTED.items()}
    ranges: list[Value] = [
        {"subnet": text(item.get("Subnet")), "gateway": text(item.get("Gateway"))}
        for item in mappings(at(state, "IPAM", "Config"))
    ]
    known: Values = {name: value for name, value in computed.items() if value is not None}
    return {**known, "ipamConfigs": ranges, "scope": text(at(state, "Scope")), **inputs}
