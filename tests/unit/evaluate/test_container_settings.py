"""What a job's container is created with: the hardened run, in the engine's own words."""

from pathlib import Path
from typing import Any

import pytest

from blueprint.contracts.job import Job, Limits
from blueprint.evaluate.containers.settings import (
    Container,
    Gpus,
    Mount,
    container_settings,
)

OUTPUT = Mount("/runs/output", "/output", writable=True)


def settings(
    *,
    volumes: tuple[str, ...] = (),
    gpus: Gpus | None = None,
    cpus: int = 8,
    job: dict[str, Any] | None = None,
) -> dict[str, Any]:
    place = Path("/runs")
    wanted = Job(
        **{
            "name": "7-1-all", "argv": ("python", "predict.py"), "code": place, "inputs": place,
            "output": place, "limits": Limits(2, 512, 60, 100), "nonce": "0123456789abcdef",
            **(job or {}),
        }
    )  # fmt: skip
    return container_settings(
        Container(
            job=wanted, image="sha256:1", volumes=volumes, user="65534:65534",
            mounts=(Mount("/runs/input", "/input", writable=False), OUTPUT), labels={},
            cpus=cpus, gpus=gpus or Gpus(),
        )
    )  # fmt: skip


def environment(found: dict[str, Any]) -> dict[str, str]:
    return dict(line.split("=", 1) for line in found["Env"])


def test_nothing_is_left_open():
    found = settings()
    host = found["HostConfig"]

    assert found["User"] == "65534:65534"
    assert found["NetworkDisabled"] is True
    assert found["Healthcheck"] == {"Test": ["NONE"]}
    assert host["NetworkMode"] == "none"
    assert host["ReadonlyRootfs"] is True
    assert host["CapDrop"] == ["ALL"]
    assert host["SecurityOpt"] == ["no-new-privileges"]
    assert (host["Privileged"], host["Init"]) == (False, True)
    assert host["LogConfig"] == {"Type": "local", "Config": {"max-size": "1m", "max-file": "2"}}
    assert not {"CapAdd", "Devices", "PidMode", "UsernsMode", "Binds"} & host.keys()


def test_limits_are_the_jobs():
    host = settings()["HostConfig"]

    assert host["Memory"] == host["MemorySwap"] == 512 * 1024 * 1024
    assert host["PidsLimit"] == 256
    assert host["NanoCpus"] == 2_000_000_000
    assert host["ShmSize"] == 64 * 1024 * 1024
    assert "size=268435456,nr_inodes=10000" in host["Tmpfs"]["/tmp"]
    assert "nosuid,nodev,uid=65534,gid=65534" in host["Tmpfs"]["/tmp"]
    limits = {one["Name"]: one["Hard"] for one in host["Ulimits"]}
    assert (limits["core"], limits["nofile"]) == (0, 1024)


def test_no_more_cores_are_asked_for_than_the_machine_has():
    found = settings(cpus=1)

    assert found["HostConfig"]["NanoCpus"] == 1_000_000_000
    assert environment(found)["OMP_NUM_THREADS"] == "1"


def test_what_an_image_preloads_and_asks_of_the_gpu_runtime_is_overruled():
    told = environment(settings(job={"image": "tool", "argv": (), "code": None}))

    assert told["LD_PRELOAD"] == ""
    assert told["NVIDIA_VISIBLE_DEVICES"] == "void"
    assert "PATH" not in told  # the image's own


def test_an_image_without_a_command_of_ours_runs_its_own():
    found = settings(job={"image": "tool", "argv": (), "code": None})

    assert not {"Cmd", "Entrypoint", "WorkingDir"} & found.keys()


def test_a_command_replaces_the_images_entrypoint():
    found = settings()

    assert (found["Entrypoint"], found["Cmd"]) == (["python", "predict.py"], [])
    assert found["WorkingDir"] == "/code"


@pytest.mark.parametrize("path", ["/data", "/data/", "/x/../data", "//data"])
def test_declared_volumes_are_covered_by_small_file_systems(path: str):
    mounts = settings(volumes=(path,))["HostConfig"]["Mounts"]

    covers = [one for one in mounts if one["Type"] == "tmpfs"]
    assert covers == [
        {"Type": "tmpfs", "Target": "/data", "TmpfsOptions": {"SizeBytes": 16 * 1024 * 1024}}
    ]


@pytest.mark.parametrize("path", ["/output", "/data/../output", "/tmp"])
def test_declared_volumes_take_no_place_of_ours(path: str):
    mounts = settings(volumes=(path,))["HostConfig"]["Mounts"]

    assert [(one["Type"], one["Target"]) for one in mounts] == [
        ("bind", "/input"),
        ("bind", "/output"),
    ]


def test_what_is_only_read_is_mounted_so():
    mounts = settings()["HostConfig"]["Mounts"]

    assert {one["Target"]: one["ReadOnly"] for one in mounts} == {"/input": True, "/output": False}
    assert {one["BindOptions"]["Propagation"] for one in mounts} == {"rprivate"}


def test_gpus_are_asked_for_by_their_cdi_names():
    found = settings(gpus=Gpus(("0", "3"), cdi=True))

    names = ["nvidia.com/gpu=0", "nvidia.com/gpu=3"]
    assert found["HostConfig"]["DeviceRequests"] == [{"Driver": "cdi", "DeviceIDs": names}]
    assert environment(found)["NVIDIA_VISIBLE_DEVICES"] == "void"


def test_gpus_are_asked_for_by_number_where_there_is_no_cdi():
    found = settings(gpus=Gpus(("1",), cdi=False))

    assert found["HostConfig"]["DeviceRequests"] == [
        {"Driver": "nvidia", "DeviceIDs": ["1"], "Capabilities": [["gpu"]]}
    ]
    assert environment(found)["NVIDIA_VISIBLE_DEVICES"] == "1"


def test_without_gpus_none_is_asked_for():
    assert settings()["HostConfig"]["DeviceRequests"] == []
