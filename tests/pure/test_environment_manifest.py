"""Copilot's environment manifest, field by field: what is read, and how mistakes are told."""

from ipaddress import IPv4Network
from pathlib import Path

import pytest

from components.manifest.environment import ENVIRONMENT_FIELDS
from components.manifest.support import State, Step, known_at, leaves
from components.model import cidr
from components.model.environment import AccessLogs, EnvironmentSettings, Rule, Subnets, Vpc
from tests.projects import Tree, environment, lines_of, of_copilot, read_project, without_numbers, write_workspace
from tests.pure.bad_environments import NETWORKS, OTHERS

COPILOT: Tree = {"platform": "aws", "facade": "alb", "copilot": "copilot", "copilotEnvironment": "test"}
M = "copilot/environments/test/manifest.yml: "
CERTIFICATE = "arn:aws:acm:eu-west-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"


def of(folder: Path, *, config: Tree | None = None, **fields: object) -> EnvironmentSettings:
    """The environment `test` of a workspace, whose manifest has these fields."""
    write_workspace(folder, {"web": of_copilot("web", "/")}, {"test": environment("test", **fields)})
    (found,) = read_project(folder, {**COPILOT, **(config or {})}).environments
    return found


def messages(folder: Path, *, config: Tree | None = None, **fields: object) -> list[str]:
    """What is said of a manifest with these fields."""
    write_workspace(folder, {"web": of_copilot("web", "/")}, {"test": environment("test", **fields)})
    return lines_of(folder, {**COPILOT, **(config or {})})


def warned(folder: Path, **fields: object) -> list[str]:
    """What a manifest with these fields, which goes on, is warned of."""
    write_workspace(folder, {"web": of_copilot("web", "/")}, {"test": environment("test", **fields)})
    return without_numbers(read_project(folder, COPILOT).warnings)


def vpc(**fields: object) -> Tree:
    return {"vpc": fields}


def subnets(public: list[Tree], private: list[Tree]) -> Tree:
    return {"public": public, "private": private}


def ranges(*blocks: str) -> list[Tree]:
    return [{"cidr": block} for block in blocks]


def ids(*names: str) -> list[Tree]:
    return [{"id": f"subnet-0000000{name}"} for name in names]


def test_a_manifest_that_says_nothing_has_copilots_defaults_but_a_range_of_its_own(tmp_path: Path) -> None:
    found = of(tmp_path)
    assert found == EnvironmentSettings("test", cidr.of_name("test"))


def test_an_empty_section_is_none(tmp_path: Path) -> None:
    sections = {"public": {"certificates": None, "access_logs": None}, "private": None}
    found = of(tmp_path, http=sections, network=None, observability={}, cdn=False)
    assert found == EnvironmentSettings("test", cidr.of_name("test"))


@pytest.mark.parametrize("on", [True, False])
def test_container_insights(tmp_path: Path, on: bool) -> None:
    assert of(tmp_path, observability={"container_insights": on}).container_insights is on


def test_a_range_is_cut_into_subnets(tmp_path: Path) -> None:
    found = of(tmp_path, network=vpc(cidr="10.9.0.0/20"))
    assert (found.cidr, found.zones, found.subnets) == (IPv4Network("10.9.0.0/20"), 2, None)


def test_subnets_of_ones_own(tmp_path: Path) -> None:
    given = subnets(ranges("10.9.0.0/24", "10.9.1.0/24"), ranges("10.9.2.0/24", "10.9.3.0/24"))
    found = of(tmp_path, network=vpc(cidr="10.9.0.0/16", subnets=given))
    assert found.subnets == Subnets(("10.9.0.0/24", "10.9.1.0/24"), ("10.9.2.0/24", "10.9.3.0/24"))


def test_private_subnets_are_sorted_by_the_zones_of_the_public_ones(tmp_path: Path) -> None:
    def zoned(*pairs: tuple[str, str]) -> list[Tree]:
        return [{"cidr": block, "az": zone} for block, zone in pairs]

    given = subnets(
        zoned(("10.9.0.0/24", "eu-west-1a"), ("10.9.1.0/24", "eu-west-1b"), ("10.9.2.0/24", "eu-west-1c")),
        zoned(("10.9.5.0/24", "eu-west-1c"), ("10.9.3.0/24", "eu-west-1a"), ("10.9.4.0/24", "eu-west-1b")),
    )
    found = of(tmp_path, network=vpc(cidr="10.9.0.0/16", subnets=given))
    assert found.zones == 3
    assert found.subnets == Subnets(
        ("10.9.0.0/24", "10.9.1.0/24", "10.9.2.0/24"),
        ("10.9.3.0/24", "10.9.4.0/24", "10.9.5.0/24"),
        ("eu-west-1a", "eu-west-1b", "eu-west-1c"),
    )


