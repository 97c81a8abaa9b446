"""What the platform knows of evaluation hosts: who keeps what, who is there, whose data differ."""

import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from blueprint.adapters.runner_files import AUTHORITY, CERTIFICATE, KEY
from blueprint.clock import system_clock
from blueprint.corrections.freeze import freeze
from blueprint.corrections.plan import Selection, begin, plan_corrections
from blueprint.corrections.progress import progress_of, stranded
from blueprint.database.connection import open_sqlite
from blueprint.database.migrate import migrate
from blueprint.deploy.host_status import HostsStatus, hosts_status_of
from blueprint.desk.http_desk import HttpDesk
from blueprint.desk.port import OTHER_DATA
from blueprint.desk.ticket import Offers, Ticket
from blueprint.errors import BlueprintError, ConflictError, InputError, NotFoundError
from blueprint.ledger.outcomes import AttemptFault
from blueprint.ledger.rework import Kind
from blueprint.ledger.submissions import get
from blueprint.platform import Platform
from blueprint.serve.evaluators import evaluators_of
from blueprint.serve.ledger_desk import LedgerDesk
from blueprint.serve.runner_address import RunnerAddress, note_runner
from blueprint.serve.runner_certificates import (
    add_worker,
    known_worker,
    list_workers,
    remove_worker,
    renew_worker,
)
from tests.integration.desk.counter import Served, client_of
from tests.integration.desk.test_desk_contract import WAY, result
from tests.integration.evaluation.bench import NOW, Bench
from tests.landed.landed import make_database

RESCORE: tuple[Kind, ...] = ("rescore",)
CASES = ("case-01", "case-02", "case-03")
OTHER = AttemptFault("organizer", OTHER_DATA, "The test data are not those in force.")


@dataclass
class Hall:
    """A deployment with frozen data that leaves all work to hosts, at a time that a test sets."""

    bench: Bench
    platform: Platform
    desk: LedgerDesk
    moment: list[datetime]

    def later(self, seconds: float) -> None:
        self.moment[0] += timedelta(seconds=seconds)

    def judge(self, worker: str) -> int:
        """Have a worker judge a new submission."""
        number = self.bench.push({"predict.py": f"print({self.bench.pushed})"})
        ticket = self.desk.lease(worker, None)
        assert ticket is not None
        assert ticket.submission_id == number
        for state in WAY:
            self.desk.advance(ticket.hold, state)
        self.record(ticket)
        return number

    def record(self, ticket: Ticket) -> None:
        found = replace(
            result(cases=CASES), dataset_digest=ticket.dataset_digest,
            evaluator_digest=ticket.evaluator_digest, predictions=dict.fromkeys(CASES, "a" * 64),
        )  # fmt: skip
        self.desk.record(ticket.hold, found)

    def correct(self, *, rejudge: bool = False) -> None:
        """Give case 1 the reference of case 3, where it has not, and queue what that asks for."""
        folder = self.platform.project / "test/reference"
        shutil.copy(folder / "case-03/mask.nii.gz", folder / "case-01/mask.nii.gz")
        (correction,) = plan_corrections(self.platform, Selection())
        begin(self.platform, correction, by="test", rejudge=rejudge)

    def status(self) -> HostsStatus:
        return hosts_status_of(self.platform, self.moment[0])


@pytest.fixture
def hall(bench: Bench, tmp_path: Path) -> Hall:
    moment = [NOW]
    platform = replace(bench.platform, clock=lambda: moment[0])
    freeze(platform, platform.challenge)
    for name in ("gpu-1", "gpu-2"):
        add_worker(platform.state, name, tmp_path / name, NOW)
    note_runner(platform.state, RunnerAddress("127.0.0.1", 9443))
    return Hall(bench, platform, LedgerDesk(platform, to_hosts=True), moment)


def test_predictions_are_scored_again_by_the_host_that_keeps_them_alone(hall: Hall) -> None:
    first, second = hall.judge("gpu-1/1"), hall.judge("gpu-2/1")
    hall.correct()

    tickets = [hall.desk.lease(worker, None) for worker in ("gpu-2/1", "gpu-2/2", "gpu-1/2")]

    assert [one and (one.hold.work, one.submission_id) for one in tickets] == [
        ("rescore", second), None, ("rescore", first),
    ]  # fmt: skip
    for ticket in (tickets[0], tickets[2]):
        assert ticket is not None
        hall.record(ticket)
    (correction,) = plan_corrections(hall.platform, Selection())
    assert [(one.need, one.host) for one in correction.pieces] == [
        ("done", "gpu-1"), ("done", "gpu-2"),
    ]  # fmt: skip


