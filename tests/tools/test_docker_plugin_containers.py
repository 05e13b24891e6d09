"""The stand-in docker plugin on the real engine: containers and networks."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import docker.errors
import pytest

from tests.tools.plugin_client import CONTAINER, NETWORK, VOLUME, Made, Plugin, RefusedError, Unfinished
from tools.offline.docker_plugin.values import UNKNOWN, Value, Values

HEALTHY: Value = {"tests": ["CMD-SHELL", "true"], "interval": "200ms", "timeout": "30s", "retries": 3}
UNHEALTHY: Value = {"tests": ["CMD-SHELL", "exit 1"], "interval": "200ms", "timeout": "30s", "retries": 1}
NEVER_PROBED: Value = {"tests": ["CMD-SHELL", "true"], "interval": "1h"}
PATIENT: Values = {"wait": True, "waitTimeout": 300}


def _shell(script: str) -> list[Value]:
    return ["/bin/sh", "-c", script]


def _exists(engine: Any, made: Made) -> bool:
    try:
        engine.inspect_container(made.object_id)
    except docker.errors.NotFound:
        return False
    return True


def _run_in(engine: Any, container: str, *command: str) -> str:
    """What a command says in a running container."""
    return engine.exec_start(engine.exec_create(container, list(command))["Id"]).decode()


def _wait_for(condition: Any, what: str) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline, f"no {what} within two minutes"
        time.sleep(0.1)


def test_a_container_with_wait_is_healthy_when_created(plugin: Plugin, engine: Any, base_image: str, name: str) -> None:
    made = plugin.create(
        CONTAINER,
        {"name": name, "image": base_image, "healthcheck": HEALTHY, "ports": [{"internal": 3000}], **PATIENT},
    )
    state: dict[str, Any] = engine.inspect_container(made.object_id)
    assert state["State"]["Health"]["Status"] == "healthy"
    networks = made.outputs["networkDatas"]
    assert isinstance(networks, list)
    assert networks[0] == {
        "networkName": "bridge",
        "ipAddress": state["NetworkSettings"]["Networks"]["bridge"]["IPAddress"],
        "ipPrefixLength": state["NetworkSettings"]["Networks"]["bridge"]["IPPrefixLen"],
        "gateway": state["NetworkSettings"]["Networks"]["bridge"]["Gateway"],
        "globalIpv6Address": "",
        "globalIpv6PrefixLength": 0,
        "ipv6Gateway": "",
        "macAddress": state["NetworkSettings"]["Networks"]["bridge"]["MacAddress"],
    }
    outer = int(state["NetworkSettings"]["Ports"]["3000/tcp"][0]["HostPort"])
    assert made.outputs["ports"] == [{"internal": 3000, "external": outer, "ip": "0.0.0.0", "protocol": "tcp"}]
    assert made.outputs["command"] == ["/bin/sleep", "3600"]
    assert "exitCode" not in made.outputs


def test_one_that_never_becomes_healthy_fails_stays_and_is_replaced_by_the_next_update(
    plugin: Plugin, engine: Any, base_image: str, name: str
) -> None:
    inputs: Values = {"name": name, "image": base_image, "healthcheck": UNHEALTHY, "wait": True, "waitTimeout": 1}
    with pytest.raises(RefusedError, match="container failed to be in healthy state") as failure:
        plugin.create(CONTAINER, inputs)
    unfinished = failure.value.args[1]
    assert isinstance(unfinished, Unfinished)
    assert unfinished.reasons == ["container failed to be in healthy state"]
    assert unfinished.made.outputs["name"] == name
    assert _exists(engine, unfinished.made)
    again = plugin.diff(unfinished.made, unfinished.made.inputs)
    assert again.replaces == ["__unfinished"]
    assert again.deletes_first
    plugin.delete(unfinished.made)
    assert not _exists(engine, unfinished.made)


def test_wait_goes_on_for_all_its_time_even_if_the_process_is_dead(plugin: Plugin, base_image: str, name: str) -> None:
    inputs: Values = {"name": name, "image": base_image, "healthcheck": NEVER_PROBED, "command": _shell("exit 1")}
    began = time.monotonic()
    with pytest.raises(RefusedError, match="container failed to be in healthy state"):
        plugin.create(CONTAINER, {**inputs, "wait": True, "waitTimeout": 2})
    assert time.monotonic() - began >= 2


def test_wait_without_a_healthcheck_is_an_error(plugin: Plugin, base_image: str, name: str) -> None:
    with pytest.raises(RefusedError, match="has no healthcheck"):
        plugin.create(CONTAINER, {"name": name, "image": base_image, "wait": True})


def test_without_wait_one_that_dies_at_once_counts_as_created(
    plugin: Plugin, engine: Any, base_image: str, name: str
) -> None:
    made = plugin.create(CONTAINER, {"name": name, "image": base_image, "command": _shell("exit 1")})
    assert _exists(engine, made)


def test_a_refresh_of_a_running_container_finds_nothing_new(plugin: Plugin, base_image: str, name: str) -> None:
    made = plugin.create(CONTAINER, {"name": name, "image": base_image})
    assert plugin.read(made) == made


def test_a_killed_container_is_deleted_by_a_refresh(plugin: Plugin, engine: Any, base_image: str, name: str) -> None:
    made = plugin.create(CONTAINER, {"name": name, "image": base_image})
    engine.kill(made.object_id)
    engine.wait(made.object_id)
    assert plugin.diff(made, made.inputs).changes == {}
    assert plugin.read(made) is None
    assert not _exists(engine, made)


def test_a_removed_container_is_gone_for_a_refresh_and_an_error_for_a_deletion(
    plugin: Plugin, engine: Any, base_image: str, name: str
) -> None:
    made = plugin.create(CONTAINER, {"name": name, "image": base_image})
    engine.remove_container(made.object_id, force=True)
    assert plugin.read(made) is None
    with pytest.raises(RefusedError, match="No such container"):
        plugin.delete(made)


def test_a_replacement_deletes_the_old_container_first(plugin: Plugin, base_image: str, name: str) -> None:
    made = plugin.create(CONTAINER, {"name": name, "image": base_image, "envs": ["A=1"]})
    new = plugin.check(CONTAINER, {"name": name, "image": base_image, "envs": ["A=2"]}, made.inputs)
    found = plugin.diff(made, new.inputs)
    assert found.changes == {"envs[0]": "UPDATE_REPLACE"}
    assert found.replaces == ["envs"]
    assert found.deletes_first


def test_a_changed_healthcheck_is_an_update_that_does_nothing(
    plugin: Plugin, engine: Any, base_image: str, name: str
) -> None:
    inputs: Values = {"name": name, "image": base_image, "healthcheck": HEALTHY}
    made = plugin.create(CONTAINER, inputs)
    before = engine.inspect_container(made.object_id)["Config"]["Healthcheck"]
    new = plugin.check(CONTAINER, {**inputs, "healthcheck": UNHEALTHY}, made.inputs)
    found = plugin.diff(made, new.inputs)
    assert set(found.changes) == {"healthcheck.tests[1]", "healthcheck.retries"}
    assert found.replaces == []
    assert not found.deletes_first
    updated = plugin.update(made, {**inputs, "healthcheck": UNHEALTHY})
    assert updated.outputs["healthcheck"] == UNHEALTHY
    assert engine.inspect_container(made.object_id)["Config"]["Healthcheck"] == before


def test_a_changed_restart_policy_reaches_the_running_container(
    plugin: Plugin, engine: Any, base_image: str, name: str
) -> None:
    made = plugin.create(CONTAINER, {"name": name, "image": base_image})
    plugin.update(made, {"name": name, "image": base_image, "restart": "unless-stopped"})
    state = engine.inspect_container(made.object_id)
    assert state["HostConfig"]["RestartPolicy"]["Name"] == "unless-stopped"
    assert state["State"]["Running"]


def _stoppable(name: str, image: str, trap: str) -> Values:
    """A container that does `trap` when it is told to end, once it is ready for that."""
    return {
        "name": name,
        "image": image,
        "command": _shell(f"trap '{trap}' TERM; echo > /ready; while :; do sleep 0.1; done"),
        "healthcheck": {"tests": ["CMD-SHELL", "stat /ready"], "interval": "200ms", "timeout": "30s"},
        **PATIENT,
    }


def _events(engine: Any, made: Made) -> list[dict[str, Any]]:
    """How a container came to its end, as the engine has it."""
    filters = {"container": made.object_id, "event": ["kill", "die"]}
    return list(engine.events(since=0, until=int(time.time()) + 1, filters=filters, decode=True))


def test_with_a_grace_the_process_may_end_on_its_stop_signal(
    plugin: Plugin, engine: Any, base_image: str, name: str
) -> None:
    made = plugin.create(CONTAINER, {**_stoppable(name, base_image, "exit 7"), "destroyGraceSeconds": 300})
    plugin.delete(made)
    assert not _exists(engine, made)
    asked, died = _events(engine, made)
    assert asked["Actor"]["Attributes"]["signal"] == "15"
    assert died["Actor"]["Attributes"]["exitCode"] == "7"


def test_the_plugin_of_a_killed_engine_does_not_go_on_beside_that_of_the_rerun(
    docker_host: str, engine: Any, base_image: str, name: str
) -> None:
    """It removed a container between the rerun's refresh and its deletion, which failed then: "No such container"."""
    first = Plugin(docker_host)
    inputs = _stoppable(name, base_image, "while ! stat /end; do sleep 0.1; done; exit 0")
    made = first.create(CONTAINER, {**inputs, "destroyGraceSeconds": 300})
    first.leave_deletion(made, lambda: _wait_for(lambda: _events(engine, made), "stop signal"))
    _run_in(engine, made.object_id, "/bin/sh", "-c", "echo > /end")
    first.stop()
    assert engine.inspect_container(made.object_id)["State"]["Status"] == "exited"
    rerun = Plugin(docker_host)
    rerun.delete(made)
    rerun.stop()
    assert not _exists(engine, made)


