"""The engine itself: probing, choosing a layer, cancelling, dying, a private checkout."""

import json
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from blueprint.errors import InputError
from blueprint.evaluate.engine import Job, Limits, run_to_end
from blueprint.evaluate.sandbox.engine import ProcessSandbox

SLEEPER = """
import os
os.execvp("python", ["python", "-c", "import time; time.sleep(60)", marker])
"""


def wait_for(condition: Callable[[], bool], timeout_s: float = 15.0) -> bool:
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if condition():
            return True
        threading.Event().wait(0.05)
    return False


def probe(arena: Any, missing: tuple[str, ...] = (), **variables: str) -> Any:
    arena.write("")
    arena.layer = "probe"
    done = subprocess.run(
        arena.argv(missing=list(missing)),
        capture_output=True,
        check=True,
        env={**os.environ, **variables},
        cwd="/",
    )
    return json.loads(done.stdout)


def test_probe_runs_a_real_job_and_names_the_strongest_layer(walled_arena):
    strongest = walled_arena.layer

    found = probe(walled_arena)

    assert (found["works"], found["layer"], found["advice"]) == (True, strongest, "")
    assert found["bounds"]
    assert found["weaker"] == []


def test_probe_names_the_weaker_bounds_of_landlock(walled_arena):
    found = probe(walled_arena, DIYCHALLENGE_SANDBOX="landlock")

    assert (found["works"], found["layer"]) == (True, "landlock")
    assert "the names and sizes of the machine's files can be probed" in found["weaker"][0]


def test_probe_falls_back_to_landlock_and_says_what_to_enable(walled_arena):
    found = probe(walled_arena, missing=("unshare",))

    assert (found["works"], found["layer"]) == (True, "landlock")
    assert "new namespaces" in found["advice"]
    assert "Operation not permitted" in found["advice"]
    assert "enable unprivileged user namespaces" in found["advice"]


def test_probe_says_what_to_enable_where_nothing_works(walled_arena):
    found = probe(walled_arena, missing=("unshare", "landlock"))

    assert (found["works"], found["layer"], found["bounds"]) == (False, "none", [])
    assert "landlock: Landlock is not available" in found["advice"]
    assert "or boot a kernel from 5.13 on with Landlock" in found["advice"]


def test_probe_names_a_package_that_is_missing():
    sandbox = ProcessSandbox(packages=["no-such-package"])

    found = sandbox.probe()

    assert (found.works, sandbox.layer) == (False, "none")
    assert "the Python package no-such-package is missing" in found.advice


def test_sandbox_that_is_switched_off_runs_nothing(monkeypatch, tmp_path):
    monkeypatch.setenv("DIYCHALLENGE_SANDBOX", "none")
    sandbox = ProcessSandbox()

    outcome = run_to_end(sandbox, job_of(tmp_path, "print(1)"), cancelled=lambda: False)

    assert outcome.ended == "engine-error"
    assert "DIYCHALLENGE_SANDBOX=none switches the sandbox off" in outcome.detail


def test_unknown_layer_is_refused(monkeypatch):
    monkeypatch.setenv("DIYCHALLENGE_SANDBOX", "chroot")

    with pytest.raises(InputError, match="'chroot': it must be one of namespaces, landlock, none"):
        ProcessSandbox()


@pytest.mark.parametrize("layer", ["namespaces", "landlock"])
def test_cancelled_run_ends_at_once_with_its_processes(make_arena, layer):
    arena = make_arena("root" if os.geteuid() == 0 else "user", layer)
    arena.write(SLEEPER)
    job = Job("test", ("python", "program.py"), *folders(arena.folder), Limits(1, 256, 60, 8))
    started = time.monotonic()

    outcome = ProcessSandbox().run_in(arena.layer, job, cancelled=lambda: bool(arena.survivors()))

    assert outcome.ended == "cancelled"
    assert time.monotonic() - started < 45  # left alone it runs for sixty
    assert arena.survivors() == []


def test_run_dies_with_the_platform(arena):
    arena.write(SLEEPER)
    with subprocess.Popen(arena.argv(time_s=60), stdout=subprocess.DEVNULL, cwd="/") as platform:
        assert wait_for(lambda: bool(arena.survivors()))
        platform.kill()

    assert wait_for(lambda: not arena.survivors())


