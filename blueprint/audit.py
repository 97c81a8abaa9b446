"""The audit log: append-only, and chained by hashes so that no row can change unseen."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, insert, select

from blueprint.database.connection import Database, before_commit
from blueprint.database.postgresql import hold
from blueprint.database.schema import audit
from blueprint.signing import canonical_json

GENESIS = "0" * 64
"""What the first row names as the hash of the row before it."""


@dataclass(frozen=True)
class AuditReport:
    """What a walk over the whole chain found."""

    rows: int
    head_sha256: str
    """The last hash; whoever noted it down can tell later whether the past was changed."""
    broken_at: int | None
    """The first sequence number that does not fit, None when all do."""
    problem: str
    """What is wrong there, in one sentence; empty when all is well."""


def append(  # noqa: PLR0917 (a row, in the order in which people say it)
    connection: Connection,
    at: datetime,
    actor: str,
    action: str,
    subject: str,
    detail: Mapping[str, object],
) -> None:
    """Add a row to the caller's write transaction, as the last thing before its commit.

    The chain has one writer at a time; a transaction becomes that writer when its other work is
    done, so that two of them never wait for each other.

    Args:
        connection: A write transaction.
        at: When it happened, aware.
        actor: Who did it: a username, `organizer`, `platform`.
        action: What, `noun.verb`: `submission.accepted`.
        subject: To whom or what.
        detail: Anything JSON can hold; never a secret.
    """
    row = {"at": at, "actor": actor, "action": action, "subject": subject, "detail": dict(detail)}
    before_commit(connection, lambda: _write(connection, row))


def verify(database: Database) -> AuditReport:
    """Walk the chain from its first row and say whether every row is as it was written."""
    previous, rows = GENESIS, 0
    with database.read() as connection:
        for row in connection.execute(select(audit).order_by(audit.c.sequence)).mappings():
            problem = _problem({**row}, rows + 1, previous)
            if problem:
                return AuditReport(rows, previous, row["sequence"], problem)
            previous, rows = row["sha256"], rows + 1
    return AuditReport(rows, previous, None, "")


def _write(connection: Connection, row: dict[str, object]) -> None:
    hold(connection, "audit")
    last = connection.execute(select(audit).order_by(audit.c.sequence.desc()).limit(1)).first()
    row |= {
        "sequence": 1 if last is None else int(last.sequence) + 1,
        "previous_sha256": GENESIS if last is None else last.sha256,
    }
    connection.execute(insert(audit).values(row | {"sha256": _digest(row)}))


def _problem(row: Mapping[str, object], expected: int, previous: str) -> str:
    if row["sequence"] != expected:
        return f"row {expected} is missing: the next one is {row['sequence']}"
    if row["previous_sha256"] != previous:
        return f"row {expected} does not follow the row before it"
    if row["sha256"] != _digest(row):
        return f"row {expected} was changed after it was written"
    return ""


def _digest(row: Mapping[str, object]) -> str:
    at = row["at"]
    moment = at.astimezone(UTC).isoformat() if isinstance(at, datetime) else ""
    names = ("sequence", "actor", "action", "subject", "detail", "previous_sha256")
    fields = {name: row[name] for name in names}
    return hashlib.sha256(canonical_json(fields | {"at": moment})).hexdigest()
