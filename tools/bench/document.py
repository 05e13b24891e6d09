"""The text of docs/benchmarks.md. Pure."""

from dataclasses import dataclass
from statistics import median

from tools.bench.figures import Growth, Load, Results, Start, Switch, middle, per_service, seconds, table

AIM = 1.3


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
        "Written by `make bench`, which measures all of it anew in some 20 minutes (`make bench ARGS=--no-cold`: in 10, "
        "without the cold start). It needs what `make up` needs, makes boards of its own beside the one that is up, and "
        "removes them. Figures are medians, with the smallest and the largest in brackets.",
        table(
            ("", "measured on"),
            (("machine", setting.hardware), ("versions", setting.versions), ("when", setting.load)),
        ).replace("---:", "---"),
        *_start(results.start),
        *_switch(results.switch),
        *_loads(results),
        *_growth(results.growth),
    ]
    return "\n\n".join(parts) + "\n"


def _start(start: Start) -> list[str]:
    rows = [("nothing to do", seconds(start.warm))]
    if start.cold is None:
        cold = "The cold start was not measured in this run."
    else:
        rows.insert(0, ("cold", f"{start.cold:.0f} s"))
        steps = "\n".join(f"- {step}: {taken} s" for step, taken in start.steps)
        cold = (
            "Cold is a fresh clone with empty caches of Go, pip and uv, without a Pulumi CLI, and with base images and "
            "layers that the Docker engine doesn't have; the engine itself was there. It depends on the network and on "
            "what can be downloaded ready-made. What it made, and in how long:\n\n" + steps
        )
    return ["## `make up`", table(("`make up`", "time"), rows), cold]


def _switch(switch: Switch) -> list[str]:
    rows = (
        ("`pulumi up --yes` that switches a route", seconds(switch.switch)),
        ("`pulumi up --yes` that changes nothing", seconds(switch.empty)),
        ("the cut-over alone", seconds(switch.cut_over)),
        ("`pulumi up --yes` of a bare program that changes one stash", seconds(switch.stash)),
    )
    share = median(switch.stash) / median(switch.switch)
    return [
        "## One route switch",
        table(("", "time"), rows),
        f"The deployment engine's own share is the last row: {share:.0%} of a switch. It reads the state, starts Python, "
        "and plans, runs and records the change. The cut-over writes Envoy's files, waits until it uses them and the "
        "services are healthy, and gives its workers 0.3 s to follow. Requests are answered all the while.",
    ]


def _loads(results: Results) -> list[str]:
    middles = {way: middle(loads) for way, loads in results.loads.items()}
    rows = [_load_row(way, each) for way, each in middles.items()]
    return [
        "## Requests through the facade",
        table(("32 connections, 3 runs of 10 s each", "requests/s", "p50", "p99"), rows),
        "`GET /api/users`, with one container of the service. The load generator, Envoy and the service share the "
        "machine's cores, so that whatever stands in between takes from the other two: compare the facade with the bare "
        "Envoy, and with the service itself only on a machine with cores to spare. The generator counts whole "
        "milliseconds. Every answer was a 200.",
    ]


def _load_row(way: str, load: Load) -> tuple[str, ...]:
    return (way, f"{load.rate:,.0f}", f"{load.p50:.0f} ms", f"{load.p99:.0f} ms")


def _growth(growth: tuple[Growth, ...]) -> list[str]:
    rows = [
        (str(each.services), str(each.resources), seconds(each.ours), seconds(each.bare), f"{each.ratio:.2f}")
        for each in growth
    ]
    ours, bare = (", ".join(f"{each:.0f} ms" for each in per_service(growth, of)) for of in (False, True))
    spans = " and ".join(f"{one.services} to {two.services}" for one, two in zip(growth, growth[1:], strict=False))
    worst = max(each.ratio for each in growth)
    verdict = "met" if worst <= AIM else "missed"
    return [
        "## `pulumi preview` with more services",
        table(("services", "resources", "Strangler", "bare program", "ratio"), rows),
        f"Previews of what doesn't exist yet. The bare program (`tools/bench/bare/resources.py`) registers as many "
        f"resources of the same types, and reads and checks nothing. One more service takes {ours} from {spans} services "
        f"({bare} in the bare program); on a straight line they are the same. Aim: at most {AIM} times the bare program; "
        f"{verdict}, at most {worst:.2f} times.",
    ]
