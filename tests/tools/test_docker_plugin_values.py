"""The stand-in docker plugin: values, durations, and the comparison of inputs."""

import json

import pytest
from google.protobuf import json_format, struct_pb2
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tools.offline.docker_plugin.container_body import container_problems, create_body, update_arguments
from tools.offline.docker_plugin.container_fields import CONTAINER_FIELDS
from tools.offline.docker_plugin.durations import nanoseconds
from tools.offline.docker_plugin.schema import differences, name_is_generated, problems, with_defaults, with_name
from tools.offline.docker_plugin.values import UNKNOWN, Json, Values, decode, encode, has_unknown

SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}
OUTPUT = {"4dabf18193072939515e22adb298388d": "d0e6a833031e9bbcd3f4e8bde6ca49a4"}
ASSET = {"4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17"}


def _struct(values: object) -> struct_pb2.Struct:
    return json_format.Parse(json.dumps(values), struct_pb2.Struct())


_PLAIN = st.recursive(
    st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(min_size=1, max_size=5), inner, max_size=4),
    max_leaves=20,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.text(min_size=1, max_size=8), _PLAIN, max_size=5))
def test_plain_values_come_back_as_they_were(values: Values) -> None:
    assert decode(encode(values)) == values


def test_unknowns_keep_their_place() -> None:
    values: Values = {"image": UNKNOWN, "envs": ["A=1", UNKNOWN]}
    assert decode(encode(values)) == values
    assert has_unknown(values)
    assert not has_unknown({"envs": ["A=1"]})


def test_secrets_and_outputs_are_unwrapped_wherever_they_are() -> None:
    inner = OUTPUT | {"value": {"c": SECRET | {"value": 1}}}
    struct = _struct({"a": SECRET | {"value": "x"}, "b": [inner], "d": OUTPUT})
    assert decode(struct) == {"a": "x", "b": [{"c": 1}], "d": UNKNOWN}


def test_nulls_are_left_out() -> None:
    assert decode(_struct({"a": None, "b": {"c": None, "d": 1}})) == {"b": {"d": 1}}


def test_assets_are_refused() -> None:
    with pytest.raises(ValueError, match="plain values"):
        decode(_struct({"a": ASSET | {"text": "x"}}))


@pytest.mark.parametrize(
    ("duration", "expected"),
    [("0", 0), ("0s", 0), ("500ms", 5 * 10**8), ("10s", 10**10), ("1m30s", 9 * 10**10), ("1.5h", 5400 * 10**9)],
)
def test_durations_are_read_as_go_writes_them(duration: str, expected: int) -> None:
    assert nanoseconds(duration) == expected


@pytest.mark.parametrize("duration", ["", "10", "s", "10 s", "-1s", "1x"])
def test_what_is_no_duration_is_refused(duration: str) -> None:
    with pytest.raises(ValueError, match="is no duration"):
        nanoseconds(duration)


def test_limits_and_what_only_the_plugin_acts_on_make_no_new_container() -> None:
    in_place = {name for name, field in CONTAINER_FIELDS.items() if not field.replaces and not field.only_default}
    assert in_place == {
        *("cpuShares", "memory", "memorySwap", "restart"),
        *("destroyGraceSeconds", "healthcheck", "init", "wait", "waitTimeout", "start", "mustRun"),
    }


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"envs": ["A=1", "B=2"]}, {"envs": ["B=2", "A=1"]}, {}),
        ({"envs": []}, {}, {}),
        ({"command": ["a", "b"]}, {"command": ["b", "a"]}, {"command[0]": True, "command[1]": True}),
        ({"image": "a"}, {"image": UNKNOWN}, {"image": True}),
        ({"memory": 64}, {"memory": 128}, {"memory": False}),
        ({"healthcheck": {"interval": "1s"}}, {"healthcheck": {"interval": "2s"}}, {"healthcheck.interval": False}),
        ({"healthcheck": {"tests": ["a"], "interval": "0s"}}, {"healthcheck": {"tests": ["a"]}}, {}),
        ({"ports": [{"internal": 1}]}, {"ports": [{"internal": 2}]}, {"ports[0].internal": True}),
        (
            {"networksAdvanced": [{"name": "n", "aliases": ["a", "b"]}]},
            {"networksAdvanced": [{"aliases": ["b", "a"], "name": "n"}]},
            {},
        ),
        ({"ports": [{"internal": 1, "protocol": "tcp"}]}, {"ports": [{"internal": 1}]}, {}),
        ({}, {"restart": "always"}, {"restart": False}),
    ],
)
def test_a_change_is_found_with_its_path_and_whether_it_replaces(
    old: Values, new: Values, expected: dict[str, bool]
) -> None:
    found = differences(CONTAINER_FIELDS, old, new)
    assert {path: item.replaces for path, item in found.items()} == expected


def test_defaults_are_no_change() -> None:
    given_values: Values = {"image": "a", "envs": ["A=1"]}
    once = with_defaults(CONTAINER_FIELDS, given_values)
    assert once["mustRun"] is True
    assert once["waitTimeout"] == 60
    explicit = with_defaults(CONTAINER_FIELDS, {**given_values, "mustRun": True, "restart": "no"})
    assert differences(CONTAINER_FIELDS, once, explicit) == {}


