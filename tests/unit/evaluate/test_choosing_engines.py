"""Which engine runs submissions, and why it is that one."""

from pathlib import Path

import pytest

from blueprint.adapters.docker_engine import DockerEngineApi, EngineAwayError, away
from blueprint.errors import ToolError
from blueprint.evaluate.containers.gpus import Devices, GpuPool, find_devices
from blueprint.evaluate.engines import choose_engine


@pytest.fixture(autouse=True)
def _no_engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/docker.sock")


def test_auto_takes_processes_where_no_engine_answers_and_says_why():
    choice = choose_engine("auto")

    assert choice.engine.name == "process"
    assert choice.why.startswith("`engine: auto`, and ")
    assert "docker" in choice.why.lower()


def test_docker_that_is_asked_for_is_never_replaced():
    choice = choose_engine("docker")
    probe = choice.engine.probe()

    assert choice.engine.name == "docker"
    assert not probe.works
    assert "engine: process" in probe.advice


def test_processes_that_are_asked_for_are_taken():
    assert choose_engine("process").engine.name == "process"


@pytest.mark.parametrize(
    ("said", "told", "hint"),
    [
        ("FileNotFoundError(2, 'No such file')", "there is no Docker engine at /s", "apt-get"),
        ("PermissionError(13, 'Permission denied')", "this account may not use", "group docker"),
        ("ConnectionRefusedError(111, 'Connection refused')", "no Docker engine listens", "start"),
        ("timed out", "does not answer: timed out", "docker info"),
    ],
)
def test_why_an_engine_cannot_be_asked_comes_with_what_to_do(said: str, told: str, hint: str):
    error = away("unix:///s", OSError(said))

    assert told in str(error)
    assert hint in str(error.hint)


def test_a_socket_without_an_engine_is_one_that_is_away(tmp_path: Path):
    pytest.importorskip("docker", reason="the extra `server` is not installed")

    with pytest.raises(EngineAwayError, match="there is no Docker engine"):
        DockerEngineApi(f"unix://{tmp_path}/none.sock").info()


def cdi(folder: Path, *names: str) -> dict[str, object]:
    folder.mkdir()
    devices = "".join(f'  - name: "{name}"\n' for name in names)
    (folder / "nvidia.yaml").write_text(f"kind: nvidia.com/gpu\ndevices:\n{devices}")
    return {"CDISpecDirs": [str(folder)], "Runtimes": {"nvidia": {}}}


def test_gpus_are_found_by_their_cdi_names(tmp_path: Path):
    info = cdi(tmp_path / "cdi", "1", "0", "all", "GPU-aaaa", "10")

    assert find_devices(info) == Devices(("0", "1", "10"), cdi=True)


def test_gpus_are_counted_by_the_driver_where_there_is_no_cdi(tmp_path: Path):
    for name in ("0000:01:00.0", "0000:02:00.0"):
        (tmp_path / name).mkdir()

    found = find_devices({"Runtimes": {"nvidia": {}}}, driver=tmp_path)

    assert found == Devices(("0", "1"), cdi=False)
    assert find_devices({"Runtimes": {"runc": {}}}, driver=tmp_path).ids == ()


def test_a_gpu_is_given_to_one_run_at_a_time():
    pool = GpuPool(Devices(("0", "1", "2"), cdi=True))
    pool.hold("adopted", ("1",))

    assert pool.take("a", 2).ids == ("0", "2")
    with pytest.raises(ToolError, match="1 GPUs are asked for, 0 of 3 are free"):
        pool.take("b", 1)
    pool.give_back("a")
    pool.give_back("a")
    assert pool.take("b", 1).ids == ("0",)
