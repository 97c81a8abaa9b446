"""What a program sees, and what is shown of what it says."""

import json
from collections.abc import Callable

from blueprint.ledger import history
from tests.integration.evaluation.bench import GOOD, Bench

SECRET = "stolen-pixels-4711"

LOOK_AROUND = """\
import os
print(sorted(os.listdir("/input")), os.listdir("/input/case-01"))
for path in {hidden}:
    try:
        open(path, "rb").close()
        print("was opened")
    except OSError:
        print("cannot be opened")
raise SystemExit(1)
"""


def test_what_a_program_prints_stays_hidden_unless_the_phase_shows_it(
    make_bench: Callable[..., Bench],
) -> None:
    bench = make_bench(logs="system")
    leak = f"open('/output/{SECRET}', 'w')\nprint('{SECRET}')\nraise SystemExit('{SECRET}')"

    found = bench.run_program(leak)

    events = history.events_of(bench.platform.database, found.id)
    assert SECRET not in bench.log(found)
    assert SECRET not in str(found.fault_message)
    assert not [event for event in events if SECRET in event.note]
    assert "the trial run on 1 case: ended with exit code 1 after" in bench.log(found)


def test_names_of_files_that_a_program_made_up_stay_hidden_too(bench: Bench) -> None:
    found = bench.run_program(GOOD + f"open('/output/{SECRET}', 'w')\n")

    assert found.state == "scored", found.fault_message
    events = history.events_of(bench.platform.database, found.id)
    assert "1 other file was found and ignored." in str([event.note for event in events])
    assert SECRET not in str(events) + bench.log(found)


def test_where_the_phase_shows_output_it_is_shown_harmless(
    make_bench: Callable[..., Bench],
) -> None:
    bench = make_bench(logs="own")

    found = bench.run_program("print('\\x1b[31mhello\\x07')\nraise SystemExit(1)")

    assert "hello" in bench.log(found)
    assert "\x1b" not in bench.log(found)
    assert "\x07" not in bench.log(found)


def test_a_phase_without_logs_has_none(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(logs="none")

    assert bench.log(bench.run_program("raise SystemExit(1)")) == ""


def test_a_program_sees_inputs_and_no_reference(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(logs="own", canary=0)
    hidden = [
        str(bench.platform.project / "test/reference/case-01/mask.nii.gz"),
        str(bench.platform.state.database),
        str(bench.platform.state.git / "alpha.git/config"),
    ]

    log = bench.log(bench.run_program(LOOK_AROUND.format(hidden=hidden)))

    assert "['case-01', 'case-02', 'case-03', 'cases.json'] ['t1.nii.gz']" in log
    assert log.count("cannot be opened") == len(hidden)
    assert "was opened" not in log


def test_the_seed_comes_from_the_commit(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(logs="own", canary=0)

    found = bench.run_program(
        "import os, json\nprint(json.dumps({'seed': os.environ['DIYCHALLENGE_SEED']}))\nexit(1)"
    )

    said = next(line for line in bench.log(found).splitlines() if line.startswith("{"))
    assert json.loads(said)["seed"] == str(int(found.commit_sha[:8], 16))
