"""The alarms of a stack on AWS, which say whether a step goes well."""

from dataclasses import dataclass

from components.aws.plan.load_balancers import SUFFIXES
from tools.cutover.stack import Found
from tools.cutover.verdict import Verdict
from tools.operate.on_aws import Aws
from tools.operate.request import Request
from tools.operate.status import Alarm

LOOK_EVERY = 15.0
"""Seconds. An alarm's period is a minute."""


@dataclass
class AwsWatch:
    """The alarms of the route's service and of the facades."""

    aws: Aws
    found: Found
    every: float = LOOK_EVERY

    @staticmethod
    def of(found: Found) -> "AwsWatch":
        """That of a stack."""
        return AwsWatch(Aws(Request("status"), found.deployed), found)

    def trouble(self) -> str:
        """Why nothing can be watched now; empty: it can. An alarm that is in alarm already would not tell."""
        alarms = self._alarms()
        if not alarms:
            return f"no alarm watches {self.found.service}: set alarms.topic or alarms.email (docs/config.md)"
        ringing = [alarm.name for alarm in alarms if alarm.state == "ALARM"]
        return f"{', '.join(ringing)} is in alarm already: look at it first" if ringing else ""

    def begin(self) -> None:
        """Alarms need none."""

    def look(self) -> Verdict:
        """What they say now."""
        alarms = self._alarms()
        ringing = [f"{alarm.name}: {alarm.reason}" for alarm in alarms if alarm.state == "ALARM"]
        unknown = [alarm.name for alarm in alarms if alarm.state == "INSUFFICIENT_DATA"]
        summary = f"{len(alarms) - len(unknown)} of {len(alarms)} alarms have data, and none is in alarm"
        if len(unknown) == len(alarms):
            summary = "no alarm has data, so that nothing was judged"
        return Verdict("; ".join(ringing), summary)

    def _alarms(self) -> list[Alarm]:
        region = self.found.deployed.region
        return [alarm for alarm in self.aws.alarms(region) if concerns(alarm.name, self.found)]


def concerns(alarm: str, found: Found) -> bool:
    """Whether an alarm is of the route's service or of a facade, by the names of components/aws/plan/alarms.py."""
    prefix = f"{found.deployed.project}-{found.deployed.stack}-"
    rest = alarm.removeprefix(prefix)
    middles = (suffix.title() for suffix in SUFFIXES.values())
    own = {f"{found.service}{middle}-{what}" for middle in middles for what in ("Errors", "Latency", "Unhealthy")}
    # Longer names are cut: then it is better to look at one too many.
    return rest.startswith("Facade-") or rest in own or not alarm.startswith(prefix)
