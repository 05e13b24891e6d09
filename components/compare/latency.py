"""How long answers took, in little memory whatever their number. Pure."""

import math
from collections import Counter
from dataclasses import dataclass, field

_STEP = math.log(1.02)
"""Classes are 2 % wide, so that a percentile is off by 1 % at most."""

_SHORTEST = 1e-6


@dataclass
class Latency:
    """Counts answers by the class of their duration."""

    classes: Counter[int] = field(default_factory=Counter[int])
    """How many there are in each. Default: none."""

    def add(self, seconds: float) -> None:
        """Counts one."""
        self.classes[round(math.log(max(seconds, _SHORTEST)) / _STEP)] += 1

    def percentile(self, percent: float) -> float:
        """The seconds within which so many of a hundred came; 0 if there are none."""
        left = percent / 100 * self.classes.total()
        for number in sorted(self.classes):
            left -= self.classes[number]
            if left <= 0:
                return math.exp(number * _STEP)
        return 0.0
