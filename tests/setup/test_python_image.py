"""The base image of this machine's Python, and pip's settings in it."""

import json
import shutil
import sys
from pathlib import Path

import pytest

from tests.setup.conftest import MakeProgram
from tools.offline import images, python_image
from tools.setup import pip
from tools.setup.place import Place
from tools.setup.say import MachineError

TOLD = """
global.index-url='https://packages.example.com/simple'
install.no-compile='yes'
global.cert='/nowhere.pem'
:env:.index-url='https://mine.example.com/simple'
global.find-links='/opt/wheels'
global.timeout='7'
"""


def test_the_settings_say_where_packages_come_from_and_nothing_else() -> None:
    found = pip.settings(TOLD)
    assert found["index-url"] == "https://mine.example.com/simple"  # a variable goes before a file
    assert pip.image_pip_conf(found, {"HTTPS_PROXY": "http://proxy:1"}).splitlines() == [
        "[global]",
        "cert = /etc/ssl/certs/ca-certificates.crt",
        "index-url = https://mine.example.com/simple",
        "proxy = http://proxy:1",
        "timeout = 7",
    ]
    assert "find-links = https://packages.example.com" in pip.image_pip_conf(
        {"find-links": "https://packages.example.com"}, {}
    )


def test_the_certificates_are_the_systems_and_those_that_pip_is_told(tmp_path: Path) -> None:
    own, variable = tmp_path / "own.pem", tmp_path / "variable.pem"
    for path in (own, variable):
        path.write_text("cert")
    found = pip.bundles({"cert": str(own)}, {"SSL_CERT_FILE": str(variable), "PIP_CERT": "/nowhere"})
    assert found[-2:] == [variable, own]


def test_the_image_holds_python_where_it_looks_for_itself(place: Place, env: dict[str, str]) -> None:
    place.python.parent.mkdir(parents=True)
    place.python.symlink_to(sys.executable)
    shutil.copy(Path(sys.prefix) / "pyvenv.cfg", place.venv / "pyvenv.cfg")
    (place.venv / "lib").symlink_to(Path(sys.prefix) / "lib")
    made = images.python_image(place, env)
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    files, texts = made.rootfs().files, made.rootfs().texts
    assert made.tag == f"strangler-base/python:{'.'.join(map(str, sys.version_info[:3]))}"
    assert f"/usr/local/bin/python{version}" in files
    library = f"/usr/local/lib/python{version}"
    assert {f"{library}/{name}" for name in ("os.py", "json", "site-packages/pip")} <= set(files)
    assert [name for name in ("test", "EXTERNALLY-MANAGED", "ensurepip") if f"{library}/{name}" in files] == []
    assert {Path(path).name for path in files} >= {"libc.so.6", "libgcc_s.so.1"}
    assert texts["/etc/pip.conf"].startswith("[global]\n")
    assert images.python_image(place, env).stamp == made.stamp


def test_a_python_without_pip_says_what_to_do(program: MakeProgram, env: dict[str, str]) -> None:
    python = program("python", "echo 'No module named pip' >&2; exit 1")
    with pytest.raises(
        MachineError, match="no Python with pip: No module named pip; let the Docker engine pull images"
    ):
        python_image.this_machines(python, env)


def test_what_it_is_told_of_a_python(program: MakeProgram, env: dict[str, str]) -> None:
    python = program("python", f"echo '{json.dumps(['3.13.5', '/a/python', '/a/lib', '/a/pip'])}'")
    assert python_image.this_machines(python, env) == python_image.Python(
        "3.13.5", Path("/a/python"), Path("/a/lib"), Path("/a/pip")
    )


@pytest.mark.parametrize(
    ("file", "text", "needed"),
    [
        ("services/posts/manifest.yml", "publish:\n  topics: []\n", True),
        ("services/posts/manifest.yml", "environments:\n  test:\n    'subscribe': {}\n", True),
        ("services/posts/manifest.yml", "# publish: nothing\nname: publish\n", False),
        ("copilot/worker/manifest.yml", "subscribe:\n", True),
        ("elsewhere/shop/worker/manifest.yml", "subscribe:\n", True),
        ("examples/worker/manifest.yml", "subscribe:\n", False),
    ],
)
def test_the_image_is_wanted_where_a_manifest_has_messages(place: Place, file: str, text: str, needed: bool) -> None:
    path, dockerfile = place.root / file, place.root / images.DOCKERFILES["BROKER_PYTHON"]
    for made in (path, dockerfile):
        made.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    dockerfile.write_text("ARG BROKER_PYTHON=python:1.2\n")
    (place.root / "Pulumi.test.yaml").write_text("config:\n  strangler:copilot: elsewhere/shop\n")
    assert images.wanted(place.root).get("BROKER_PYTHON") == (["python:1.2"] if needed else None)