def test_without_a_grace_a_process_that_ignores_the_signal_is_killed_at_once(
    plugin: Plugin, engine: Any, base_image: str, name: str
) -> None:
    made = plugin.create(CONTAINER, _stoppable(name, base_image, ""))
    plugin.delete(made)
    assert not _exists(engine, made)
    asked, killed, died = _events(engine, made)
    assert [event["Actor"]["Attributes"]["signal"] for event in (asked, killed)] == ["15", "9"]
    assert killed["timeNano"] - asked["timeNano"] < 10 * 10**9  # the engine's own grace
    assert died["Actor"]["Attributes"]["exitCode"] == "137"


def test_two_containers_with_one_alias_are_both_found_by_name(
    plugin: Plugin, engine: Any, base_image: str, name: str
) -> None:
    network = plugin.create(NETWORK, {"name": name})
    asking = plugin.create(
        CONTAINER, {"name": f"{name}-asks", "image": base_image, "networksAdvanced": [{"name": name}]}
    )
    addresses: set[str] = set()
    for number in (1, 2):
        made = plugin.create(
            CONTAINER,
            {
                "name": f"{name}-{number}",
                "image": base_image,
                "networksAdvanced": [{"name": network.outputs["name"], "aliases": ["posts"]}],
            },
        )
        datas = made.outputs["networkDatas"]
        assert isinstance(datas, list)
        assert [data["networkName"] for data in datas if isinstance(data, dict)] == [name]
        addresses |= {str(data["ipAddress"]) for data in datas if isinstance(data, dict)}
    answer = _run_in(engine, asking.object_id, "/bin/getent", "ahostsv4", "posts")
    assert {line.split()[0] for line in answer.splitlines()} == addresses
    assert len(addresses) == 2