def test_run_dies_with_its_launcher(arena):
    arena.write(SLEEPER)
    argv = arena.argv(time_s=60)
    with subprocess.Popen(argv, stdout=subprocess.PIPE, cwd="/") as platform:
        assert wait_for(lambda: bool(arena.survivors()))
        launcher = parent(parent(arena.survivors()[0]))
        assert b"launcher/main.py" in Path(f"/proc/{launcher}/cmdline").read_bytes()
        os.kill(launcher, signal.SIGKILL)
        answer, _ = platform.communicate(timeout=60)

    assert json.loads(answer)["ended"] == "engine-error"
    assert wait_for(lambda: not arena.survivors())


def test_checkout_in_a_private_folder_runs_and_stays_hidden(arena):
    private = arena.folder / "home"
    private.mkdir(mode=0o700)
    arena.checkout = private / "checkout"
    source = Path(__file__).resolve().parents[3] / "blueprint"
    skipped = shutil.ignore_patterns("__pycache__", "*.nii.gz", "scaffold", "demo")
    shutil.copytree(source, arena.checkout / "blueprint", ignore=skipped)

    ended = arena.run(
        f"""
        import json, nibabel, posix
        try:
            posix.open({str(arena.checkout / "blueprint/__init__.py")!r}, posix.O_RDONLY)
            print(json.dumps("read"))
        except OSError as error:
            print(json.dumps(error.errno))
        """
    )

    assert ended.said in (2, 13)  # it does not exist, or access is denied


def test_launcher_needs_the_standard_library_alone():
    program = (
        "import sys; sys.path.append(sys.argv[1]);"
        "import blueprint.evaluate.sandbox.launcher.run;"
        "print(*{name.partition('.')[0] for name in sys.modules})"
    )
    checkout = str(Path(__file__).resolve().parents[3])

    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program, checkout], capture_output=True, check=True
    )

    loaded = set(done.stdout.decode().split())
    assert loaded - set(sys.stdlib_module_names) <= {"__main__", "blueprint"}


def job_of(folder: Path, program: str) -> Job:
    for name in ("code", "input", "output"):
        (folder / name).mkdir()
    (folder / "code" / "program.py").write_text(program)
    return Job("test", ("python", "program.py"), *folders(folder), Limits(1, 256, 10, 8))


def folders(folder: Path) -> tuple[Path, Path, Path]:
    return folder / "code", folder / "input", folder / "output"


def parent(process: int) -> int:
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.partition("PPid:")[2].split()[0])


def test_interpreter_is_found_behind_a_virtual_environment_that_copied_it(tmp_path):
    subprocess.run([sys.executable, "-m", "venv", "--copies", "--without-pip", tmp_path / "venv"],
                   check=True)  # fmt: skip
    code = "from blueprint.evaluate.sandbox import layout; print(layout.base_executable())"
    root = Path(__file__).resolve().parents[3]
    environment = {"PYTHONPATH": f"{root}:{sysconfig.get_path('purelib')}"}

    said = subprocess.run([tmp_path / "venv" / "bin" / "python", "-c", code], env=environment,
                          check=True, capture_output=True, text=True).stdout  # fmt: skip

    assert Path(said.strip()) == Path(vars(sys)["_base_executable"]).resolve()
    assert not said.startswith(str(tmp_path))


def test_two_runs_at_once_have_a_core_each(tmp_path):
    if len(os.sched_getaffinity(0)) < 2:
        pytest.skip("needs two cores")
    engine = ProcessSandbox()
    handles = []
    for name in ("one", "other"):
        folders = {part: tmp_path / name / part for part in ("code", "inputs", "output")}
        for folder in folders.values():
            folder.mkdir(parents=True)
        (folders["code"] / "program.py").write_text(
            "import json, os, time; time.sleep(1); print(json.dumps([*os.sched_getaffinity(0)]))"
        )
        limits = Limits(cpus=1, memory_mib=256, time_s=20, output_mib=1)
        job = Job(name=name, argv=("python", "program.py"), limits=limits, **folders)
        handles.append(engine.start(job))

    said = [json.loads(engine.wait(handle, lambda: False).log) for handle in handles]
    for handle in handles:
        engine.remove(handle)

    assert sorted(map(len, said)) == [1, 1]
    assert said[0] != said[1]