def test_a_generated_name_ends_in_7_hex_digits_and_stays() -> None:
    first = with_name({"image": "a"}, {}, "posts", b"seed")
    assert name_is_generated(first)
    name = first["name"]
    assert isinstance(name, str)
    assert name.startswith("posts-")
    assert len(name) == len("posts-") + 7
    int(name[-7:], 16)
    assert with_name({"image": "b"}, first, "posts", b"other")["name"] == name
    assert with_name({"image": "b"}, {}, "posts", b"other")["name"] != name
    assert not name_is_generated(with_name({"name": "own"}, first, "posts", b"seed"))
    assert with_name({}, {"name": "own", "__defaults": []}, "posts", b"seed")["name"] == name


@pytest.mark.parametrize(
    ("inputs", "path", "words"),
    [
        ({"image": "a", "imagen": "b"}, "imagen", "did you mean image"),
        ({"image": "a", "gpus": "all"}, "gpus", "no such input"),
        ({"image": "a", "attach": True}, "attach", "takes only false"),
        ({"image": "a", "removeVolumes": False}, "removeVolumes", "takes only true"),
        ({"image": "a", "ports": [{"internal": 1, "protocol": "udp"}]}, "ports[0].protocol", 'takes only "tcp"'),
        ({"image": "a", "ports": [{"internal": 1, "externl": 2}]}, "ports[0].externl", "did you mean external"),
        ({"image": "a", "memory": "64"}, "memory", "whole number"),
        ({"image": "a", "wait": 1}, "wait", "true or false"),
        ({"image": "a", "envs": ["A=1", 2]}, "envs[1]", "a string"),
        ({"image": "a", "labels": {"a": "b"}}, "labels", "a list of objects"),
        ({"image": "a", "healthcheck": {"interval": "1s"}}, "healthcheck.tests", "is missing"),
        ({}, "image", "is missing"),
    ],
)
def test_a_wrong_input_is_named_with_its_path(inputs: Values, path: str, words: str) -> None:
    found = {problem.path: problem.reason for problem in problems(CONTAINER_FIELDS, inputs)}
    assert list(found) == [path]
    assert words in found[path]


@pytest.mark.parametrize(
    ("inputs", "path"),
    [
        ({"restart": "sometimes"}, "restart"),
        ({"command": ["a", ""]}, "command"),
        ({"memory": -1}, "memory"),
        ({"healthcheck": {"tests": ["NONE"], "interval": "soon"}}, "healthcheck.interval"),
    ],
)
def test_a_wrong_value_is_named_with_its_path(inputs: Values, path: str) -> None:
    assert [problem.path for problem in container_problems(inputs)] == [path]


def test_every_input_reaches_the_request_that_creates_a_container() -> None:
    inputs: Values = {
        "image": "i",
        "command": ["c"],
        "entrypoints": ["e"],
        "envs": ["A=1"],
        "ports": [{"internal": 80, "external": 8080, "ip": "127.0.0.1"}, {"internal": 53}],
        "healthcheck": {"tests": ["CMD", "t"], "interval": "5s", "retries": 2},
        "restart": "always",
        "labels": [{"label": "l", "value": "v"}],
        "cpuShares": 256,
        "memory": 64,
        "memorySwap": -1,
        "readOnly": True,
        "init": False,
        "hosts": [{"host": "here", "ip": "host-gateway"}],
    }
    host: dict[str, Json] = {
        "NetworkMode": "bridge",
        "PortBindings": {
            "80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8080"}],
            "53/tcp": [{"HostIp": "0.0.0.0", "HostPort": ""}],
        },
        "RestartPolicy": {"Name": "always", "MaximumRetryCount": 0},
        "ReadonlyRootfs": True,
        "CpuShares": 256,
        "Memory": 64 * 1024 * 1024,
        "MemorySwap": -1,
        "Init": False,
        "ExtraHosts": ["here:host-gateway"],
    }
    assert create_body(inputs) == {
        "Image": "i",
        "Cmd": ["c"],
        "Entrypoint": ["e"],
        "Env": ["A=1"],
        "ExposedPorts": {"80/tcp": {}, "53/tcp": {}},
        "Labels": {"l": "v"},
        "Healthcheck": {
            "Test": ["CMD", "t"],
            "Interval": 5 * 10**9,
            "Timeout": 0,
            "StartPeriod": 0,
            "Retries": 2,
        },
        "HostConfig": host,
    }


def test_only_what_changed_is_sent_to_a_running_container() -> None:
    assert update_arguments({"memory": 64, "restart": "no"}, {"memory": 64, "restart": "no", "wait": True}) == {}
    assert update_arguments({"memory": 64, "restart": "no"}, {"memory": 32, "restart": "always"}) == {
        "mem_limit": 32 * 1024 * 1024,
        "restart_policy": {"Name": "always", "MaximumRetryCount": 0},
    }
