"""The cut-over: brings the running facade from what it holds to a target, without a dropped request.

Make before break: the new clusters stand beside the old ones and are healthy before a route leads to them, and the
old ones stay until what they have in hand is finished. A failure leaves the traffic where it was.
"""

import contextlib
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from components.local.docker_engine import ContainerState, Engine, EngineError
from components.local.envoy import config
from components.local.envoy.admin import PUBLIC_PORT, Proxy, ProxyError
from components.local.envoy.state import Target, Upstream
from components.local.waiting import wait_until

Say = Callable[[str], None]

SETTLE = 0.3
"""Seconds that Envoy's workers are given to take over what its main thread has: they do so within milliseconds."""

QUIET = 3
"""How often in a row a cluster must have nothing in hand to be taken as drained: counts of several workers are read one
after the other."""


HASTE = 2
"""Seconds that a drain may take once the program is interrupted, which its host kills 5 seconds later."""


class CutOverError(Exception):
    """A service isn't healthy, so that no traffic was moved. Its text names the container and its last log lines."""


def _never() -> bool:
    return False


@dataclass(frozen=True)
class Trial:
    """What must hold before the routes move."""

    staged: Callable[[Collection[str]], Target]
    """What the facade holds meanwhile; given the names of its clusters."""
    prove: Callable[[], None]
    """Raises CutOverError if the routes must not move."""


def cut_over(
    engine: Engine,
    container: str,
    target: Target,
    say: Say,
    is_interrupted: Callable[[], bool] = _never,
    trial: Trial | None = None,
) -> None:
    """Makes the facade hold the target. Raises CutOverError when a service doesn't become healthy or the trial fails,
    ProxyError when the facade doesn't answer, and EngineError when the engine doesn't.

    Interrupted, it comes to an end at once, and to one that it can answer for: before the routes have moved with an
    error, and all as it was; afterwards with what is in hand cut off, if need be.
    """
    proxy = Proxy(engine, container)
    state = engine.container(container)
    if state is None:
        raise CutOverError(f"facade: container {container} is gone; run pulumi up --refresh")
    networks = {upstream.network for upstream in target.upstreams.values() if upstream.containers}
    for network in sorted(networks - state.networks):
        engine.join(container, network)
    proxy.use_listeners(config.listeners())
    old, new = proxy.clusters(), config.clusters(target.upstreams.values())
    names = [config.name_of(cluster) for cluster in new]
    replaced = [cluster for cluster in old if config.name_of(cluster) not in names]
    both = [*replaced, *new]
    if both != old:
        proxy.use_clusters(both)
    port = state.ports.get(f"{PUBLIC_PORT}/tcp", PUBLIC_PORT)
    try:
        await_health(engine, container, target, say, is_interrupted)
        if trial:
            _try(proxy, trial, [config.name_of(cluster) for cluster in both], port)
    except (CutOverError, ProxyError, EngineError):
        if both != old:
            _take_back(proxy, old, say)
        raise
    proxy.use_routes(config.route_configuration(target, port))
    time.sleep(SETTLE)
    if replaced or both != new:
        proxy.use_clusters([*_drained(proxy, replaced, target, say, is_interrupted), *new])
    for network in sorted(state.networks - networks - {f"{container}-network"}):
        engine.leave(container, network)


def _try(proxy: Proxy, trial: Trial, clusters: Collection[str], port: int) -> None:
    """Lets testers in, and nobody else, while the trial runs. If it fails, the routes are again what they were."""
    before = proxy.routes()
    try:
        proxy.use_routes(config.route_configuration(trial.staged(clusters), port))
        time.sleep(SETTLE)
        trial.prove()
    except (CutOverError, ProxyError, EngineError):
        if before:
            # What goes wrong here must not hide why: with these routes, too, everybody gets what they got.
            with contextlib.suppress(ProxyError, EngineError):
                proxy.use_routes(before)
                time.sleep(SETTLE)
        raise


def _take_back(proxy: Proxy, clusters: list[config.Json], say: Say) -> None:
    """Brings the clusters back that the facade had. What goes wrong here must not hide why they are brought back: no
    route leads to the new ones, and the next cut-over takes them away."""
    try:
        proxy.use_clusters(clusters)
    except (ProxyError, EngineError) as failure:
        say(f"the facade keeps unused clusters until the next up: {failure}")


