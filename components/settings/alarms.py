"""Alarms that tell somebody: `alarms`. Pure."""

import re
from dataclasses import dataclass
from fractions import Fraction

from components.input.scalars import truth
from components.input.value import Value, seconds_of

_TOPIC = re.compile(r"arn:aws[a-z-]*:sns:(?P<region>[a-z0-9-]+):[0-9]{12}:[A-Za-z0-9_-]{1,256}")
"""A standard topic: the name of a FIFO topic ends with .fifo, and alarms send to standard ones here."""
_EMAIL = re.compile(r"(?=.{3,254}$)[^@\s]+@[^@\s.]+(?:\.[^@\s.]+)+")

_KEYS = ("topic", "email", "errors", "latency", "unhealthy", "requests", "minutes", "rollback")
_FORMS = "give {topic: <ARN>} or {email: <address>}, or false"
_FEWEST, _LONGEST = Fraction(1, 1000), 3600


@dataclass(frozen=True)
class Alarms:
    """Whom alarms tell, and from where on. One of `topic` and `email` is there."""

    topic: str | None = None
    """ARN of an SNS topic of the stack's region. Default: `email` is there."""
    email: str | None = None
    """An address: a topic is made for it. AWS sends it a link first, and nothing before that was followed.
    Default: `topic` is there."""
    errors: float = 5
    """Percent of the requests of a minute, 0 to 100: an alarm goes off above it, if they are answered by 5xx. Default
    5."""
    latency: float = 3
    """Seconds, 0.001 to 3600: an alarm goes off if the slowest of 100 requests of a minute takes longer. Default 3."""
    unhealthy: int = 0
    """Tasks, 0 to 1000: an alarm goes off if more of a service's are unhealthy. Default 0."""
    requests: int = 20
    """Requests of a minute, 1 to 1,000,000: with fewer, neither errors nor latency are judged, as one request would be
    a large share. Default 20."""
    minutes: int = 3
    """For how many minutes one after the other it must be so, 1 to 60. Default 3."""
    rollback: bool = True
    """Whether ECS takes a deployment back if errors or latency of its service go off meanwhile. Default true."""


def read_alarms(at: Value, region: str | None) -> Alarms | None:
    """The key `alarms`; None: there are none. region: the stack's, if its config names one."""
    if not at or truth(at.value) is False:
        return None
    if not at.is_map():
        at.fail(_FORMS)
        return None
    at.only(_KEYS)
    if bool(at.get("topic")) is bool(at.get("email")):
        at.fail(_FORMS, "both topic and email" if at.get("topic") else "neither topic nor email")
    default = Alarms()
    return Alarms(
        topic=_topic(at.get("topic"), region),
        email=at.get("email").matching(_EMAIL, "give an address such as ops@example.com"),
        errors=at.get("errors").number(default.errors, 0, 100),
        latency=_latency(at.get("latency"), default.latency),
        unhealthy=at.get("unhealthy").integer(default.unhealthy, 0, 1000),
        requests=at.get("requests").integer(default.requests, 1, 1_000_000),
        minutes=at.get("minutes").integer(default.minutes, 1, 60),
        rollback=at.get("rollback").boolean(default.rollback),
    )


def _topic(at: Value, region: str | None) -> str | None:
    """CloudWatch API, PutMetricAlarm, AlarmActions: a topic of the alarm's own region."""
    topic = at.matching(_TOPIC, "give the ARN of a standard topic: arn:aws:sns:<region>:<12 digits>:<name>")
    matched = _TOPIC.fullmatch(topic) if topic else None
    if matched and region and matched["region"] != region:
        at.fail(f"give one in the stack's region {region}", f"a topic in {matched['region']}")
    return topic


def _latency(at: Value, default: float) -> float:
    if not at:
        return default
    seconds = seconds_of(at.value) if isinstance(at.value, str) else None
    if seconds is not None and _FEWEST <= seconds <= _LONGEST:
        return float(seconds)
    at.fail("give a duration from 1ms to 1h, such as 800ms or 3s")
    return default