def test_an_unknown_network_leaves_an_unfinished_container(plugin: Plugin, base_image: str, name: str) -> None:
    inputs: Values = {"name": name, "image": base_image, "networksAdvanced": [{"name": f"{name}-missing"}]}
    with pytest.raises(RefusedError, match=f"network {name}-missing not found") as failure:
        plugin.create(CONTAINER, inputs)
    assert isinstance(failure.value.args[1], Unfinished)


def test_a_name_in_use_makes_nothing(plugin: Plugin, base_image: str, name: str) -> None:
    plugin.create(CONTAINER, {"name": name, "image": base_image})
    with pytest.raises(RefusedError, match="already in use") as failure:
        plugin.create(CONTAINER, {"name": name, "image": base_image})
    assert len(failure.value.args) == 1


def test_creations_run_side_by_side(plugin: Plugin, engine: Any, base_image: str, name: str) -> None:
    """The first creation waits for a health that only comes when the second is done."""
    waits: Values = {**PATIENT, "healthcheck": {"tests": ["CMD-SHELL", "stat /done"], "interval": "200ms"}}
    with ThreadPoolExecutor(1) as aside:
        first = aside.submit(plugin.create, CONTAINER, {"name": f"{name}-1", "image": base_image, **waits})
        _wait_for(lambda: engine.containers(filters={"name": f"{name}-1"}), "running container")
        plugin.create(CONTAINER, {"name": f"{name}-2", "image": base_image})
        assert not first.done()
        _run_in(engine, f"{name}-1", "/bin/sh", "-c", "echo > /done")
        first.result(300)


