"""What `make bench` makes of what it measures; and that the bare programs are what they are compared with."""

import json
import re
from pathlib import Path

import pytest

from components.local.envoy.state import Target, Upstream
from components.manifest.http import HealthCheck
from components.model.routes import Route, RouteTable
from tests.repository import ROOT
from tools.bench import growth, switch, throughput
from tools.bench.document import Setting, document
from tools.bench.figures import (
    Growth,
    Load,
    Results,
    Start,
    Switch,
    load_of,
    middle,
    per_service,
    seconds,
    steps_of,
    table,
)
from tools.bench.machine import memory, processor

TOLD = {
    "requests": {"average": 1234.5},
    "latency": {"p50": 3, "p99": 17},
    "errors": 1,
    "timeouts": 2,
    "non2xx": 4,
}
LINE = (
    Growth(4, 27, (1.0, 1.2, 1.1), (1.0, 1.0, 1.0)),
    Growth(20, 107, (2.7,), (2.0,)),
    Growth(100, 507, (10.7,), (9,)),
)


def results(cold: float | None = 300.0, grown: tuple[Growth, ...] = LINE) -> Results:
    """Results of a run that never was."""
    loads = {throughput.FACADE: (Load(2000, 10, 20, 0), Load(2200, 8, 22, 0), Load(1000, 12, 30, 0))}
    start = Start(cold, (("pulumi: built v3.250.0", 250),), (4.0, 5.0, 4.5))
    return Results(start, Switch((3.0, 3.4), (2.0,), (0.5,), (1.6,)), loads, grown)


SETTING = Setting("a machine", "some versions", "at noon")


def test_a_load_is_read_from_what_the_generator_prints() -> None:
    assert load_of(json.dumps(TOLD)) == Load(1234.5, 3.0, 17.0, 7)


def test_runs_are_put_together_by_their_medians_and_no_failure_is_forgotten() -> None:
    assert middle([Load(10, 1, 9, 0), Load(30, 3, 7, 2), Load(20, 2, 8, 1)]) == Load(20, 2, 8, 3)


def test_one_more_service_takes_the_same_time_on_a_straight_line() -> None:
    assert per_service(LINE) == pytest.approx([100.0, 100.0])
    assert per_service(LINE, bare=True) == pytest.approx([62.5, 87.5])


def test_the_ratio_is_one_of_medians() -> None:
    assert LINE[0].ratio == pytest.approx(1.1)


def test_what_was_made_is_read_from_the_lines_of_the_machine() -> None:
    output = (
        "make: python: made /tmp/a/clone/.venv in 22 s\nmake: docker: found an engine at unix:///x, client /y\n"
        "x in 5 s\nmake: pulumi: built v3.250.0 in 250 s\nmake: up: 299.1 s, 290.0 s of them for the set-up\n"
    )
    assert steps_of(output, "/tmp/a/clone") == (("python: made ./.venv", 22), ("pulumi: built v3.250.0", 250))


def test_samples_are_summed_up_as_median_and_span() -> None:
    assert seconds((3.0, 1.0, 2.5)) == "2.50 s (1.00 to 3.00)"
    assert seconds((3.0,)) == "3.00 s"


def test_a_table_is_markdown() -> None:
    assert table(("a", "b"), [("1", "2")]) == "| a | b |\n| --- | ---: |\n| 1 | 2 |"


def test_the_document_tells_every_figure_with_the_machine_and_how_to_repeat_it() -> None:
    text = document(SETTING, results())
    for part in ("a machine", "some versions", "at noon", "`make bench`", "| cold | 300 s |", "built v3.250.0: 250 s"):
        assert part in text
    for row in ("| nothing to do | 4.50 s (4.00 to 5.00) |", "| the cut-over alone | 0.50 s |"):
        assert row in text
    assert f"| {throughput.FACADE} | 2,000 | 10 ms | 22 ms |" in text
    assert "| 100 | 507 | 10.70 s | 9.00 s | 1.19 |" in text
    assert "each more takes 100 ms and 100 ms (62 ms and 88 ms in the" in " ".join(text.split())
    assert "50% of a switch" in " ".join(text.split())


def test_the_document_says_when_the_cold_start_was_left_out() -> None:
    text = document(SETTING, results(cold=None))
    assert "not measured in this run" in text
    assert "| cold |" not in text


@pytest.mark.parametrize(("ours", "verdict"), [(1.3, "met, with 1.30 at most"), (1.4, "missed, with 1.40 at most")])
def test_the_document_says_whether_the_aim_is_met(ours: float, verdict: str) -> None:
    grown = (Growth(4, 27, (1.0,), (1.0,)), Growth(20, 107, (ours,), (1.0,)))
    assert verdict in " ".join(document(SETTING, results(grown=grown)).split())


def test_the_documents_prose_is_in_lines_of_the_usual_width() -> None:
    prose = [line for line in document(SETTING, results()).splitlines() if line[:1] not in ("|", "-", "#")]
    assert max(map(len, prose)) <= 120


def test_the_machine_is_described_by_what_proc_says() -> None:
    assert processor("processor\t: 0\nmodel name\t: Some CPU @ 2.00GHz\n") == "Some CPU @ 2.00GHz"
    assert processor("") != ""
    assert memory("MemTotal:       24640000 kB\nMemFree: 1 kB\n") == "23 GiB"
    assert memory("") == "unknown memory"


def test_only_the_weight_of_the_named_route_is_changed() -> None:
    routes = [Route(id=name, path=f"/api/{name}", service=name, weight=100) for name in ("posts", "users")]
    upstreams = {"users": Upstream("users", "net", ("one",), 3000, HealthCheck(), 10)}
    target = Target(upstreams, RouteTable.of(routes, "monolith"))
    changed = switch.with_weight(target, "users", 0)
    assert {route.id: route.weight for route in changed.table.routes} == {"posts": 100, "users": 0}
    assert changed.upstreams == target.upstreams
    assert changed.table.default == "monolith"


def test_the_load_generator_is_built_on_the_services_own_base_image() -> None:
    dockerfiles = [ROOT / "services/users/Dockerfile", throughput.CONTEXT / "Dockerfile"]
    bases = [re.search(r"^ARG NODE_IMAGE=(\S+)$", path.read_text(), re.MULTILINE) for path in dockerfiles]
    assert all(bases)
    assert len({base.group(1) for base in bases if base}) == 1


def test_the_bare_program_registers_as_many_resources_as_the_message_board(tmp_path: Path) -> None:
    grown = growth.of(3, tmp_path, times=1)
    assert grown.services == 3
    assert grown.resources == 5 * 3 + 7