def test_what_a_host_that_is_gone_keeps_is_named_and_run_again_on_another(hall: Hall) -> None:
    first, second = hall.judge("gpu-1/1"), hall.judge("gpu-2/1")
    hall.desk.release("gpu-2/1")
    hall.correct()
    left = hall.desk.lease("gpu-1/1", None)
    assert left is not None
    hall.record(left)

    (gone,) = stranded(hall.platform, evaluators_of(hall.platform, NOW))
    stands = "gpu-2 (stopped 2027-06-15T12:00:00Z)"
    assert str(gone) == f"{stands} keeps the predictions of submission {second}"
    assert [one for one in hall.status().findings if str(gone) in one]
    progress = progress_of(
        hall.platform, [("tissue", "public")], Selection(), kinds=RESCORE, is_platform_up=True
    )
    assert (progress.done, progress.left, progress.stuck) == (1, 1, (str(gone),))
    assert hall.desk.lease("gpu-1/1", None) is None

    hall.correct(rejudge=True)

    assert not stranded(hall.platform, evaluators_of(hall.platform, NOW))
    again = hall.desk.lease("gpu-1/1", None)
    assert again is not None
    assert (again.hold.work, again.submission_id) == ("rejudge", second)
    hall.record(again)
    (correction,) = plan_corrections(hall.platform, Selection())
    assert [one.need for one in correction.pieces] == ["done", "done"]
    assert first != second


def test_a_host_that_comes_back_does_what_waited_for_it(hall: Hall) -> None:
    hall.judge("gpu-1/1")
    number = hall.judge("gpu-2/1")
    hall.desk.release("gpu-2/1")
    hall.correct()

    ticket = hall.desk.lease("gpu-2/1", None)

    assert ticket is not None
    assert (ticket.hold.work, ticket.submission_id) == ("rescore", number)
    assert not stranded(hall.platform, evaluators_of(hall.platform, NOW))


def test_a_rescore_does_not_take_back_the_run_that_was_asked_for_on_another_host(
    hall: Hall,
) -> None:
    number = hall.judge("gpu-2/1")
    hall.desk.release("gpu-2/1")
    hall.correct(rejudge=True)
    hall.correct()

    ticket = hall.desk.lease("gpu-1/1", None)

    assert ticket is not None
    assert (ticket.hold.work, ticket.submission_id) == ("rejudge", number)


def test_a_host_with_other_data_is_named_and_the_others_go_on(hall: Hall) -> None:
    hall.desk.lease("gpu-1/1", None)  # it is here
    number = hall.bench.push({"predict.py": "print(1)"})
    ticket = hall.desk.lease("gpu-2/1", None)
    assert ticket is not None

    hall.desk.fail(ticket.hold, OTHER)

    assert hall.desk.lease("gpu-2/1", None) is None
    (named,) = [one for one in hall.status().hosts if one.other_data]
    assert (named.name, named.other_data) == ("gpu-2", ("tissue/public",))
    assert any(one.startswith("gpu-2: its test data of tissue/public are not those")
               for one in hall.status().findings)  # fmt: skip
    again = hall.desk.lease("gpu-1/1", None)
    assert again is not None
    assert again.submission_id == number
    assert not hall.status().findings  # nothing waits


def test_where_no_other_host_is_there_all_that_wait_for_the_data_are_told(hall: Hall) -> None:
    first, second = (hall.bench.push({"predict.py": f"print({one})"}) for one in (1, 2))
    ticket = hall.desk.lease("gpu-2/1", None)
    assert ticket is not None

    hall.desk.fail(ticket.hold, OTHER)

    notes = [get(hall.platform.database, number).note for number in (first, second)]
    assert all("the test data were changed" in note for note in notes)
    assert hall.desk.lease("gpu-2/1", None) is None
    hall.later(11)
    mended = hall.desk.lease("gpu-2/1", None)
    assert mended is not None
    hall.desk.advance(mended.hold, "checked")
    assert not any(one.other_data for one in hall.status().hosts)


def test_a_correction_whose_data_a_host_lacks_says_which_host(hall: Hall) -> None:
    hall.judge("gpu-2/1")
    hall.correct()
    ticket = hall.desk.lease("gpu-2/1", None)
    assert ticket is not None
    hall.desk.fail(ticket.hold, OTHER)

    with pytest.raises(BlueprintError, match="gpu-2: the test data there are not those"):
        progress_of(
            hall.platform, [("tissue", "public")], Selection(), kinds=RESCORE,
            is_platform_up=True,
        )  # fmt: skip


def test_a_host_that_was_not_seen_while_work_waits_is_a_finding(hall: Hall) -> None:
    offers = Offers(4, 2048, gpus=1, engine="process")
    hall.desk.lease("gpu-1/1", offers)
    hall.later(301)
    assert not hall.status().findings  # nothing waits

    hall.bench.push({"predict.py": "print(1)"})

    (gone, never) = hall.status().findings
    assert gone.startswith("gpu-1: not seen since 2027-06-15T12:00:00Z, while 1 pieces of work")
    assert never.startswith("gpu-2: never seen")
    one = hall.status().hosts[0]
    assert (one.engine, one.cpus, one.memory_mib, one.gpus) == ("process", 4, 2048, 1)
    hall.desk.lease("gpu-2/1", None)
    hall.bench.push({"predict.py": "print(2)"})
    assert [line.partition(":")[0] for line in hall.status().findings] == ["gpu-1"]
    assert hall.status().hosts[1].works_on == ("submission 1: received",)


