"""Any way to reach a service, and any container next to it: written out and read again it is the same."""

from dataclasses import replace
from typing import cast

from hypothesis import given
from hypothesis import strategies as st

from components.manifest.http import VERSIONS, Alias, HealthCheck, Http, HttpRule
from components.manifest.image import Build, ContainerHealthCheck
from components.manifest.nlb import Nlb, NlbCheck, NlbListener
from components.manifest.sidecars import MountPoint, Sidecar
from components.manifest.variables import Secret
from tests.projects import Tree
from tests.pure.test_manifest_round_trip import BASE, NAMES, TEXTS, WORDS, of

PORTS = st.none() | st.integers(1, 65535)
DELAYS = st.integers(0, 3600)
THRESHOLDS = st.integers(2, 10)


def _host(word: str) -> str:
    return f"{word.strip('-')}.example.com"


def _aliases(found: dict[str, str | None]) -> tuple[Alias, ...]:
    return tuple(Alias(name, zone) for name, zone in found.items())


ALIASES = st.dictionaries(WORDS.map(_host), st.none() | st.just("Z0123")).map(_aliases)
CHECKS = st.builds(
    HealthCheck,
    path=WORDS.map(lambda word: f"/{word}"),
    port=PORTS,
    success_codes=st.sampled_from(["200", "200-299", "200,301"]),
    healthy_threshold=THRESHOLDS,
    unhealthy_threshold=THRESHOLDS,
    interval=st.integers(31, 300),
    timeout=st.integers(2, 30),
    grace_period=DELAYS,
)


def rules(check: st.SearchStrategy[HealthCheck]) -> st.SearchStrategy[HttpRule]:
    return st.builds(
        HttpRule,
        path=WORDS.map(lambda word: f"/api/{word}"),
        healthcheck=check,
        deregistration_delay=DELAYS,
        stickiness=st.booleans(),
        target_port=PORTS,
        version=st.sampled_from(VERSIONS[:2]),
        aliases=ALIASES,
        redirect=st.booleans(),
    )


def _main(rule: HttpRule, further: list[HttpRule]) -> Http:
    return Http(rule, tuple(further))


def _without_grace(check: HealthCheck) -> HealthCheck:
    """Of a further rule: it has none of its own."""
    return replace(check, grace_period=60)


MAIN = st.builds(_main, rules(CHECKS), st.lists(rules(CHECKS.map(_without_grace)), max_size=2))
LISTENERS = st.builds(
    NlbListener,
    port=st.integers(1, 65535),
    target_port=st.integers(1, 65535),
    protocol=st.sampled_from(["tcp", "udp"]),
    healthcheck=st.builds(NlbCheck, PORTS, THRESHOLDS, THRESHOLDS, st.integers(5, 300), st.integers(2, 120)),
    stickiness=st.booleans(),
    deregistration_delay=DELAYS,
)
BALANCERS = st.builds(
    Nlb,
    listeners=st.lists(LISTENERS, min_size=1, max_size=3, unique_by=lambda item: item.port).map(tuple),
    aliases=ALIASES,
    grace_period=DELAYS,
)
PAIRS = st.dictionaries(NAMES, TEXTS, max_size=2).map(lambda found: tuple(sorted(found.items())))
SECRETS = st.dictionaries(NAMES, st.builds(Secret, st.sampled_from(["ssm", "secretsmanager"]), WORDS), max_size=2).map(
    lambda found: tuple(sorted(found.items(), key=lambda item: item[0]))
)
COMMANDS = st.lists(TEXTS.filter(bool), max_size=2).map(tuple)
BESIDE = st.builds(
    Sidecar,
    name=WORDS.map(lambda word: f"beside-{word}"),
    location=st.just("beside:1"),
    port=PORTS,
    protocol=st.sampled_from(["tcp", "udp"]),
    essential=st.booleans(),
    credentials=st.none() | WORDS,
    variables=PAIRS,
    secrets=SECRETS,
    mount_points=st.lists(st.builds(MountPoint, WORDS, st.just("/srv"), st.booleans()), max_size=2).map(tuple),
    labels=PAIRS,
    entrypoint=COMMANDS,
    command=COMMANDS,
    healthcheck=st.none()
    | st.builds(
        ContainerHealthCheck,
        st.just(("CMD", "true")),
        st.integers(5, 300),
        st.integers(1, 10),
        st.integers(2, 60),
        st.integers(0, 300),
    ),
).map(lambda item: item if item.port else replace(item, protocol="tcp"))


