"""Puts work on corrections back into its queue where its worker is gone."""

from datetime import datetime

from sqlalchemy import ColumnElement, select, update

from blueprint.database.connection import Database
from blueprint.database.schema import evaluations


def give_back_worker(database: Database, worker: str) -> list[int]:
    """Put back into the queue what one worker held; returns the evaluations."""
    return _give_back(database, evaluations.c.worker == worker)


def give_back_workers(database: Database, prefix: str) -> list[int]:
    """Put back into the queue what such workers held, as they are gone."""
    return _give_back(database, evaluations.c.worker.startswith(prefix, autoescape=True))


def give_back_overdue(database: Database, now: datetime) -> list[int]:
    """Put back into the queue what nobody renewed in time."""
    return _give_back(database, evaluations.c.lease_until <= now)


def _give_back(database: Database, whose: ColumnElement[bool]) -> list[int]:
    lost = (evaluations.c.state == "running", whose)
    with database.read() as connection:
        ids = list(connection.execute(select(evaluations.c.id).where(*lost)).scalars())
    if ids:
        begun_again = {
            "state": "waiting", "lease_until": None, "worker": None,
            "token": evaluations.c.token + 1,
        }  # fmt: skip
        with database.write() as connection:
            connection.execute(
                update(evaluations).where(*lost, evaluations.c.id.in_(ids)).values(begun_again)
            )
    return ids
