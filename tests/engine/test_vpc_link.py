"""A VPC link that carried nothing for 60 days: the first cut-over through it drops no request, and one in use that
nobody asked is another one after an `up`."""

from pathlib import Path

from tests.engine.projects import must, stack
from tests.projects import manifest
from tools.standin import apigateway, trace
from tools.standin.cloud import Operation

LINK = apigateway.VPC_LINK


def test_the_first_route_into_an_environment_whose_link_went_to_sleep_finds_a_new_link(tmp_path: Path) -> None:
    manifests = {"monolith": manifest("monolith", "/"), "users": manifest("users")}
    with stack(tmp_path, "api-gateway", manifests) as found:
        must(found.up())
        url, seen = str(found.outputs()["url"]), set[tuple[str, float]]()
        (link,) = (link for link in found.cloud.of(LINK) if link.name == "facade-users")
        found.cloud.change(link, inactive=True)
        assert must(found.up()).lines() == [], "nothing leads there"
        found.set("strangler:routes.users", "true")

        def look(operation: Operation) -> None:
            seen.update(
                (str(who), part) for who, part in trace.answer(operation.snapshot, url, "GET", "/api/users").items()
            )

        with found.cloud.watching(look):
            run = must(found.up())
        assert seen == {("monolith", 1.0), ("users", 1.0)}
        assert {f"create {LINK} facade-users-V2", f"delete {LINK} facade-users"} <= set(run.lines())
        assert "the VPC link into users is INACTIVE" in run.output
        assert must(found.up()).lines() == []
        found.set("strangler:routes.users", "false")
        must(found.up())
        found.set("strangler:routes.users", "true")
        assert not [line for line in must(found.up()).lines() if LINK in line]
        (link,) = (one for one in found.cloud.of(LINK) if one.name == "facade-users-V2")
        found.cloud.change(link, inactive=True)
        again = must(found.up())
        assert "the VPC link into users is INACTIVE" in again.output
        assert {f"create {LINK} facade-users-V3", f"delete {LINK} facade-users-V2"} <= set(again.lines())
        assert dict(trace.answer(found.cloud.snapshot, url, "GET", "/api/users")) == {"users": 1.0}