def test_a_network_that_is_brought(tmp_path: Path) -> None:
    found = of(tmp_path, network=vpc(id="vpc-0a1b2c3d", subnets=subnets(ids("a", "b"), ids("c", "d"))))
    assert found.vpc == Vpc(
        "vpc-0a1b2c3d", ("subnet-0000000a", "subnet-0000000b"), ("subnet-0000000c", "subnet-0000000d")
    )


def test_a_network_that_is_brought_needs_those_subnets_only_that_are_used(tmp_path: Path) -> None:
    public_only = of(tmp_path, network=vpc(id="vpc-0a1b2c3d", subnets={"public": ids("a", "b")}))
    assert public_only.vpc == Vpc("vpc-0a1b2c3d", ("subnet-0000000a", "subnet-0000000b"), ())
    (line,) = messages(tmp_path, network=vpc(id="vpc-0a1b2c3d", subnets={"private": ids("c", "d")}))
    assert line == (
        f"{M}network.vpc.subnets.public: none; give the ids of two or more: the load balancer is in them, and the tasks"
        " that are placed there"
    )
    (line,) = messages(
        tmp_path,
        config={"facade": "api-gateway"},
        network=vpc(id="vpc-0a1b2c3d", subnets={"public": ids("a", "b")}),
    )
    assert line.startswith(f"{M}network.vpc.subnets.private: none; give the ids of two or more: the load balancer")


def test_tasks_that_are_placed_by_ids_need_no_further_subnets_but_a_network_balancer_does(tmp_path: Path) -> None:
    network = vpc(id="vpc-0a1b2c3d", subnets={"private": ids("c", "d")})
    placed: Tree = {"vpc": {"placement": {"subnets": ["subnet-0000000c"]}}}
    config: Tree = {**COPILOT, "facade": "api-gateway"}

    def told_of(**fields: object) -> list[str]:
        web = of_copilot("web", "/", network=placed, **fields)
        write_workspace(tmp_path, {"web": web}, {"test": environment("test", network=network)})
        return lines_of(tmp_path, config)

    assert told_of() == []
    (line,) = told_of(nlb={"port": "9000/tcp"})
    assert line == (f"{M}network.vpc.subnets.public: none; give the ids of two or more: the load balancer is in them")


@pytest.mark.parametrize(
    ("written", "days"), [(True, 14), (False, None), ({"retention": 30}, 30), ({}, 14), ("true", 14)]
)
def test_flow_logs_are_kept_for_two_weeks_unless_it_says_otherwise(
    tmp_path: Path, written: object, days: int | None
) -> None:
    assert of(tmp_path, network=vpc(flow_logs=written)).flow_logs == days


def test_rules_of_the_security_group(tmp_path: Path) -> None:
    rules: Tree = {
        "ingress": [
            {"ip_protocol": "tcp", "ports": 80, "cidr": "10.0.0.0/8"},
            {"ip_protocol": "UDP", "ports": "8000-8080", "cidr": "0.0.0.0/0"},
            {"ip_protocol": "icmp", "ports": -1, "cidr": "10.0.0.0/8"},
        ],
        "egress": [{"ip_protocol": "-1", "ports": "0-65535", "cidr": "192.0.2.0/24"}],
    }
    found = of(tmp_path, network=vpc(security_group=rules))
    assert found.ingress == (
        Rule("tcp", 80, 80, "10.0.0.0/8"),
        Rule("udp", 8000, 8080, "0.0.0.0/0"),
        Rule("icmp", -1, -1, "10.0.0.0/8"),
    )
    assert found.egress == (Rule("-1", 0, 65535, "192.0.2.0/24"),)


def test_certificates_and_policy_of_the_public_load_balancer(tmp_path: Path) -> None:
    public = {"certificates": [CERTIFICATE], "ssl_policy": "ELBSecurityPolicy-TLS13-1-2-2021-06"}
    found = of(tmp_path, http={"public": public})
    assert (found.certificates, found.ssl_policy) == ((CERTIFICATE,), "ELBSecurityPolicy-TLS13-1-2-2021-06")


