"""`docker:index/volume:Volume`: every change makes a new one. Its id is its name; one of that name that is there
already is taken as it is, as the engine answers a second creation with the first one's volume."""

from typing import Final

from tools.offline.docker_plugin.container_body import labels
from tools.offline.docker_plugin.container_fields import LABELS
from tools.offline.docker_plugin.docker_engine import NotFoundError, at
from tools.offline.docker_plugin.job import Job, eventually
from tools.offline.docker_plugin.schema import Field, Fields, Kind, Problem
from tools.offline.docker_plugin.values import UNKNOWN, Values, text

_FIELDS: Final[Fields] = {"labels": LABELS, "name": Field(Kind.TEXT)}


class Volume:
    """The volume resource."""

    fields: Fields = _FIELDS
    named: bool = True
    deletes_first: bool = False

    def check(self, inputs: Values) -> tuple[Values, list[Problem]]:
        return inputs, []

    def planned(self, inputs: Values, outputs: Values) -> Values:
        unknown: Values = dict.fromkeys(("driver", "mountpoint"), UNKNOWN)
        return (outputs or unknown) | inputs

    def create(self, job: Job, inputs: Values) -> tuple[str, Values]:
        name = text(inputs.get("name"))
        return name, _outputs(inputs, job.docker.create_volume(name, labels(inputs.get("labels"))))

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
