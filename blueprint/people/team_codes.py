"""The code with which people ask to join a team: derived, shown to members alone, renewed."""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime

from sqlalchemy import Connection, update

from blueprint import audit
from blueprint.database.schema import teams
from blueprint.errors import ConflictError, NotFoundError
from blueprint.files import ensure_secret
from blueprint.people.person import Person
from blueprint.people.teams import Team, team_by_id, team_by_slug
from blueprint.platform import Platform
from blueprint.state import StateFolder

_CODE_BYTES = 10  # 80 bits: not to be guessed at the pace that the portal answers
_MAX_CODE = 64


def join_code(state: StateFolder, team: Team) -> str:
    """Return the code with which people ask to join this team: `<slug>.<16 characters>`.

    It is derived from a secret in the keys folder and the number of the team's code, and stored
    nowhere; show it to members only.
    """
    # The first code of a team has no number in it: those given out before there were any hold.
    told = f"{team.slug}:{team.code_number}" if team.code_number else team.slug
    digest = hmac.new(_secret(state), told.encode("ascii"), hashlib.sha256).digest()
    return f"{team.slug}.{base64.b32encode(digest[:_CODE_BYTES]).decode('ascii').lower()}"


def team_of_code(connection: Connection, state: StateFolder, code: str) -> Team | None:
    """Return the team whose code in force `code` is, or None."""
    given = code.strip().lower()
    if not given.isascii() or len(given) > _MAX_CODE:
        return None
    team = team_by_slug(connection, given.rpartition(".")[0])
    if team is None or not hmac.compare_digest(join_code(state, team), given):
        return None
    return team


def rotate_code(connection: Connection, team_id: int, *, by: str, now: datetime) -> Team:
    """Give the team another code inside a transaction; the one before opens nothing any more.

    Who asked to join with the old code and is not approved yet still waits: the organizer sees
    them and decides.
    """
    number = teams.c.code_number + 1
    connection.execute(update(teams).where(teams.c.id == team_id).values(code_number=number))
    team = team_by_id(connection, team_id)
    audit.append(connection, now, by, "team.code-rotated", team.slug, {"code": team.code_number})
    return team


def rotate_own_code(platform: Platform, person: Person, now: datetime) -> Team:
    """Give a member's team another code.

    Raises:
        ConflictError: The person is no member (any more).
    """
    if not person.is_member or person.team_id is None:
        raise ConflictError(
            "only members of a team renew its code",
            hint="you are one as soon as an organizer has approved you",
        )
    with platform.database.write("people") as connection:
        return rotate_code(connection, person.team_id, by=person.username, now=now)


def rotate_code_of(platform: Platform, slug: str, *, by: str, now: datetime) -> Team:
    """Give the team of that slug another code.

    Raises:
        NotFoundError: There is no such team.
    """
    with platform.database.write("people") as connection:
        team = team_by_slug(connection, slug)
        if team is None:
            raise NotFoundError(
                f"there is no team {slug!r}", hint="`diychallenge teams list` shows all of them"
            )
        return rotate_code(connection, team.id, by=by, now=now)


def _secret(state: StateFolder) -> bytes:
    return ensure_secret(state.keys / "team_codes.key", lambda: secrets.token_bytes(32))