def test_variables_are_filled_in(tmp_path: Path) -> None:
    manifest = environment("test", http={"public": {"certificates": ["${CERTIFICATE}"]}})
    write_workspace(tmp_path, {"web": of_copilot("web", "/")}, {"test": manifest})
    (found,) = read_project(tmp_path, COPILOT, shell={"CERTIFICATE": CERTIFICATE}).environments
    assert found.certificates == (CERTIFICATE,)
    line = lines_of(tmp_path, COPILOT)[0]
    assert line.startswith(f"{M}http.public.certificates[0]: the variable CERTIFICATE is not set; export CERTIFICATE")


@pytest.mark.parametrize(
    ("written", "logs"),
    [
        (True, AccessLogs()),
        (False, None),
        ({}, AccessLogs()),
        ({"prefix": "/web/"}, AccessLogs(None, "web")),
        ({"bucket_name": "my-logs", "prefix": "web"}, AccessLogs("my-logs", "web")),
    ],
)
def test_access_logs_go_to_a_bucket_that_is_named_or_made(
    tmp_path: Path, written: object, logs: AccessLogs | None
) -> None:
    assert of(tmp_path, http={"public": {"access_logs": written}}).access_logs == logs


@pytest.mark.parametrize(
    "public",
    [
        {"ingress": {"source_ips": ["192.0.2.0/24", "198.51.100.7", "192.0.2.0/24"]}},
        {"security_groups": {"ingress": {"restrict_to": {"source_ips": ["192.0.2.0/24", "198.51.100.7"]}}}},
    ],
)
def test_callers_in_the_new_spelling_and_the_old(tmp_path: Path, public: Tree) -> None:
    assert of(tmp_path, http={"public": public}).callers == ("192.0.2.0/24", "198.51.100.7/32")


@pytest.mark.parametrize("facade", ["refactor-spaces", "api-gateway"])
def test_callers_are_refused_where_the_facade_stands_between(tmp_path: Path, facade: str) -> None:
    public = {"ingress": {"source_ips": ["192.0.2.0/24"]}}
    (line,) = messages(tmp_path, config={"facade": facade}, http={"public": public})
    assert line == (
        f"{M}http.public.ingress.source_ips: restricted callers; behind this facade, all requests come from"
        " its addresses: use the facade alb, or remove it"
    )


def test_an_internal_load_balancer_may_be_in_subnets_of_ones_own(tmp_path: Path) -> None:
    network = vpc(id="vpc-0a1b2c3d", subnets=subnets(ids("a", "b"), ids("c", "d")))
    wanted = ["subnet-0000000a", "subnet-0000000b"]
    assert of(tmp_path, network=network, http={"private": {"subnets": wanted}}).internal_subnets == tuple(wanted)


def test_what_leads_to_backends_is_read_in_the_new_and_the_old_spelling(tmp_path: Path) -> None:
    policy = "ELBSecurityPolicy-2016-08"
    read = of(
        tmp_path, http={"private": {"certificates": [CERTIFICATE], "ssl_policy": policy, "ingress": {"vpc": True}}}
    )
    assert (read.internal_certificates, read.internal_ssl_policy, read.internal_open) == ((CERTIFICATE,), policy, True)
    old = {"security_groups": {"ingress": {"from_vpc": True}}}
    assert of(tmp_path, http={"private": old}).internal_open
    assert not of(tmp_path, http={"private": {}}).internal_open


CDN = "omitted on the platform aws; the facade is the only public URL, open to anyone: put your own CloudFront"


@pytest.mark.parametrize(
    "cdn", [True, {"certificate": CERTIFICATE, "terminate_tls": True, "static_assets": {"path": "static/*"}}]
)
def test_a_cdn_stays_copilots_and_is_left_out_in_one_line(tmp_path: Path, cdn: object) -> None:
    (line,) = warned(tmp_path, cdn=cdn)
    assert line.startswith(f"{M}cdn: {CDN}")


def test_callers_from_a_cdn_only_are_everybody_here_and_a_warning_says_so(tmp_path: Path) -> None:
    for public in ({"ingress": {"cdn": True}}, {"security_groups": {"ingress": {"restrict_to": {"cdn": True}}}}):
        (line,) = warned(tmp_path, http={"public": public})
        assert f".cdn: {CDN}" in line


def test_on_this_machine_an_environment_is_a_network_whatever_its_manifest_says(tmp_path: Path) -> None:
    config: Tree = {**COPILOT, "platform": "local", "facade": None}
    fields: Tree = {"cdn": True, "network": vpc(flow_logs=True), "http": {"public": {"ingress": {"cdn": True}}}}
    write_workspace(tmp_path, {"web": of_copilot("web", "/")}, {"test": environment("test", **fields)})
    assert read_project(tmp_path, config).warnings == ()


