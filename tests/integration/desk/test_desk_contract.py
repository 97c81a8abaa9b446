"""What every desk does: the same tests in process and over HTTPS with certificates."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import TypeAdapter
from sqlalchemy import update

from blueprint.database.schema import submissions
from blueprint.desk.port import MAX_LOG_BYTES, CodeError
from blueprint.desk.ticket import Offers, Ticket
from blueprint.errors import BlueprintError
from blueprint.ledger import history, moves
from blueprint.ledger.outcomes import AttemptFault, LostLease, Mean, Result, ScoreRow
from blueprint.ledger.states import State
from blueprint.ledger.submissions import get
from blueprint.serve.ledger_desk import LedgerDesk
from tests.integration.desk.counter import Counter, commit_of
from tests.integration.evaluation.bench import NOW, Bench

WAY: tuple[State, ...] = ("checked", "canary", "predicting", "predicted", "scoring")
BROKEN = AttemptFault("participant", "exit-code", "Your program ended with exit code 1.")
COLUMNS = (("dice", "1"), ("dice", "2"), ("hd95", "mean"))


def result(value: float = 0.5, cases: tuple[str, ...] = ("case-01", "case-02")) -> Result:
    return Result(
        run_s=1.5,
        score_s=0.25,
        scores=[ScoreRow(case, *column, value, "ok") for case in cases for column in COLUMNS],
        means=[Mean(*column, value) for column in COLUMNS],
    )


def leased(counter: Counter, **files: str) -> Ticket:
    counter.push(**files)
    ticket = counter.desk.lease(counter.worker, None)
    assert ticket is not None
    return ticket


def ready_to_record(counter: Counter) -> Ticket:
    ticket = leased(counter)
    for state in WAY:
        counter.desk.advance(ticket.hold, state)
    return ticket


def state_of(counter: Counter, ticket: Ticket) -> str:
    return get(counter.bench.platform.database, ticket.submission_id).state


def take_away(counter: Counter, ticket: Ticket) -> None:
    """Give the work to another worker, as a lease that ran out does."""
    row = submissions.c.id == ticket.submission_id
    with counter.bench.platform.database.write() as connection:
        token = ticket.hold.token + 1
        connection.execute(update(submissions).where(row).values(token=token, worker="gpu-2/1"))


def log_of(counter: Counter, ticket: Ticket) -> str:
    path = counter.bench.platform.state.logs / f"{ticket.submission_id}.log"
    return path.read_text("utf-8") if path.exists() else ""


def test_nothing_waits(counter: Counter) -> None:
    assert counter.desk.lease(counter.worker, None) is None


def test_a_ticket_holds_all_that_an_evaluator_needs_and_no_person(counter: Counter) -> None:
    number = counter.push()

    ticket = counter.desk.lease(counter.worker, None)

    assert ticket is not None
    found = get(counter.bench.platform.database, number)
    assert (ticket.submission_id, ticket.hold.attempt, ticket.hold.worker) == (number, 1, "gpu-1/1")
    assert (ticket.commit, ticket.kind, ticket.run) == (
        found.commit_sha, "code", ("python", "predict.py"),
    )  # fmt: skip
    assert ticket.seed == int(found.commit_sha[:8], 16)
    assert (ticket.task.inputs, ticket.task.output, ticket.task.labels) == (("t1",), "mask", (1, 2))
    assert (ticket.phase.contract, ticket.phase.split, ticket.phase.logs) == (
        "native", "public", "system",
    )  # fmt: skip
    assert (ticket.phase.resources.time_s, ticket.phase.resources.memory_mib) == (60, 1024)
    text = TypeAdapter(Ticket).dump_json(ticket)
    assert TypeAdapter(Ticket).validate_json(text) == ticket
    for private in (b"ada", b"alpha", b"a@b.org", str(counter.bench.scratch).encode()):
        assert private not in text


def test_the_oldest_is_given_out_first_and_each_once(counter: Counter) -> None:
    first, second = counter.push(), counter.push()

    tickets = [counter.desk.lease(f"gpu-1/{place}", None) for place in (1, 2, 3)]

    assert [ticket and ticket.submission_id for ticket in tickets] == [first, second, None]


def test_a_lost_answer_to_a_lease_is_given_again(counter: Counter) -> None:
    ticket = leased(counter)

    assert counter.desk.lease(counter.worker, None) == ticket
    assert state_of(counter, ticket) == "received"


def test_who_asks_again_in_the_middle_begins_anew(counter: Counter) -> None:
    ticket = leased(counter)
    counter.desk.advance(ticket.hold, "checked")

    again = counter.desk.lease(counter.worker, None)

    assert again is not None
    assert (again.submission_id, again.hold.attempt) == (ticket.submission_id, 2)
    assert again.hold.token > ticket.hold.token
    with pytest.raises(LostLease):
        counter.desk.advance(ticket.hold, "canary")


@pytest.mark.parametrize(
    ("offers", "is_given"),
    [(Offers(1, 1024), True), (Offers(1, 1023), False), (Offers(8, 65536, gpus=2), True)],
)
def test_work_goes_to_who_offers_enough(counter: Counter, offers: Offers, is_given: bool) -> None:
    counter.push()

    assert (counter.desk.lease(counter.worker, offers) is not None) is is_given


def test_a_kept_lease_is_renewed_once_a_minute(counter: Counter) -> None:
    ticket = leased(counter)
    database = counter.bench.platform.database
    soon = NOW.replace(minute=1)  # nine minutes before its end
    with database.write() as connection:
        connection.execute(update(submissions).values(lease_until=soon))

    assert counter.desk.keep(ticket.hold, note="case 1 of 3") == "renewed"

    found = get(database, ticket.submission_id)
    assert (found.lease_until, found.note) == (ticket.until, "case 1 of 3")


def test_a_cancelled_submission_is_withdrawn_and_ends_as_cancelled(counter: Counter) -> None:
    ticket = leased(counter)
    moves.request_cancel(counter.bench.platform.database, ticket.submission_id, "ada", NOW)

    assert counter.desk.keep(ticket.hold) == "withdrawn"
    counter.desk.fail(ticket.hold, AttemptFault("platform", "withdrawn", "It was cancelled."))

    assert state_of(counter, ticket) == "cancelled"


def test_when_the_platform_ends_workers_are_told_to_leave_it(counter: Counter) -> None:
    ticket = leased(counter)
    counter.push()

    counter.ledger.stopping.set()

    assert counter.desk.keep(ticket.hold) == "stopping"
    assert counter.desk.lease("gpu-1/2", None) is None


def test_moves_are_made_once_however_often_they_are_said(counter: Counter) -> None:
    ticket = leased(counter)

    counter.desk.advance(ticket.hold, "checked", "1 file taken from your commit")
    counter.desk.advance(ticket.hold, "checked", "1 file taken from your commit")

    events = history.events_of(counter.bench.platform.database, ticket.submission_id)
    assert [(event.to_state, event.note) for event in events] == [
        ("checked", "1 file taken from your commit")
    ]


def test_the_files_of_the_commit_are_fetched(counter: Counter, tmp_path: Path) -> None:
    script, data = ("100755", "run.sh", "#!/bin/sh\n"), ("100644", "weights.bin", "w" * 300_000)
    counter.bench.enter(commit_of(counter.bench, script, data), "code")
    ticket = counter.desk.lease(counter.worker, None)
    assert ticket is not None
    folder = tmp_path / "code"
    folder.mkdir()

    count = counter.desk.fetch_code(ticket.hold, folder)

    assert count == 2
    assert (folder / "weights.bin").read_text() == "w" * 300_000
    modes = {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}
    assert modes == {"run.sh": 0o755, "weights.bin": 0o644}


def test_of_predictions_only_their_folder_is_fetched(counter: Counter, tmp_path: Path) -> None:
    counter.push("predictions", predictions__a__mask="m", submission="version: 1\n")
    ticket = counter.desk.lease(counter.worker, None)
    assert ticket is not None
    assert (ticket.kind, ticket.names_shown) == ("predictions", True)
    folder = tmp_path / "predictions"
    folder.mkdir()

    assert counter.desk.fetch_code(ticket.hold, folder) == 1

    assert [str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()] == [
        "a/mask"
    ]


def test_a_commit_with_a_link_is_refused_in_words(counter: Counter, tmp_path: Path) -> None:
    counter.bench.enter(commit_of(counter.bench, ("120000", "data", "/etc/passwd")), "code")
    ticket = counter.desk.lease(counter.worker, None)
    assert ticket is not None

    with pytest.raises(CodeError, match="the commit has something that is no regular file"):
        counter.desk.fetch_code(ticket.hold, tmp_path)


def test_a_fault_ends_the_attempt_with_its_log(counter: Counter) -> None:
    ticket = leased(counter)

    counter.desk.fail(ticket.hold, BROKEN, log="the trial run on 1 case: ended\n")

    found = get(counter.bench.platform.database, ticket.submission_id)
    assert (found.state, found.fault_class, found.fault_code, found.fault_message) == (
        "failed", "participant", "exit-code", BROKEN.message,
    )  # fmt: skip
    assert log_of(counter, ticket) == "the trial run on 1 case: ended\n"


def test_a_fault_of_the_platform_is_tried_again(counter: Counter) -> None:
    ticket = leased(counter)

    counter.desk.fail(ticket.hold, AttemptFault("platform", "platform", "It failed."))

    assert state_of(counter, ticket) == "received"
    assert counter.desk.keep(ticket.hold) == "withdrawn"


def test_a_result_is_recorded_once_however_often_it_is_handed_in(counter: Counter) -> None:
    ticket = ready_to_record(counter)

    counter.desk.record(ticket.hold, result(0.5), log="done\n")
    counter.desk.record(ticket.hold, result(0.5), log="done\n")
    counter.desk.record(ticket.hold, result(0.9), log="again\n")

    database = counter.bench.platform.database
    assert state_of(counter, ticket) == "scored"
    rows = history.scores_of(database, ticket.submission_id)
    assert {(row.case_id, row.metric, row.region, row.value) for row in rows} == {
        (case, *column, 0.5) for case in ("case-01", "case-02") for column in COLUMNS
    }
    assert len(rows) == 6
    attempts = history.attempts_of(database, ticket.submission_id)
    assert [attempt.outcome for attempt in attempts] == ["scored"]
    assert log_of(counter, ticket) == "done\n"


BAD: dict[str, Callable[[Result], Result]] = {
    "nothing": lambda good: replace(good, scores=[], means=[]),
    "half a case": lambda good: replace(good, scores=good.scores[:-1]),
    "a case twice": lambda good: replace(good, scores=[*good.scores, good.scores[0]]),
    "another metric": lambda good: replace(
        good, scores=[replace(row, metric="made-up") for row in good.scores]
    ),
    "a name that is a path": lambda good: replace(
        good, scores=[replace(row, case_id="../" + row.case_id) for row in good.scores]
    ),
    "an unknown flag": lambda good: replace(
        good, scores=[replace(row, flag="best") for row in good.scores]
    ),
    "no number": lambda good: replace(
        good, scores=[replace(row, value=float("nan")) for row in good.scores]
    ),
    "a mean of its own": lambda good: replace(
        good, means=[replace(mean, value=1.0) for mean in good.means]
    ),
    "a time before it began": lambda good: replace(good, run_s=-1.0),
}


@pytest.mark.parametrize("what", BAD)
def test_a_result_that_is_none_of_the_tasks_is_refused(counter: Counter, what: str) -> None:
    ticket = ready_to_record(counter)

    with pytest.raises(BlueprintError):
        counter.desk.record(ticket.hold, BAD[what](result()))

    assert state_of(counter, ticket) == "scoring"
    assert history.scores_of(counter.bench.platform.database, ticket.submission_id) == []


def test_who_lost_the_lease_changes_nothing(counter: Counter, tmp_path: Path) -> None:
    ticket = ready_to_record(counter)
    take_away(counter, ticket)
    hold = ticket.hold

    assert counter.desk.keep(hold, note="mine", log="mine") == "withdrawn"
    for ask in (
        lambda: counter.desk.advance(hold, "scoring"),
        lambda: counter.desk.fail(hold, BROKEN, log="mine"),
        lambda: counter.desk.record(hold, result(), log="mine"),
        lambda: counter.desk.fetch_code(hold, tmp_path),
    ):
        with pytest.raises(LostLease):
            ask()

    found = get(counter.bench.platform.database, ticket.submission_id)
    assert (found.state, found.worker, found.note) == ("scoring", "gpu-2/1", "")
    assert log_of(counter, ticket) == ""


def test_a_guessed_token_of_another_workers_lease_moves_nothing(counter: Counter) -> None:
    ticket = leased(counter)
    guessed = replace(ticket.hold, worker="gpu-1/2")

    assert counter.desk.keep(guessed) == "withdrawn"
    with pytest.raises(LostLease):
        counter.desk.fail(guessed, BROKEN)

    assert state_of(counter, ticket) == "received"


def test_what_a_worker_releases_begins_anew_at_nobodys_cost(counter: Counter) -> None:
    ticket = leased(counter)
    counter.desk.advance(ticket.hold, "checked")

    counter.desk.release(counter.worker)
    counter.desk.release(counter.worker)

    found = get(counter.bench.platform.database, ticket.submission_id)
    assert (found.state, found.worker, found.platform_faults) == ("received", None, 0)
    with pytest.raises(LostLease):
        counter.desk.advance(ticket.hold, "canary")
    again = counter.desk.lease(counter.worker, None)
    assert again is not None
    assert again.hold.attempt == 2


def test_a_log_grows_while_the_work_goes_on_and_stays_bounded(counter: Counter) -> None:
    ticket = leased(counter)

    counter.desk.keep(ticket.hold, log="first\n")
    assert log_of(counter, ticket) == "first\n"
    counter.desk.keep(ticket.hold, log="x" * 200_000 + "last\n")

    log = log_of(counter, ticket)
    assert len(log.encode()) <= MAX_LOG_BYTES
    assert log.startswith("[the beginning is left out")
    assert log.endswith("xlast\n")


def test_a_phase_without_logs_keeps_none(
    make_bench: Callable[..., Bench],
) -> None:
    made = make_bench(logs="none")
    desk = LedgerDesk(made.platform)
    counter = Counter(desk, desk, made)
    ticket = leased(counter)

    counter.desk.keep(ticket.hold, log="secret\n")
    counter.desk.fail(ticket.hold, BROKEN, log="secret\n")

    assert log_of(counter, ticket) == ""
