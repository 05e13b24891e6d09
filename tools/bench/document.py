"""The text of docs/benchmarks.md. Pure."""

from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from textwrap import fill

from tools.bench.figures import Growth, Load, Results, Start, Switch, middle, per_service, seconds, table

AIM = 1.3
"""How many times the bare program's time a preview may take."""
WIDTH = 120


@dataclass(frozen=True)
class Setting:
    """On what was measured: the machine, the versions, when, and how busy it was."""

    hardware: str
    versions: str
    load: str


def document(setting: Setting, results: Results) -> str:
    """The whole document."""
    parts = [
        "# Benchmarks",
        prose("""
            Written by `make bench`, which measures all of it anew in some 20 minutes; `make bench ARGS=--no-cold`
            leaves out the cold start and takes 10. It needs what `make up` needs, makes boards of its own beside the
            one that is up, and removes them. Figures are medians, with the smallest and the largest in brackets.
        """),
        f"- Machine: {setting.hardware}\n- Versions: {setting.versions}\n- When: {setting.load}",
        *_start(results.start),
        *_switch(results.switch),
        *_loads(results),
        *_growth(results.growth),
    ]
    return "\n\n".join(parts) + "\n"


def prose(text: str) -> str:
    """A paragraph in lines of `WIDTH`."""
    return fill(" ".join(text.split()), WIDTH, break_long_words=False, break_on_hyphens=False)


def _start(start: Start) -> list[str]:
    rows = [("nothing to do", seconds(start.warm))]
    parts = ["## `make up`", table(("", "time"), rows)]
    if start.cold is None:
        return [*parts, "The cold start was not measured in this run."]
    parts[1] = table(("", "time"), [("cold", f"{start.cold:.0f} s"), *rows])
    cold = prose("""
        Cold is a fresh clone with empty caches of Go, pip and uv, without a Pulumi CLI, and with base images and
        layers that the Docker engine doesn't have; the engine itself ran. It depends on the network, and on what can
        be downloaded ready-made. What it made, and in how long:
    """)
    return [*parts, cold, "\n".join(f"- {step}: {taken} s" for step, taken in start.steps)]


def _switch(switch: Switch) -> list[str]:
    rows = (
        ("`pulumi up --yes` that switches a route", seconds(switch.switch)),
        ("`pulumi up --yes` that changes nothing", seconds(switch.empty)),
        ("the cut-over alone", seconds(switch.cut_over)),
        ("`pulumi up --yes` of a bare program that changes one stash", seconds(switch.stash)),
    )
    share = median(switch.stash) / median(switch.switch)
    text = f"""
        The deployment engine's own share is the last row, {share:.0%} of a switch: it reads the state, starts
        Python, plans, runs and records the change. The cut-over writes Envoy's files, waits until Envoy uses them
        and finds the services healthy, and gives its workers 0.3 s to follow. Requests are answered all the while.
    """
    return ["## One route switch", table(("", "time"), rows), prose(text)]


def _loads(results: Results) -> list[str]:
    rows = [_load_row(path, middle(loads)) for path, loads in results.loads.items()]
    text = """
        `GET /api/users`, one container of the service, every answer a 200. The load generator, Envoy and the service
        share the machine's cores, so that whatever stands in between takes its time from the other two: compare the
        facade with the bare Envoy, and with the service itself only on a machine with cores to spare. The generator
        counts whole milliseconds.
    """
    headings = ("32 connections, 3 runs of 10 s each", "requests/s", "p50", "p99")
    return ["## Requests through the facade", table(headings, rows), prose(text)]


def _load_row(path: str, load: Load) -> tuple[str, ...]:
    return (path, f"{load.rate:,.0f}", f"{load.p50:.0f} ms", f"{load.p99:.0f} ms")


def _growth(growth: tuple[Growth, ...]) -> list[str]:
    rows = [
        (str(point.services), str(point.resources), seconds(point.ours), seconds(point.bare), f"{point.ratio:.2f}")
        for point in growth
    ]
    ours, bare = (" and ".join(f"{figure:.0f} ms" for figure in per_service(growth, of)) for of in (False, True))
    spans = " and ".join(f"{one.services} to {two.services}" for one, two in pairwise(growth))
    worst = max(point.ratio for point in growth)
    text = f"""
        Previews of what doesn't exist yet. The bare program (`tools/bench/bare/resources.py`) registers as many
        resources of the same types, the outputs of components included, and neither reads nor checks anything.
        From {spans} services, each more takes
        {ours} ({bare} in the bare program); on a straight line these are the same. The aim is at most {AIM} times
        the bare program: {"met" if worst <= AIM else "missed"}, with {worst:.2f} at most.
    """
    headings = ("services", "resources", "Strangler", "bare program", "ratio")
    return ["## `pulumi preview` with more services", table(headings, rows), prose(text)]
