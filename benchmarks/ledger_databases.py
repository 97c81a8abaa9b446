"""How long the ledger's operations take, on PostgreSQL beside SQLite."""

import hashlib
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from sqlalchemy import insert

from benchmarks.measure import Figure, median, timed
from blueprint.database.connection import Database
from blueprint.database.opening import open_database
from blueprint.database.schema import teams
from blueprint.ledger.leases import Lease, acquire
from blueprint.ledger.moves import Result, advance, record_result
from blueprint.ledger.outcomes import Mean, ScoreRow
from blueprint.ledger.reservations import Push, confirm, reserve
from tests.people import add_person
from tests.postgres_server import PostgresServer

_NOW = datetime(2027, 6, 15, 12, tzinfo=UTC)
_TIMES = 100
_CASES = 12
_OPERATIONS = ("reserve and confirm", "lease", "advance", "record a result")
_RESULT = Result(
    1.0, 1.0,
    [ScoreRow(f"case-{case:02}", metric, "mean", 0.5, "ok")
     for case in range(_CASES) for metric in ("dice", "hd95")],
    [Mean("dice", "mean", 0.5), Mean("hd95", "mean", 0.5)],
)  # fmt: skip


def measure() -> Iterable[Figure]:
    """Yield the median of each operation on PostgreSQL, with SQLite's beside it.

    The server keeps its promises here (fsync, as SQLite's synchronous=FULL does), and is reached
    by a Unix socket: a network would come on top.
    """
    with _sqlite() as database:
        here = _operations(database)
    with _postgresql() as database:
        there = _operations(database)
    for name in _OPERATIONS:
        yield Figure(
            f"ledger on PostgreSQL: {name}", 1000 * there[name], "ms",
            beside={"on SQLite": 1000 * here[name]},
        )  # fmt: skip


@contextmanager
def _sqlite() -> Iterator[Database]:
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(open_database(Path(folder) / "platform.db")) as database,
    ):
        database.ensure_schema()
        yield database


@contextmanager
def _postgresql() -> Iterator[Database]:
    server = PostgresServer(is_durable=True)
    try:
        with closing(open_database(server.url(server.create()))) as database:
            database.ensure_schema()
            yield database
    finally:
        server.stop()


def _operations(database: Database) -> dict[str, float]:
    """Return the median of each operation in seconds, each done for a hundred submissions."""
    _join(database)
    leases: list[Lease] = []

    def lease() -> None:
        taken = acquire(database, "worker-1", _NOW)
        assert taken is not None
        leases.append(taken)

    def forward(held: Lease) -> None:
        for state in ("checked", "canary", "predicting", "predicted", "scoring"):
            advance(database, held, state, _NOW)

    pushed = _each(lambda number: _push(database, number))
    leased = _each(lambda _: lease())
    moved = _each(lambda number: forward(leases[number]))
    recorded = _each(lambda number: record_result(database, leases[number], _RESULT, _NOW))
    return dict(zip(_OPERATIONS, (pushed, leased, moved / 5, recorded), strict=True))


def _each(act: Callable[[int], object]) -> float:
    return median([timed(partial(act, number)) for number in range(_TIMES)])


def _push(database: Database, number: int) -> None:
    sha = hashlib.sha256(str(number).encode()).hexdigest()[:40]
    push = Push(
        challenge="bench", phase="preliminary", task="tissue", team_id=1, person_id=1,
        username="ada", commit_sha=sha, tag=f"refs/tags/submission/{number}", kind="code",
        manifest={"version": 1},
    )  # fmt: skip
    with database.write("team one") as connection:
        made = reserve(connection, push, _NOW)
    with database.write("team one") as connection:
        confirm(connection, made, push.tag, lambda one: {"submission": one.id}, _NOW)


def _join(database: Database) -> None:
    with database.write() as connection:
        connection.execute(insert(teams).values(id=1, slug="one", name="One", created_at=_NOW))
        add_person(connection, id=1, username="ada", team_id=1)