def await_health(
    engine: Engine, container: str, target: Target, say: Say, is_interrupted: Callable[[], bool] = _never
) -> None:
    """Waits until all containers of all services are healthy, and until what runs elsewhere and gets requests answers.
    Raises CutOverError as soon as a container has died."""
    proxy = Proxy(engine, container)
    waiting = config.clusters_in_use(target)
    before = _restarts(engine, (name for upstream in waiting.values() for name in upstream.alive))
    started, reported = time.monotonic(), 0.0
    while waiting:
        hosts = proxy.hosts()
        for name, upstream in list(waiting.items()):
            found = hosts.get(name)
            passing = found is not None and found.healthy >= len(upstream.hosts)
            if passing and all(_passes_its_own(engine, member) for member in upstream.alive):
                del waiting[name]
                continue
            for member in upstream.alive:
                _check_alive(engine, upstream, member, before.get(member, 0))
            if time.monotonic() - started > upstream.wait:
                raise CutOverError(_unhealthy(engine, upstream, found.healthy if found else 0))
        if waiting and is_interrupted():
            raise CutOverError(f"interrupted before {_names(waiting)} was healthy: the traffic stays where it was")
        elapsed = time.monotonic() - started
        if waiting and elapsed - reported > 5:
            reported = elapsed
            say(f"waiting for {_names(waiting)} ({elapsed:.0f} s)")
        if waiting:
            time.sleep(0.1)


def _names(waiting: Mapping[str, Upstream]) -> str:
    return ", ".join(sorted(upstream.service for upstream in waiting.values()))


def _restarts(engine: Engine, containers: Iterable[str]) -> dict[str, int]:
    """How often each container has been started again so far: a crash of long ago says nothing of this wait."""
    found = {name: engine.container(name) for name in containers}
    return {name: state.restarts for name, state in found.items() if state}


def _passes_its_own(engine: Engine, container: str) -> bool:
    """Whether the check in the image or the manifest, where there is one, says that the container is healthy."""
    found = engine.container(container)
    return found is not None and found.running and found.health in ("", "none", "healthy")


def _check_alive(engine: Engine, upstream: Upstream, container: str, restarts: int) -> None:
    found = engine.container(container)
    if found is None:
        raise CutOverError(f"service {upstream.service}: container {container} is gone; run pulumi up --refresh")
    if not found.running or found.restarts > restarts:
        raise CutOverError(
            f"service {upstream.service}: container {container} has died{exit_code(engine, container, found)}; "
            f"the traffic stays where it was; fix the service and run pulumi up again{last_lines(engine, container)}"
        )


def exit_code(engine: Engine, container: str, found: ContainerState | None) -> str:
    """With what a container ended. The engine starts it again and again, and tells the code only in between."""
    try:
        for _ in range(30):
            if found is None or not found.running:
                break
            time.sleep(0.1)
            found = engine.container(container)
    except EngineError:
        return ""
    return f" with exit code {found.exit_code}" if found and not found.running else ""


def _unhealthy(engine: Engine, upstream: Upstream, healthy: int) -> str:
    check = upstream.healthcheck
    if upstream.remote:
        asked = f"{'https' if upstream.remote.tls else 'http'}://{upstream.remote.authority}{check.path}"
        return (
            f"service {upstream.service}: it doesn't answer where it runs within {upstream.wait} s (GET {asked} must "
            f"answer {check.success_codes}{', with a certificate of this name' if upstream.remote.tls else ''}); the "
            "traffic stays where it was; check that this machine's containers can reach it, correct its url, ca or "
            "healthcheck, and run pulumi up again"
        )
    expected = f"GET {check.path} on port {check.port or upstream.port} must answer {check.success_codes}"
    return (
        f"service {upstream.service}: {healthy} of {len(upstream.containers)} containers are healthy after "
        f"{upstream.wait} s ({expected}); the traffic stays where it was; fix the service or its http.healthcheck "
        f"and run pulumi up again{last_lines(engine, upstream.alive[0])}"
    )


def last_lines(engine: Engine, container: str) -> str:
    """The end of a container's log, as the end of a message."""
    tail = engine.log_tail(container)
    return f"\nthe last lines of its log:\n{tail}" if tail else "\nits log is empty"


def _drained(
    proxy: Proxy, replaced: list[config.Json], target: Target, say: Say, is_interrupted: Callable[[], bool]
) -> list[config.Json]:
    """Waits until the clusters that no route leads to any more have nothing in hand, as long as they may take. Returns
    those that stay: all of their containers do, so that a websocket to one of them may go on."""
    running = {container for upstream in target.upstreams.values() for container in upstream.containers}
    staying = [cluster for cluster in replaced if config.containers(cluster) <= running]
    leaving = [config.name_of(cluster) for cluster in replaced if cluster not in staying]
    limit = max((upstream.drain for upstream in target.upstreams.values()), default=1)
    quiet, begun = 0, time.monotonic()

    def drained() -> bool:
        nonlocal quiet
        hosts = proxy.hosts()
        busy = sum(hosts[name].active for name in leaving if name in hosts)
        quiet = 0 if busy else quiet + 1
        return quiet >= QUIET

    def is_over() -> bool:
        return drained() or (is_interrupted() and time.monotonic() - begun > HASTE)

    wait_until(is_over, seconds=limit)
    if quiet < QUIET:
        say(f"requests were still in flight after {time.monotonic() - begun:.0f} s and are cut off")
    hosts = proxy.hosts()
    return [cluster for cluster in staying if (found := hosts.get(config.name_of(cluster))) and found.active]
