"""The verbs of the day: `make status`, `logs`, `exec`, `open` and `cost`, for stacks on AWS and on this machine."""