def test_a_cancellation_ends_a_wait_and_keeps_the_container_in_the_state(
    plugin: Plugin, engine: Any, base_image: str, name: str
) -> None:
    failures: list[RefusedError] = []

    def create() -> None:
        inputs: Values = {"name": name, "image": base_image, "healthcheck": UNHEALTHY, "wait": True}
        try:
            plugin.create(CONTAINER, {**inputs, "waitTimeout": 3600})
        except RefusedError as error:
            failures.append(error)

    thread = threading.Thread(target=create)
    thread.start()
    _wait_for(lambda: engine.containers(filters={"name": name}), "running container")
    plugin.cancel()
    thread.join(120)
    assert not thread.is_alive()
    assert [str(error.args[0]) for error in failures] == ["cancelled"]
    assert isinstance(failures[0].args[1], Unfinished)


def test_a_preview_makes_nothing_and_knows_what_it_can(plugin: Plugin, engine: Any, name: str) -> None:
    outputs = plugin.preview(CONTAINER, {"name": name, "image": UNKNOWN, "envs": ["A=1", UNKNOWN]})
    assert outputs["name"] == name
    assert outputs["envs"] == ["A=1", UNKNOWN]
    assert outputs["image"] is UNKNOWN
    assert outputs["networkDatas"] is UNKNOWN
    assert outputs["exitCode"] is UNKNOWN
    assert engine.containers(all=True, filters={"name": name}) == []


def test_a_network_is_made_read_and_deleted_and_every_input_replaces_it(plugin: Plugin, engine: Any, name: str) -> None:
    inputs: Values = {"name": name, "driver": "bridge", "labels": [{"label": "a", "value": "b"}]}
    made = plugin.create(NETWORK, inputs)
    state: dict[str, Any] = engine.inspect_network(made.object_id)
    assert (state["Name"], state["Labels"]) == (name, {"a": "b"})
    assert made.outputs["scope"] == "local"
    assert plugin.read(made) == made
    changes: Values = {"name": f"{name}-2", "driver": "macvlan", "labels": []}
    for key, value in changes.items():
        new = plugin.check(NETWORK, {**inputs, key: value}, made.inputs).inputs
        found = plugin.diff(made, new)
        assert found.replaces == [key]
        assert not found.deletes_first
    plugin.delete(made)
    assert plugin.read(made) is None
    plugin.delete(made)


