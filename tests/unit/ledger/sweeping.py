"""The sweeper with receipts that nobody signed: what the ledger's tests need."""

from datetime import datetime

from blueprint.database.connection import Database
from blueprint.ledger.submissions import Submission
from blueprint.ledger.sweeper import FindTag, IsPushed, SweepReport
from blueprint.ledger.sweeper import sweep as sweep_with


def sweep(
    database: Database, find_tag: FindTag, now: datetime, is_pushed: IsPushed = lambda _: None
) -> SweepReport:
    return sweep_with(database, find_tag, now, make_receipt=unsigned, is_pushed=is_pushed)


def unsigned(submission: Submission) -> dict[str, object]:
    return {"submission": submission.id}
