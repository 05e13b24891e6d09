"""What a task of several containers is made of on this machine, and in which order."""

from dataclasses import replace

import pytest

from components.local.command import like_of
from components.local.container import cannot_be_pulled
from components.local.docker_engine import ContainerState
from components.local.mounts import Mount, kept_volumes, mounted
from components.local.order import is_met
from components.local.release import LocalContainer, container_of, environment_of, in_order, sidecar_of
from components.local.task import when
from components.manifest.image import ContainerHealthCheck
from components.manifest.manifest import Manifest
from components.manifest.sidecars import MountPoint, Sidecar
from components.manifest.storage import ManagedFiles, OwnFiles, Volume
from components.settings.service import Service

INIT = Sidecar("init", "init:1", essential=False, mount_points=(MountPoint("seed", "/seed", read_only=False),))
NGINX = Sidecar("nginx", "nginx:1", port=80, depends_on=(("web", "start"),))
WARM = Sidecar("warm", "warm:1", healthcheck=ContainerHealthCheck(("CMD", "true")))
VOLUMES = (
    Volume("data", "/data", efs=ManagedFiles(1, 1)),
    Volume("old", "/old", efs=OwnFiles("fs-01234567")),
    Volume("part", "/part", efs=OwnFiles("fs-01234567", root="/part")),
    Volume("seed", "/seed"),
)
WEB = Manifest(
    "web",
    3000,
    None,
    depends_on=(("firelens_log_router", "start"), ("init", "success"), ("warm", "healthy")),
    sidecars=(INIT, NGINX, WARM),
    volumes=VOLUMES,
)


def made(manifest: Manifest = WEB) -> LocalContainer:
    """A task."""
    sidecars = tuple(sidecar_of(manifest, sidecar, sidecar.location or "", {}) for sidecar in manifest.sidecars)
    return container_of(manifest, "digest", {}, sidecars=sidecars)


def test_a_container_starts_behind_those_that_it_waits_for_and_waits_for_none_that_is_not_here() -> None:
    order = list(in_order("web", made()))
    assert order.index("web") > max(order.index("init"), order.index("warm"))
    assert order.index("nginx") > order.index("web")
    assert made().waits == (("init", "success"), ("warm", "healthy"))


def test_a_changed_sidecar_is_another_release() -> None:
    other = replace(WEB, sidecars=(replace(INIT, command=("x",)), NGINX, WARM))
    assert made(other).release != made().release
    assert made().release == made().release


RUNNING = ContainerState("id", True, False, 0, 0, "", {}, frozenset(), {}, "")
DIES = replace(RUNNING, running=False, restarting=True, exit_code=1)


@pytest.mark.parametrize(
    ("condition", "found", "met"),
    [
        ("start", RUNNING, True),
        ("start", replace(RUNNING, running=False), True),
        ("healthy", replace(RUNNING, health="starting"), False),
        ("healthy", replace(RUNNING, health="healthy"), True),
        ("healthy", replace(RUNNING, health="unhealthy"), None),
        ("healthy", replace(RUNNING, health="healthy", restarts=1), None),
        ("healthy", replace(RUNNING, running=False), None),
        ("healthy", DIES, None),
        ("complete", RUNNING, False),
        ("complete", DIES, False),
        ("complete", replace(RUNNING, running=False, exit_code=3), True),
        ("success", RUNNING, False),
        ("success", replace(RUNNING, running=False), True),
        ("success", replace(RUNNING, running=False, exit_code=3), None),
    ],
)
def test_a_condition_is_met_is_not_yet_or_will_not_be(condition: str, found: ContainerState, met: bool | None) -> None:
    assert is_met(condition, found) is met


def test_a_service_has_files_of_its_own_and_a_file_system_is_shared_by_all_that_name_it() -> None:
    other = replace(WEB, name="api")
    assert set(kept_volumes(WEB)) & set(kept_volumes(other)) == {
        "fs-01234567",
        mounted(WEB, "part", "/", read_only=True).kept,
    }
    assert "web-files" in kept_volumes(WEB)
    assert len(kept_volumes(WEB)) == 3
    assert mounted(WEB, "seed", "/seed", read_only=True) == Mount("seed", "/seed", read_only=True)


