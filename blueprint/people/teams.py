"""Teams: made at registration, joined with a code that their members can pass on."""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from blueprint.database.connection import Database
from blueprint.database.schema import people, teams
from blueprint.files import ensure_secret
from blueprint.people import names
from blueprint.state import StateFolder

_CODE_BYTES = 10  # 80 bits: not to be guessed at the pace that the portal answers


@dataclass(frozen=True)
class Team:
    """A team; its slug names its repository, `/git/<slug>.git`."""

    id: int
    slug: str
    name: str
    created_at: datetime


def find_team(database: Database, slug: str) -> Team | None:
    """Return the team of that slug, or None."""
    with database.read() as connection:
        return team_by_slug(connection, slug)


def list_teams(database: Database) -> list[Team]:
    """Return all teams in the order of their making."""
    with database.read() as connection:
        rows = connection.execute(select(teams).order_by(teams.c.id)).mappings()
        return [Team(**row) for row in rows]


def members_of(database: Database, slug: str) -> list[str]:
    """Return the usernames in a team whose access is not revoked, in order of registration."""
    query = (
        select(people.c.username)
        .join(teams, people.c.team_id == teams.c.id)
        .where(teams.c.slug == slug, people.c.status != "revoked")
        .order_by(people.c.id)
    )
    with database.read() as connection:
        return list(connection.execute(query).scalars())


def join_code(state: StateFolder, slug: str) -> str:
    """Return the code with which people register into this team: `<slug>.<16 characters>`.

    It is derived from a secret in the keys folder and stored nowhere; show it to members only.
    """
    digest = hmac.new(_ensure_secret(state), slug.encode("ascii"), hashlib.sha256).digest()
    return f"{slug}.{base64.b32encode(digest[:_CODE_BYTES]).decode('ascii').lower()}"


def team_of_code(connection: Connection, state: StateFolder, code: str) -> Team | None:
    """Return the team that `code` lets people into, or None."""
    given = code.strip().lower()
    slug = given.rpartition(".")[0]
    if not slug.isascii() or not given.isascii():
        return None
    if not hmac.compare_digest(join_code(state, slug), given):
        return None
    return team_by_slug(connection, slug)


def create_team(connection: Connection, name: str, now: datetime) -> int:
    """Make a team inside a transaction and return its id; the name was judged before."""
    values = {"slug": names.team_slug(name), "name": name, "created_at": now}
    return int(connection.execute(insert(teams).values(values).returning(teams.c.id)).scalar_one())


def member_count(connection: Connection, team_id: int) -> int:
    """Return how many people are in the team, those with revoked access not counted."""
    active = (people.c.team_id == team_id) & (people.c.status != "revoked")
    return int(connection.execute(select(func.count()).where(active)).scalar_one())


def team_by_slug(connection: Connection, slug: str) -> Team | None:
    """Return the team of that slug inside a transaction, or None."""
    row = connection.execute(select(teams).where(teams.c.slug == slug)).mappings().first()
    return Team(**row) if row else None


def _ensure_secret(state: StateFolder) -> bytes:
    return ensure_secret(state.keys / "team_codes.key", lambda: secrets.token_bytes(32))
