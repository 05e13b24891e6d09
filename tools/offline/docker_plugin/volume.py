"""`docker:index/volume:Volume`: every change makes a new one."""

from typing import Final

from tools.offline.docker_plugin.container_body import labels
from tools.offline.docker_plugin.container_fields import LABELS
from tools.offline.docker_plugin.docker_engine import NotFoundError, at
from tools.offline.docker_plugin.job import Job, eventually
from tools.offline.docker_plugin.schema import Field, Fields, Kind, Problem
from tools.offline.docker_plugin.values import UNKNOWN, Json, Values, text, text_map

_FIELDS: Final[Fields] = {
    "driver": Field(Kind.TEXT),
    "driverOpts": Field(Kind.MAP),
    "labels": LABELS,
    "name": Field(Kind.TEXT),
}


class Volume:
    """The volume resource. `cluster`, for Docker Swarm, is refused."""

    fields: Fields = _FIELDS
    named: bool = True
    deletes_first: bool = False

    def check(self, inputs: Values) -> tuple[Values, list[Problem]]:
        return inputs, []

    def planned(self, inputs: Values, outputs: Values) -> Values:
        unknown: Values = {"driver": UNKNOWN, "mountpoint": UNKNOWN}
        return (outputs or unknown) | inputs

    def create(self, job: Job, inputs: Values) -> tuple[str, Values]:
        name = text(inputs.get("name"))
        options: dict[str, Json] = {**text_map(inputs.get("driverOpts"))}
        settings: dict[str, Json] = {"driver_opts": options, "labels": labels(inputs.get("labels"))}
        if "driver" in inputs:
            settings["driver"] = text(inputs["driver"])
        job.docker.create_volume(name, settings)
        return name, _outputs(inputs, job.docker.volume(name))

    def read(self, job: Job, object_id: str, outputs: Values) -> Values | None:
        inputs = {name: outputs[name] for name in self.fields if name in outputs}
        try:
            return _outputs(inputs, job.docker.volume(object_id))
        except NotFoundError:
            return None

    def update(self, job: Job, object_id: str, outputs: Values, old: Values, new: Values) -> Values:  # noqa: ARG002
        return _outputs(new, job.docker.volume(object_id))

    def delete(self, job: Job, object_id: str, outputs: Values) -> None:  # noqa: ARG002
        try:
            eventually(job, lambda: job.docker.remove_volume(object_id), "volume is in use")
        except NotFoundError:
            return


def _outputs(inputs: Values, state: Values) -> Values:
    return {"driver": text(at(state, "Driver")), "mountpoint": text(at(state, "Mountpoint")), **inputs}
