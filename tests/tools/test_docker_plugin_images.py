"""The stand-in docker plugin on the real engine: images, built and pushed to a real registry."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import docker.errors
import grpc
import pytest
from pulumi.runtime.proto import engine_pb2_grpc

from tests.tools.plugin_client import IMAGE, Made, Plugin, RefusedError
from tests.tools.registry import PASSWORD, USER, Registry, running_registry
from tools.offline.docker_plugin import wire
from tools.offline.docker_plugin.values import UNKNOWN, Values


@pytest.fixture
def context(tmp_path: Path, base_image: str) -> Path:
    """A folder to build from."""
    (tmp_path / "Dockerfile").write_text(
        f"FROM {base_image} AS first\nARG WHO=nobody\nCOPY file.txt /\nRUN echo $WHO > /who\nFROM first\n"
    )
    (tmp_path / "file.txt").write_text("1")
    return tmp_path


def _local(name: str, context: Path, **build: str) -> Values:
    return {"imageName": f"{name}:1", "skipPush": True, "build": {"context": str(context), **build}}


def test_an_image_is_built_and_known_by_its_tag_and_local_id(
    plugin: Plugin, engine: Any, context: Path, name: str
) -> None:
    made = plugin.create(IMAGE, _local(name, context))
    image_id = engine.inspect_image(f"{name}:1")["Id"]
    assert made.object_id == f"{name}:1"
    assert made.outputs == {
        "baseImageName": f"{name}:1",
        "context": str(context),
        "dockerfile": "Dockerfile",
        "imageName": f"{name}:1",
        "platform": made.outputs["platform"],
        "registryServer": "",
        "repoDigest": image_id,
    }
    assert str(made.outputs["platform"]).startswith("linux/")


def test_a_touched_file_is_nothing_and_a_changed_one_an_update_with_a_new_digest(
    plugin: Plugin, context: Path, name: str
) -> None:
    inputs = _local(name, context)
    made = plugin.create(IMAGE, inputs)
    (context / "file.txt").touch()
    assert plugin.diff(made, plugin.check(IMAGE, inputs, made.inputs).inputs).changes == {}
    (context / "file.txt").write_text("2")
    found = plugin.diff(made, plugin.check(IMAGE, inputs, made.inputs).inputs)
    assert found.changes == {"build.contextDigest": "UPDATE"}
    assert found.replaces == []
    assert plugin.update(made, inputs, preview=True).outputs["repoDigest"] is UNKNOWN
    assert plugin.update(made, inputs).outputs["repoDigest"] != made.outputs["repoDigest"]


def test_a_second_build_of_the_same_has_the_same_digest(plugin: Plugin, context: Path, name: str) -> None:
    first = plugin.create(IMAGE, _local(name, context))
    second = plugin.create(IMAGE, _local(name, context))
    assert first.outputs["repoDigest"] == second.outputs["repoDigest"]


def test_a_preview_builds_nothing(plugin: Plugin, engine: Any, context: Path, name: str) -> None:
    outputs = plugin.preview(IMAGE, _local(name, context))
    assert outputs["imageName"] == f"{name}:1"
    assert outputs["repoDigest"] is UNKNOWN
    with pytest.raises(docker.errors.ImageNotFound):
        engine.inspect_image(f"{name}:1")


def test_a_preview_bears_an_unknown_name_context_and_argument(plugin: Plugin) -> None:
    inputs: Values = {"imageName": UNKNOWN, "skipPush": True, "build": {"context": UNKNOWN, "args": {"A": UNKNOWN}}}
    assert plugin.preview(IMAGE, inputs)["imageName"] is UNKNOWN


def test_arguments_and_target_reach_the_build(plugin: Plugin, engine: Any, context: Path, name: str) -> None:
    (context / "Dockerfile").write_text((context / "Dockerfile").read_text() + "LABEL stage=last\n")
    inputs = _local(name, context, target="first")
    build = inputs["build"]
    assert isinstance(build, dict)
    plugin.create(IMAGE, {**inputs, "build": {**build, "args": {"WHO": "somebody"}}})
    image: dict[str, Any] = engine.inspect_image(f"{name}:1")
    assert "stage" not in (image["Config"]["Labels"] or {})
    history: list[dict[str, Any]] = engine.history(f"{name}:1")
    assert any("WHO=somebody" in step["CreatedBy"] for step in history)


def test_a_failed_build_is_one_error_with_the_end_of_its_output(plugin: Plugin, context: Path, name: str) -> None:
    dockerfile = context / "Dockerfile"
    dockerfile.write_text(dockerfile.read_text() + "RUN echo it broke here >&2; exit 7\n")
    with pytest.raises(RefusedError, match=rf"building image {name}:1 from {context} failed") as failure:
        plugin.create(IMAGE, _local(name, context))
    assert "it broke here" in str(failure.value)
    assert "exit code: 7" in str(failure.value)
    assert len(failure.value.args) == 1


class _Engine(engine_pb2_grpc.EngineServicer):  # pyright: ignore[reportUntypedBaseClass]
    """Pulumi's engine, as far as it takes log lines."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, bool]] = []

    def Log(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: ARG002, N802
        self.lines.append((request.message, request.ephemeral))
        return wire.nothing()


def test_the_steps_of_a_build_are_shown_in_passing(plugin: Plugin, context: Path, name: str) -> None:
    listener = _Engine()
    server = grpc.server(ThreadPoolExecutor(1))
    add_to_server: Any = engine_pb2_grpc.add_EngineServicer_to_server
    add_to_server(listener, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    plugin.stub.Attach(wire.plugin.PluginAttach(address=f"127.0.0.1:{port}"))
    plugin.create(IMAGE, _local(name, context))
    server.stop(None).wait()
    assert (f"Building image {name}:1", True) in listener.lines
    assert any("COPY file.txt" in line and passing for line, passing in listener.lines)
    assert all(passing for _, passing in listener.lines)


def test_deletion_leaves_the_image_and_a_refresh_does_not_look_for_it(
    plugin: Plugin, engine: Any, context: Path, name: str
) -> None:
    made = plugin.create(IMAGE, _local(name, context))
    plugin.delete(made)
    assert engine.inspect_image(f"{name}:1")["Id"] == made.outputs["repoDigest"]
    engine.remove_image(f"{name}:1")
    assert plugin.read(made) == made
    assert plugin.diff(made, made.inputs).changes == {}


def test_a_changed_password_is_no_change_and_a_changed_server_is_an_update(plugin: Plugin, context: Path) -> None:
    def inputs(server: str, password: str) -> Values:
        registry: Values = {"server": server, "username": "robot", "password": password}
        return {"imageName": "localhost:1/a:1", "registry": registry, "build": {"context": str(context)}}

    old = plugin.check(IMAGE, inputs("localhost:1", "one")).inputs
    state = Made(IMAGE, "localhost:1/a:1", old, {"imageName": "localhost:1/a:1"})
    assert plugin.diff(state, plugin.check(IMAGE, inputs("localhost:1", "two")).inputs).changes == {}
    found = plugin.diff(state, plugin.check(IMAGE, inputs("localhost:2", "one")).inputs)
    assert found.changes == {"registry.server": "UPDATE"}
    assert found.replaces == []


@pytest.mark.parametrize(
    ("change", "path", "words"),
    [
        ({"skipPush": False}, "imageName", "names no registry"),
        ({"build": {"context": "/nowhere"}}, "build.context", "no folder /nowhere"),
        ({"build": {"context": ".", "dockerfile": "Nope"}}, "build.dockerfile", "no file Nope"),
        ({"build": {"builderVersion": "V3"}}, "build.builderVersion", "BuilderBuildKit"),
        ({"build": {"extra": "1"}}, "build.extra", "no such input"),
        ({"buildOnPreview": True}, "buildOnPreview", "takes only false"),
    ],
)
def test_wrong_inputs_are_found_before_a_build(
    plugin: Plugin, context: Path, change: Values, path: str, words: str
) -> None:
    failures = plugin.check(IMAGE, {**_local("a", context), **change}).failures
    assert list(failures) == [path]
    assert words in failures[path]


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """A registry that wants a user and a password."""
    with running_registry(tmp_path_factory.mktemp("registry")) as found:
        yield found


def test_a_pushed_image_is_known_by_the_digest_of_the_registry(
    plugin: Plugin, registry: Registry, context: Path, name: str
) -> None:
    server, image = f"http://{registry.address}", f"{registry.address}/{name}"
    credentials: Values = {"server": server, "username": USER, "password": PASSWORD}
    inputs: Values = {"imageName": f"{image}:1", "registry": credentials, "build": {"context": str(context)}}
    made = plugin.create(IMAGE, inputs)
    digest = registry.digest(name, "1", PASSWORD)
    assert digest
    assert made.outputs["repoDigest"] == f"{image}@{digest}"
    assert made.outputs["registryServer"] == server
    assert PASSWORD not in str(made.outputs)
    plugin.delete(made)
    assert registry.digest(name, "1", PASSWORD) == digest


def test_a_refused_push_is_an_error_without_the_password(
    plugin: Plugin, registry: Registry, context: Path, name: str
) -> None:
    image = f"{registry.address}/{name}:1"
    credentials: Values = {"server": registry.address, "username": USER, "password": "not-this-one"}
    inputs: Values = {"imageName": image, "registry": credentials, "build": {"context": str(context)}}
    with pytest.raises(RefusedError, match=rf"pushing image {image} failed") as failure:
        plugin.create(IMAGE, inputs)
    assert "not-this-one" not in str(failure.value)