def given_only(fields: Tree) -> Tree:
    """Without what isn't said."""
    return {key: value for key, value in fields.items() if value is not None}


def seconds(count: int) -> str:
    return f"{count}s"


def written_aliases(aliases: tuple[Alias, ...]) -> list[Tree]:
    return [given_only({"name": alias.name, "hosted_zone": alias.hosted_zone}) for alias in aliases]


def written_rule(rule: HttpRule, *, main: bool = False) -> Tree:
    """main: it alone has a grace period."""
    check = rule.healthcheck
    times = {"interval": seconds(check.interval), "timeout": seconds(check.timeout)}
    grace = seconds(check.grace_period) if main else None
    return given_only(
        {
            "path": rule.path,
            "healthcheck": given_only({**vars(check), **times, "grace_period": grace}),
            "deregistration_delay": seconds(rule.deregistration_delay),
            "stickiness": rule.stickiness,
            "target_port": rule.target_port,
            "version": rule.version,
            "alias": written_aliases(rule.aliases),
            "redirect_to_https": rule.redirect,
        }
    )


def written_listener(listener: NlbListener) -> Tree:
    check = listener.healthcheck
    times = {"interval": seconds(check.interval), "timeout": seconds(check.timeout)}
    return {
        "port": f"{listener.port}/{listener.protocol}",
        "target_port": listener.target_port,
        "healthcheck": given_only({**vars(check), **times}),
        "stickiness": listener.stickiness,
        "deregistration_delay": seconds(listener.deregistration_delay),
    }


def written_nlb(nlb: Nlb) -> Tree:
    first, *further = map(written_listener, nlb.listeners)
    return {
        **first,
        "healthcheck": {**cast("Tree", first["healthcheck"]), "grace_period": seconds(nlb.grace_period)},
        "alias": written_aliases(nlb.aliases),
        "additional_listeners": further,
    }


def written_sidecar(sidecar: Sidecar) -> Tree:
    check = sidecar.healthcheck
    return given_only(
        {
            "image": sidecar.location,
            "port": f"{sidecar.port}/{sidecar.protocol}" if sidecar.port else None,
            "essential": sidecar.essential,
            "credentialsParameter": sidecar.credentials,
            "variables": dict(sidecar.variables),
            "secrets": {
                name: secret.name if secret.source == "ssm" else {"secretsmanager": secret.name}
                for name, secret in sidecar.secrets
            },
            "mount_points": [
                {"source_volume": point.volume, "path": point.path, "read_only": point.read_only}
                for point in sidecar.mount_points
            ],
            "labels": dict(sidecar.labels),
            "entrypoint": list(sidecar.entrypoint),
            "command": list(sidecar.command),
            "healthcheck": check
            and {
                "command": list(check.command),
                "interval": seconds(check.interval),
                "retries": check.retries,
                "timeout": seconds(check.timeout),
                "start_period": seconds(check.start_period),
            },
        }
    )


@given(MAIN)
def test_http_that_is_written_out_is_read_again(http: Http) -> None:
    further = [written_rule(rule) for rule in http.additional]
    assert of({**BASE, "http": {**written_rule(http.main, main=True), "additional_rules": further}}).http == http


@given(BALANCERS)
def test_a_network_load_balancer_that_is_written_out_is_read_again(nlb: Nlb) -> None:
    assert of({**BASE, "nlb": written_nlb(nlb)}).nlb == nlb


@given(st.lists(BESIDE, max_size=3, unique_by=lambda item: item.name))
def test_sidecars_that_are_written_out_are_read_again(sidecars: list[Sidecar]) -> None:
    named = {mount.volume for sidecar in sidecars for mount in sidecar.mount_points}
    volumes = {name: {"path": f"/of-main/{number}"} for number, name in enumerate(sorted(named))}
    written = {sidecar.name: written_sidecar(sidecar) for sidecar in sidecars}
    content = {**BASE, "sidecars": written, "storage": {"volumes": volumes}}
    assert of(content).sidecars == tuple(sorted(sidecars, key=lambda sidecar: sidecar.name))


@given(st.sampled_from([None, "release"]), PAIRS)
def test_a_build_that_is_written_out_is_read_again(target: str | None, args: tuple[tuple[str, str], ...]) -> None:
    paths = {"dockerfile": "a/Dockerfile", "context": "a"}
    written = {**paths, "args": dict(args), "target": target, "cache_from": ["base:1"]}
    build = Build("a/Dockerfile", "a", args, target, ("base:1",))
    assert of({**BASE, "image": {"port": 3000, "build": written}}).build == build
