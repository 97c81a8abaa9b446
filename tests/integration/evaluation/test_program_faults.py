"""What a program does wrong is its participant's fault, and said in words."""

from collections.abc import Callable

import pytest

from tests.integration.evaluation.bench import GOOD, Bench

LINK = """\
import os
os.mkdir("/output/case-01")
os.symlink("/input/case-01/t1.nii.gz", "/output/case-01/mask.nii.gz")
"""


@pytest.mark.parametrize(
    ("program", "code", "says"),
    [
        ("raise SystemExit(3)", "exit-code", "ended with exit code 3 in the trial run on 1 case."),
        ("import os; os.kill(os.getpid(), 11)", "signal", "signal 11 (SIGSEGV"),
        ("pass", "output-missing", "No case has a prediction: each belongs in /output/<case>/"),
        (
            GOOD.replace("// 100).astype", "/ 0).astype").replace("uint8", "float32"),
            "output-invalid",
            "1 of 1 predictions cannot be scored: case-01/mask.nii.gz holds NaN",
        ),
        (
            GOOD.replace("image.affine", "numpy.eye(4)"),
            "output-invalid",
            "case-01/mask.nii.gz has another affine than the image",
        ),
        (
            GOOD.replace("// 100", "// 100 + 7"),
            "output-invalid",
            "case-01/mask.nii.gz holds a label that this task does not have; it has 0, 1, 2.",
        ),
        (LINK, "output-missing", "No case has a prediction"),
    ],
)
def test_what_a_program_does_wrong_is_its_participants_fault(
    bench: Bench, program: str, code: str, says: str
) -> None:
    found = bench.run_program(program)

    assert (found.state, found.fault_class, found.fault_code) == ("failed", "participant", code)
    assert found.fault_message is not None
    assert says in found.fault_message
    assert not found.refunded
    assert says in bench.log(found)


def test_a_fault_beyond_the_trial_cases_is_found_in_the_full_run(bench: Bench) -> None:
    late = "cases = json.load(open('/input/cases.json'))\nassert len(cases) == 1"
    found = bench.run_program("import json\n" + late + "\n" + GOOD)

    assert found.fault_message is not None
    assert "ended with exit code 1 in the full run on 3 cases." in found.fault_message
    assert "canary" in bench.states(found)


def test_a_program_that_never_ends_is_stopped_at_its_time(
    make_bench: Callable[..., Bench],
) -> None:
    found = make_bench(time_="1 s").run_program("import time\ntime.sleep(600)")

    assert (found.fault_class, found.fault_code) == ("participant", "timeout")
    assert found.fault_message is not None
    assert "was still running after 1 s and was stopped" in found.fault_message


def test_a_program_that_takes_too_much_memory_is_told_so(
    make_bench: Callable[..., Bench],
) -> None:
    hungry = "x = []\nwhile True: x.append(bytearray(b'x' * 2**22))"
    found = make_bench(memory="128 MiB").run_program(hungry)

    assert (found.fault_class, found.fault_code) == ("participant", "memory")
    assert found.fault_message is not None
    assert "used more than 128 MiB of memory and was stopped" in found.fault_message
