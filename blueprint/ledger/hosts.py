"""What is known of evaluation hosts: when they asked last, what they have, whose files differ.

The platform's own workers are a host too, called `embedded`, of whom nothing is noted: they live
and die with the platform.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, select, update

from blueprint.clock import to_text
from blueprint.database.connection import Database
from blueprint.database.schema import hosts

EMBEDDED = "embedded"
"""The platform itself, as the place where predictions lie."""
NOTED_EVERY_S = 30
"""How often it is written down that a host was seen: it asks every second."""
GONE_AFTER_S = 300
"""A host that asked for nothing in so long is not waited for."""
_HOSTS = "hosts"


@dataclass(frozen=True)
class SeenHost:
    """An evaluation host that has asked for something."""

    name: str
    seen_at: datetime
    """When it asked last, to half a minute."""
    has_left: bool
    """It gave back what it held, and has not asked for anything since."""
    offers: Mapping[str, Any]
    """What one of its workers has for a piece of work, by the names of `desk.ticket.Offers`."""
    other_data: Mapping[str, datetime]
    """Digests of datasets that its files are not, and when it found that."""

    def is_here(self, now: datetime) -> bool:
        """Tell whether it can be expected to ask again."""
        return not self.has_left and now - self.seen_at <= timedelta(seconds=GONE_AFTER_S)

    def lacks(self, digest: str, now: datetime, *, for_s: float = GONE_AFTER_S) -> bool:
        """Tell whether it found lately that its files are not those of a dataset."""
        found_at = self.other_data.get(digest)
        return found_at is not None and now - found_at < timedelta(seconds=for_s)


def seen_hosts(connection: Connection) -> dict[str, SeenHost]:
    """Return every host that ever asked, by name."""
    rows = connection.execute(select(hosts).order_by(hosts.c.name)).mappings()
    return {row["name"]: _host_of(row) for row in rows}


def note_seen(
    database: Database, name: str, now: datetime, offers: Mapping[str, Any] | None = None
) -> None:
    """Note that a host asks, and what it offers; what is known already costs no write."""
    with database.read() as connection:
        known = seen_hosts(connection).get(name)
    if (
        known is not None
        and not known.has_left
        and offers in (None, known.offers)
        and abs(now - known.seen_at) < timedelta(seconds=NOTED_EVERY_S)
    ):
        return
    _change(database, name, now, lambda row: row | ({} if offers is None else {"offers": offers}))


def note_left(database: Database, name: str, now: datetime) -> None:
    """Note that a host gave back what it held and asks for nothing now."""
    _change(database, name, now, lambda row: row | {"has_left": True})


def note_other_data(database: Database, name: str, digest: str, now: datetime) -> None:
    """Note that the files of a host are not those of a dataset."""
    said = {digest: to_text(now)}
    _change(database, name, now, lambda row: row | {"other_data": {**row["other_data"], **said}})


def note_same_data(database: Database, name: str, digest: str, now: datetime) -> None:
    """Note that the files of a host are those of a dataset, where that was in doubt."""
    with database.read() as connection:
        known = seen_hosts(connection).get(name)
    if known is None or digest not in known.other_data:
        return

    def without(row: dict[str, Any]) -> dict[str, Any]:
        return row | {"other_data": {key: at for key, at in row["other_data"].items()
                                     if key != digest}}  # fmt: skip

    _change(database, name, now, without)


def _change(
    database: Database, name: str, now: datetime, change: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    mine = hosts.c.name == name
    with database.write(_HOSTS) as connection:
        known = connection.execute(select(hosts).where(mine)).mappings().first()
        begun: dict[str, Any] = dict(known) if known else {"offers": {}, "other_data": {}}
        row = change({**begun, "name": name, "seen_at": now, "has_left": False})
        connection.execute(update(hosts).where(mine).values(row) if known
                           else insert(hosts).values(row))  # fmt: skip


def _host_of(row: Mapping[Any, Any]) -> SeenHost:
    other = {
        digest: datetime.fromisoformat(at).astimezone(UTC)
        for digest, at in row["other_data"].items()
    }
    return SeenHost(row["name"], row["seen_at"], row["has_left"], row["offers"], other)
