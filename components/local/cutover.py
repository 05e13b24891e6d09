"""The cut-over: brings the running facade from what it holds to a target, without a dropped request.

Make before break: the new clusters stand beside the old ones and are healthy before a route leads to them, and the
old ones stay until what they have in hand is finished. A failure leaves the traffic where it was.
"""

import time
from collections.abc import Callable, Mapping

from components.local.docker_engine import Engine
from components.local.envoy import config
from components.local.envoy.admin import Proxy, wait_until
from components.local.envoy.state import Target, Upstream

Say = Callable[[str], None]

SETTLE = 0.3
"""Seconds that Envoy's workers are given to take over what its main thread has: they do so within milliseconds."""

QUIET = 3
"""How often in a row a cluster must have nothing in hand to be taken as drained."""


HASTE = 2
"""Seconds that a drain may take once the program is interrupted, which its host kills 5 seconds later."""


class CutOverError(Exception):
    """A service isn't healthy, so that no traffic was moved. Its text names the container and its last log lines."""


def _never() -> bool:
    return False


def cut_over(
    engine: Engine, container: str, target: Target, say: Say, is_interrupted: Callable[[], bool] = _never
) -> None:
    """Makes the facade hold the target. Raises CutOverError when a service doesn't become healthy.

    Interrupted, it comes to an end at once, and to one that it can answer for: before the routes have moved with an
    error, and all as it was; afterwards with what is in hand cut off, if need be.
    """
    proxy = Proxy(engine, container)
    networks = {each.network for each in target.upstreams.values() if each.containers}
    state = engine.container(container)
    own = state.networks if state else frozenset[str]()
    for network in sorted(networks - own):
        engine.join(container, network)
    old, new = proxy.clusters(), config.clusters(target.upstreams.values())
    names = [each["name"] for each in new]
    both = [*(each for each in old if each["name"] not in names), *new]
    if both != old:
        proxy.use_clusters(both)
    try:
        await_health(engine, container, target, say, is_interrupted)
    except CutOverError:
        if both != old:
            proxy.use_clusters(old)
        raise
    proxy.use_routes(config.route_configuration(target))
    time.sleep(SETTLE)
    if both != new:
        _drain(proxy, [str(each["name"]) for each in old if each["name"] not in names], target, say, is_interrupted)
        proxy.use_clusters(new)
    home = f"{container}-network"
    for network in sorted(own - networks - {home}):
        engine.leave(container, network)


def await_health(
    engine: Engine, container: str, target: Target, say: Say, is_interrupted: Callable[[], bool] = _never
) -> None:
    """Waits until all containers of all services are healthy. Raises CutOverError as soon as one has died."""
    proxy = Proxy(engine, container)
    waiting = {name: each for name, each in config.clusters_in_use(target).items() if each.containers}
    started, told = time.monotonic(), 0.0
    while waiting:
        hosts = proxy.hosts()
        for name, upstream in list(waiting.items()):
            found = hosts.get(name)
            passing = found is not None and found.healthy >= len(upstream.containers)
            if passing and all(_passes_its_own(engine, each) for each in upstream.containers):
                del waiting[name]
                continue
            for each in upstream.containers:
                _check_alive(engine, upstream, each)
            if time.monotonic() - started > upstream.wait:
                raise CutOverError(_unhealthy(engine, upstream, found.healthy if found else 0))
        if waiting and is_interrupted():
            raise CutOverError(f"interrupted before {_names(waiting)} was healthy: the traffic stays where it was")
        elapsed = time.monotonic() - started
        if waiting and elapsed - told > 5:
            told = elapsed
            say(f"waiting for {_names(waiting)} ({elapsed:.0f} s)")
        if waiting:
            time.sleep(0.1)


def _names(waiting: Mapping[str, Upstream]) -> str:
    return ", ".join(sorted(upstream.service for upstream in waiting.values()))


def _passes_its_own(engine: Engine, container: str) -> bool:
    """Whether the check in the image or the manifest, where there is one, says that the container is healthy."""
    found = engine.container(container)
    return found is not None and found.running and found.health in ("", "none", "healthy")


def _check_alive(engine: Engine, upstream: Upstream, container: str) -> None:
    found = engine.container(container)
    if found is None:
        raise CutOverError(f"service {upstream.service}: container {container} is gone; run pulumi up --refresh")
    if not found.running or found.restarts:
        raise CutOverError(
            f"service {upstream.service}: container {container} has died{_exit_code(engine, container)}; "
            f"the traffic stays where it was; mend the service and run pulumi up again{_last_lines(engine, container)}"
        )


def _exit_code(engine: Engine, container: str) -> str:
    """With what a container ended. The engine starts it again and again, and tells the code only in between."""
    found = engine.container(container)
    for _ in range(30):
        if found is None or not found.running:
            break
        time.sleep(0.1)
        found = engine.container(container)
    return f" with exit code {found.exit_code}" if found and not found.running else ""


def _unhealthy(engine: Engine, upstream: Upstream, healthy: int) -> str:
    check = upstream.check
    expected = f"GET {check.path} on port {check.port or upstream.port} must answer {check.success_codes}"
    return (
        f"service {upstream.service}: {healthy} of {len(upstream.containers)} containers are healthy after "
        f"{upstream.wait} s ({expected}); the traffic stays where it was; mend the service or its http.healthcheck "
        f"and run pulumi up again{_last_lines(engine, upstream.containers[0])}"
    )


def _last_lines(engine: Engine, container: str) -> str:
    tail = engine.log_tail(container)
    return f"\nthe last lines of its log:\n{tail}" if tail else "\nits log is empty"


def _drain(proxy: Proxy, names: list[str], target: Target, say: Say, is_interrupted: Callable[[], bool]) -> None:
    """Waits until the clusters that no route leads to any more have nothing in hand, as long as they may take."""
    limit = max((each.drain for each in target.upstreams.values()), default=0)
    quiet, begun = 0, time.monotonic()

    def drained() -> bool:
        nonlocal quiet
        hosts = proxy.hosts()
        busy = sum(hosts[name].active for name in names if name in hosts)
        quiet = 0 if busy else quiet + 1
        return quiet >= QUIET

    def is_over() -> bool:
        return drained() or (is_interrupted() and time.monotonic() - begun > HASTE)

    wait_until(is_over, seconds=limit)
    if quiet < QUIET:
        say(f"requests were still in hand after {time.monotonic() - begun:.0f} s, and are cut off")
