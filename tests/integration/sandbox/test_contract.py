"""What a well-behaved program can rely on, in every layer and account."""

import json

import pytest


def test_program_uses_the_allowed_packages_and_its_output_is_copied(arena):
    ended = arena.run(
        """
        from pathlib import Path
        import nibabel, numpy, scipy.ndimage
        Path("/output/case-01").mkdir()
        volume = scipy.ndimage.zoom(numpy.eye(4), 2)
        image = nibabel.Nifti1Image(volume, numpy.eye(4))
        nibabel.save(image, "/output/case-01/mask.nii.gz")
        print(Path("/input/case").read_text())
        """,
        texts={"case": "scan"},
    )

    assert (ended.ended, ended.exit_code, ended.log) == ("exited", 0, "scan\n")
    assert ended.files == {"case-01/mask.nii.gz"}
    assert ended.wall_s > 0
    assert ended.peak_memory_mib > 10


def test_environment_holds_the_seed_and_nothing_of_the_platform(arena, monkeypatch):
    monkeypatch.setenv("PLATFORM_SECRET", "hidden")

    ended = arena.run("import json, os; print(json.dumps(dict(os.environ)))", cpus=2)

    said = dict(ended.said)
    assert said.pop("PATH").endswith("/python/bin")
    said.pop("LC_CTYPE", None)  # Python sets it in itself
    assert said == {
        "DIYCHALLENGE_SEED": "7",
        "HOME": "/tmp",
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        "OMP_NUM_THREADS": "2",
        "OPENBLAS_NUM_THREADS": "2",
        "MKL_NUM_THREADS": "2",
    }


@pytest.mark.parametrize(
    ("program", "ended", "exit_code", "signal"),
    [
        ("raise SystemExit(3)", "exited", 3, None),
        ("import os; os.kill(os.getpid(), 11)", "signalled", None, 11),
        ("import time; time.sleep(60)", "timeout", None, None),
    ],
)
def test_outcome_says_how_the_program_ended(arena, program, ended, exit_code, signal):
    outcome = arena.run(program, time_s=1.0)

    assert (outcome.ended, outcome.exit_code, outcome.signal) == (ended, exit_code, signal)


def test_output_of_a_program_that_fails_stays_behind(arena):
    ended = arena.run("open('/output/mask', 'w').write('x'); raise SystemExit(1)")

    assert ended.exit_code == 1
    assert ended.files == set()


def test_unknown_program_is_named_in_the_log(arena):
    ended = arena.run("", argv=["perl", "predict.pl"])

    assert ended.exit_code == 127
    assert ended.log == "cannot run perl: No such file or directory\n"


def test_packages_that_are_not_allowed_are_missing(arena):
    ended = arena.run(
        """
        import importlib.util, json
        names = ["numpy", "paramiko", "sqlalchemy", "pydantic", "pip", "blueprint"]
        print(json.dumps([name for name in names if importlib.util.find_spec(name)]))
        """
    )

    assert ended.said == ["numpy"]


def test_program_may_use_a_pool_of_processes(walled_arena):
    ended = walled_arena.run(
        """
        import multiprocessing, json
        if __name__ == "__main__":
            with multiprocessing.get_context("fork").Pool(2) as pool:
                print(json.dumps(pool.map(abs, [-1, 2, -3])))
        """
    )

    assert ended.said == [1, 2, 3]


def test_temporary_files_can_be_copied_with_their_mode(arena):
    ended = arena.run(
        """
        import shutil, tempfile
        with tempfile.NamedTemporaryFile() as file:
            file.write(b"mask"); file.flush()
            shutil.copy2(file.name, "/output/mask")
        """
    )

    assert (ended.exit_code, ended.log) == (0, "")
    assert (ended.output / "mask").read_text() == "mask"


def test_program_finds_its_own_files_wherever_the_run_lies(arena):
    # The run's folders lie in the machine's /tmp here, and /tmp means another folder inside.
    ended = arena.run(
        """
        from pathlib import Path
        beside = Path(__file__).parent
        print(sorted(path.name for path in beside.iterdir() if path.name == Path(__file__).name)
              == [Path(__file__).name], Path(__file__).read_text() != "")
        """
    )

    assert (ended.exit_code, ended.log) == (0, "True True\n")


def test_program_is_bound_to_its_cpus(arena):
    ended = arena.run("import os; print(len(os.sched_getaffinity(0)))", cpus=1)

    assert ended.said == 1


def test_log_keeps_the_beginning_and_the_end(arena):
    ended = arena.run(
        """
        import sys
        print("first")
        for _ in range(4000):
            sys.stderr.write("x" * 4096)
        print("last")
        """
    )

    assert ended.exit_code == 0
    assert len(ended.log) <= 64 * 1024
    assert ended.log.startswith("first\nxxx")
    assert ended.log.endswith("xxxlast\n")
    # 4000 x 4096 bytes and "first\n", "last\n", less 16 KiB and 47 KiB that are kept.
    assert f"... {4000 * 4096 + 11 - 63 * 1024} bytes left out ..." in ended.log


def test_outcome_names_what_was_not_copied(arena):
    ended = arena.run("import os; os.symlink('/etc/passwd', '/output/mask')")

    assert json.dumps(ended.detail) == "\"not copied from /output: 'mask (a symbolic link)'\""
