"""The audit log: nothing in it changes unseen."""

from datetime import datetime

import pytest
from sqlalchemy import delete, update

from blueprint import audit
from blueprint.database.connection import Database
from blueprint.database.schema import audit as table


@pytest.fixture
def chained(database: Database, noon: datetime) -> Database:
    with database.write() as connection:
        for action in ("person.registered", "person.approved", "submission.accepted"):
            audit.append(connection, noon, "organizer", action, "ada", {"why": "because", "n": 1.5})
    return database


def test_an_untouched_chain_verifies_and_names_its_head(chained: Database) -> None:
    report = audit.verify(chained)

    assert (report.rows, report.broken_at, report.problem) == (3, None, "")
    assert len(report.head_sha256) == 64


def test_an_empty_chain_is_whole(database: Database) -> None:
    assert audit.verify(database) == audit.AuditReport(0, "0" * 64, None, "")


def test_a_changed_row_is_named(chained: Database) -> None:
    with chained.write() as connection:
        connection.execute(update(table).where(table.c.sequence == 2).values(subject="eve"))

    report = audit.verify(chained)

    assert (report.broken_at, report.problem) == (2, "row 2 was changed after it was written")


def test_a_removed_row_is_named(chained: Database) -> None:
    with chained.write() as connection:
        connection.execute(delete(table).where(table.c.sequence == 2))

    report = audit.verify(chained)

    assert (report.broken_at, report.problem) == (3, "row 2 is missing: the next one is 3")


def test_a_row_that_was_rewritten_with_its_hash_breaks_the_next(
    chained: Database, noon: datetime
) -> None:
    with chained.write() as connection:
        connection.execute(delete(table).where(table.c.sequence >= 2))
        audit.append(connection, noon, "organizer", "person.revoked", "ada", {})
        audit.append(connection, noon, "organizer", "submission.accepted", "ada", {})
    with chained.write() as connection:
        forged = connection.execute(table.select().where(table.c.sequence == 2)).one()
        connection.execute(update(table).where(table.c.sequence == 2).values(sha256="f" * 64))
    assert forged.sha256 != "f" * 64

    assert audit.verify(chained).broken_at == 2


def test_a_row_that_was_undone_with_its_transaction_is_not_there(
    chained: Database, noon: datetime
) -> None:
    def half() -> None:
        with chained.write() as connection:
            audit.append(connection, noon, "organizer", "person.revoked", "ada", {})
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        half()

    assert audit.verify(chained).rows == 3