def test_an_access_point_has_files_of_its_own() -> None:
    one, other = (Volume("data", efs=OwnFiles("fs-01234567", access_point=f"fsap-0000000{end}")) for end in "12")
    names = {*kept_volumes(replace(WEB, volumes=(one,))), *kept_volumes(replace(WEB, volumes=(other,))), "fs-01234567"}
    assert len(names) == 3


def test_a_volume_that_only_sidecars_mount_is_kept_and_not_mounted_by_the_main_container() -> None:
    found = replace(WEB, volumes=(*VOLUMES, Volume("beside", efs=OwnFiles("fs-89abcdef"))))
    assert "fs-89abcdef" in kept_volumes(found)
    assert made(found).mounts == made().mounts


def test_the_main_container_is_told_where_its_volumes_are_and_a_sidecar_what_copilot_tells_all() -> None:
    service = Service(WEB, "test", application="shop", stage="test")
    main, sidecar = (environment_of(service, "e", "f", own) for own in (None, {"OWN": "1"}))
    assert main["COPILOT_MOUNT_POINTS"] == '{"data":"/data","old":"/old","part":"/part","seed":"/seed"}'
    assert sidecar == {"OWN": "1", **{key: value for key, value in main.items() if key != "COPILOT_MOUNT_POINTS"}}


def test_a_one_off_task_has_what_its_main_container_needs_before_it_and_what_waits_for_it_behind() -> None:
    images = {"web": "w", "init": "i", "nginx": "n", "warm": "h"}
    volumes = {name: f"engine-{name}" for name in kept_volumes(WEB)}
    found = like_of(made(), images, "net", {"owner": "me"}, volumes, "web", "envoy")
    assert [sidecar["name"] for sidecar in found["sidecars"]] == ["init", "warm"]
    assert [sidecar["name"] for sidecar in found["followers"]] == ["nginx"]
    assert found["followers"][0]["waits"] == []
    assert found["volumes"] == [".seed"]
    assert found["holder"]["network"] == "net"
    assert found["sidecars"][0]["settings"]["mounts"] == [
        {"Type": "volume", "Source": ".seed", "Target": "/seed", "ReadOnly": False}
    ]
    assert found["sidecars"][1]["settings"]["healthcheck"]["interval"] == 10 * 10**9
    assert found["settings"]["mounts"][0]["Source"] == "engine-web-files"
    assert all("network" not in part for part in (found["settings"], found["sidecars"][0]["settings"]))


def test_a_task_without_sidecars_and_volumes_is_a_container_in_the_network_itself() -> None:
    plain = replace(WEB, sidecars=(), volumes=(), depends_on=())
    found = like_of(made(plain), {"web": "w"}, "net", {}, {}, "web", "")
    assert list(found) == ["settings"]
    assert found["settings"]["network"] == "net"
    assert made(plain).is_plain


def test_times_of_the_engine_are_compared_though_it_leaves_out_zeros() -> None:
    times = ["2026-11-30T15:00:05.1Z", "2026-11-30T15:00:05.12Z", "2026-11-30T15:00:06Z", "2026-11-30T15:00:06.01Z"]
    found = [when(replace(RUNNING, started=time)) for time in times]
    assert found == sorted(found)
    assert len(set(found)) == 4


@pytest.mark.parametrize(
    ("image", "remedy"),
    [
        ("127.0.0.1:1/nothing:1", "check its name, and `docker login` if it needs one"),
        (
            "111122223333.dkr.ecr.eu-west-1.amazonaws.com/agent:1",
            "log in: `aws ecr get-login-password --region eu-west-1 | docker login --username AWS --password-stdin "
            "111122223333.dkr.ecr.eu-west-1.amazonaws.com`",
        ),
    ],
)
def test_an_image_that_cannot_be_pulled_is_a_line_that_says_how_to_do_without(image: str, remedy: str) -> None:
    line = cannot_be_pulled("web", "agent", image, "the reason")
    assert line == (
        f"service web: sidecar agent: the reason; {remedy}, or leave it out of this stack: "
        f"`pulumi config set --path services.web.ignore sidecars.agent`"
    )