def test_being_seen_costs_a_write_every_half_minute_alone(hall: Hall) -> None:
    hall.desk.lease("gpu-1/1", None)
    hall.later(29)
    hall.desk.lease("gpu-1/1", None)
    assert evaluators_of(hall.platform, NOW)["gpu-1"].seen_at == NOW
    hall.later(2)
    hall.desk.lease("gpu-1/1", None)
    assert evaluators_of(hall.platform, NOW)["gpu-1"].seen_at == NOW + timedelta(seconds=31)


def test_a_certificate_that_ends_within_30_days_is_named_with_the_command(hall: Hall) -> None:
    ends = dict(list_workers(hall.platform.state))["gpu-1"]
    early = hosts_status_of(hall.platform, ends - timedelta(days=31)).hosts
    late = hosts_status_of(hall.platform, ends - timedelta(days=29)).hosts

    assert [one.renew for one in early] == ["", ""]
    assert late[0].renew == "diychallenge evaluators renew gpu-1 --into DIR"


def test_a_migrated_database_knows_where_predictions_lie(tmp_path: Path) -> None:
    path = make_database(tmp_path / "platform.db")
    with closing(sqlite3.connect(path)) as before, before:
        scored = "SELECT min(submission_id) FROM attempts WHERE outcome = 'scored'"
        (number,) = before.execute(scored).fetchone()
        moved = "UPDATE attempts SET worker = 'gpu-1/1' WHERE submission_id = ?"
        before.execute(moved, (number,))
    with closing(open_sqlite(path)) as database:
        migrate(database)
    with closing(sqlite3.connect(path)) as after:
        rows = dict(after.execute("SELECT submission_id, host FROM evaluations").fetchall())

    assert rows.pop(number) == "gpu-1"
    assert set(rows.values()) == {"embedded"}
    assert len(rows) > 1


def shown(folder: Path) -> bytes:
    """Return a certificate as TLS gives it to the other side."""
    certificate = x509.load_pem_x509_certificate((folder / CERTIFICATE).read_bytes())
    return certificate.public_bytes(Encoding.DER)


def test_a_host_works_on_while_its_certificate_is_renewed(api: Served, tmp_path: Path) -> None:
    folder, new = tmp_path / "certificates", tmp_path / "renewed"
    with client_of(api, folder) as client:
        desk = HttpDesk(client)
        api.bench.push({"predict.py": "print(1)"})
        ticket = desk.lease("gpu-1/1", None)
        assert ticket is not None
        old = shown(folder)
        renew_worker(api.state, "gpu-1", new, system_clock())
        assert desk.keep(ticket.hold) == "renewed"

        shutil.copy(new / KEY, folder / KEY)
        assert desk.keep(ticket.hold) == "renewed"  # one file of two: the old line is used on
        shutil.copy(new / CERTIFICATE, folder / CERTIFICATE)
        shutil.copy(new / AUTHORITY, folder / AUTHORITY)
        assert desk.keep(ticket.hold) == "renewed"

    now = system_clock()
    assert known_worker(api.state, shown(new), now) == "gpu-1"
    assert known_worker(api.state, old, now) == "gpu-1"  # what was asked with it is answered
    assert known_worker(api.state, old, now + timedelta(minutes=11)) is None
    assert [name for name, _ in list_workers(api.state)] == ["gpu-1"]


def test_a_renewed_certificate_that_nobody_used_changes_nothing(
    api: Served, tmp_path: Path
) -> None:
    folder = add_worker(api.state, "gpu-1", tmp_path / "gpu-1", system_clock())
    renew_worker(api.state, "gpu-1", tmp_path / "new", system_clock())

    later = system_clock() + timedelta(days=1)
    assert known_worker(api.state, shown(folder), later) == "gpu-1"
    assert known_worker(api.state, shown(tmp_path / "new"), later) == "gpu-1"
    remove_worker(api.state, "gpu-1")
    for one in (folder, tmp_path / "new"):
        assert known_worker(api.state, shown(one), later) is None


def test_what_cannot_be_renewed_is_refused(api: Served, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="there is no evaluation host gpu-1"):
        renew_worker(api.state, "gpu-1", tmp_path / "new", system_clock())
    add_worker(api.state, "gpu-1", tmp_path / "gpu-1", system_clock())
    with pytest.raises(ConflictError, match="is not empty"):
        renew_worker(api.state, "gpu-1", tmp_path / "gpu-1", system_clock())
    with pytest.raises(InputError, match="no name for an evaluation host"):
        add_worker(api.state, "command", tmp_path / "x", system_clock())