def test_a_network_with_a_container_on_it_is_deleted_when_the_container_is_gone(
    plugin: Plugin, base_image: str, name: str
) -> None:
    network = plugin.create(NETWORK, {"name": name})
    container = plugin.create(CONTAINER, {"name": name, "image": base_image, "networksAdvanced": [{"name": name}]})
    with ThreadPoolExecutor(1) as aside:
        deletion = aside.submit(plugin.delete, network)
        plugin.delete(container)
        deletion.result(120)
    assert plugin.read(network) is None


def test_an_input_that_the_plugin_does_not_know_is_refused_by_name(plugin: Plugin, base_image: str) -> None:
    checked = plugin.check(CONTAINER, {"image": base_image, "volumes": [{"containerPath": "/data"}], "tty": True})
    assert checked.failures == {
        "volumes": "the stand-in docker plugin has no such input; leave it out",
        "tty": "the stand-in docker plugin takes only false; leave it out",
    }


def test_another_type_is_refused_by_name(plugin: Plugin) -> None:
    with pytest.raises(RefusedError, match="has no docker:index/remoteImage:RemoteImage; it has docker:index/cont"):
        plugin.check("docker:index/remoteImage:RemoteImage", {"name": "a"})


def test_an_engine_that_does_not_answer_is_named(name: str) -> None:
    plugin = Plugin("tcp://127.0.0.1:1")
    try:
        with pytest.raises(RefusedError, match=r"no Docker engine answers at tcp://127.0.0.1:1: .*DOCKER_HOST"):
            plugin.create(NETWORK, {"name": name})
    finally:
        plugin.stop()


def test_a_container_in_anothers_network_shares_its_localhost(
    plugin: Plugin, engine: Any, base_image: str, name: str
) -> None:
    holder = plugin.create(CONTAINER, {"name": name, "image": base_image})
    mode = f"container:{holder.object_id}"
    joined = plugin.create(CONTAINER, {"name": f"{name}-in", "image": base_image, "networkMode": mode})
    assert engine.inspect_container(joined.object_id)["HostConfig"]["NetworkMode"] == mode
    inside = [_run_in(engine, one.object_id, "ls", "-l", "/proc/self/ns/net")[-20:] for one in (holder, joined)]
    assert inside[0] == inside[1]
    assert plugin.read(joined) == joined


def test_a_volume_keeps_its_files_after_its_containers_and_goes_with_them(
    plugin: Plugin, engine: Any, base_image: str, name: str
) -> None:
    volume = plugin.create(VOLUME, {"name": name, "labels": [{"label": "a", "value": "b"}]})
    assert engine.inspect_volume(name)["Labels"] == {"a": "b"}
    mount: Values = {"type": "volume", "source": name, "target": "/data", "volumeOptions": {"noCopy": True}}
    writes = plugin.create(CONTAINER, {"name": name, "image": base_image, "mounts": [mount]})
    _run_in(engine, writes.object_id, "/bin/sh", "-c", "echo kept > /data/file")
    plugin.delete(writes)
    reads = plugin.create(CONTAINER, {"name": name, "image": base_image, "mounts": [{**mount, "readOnly": True}]})
    assert _run_in(engine, reads.object_id, "cat", "/data/file") == "kept\n"
    assert "Read-only" in _run_in(engine, reads.object_id, "/bin/sh", "-c", "echo other > /data/file")
    assert plugin.create(VOLUME, {"name": name}).object_id == volume.object_id
    assert plugin.read(volume) == volume
    plugin.delete(reads)
    plugin.delete(volume)
    assert plugin.read(volume) is None


def test_only_volumes_are_mounted_and_only_a_containers_network_joined(
    plugin: Plugin, base_image: str, name: str
) -> None:
    mount: Value = {"type": "bind", "source": "/tmp", "target": "/tmp"}
    found = plugin.check(CONTAINER, {"name": name, "image": base_image, "mounts": [mount], "networkMode": "host"})
    assert found.failures == {
        "mounts[0].type": "the stand-in docker plugin mounts only a volume",
        "networkMode": "the stand-in docker plugin takes only bridge and container:<id>",
    }