@pytest.mark.parametrize(
    ("text", "line"), [*((f"network: {{vpc: {text}}}", f"network.vpc.{line}") for text, line in NETWORKS), *OTHERS]
)
def test_a_mistake_is_one_line_with_its_place(tmp_path: Path, text: str, line: str) -> None:
    write_workspace(tmp_path, {"web": of_copilot("web", "/")}, {"test": f"name: test\ntype: Environment\n{text}\n"})
    lines = lines_of(tmp_path, COPILOT)
    assert len(lines) == 1, lines
    assert lines[0].startswith(f"{M}{line}")


def test_an_internal_load_balancer_must_be_in_subnets_that_are_brought(tmp_path: Path) -> None:
    network = vpc(id="vpc-0a1b2c3d", subnets={"public": ids("a", "b")})
    (line,) = messages(tmp_path, network=network, http={"private": {"subnets": ["subnet-0000000e", "subnet-0000000f"]}})
    assert line.startswith(f"{M}http.private.subnets: found a list; give at least two of the subnets in network.vpc")


@pytest.mark.parametrize(("kind", "found"), [("Enviroment", "found 'Enviroment'"), (None, "missing")])
def test_another_type_than_an_environment_is_reported(tmp_path: Path, kind: object, found: str) -> None:
    assert messages(tmp_path, type=kind) == [f"{M}type: {found}; write type: Environment"]


def test_a_key_that_copilot_does_not_know_is_reported_with_the_nearest(tmp_path: Path) -> None:
    manifest = environment("test", network=vpc(flowlogs=True), container_insights=True, environments={})
    write_workspace(tmp_path, {"web": of_copilot("web", "/")}, {"test": manifest})
    assert without_numbers(read_project(tmp_path, COPILOT).warnings) == [
        f"{M}network.vpc.flowlogs: unknown key; did you mean flow_logs?",
        f"{M}container_insights: unknown key; did you mean observability.container_insights?",
        f"{M}environments: unknown key; known: cdn, http, name, network, observability, type",
    ]
    assert len(lines_of(tmp_path, {**COPILOT, "strict": True})) == 3


def test_config_goes_before_the_manifest(tmp_path: Path) -> None:
    own: Tree = {
        "cidr": "10.7.0.0/16",
        "zones": 3,
        "containerInsights": False,
        "accessLogs": "my-logs",
        "sslPolicy": "ELBSecurityPolicy-2016-08",
    }
    blocks = subnets(ranges("10.9.0.0/24", "10.9.1.0/24"), ranges("10.9.2.0/24", "10.9.3.0/24"))
    found = of(
        tmp_path,
        config={"environments": {"test": own}},
        network=vpc(cidr="10.9.0.0/16", subnets=blocks, flow_logs=True),
        observability={"container_insights": True},
        http={"public": {"access_logs": True, "ssl_policy": "ELBSecurityPolicy-TLS13-1-2-2021-06"}},
    )
    assert (found.cidr, found.zones, found.subnets) == (IPv4Network("10.7.0.0/16"), 3, None)
    assert (found.container_insights, found.access_logs, found.flow_logs) == (False, AccessLogs("my-logs"), 14)
    assert found.ssl_policy == "ELBSecurityPolicy-2016-08"


def test_one_range_for_two_environments_is_reported(tmp_path: Path) -> None:
    services = {"web": of_copilot("web", "/"), "api": of_copilot("api")}
    write_workspace(tmp_path, services, {"test": environment("test", network=vpc(cidr="10.9.0.0/16"))})
    config: Tree = {**COPILOT, "facade": "refactor-spaces"}
    (line,) = lines_of(tmp_path, config)
    assert line.startswith("Pulumi.local.yaml: strangler:environments.web.cidr: the range 10.9.0.0/16 overlaps with")
    settings = read_project(tmp_path, {**config, "environments": {"web": {"cidr": "10.7.0.0/16"}}})
    assert [str(item.cidr) for item in settings.environments] == ["10.9.0.0/16", "10.7.0.0/16"]


def test_what_is_not_built_says_why() -> None:
    for path, field in leaves(ENVIRONMENT_FIELDS):
        states = {field.on(platform) for platform in ("local", "aws")}
        assert bool(field.why) == (states != {State.BUILT}), path


def test_items_of_lists_are_fields_too() -> None:
    assert known_at(ENVIRONMENT_FIELDS, ("network", "vpc", "subnets", "public", Step.ITEM, "az"))
    assert known_at(ENVIRONMENT_FIELDS, ("network", "vpc", "subnets", "public", Step.ITEM, "zone")) is None
