"""Which deployment the parts of a state folder are of: noted in each part, and compared.

A database, a folder of keys and a folder of repositories that do not belong together would go on
without a sound: it would count from 1 again, sign receipts with a key that nobody knows, and give
a new team the repository of an old one. So each holds the deployment's number, and the database
the public half of the key that signs receipts.
"""

import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, delete, insert, inspect, select

from blueprint.database.connection import Database
from blueprint.database.schema import meta, submissions, teams
from blueprint.database.stored import is_file, is_stored, open_unchecked
from blueprint.errors import InputError
from blueprint.files import write_whole
from blueprint.signing import load_signing_key, public_text
from blueprint.state import StateFolder

_NUMBER = "deployment"
_KEY = "receipts_key"
_FILE = "deployment.id"


@dataclass(frozen=True)
class _Held:
    """What the database says of the deployment that it is of."""

    number: str | None
    receipts_key: str | None
    """The public half of the key that signs receipts; None: from before it was noted."""
    teams: frozenset[str]
    with_code: frozenset[str]
    """The teams whose submissions lie in a repository."""


def demand_whole(state: StateFolder, *, accept_loss: bool = False) -> tuple[str, ...]:
    """Make sure that database, keys and repositories are all there and of one deployment.

    A folder in which nothing was deployed is whole. Nothing is made or changed.

    Args:
        state: The state folder.
        accept_loss: Go on without the key or the repositories that are lost; without its
            database there is no deployment.

    Returns:
        What is lost, in words, where that was accepted.

    Raises:
        InputError: Something is lost or of another deployment; the message says what can be
            put back, and from where.
    """
    remains = tuple(_remains(state))
    held = _read_held(state)
    if held is None:
        if remains:
            raise _database_gone(state, remains)
        return ()
    _demand_one_number(state, held)
    lost = (*_lost_key(state, held), *_lost_host_key(state, held), *_lost_repositories(state, held))
    if lost and not accept_loss:
        raise InputError(
            "\n".join(lost),
            hint="put it back from your backup; if it is lost for good, `diychallenge deploy"
            " --accept-loss` goes on without it, and the audit log says so",
        )
    return lost


def ensure_marked(state: StateFolder, database: Database) -> str:
    """Make sure that every part holds the deployment's number, and return it.

    Whoever calls this made sure before that the parts belong together.
    """
    with database.write("deployment") as connection:
        values = _meta(connection)
        number = values.get(_NUMBER) or _known_number(state) or secrets.token_hex(16)
        _note(connection, _NUMBER, number)
        _note(connection, _KEY, public_text(_receipts_key(state).public_key()))
    for folder in (state.keys, state.git):
        folder.mkdir(mode=0o700, exist_ok=True)
        if _read_mark(folder) != number:
            write_whole(folder / _FILE, f"{number}\n".encode("ascii"))
    return number


def number_of(state: StateFolder) -> str:
    """Return the number that the keys hold, empty where they have none yet."""
    return _read_mark(state.keys) or ""


def demand_of(database: Database, number: str, state: StateFolder) -> None:
    """Make sure that the database is of the deployment with this number.

    Raises:
        InputError: It is of another one, or of none.
    """
    with database.read() as connection:
        found = _meta(connection).get(_NUMBER)
    if number and found != number:
        raise _other_numbers({"deployed.json": number, state.database.name: found or "none"}, state)


def _remains(state: StateFolder) -> Iterator[str]:
    """Yield what only a deployment leaves behind, apart from its database."""
    if state.deployed.exists():
        yield state.deployed.name
    if (state.keys / "receipts.key").exists() or _read_mark(state.keys):
        yield "the keys"
    repositories = sum(1 for _ in state.git.glob("*.git"))
    if repositories:
        yield f"{repositories} repositories"


def _read_held(state: StateFolder) -> _Held | None:
    """Return what the database says, None where there is none, or one without any table."""
    if not is_stored(state) or (is_file(state) and not state.database.stat().st_size):
        return None
    database = open_unchecked(state)
    try:
        with database.read() as connection:
            if not inspect(connection).has_table(meta.name):
                return None
            values = _meta(connection)
            known = frozenset(connection.execute(select(teams.c.slug)).scalars())
            joined = select(teams.c.slug).join(submissions, submissions.c.team_id == teams.c.id)
            confirmed = joined.where(submissions.c.confirmed_at.is_not(None)).distinct()
            with_code = frozenset(connection.execute(confirmed).scalars())
    finally:
        database.close()
    return _Held(values.get(_NUMBER), values.get(_KEY), known, with_code)


def _demand_one_number(state: StateFolder, held: _Held) -> None:
    """Compare what the parts hold; a deployment from before numbers may hold none anywhere."""
    numbers = {
        state.deployed.name: _record_number(state),
        "keys": _read_mark(state.keys),
        "git": _read_mark(state.git),
    }
    others = {place: number for place, number in numbers.items() if number}
    if held.number:
        others[state.database.name] = held.number
    elif others and not held.teams:
        # A copy from before numbers has people in it; one without is new, or was emptied.
        others[state.database.name] = "none: it was made anew, or emptied"
    if len(set(others.values())) > 1:
        raise _other_numbers(others, state)
    strangers = sorted(path.name for path in state.git.glob("*.git") if path.stem not in held.teams)
    if strangers and not held.number:
        raise InputError(
            f"{state.database}: knows no team of {', '.join(strangers[:5])}, which lie in"
            f" {state.git}: it is not the database of these repositories",
            hint=_way_back(state),
        )


def _lost_key(state: StateFolder, held: _Held) -> Iterator[str]:
    key = state.keys / "receipts.key"
    if not key.exists():
        if held.receipts_key or (state.keys / "receipts.pub").exists():
            yield (
                f"{key}: the key that signs receipts is gone; receipts and manifests that were"
                " given out would no longer be verified by this platform"
            )
    elif held.receipts_key and public_text(load_signing_key(key).public_key()) != held.receipts_key:
        yield (
            f"{key}: is another key than the one that signed the receipts so far"
            f" ({held.receipts_key})"
        )


def _lost_host_key(state: StateFolder, held: _Held) -> Iterator[str]:
    key = state.keys / "sftp_host.key"
    if held.number and not key.exists():
        yield (
            f"{key}: the key by which people's SFTP programs know this platform is gone; with"
            " another one they warn of an attack"
        )


def _lost_repositories(state: StateFolder, held: _Held) -> Iterator[str]:
    gone = sorted(slug for slug in held.with_code if not (state.git / f"{slug}.git").is_dir())
    if gone:
        listed = ", ".join(gone[:5]) + (" ..." if len(gone) > 5 else "")  # noqa: PLR2004
        yield f"{state.git}: the repositories of teams that have submitted are gone: {listed}"


def _database_gone(state: StateFolder, remains: tuple[str, ...]) -> InputError:
    what = "holds nothing" if state.database.exists() else "is gone"
    return InputError(
        f"{state.database}: the database {what}, and with it people, submissions, results and the"
        f" audit log; {', '.join(remains)} of this deployment are there still",
        hint=_way_back(state) + "; `diychallenge destroy` removes what is left, to begin anew",
    )


def _other_numbers(numbers: Mapping[str, str], state: StateFolder) -> InputError:
    listed = "".join(f"\n  {place}: {number}" for place, number in numbers.items())
    return InputError(
        f"{state.root}: holds parts of different deployments, by their numbers:{listed}",
        hint=_way_back(state),
    )


def _way_back(state: StateFolder) -> str:
    copies = sorted(state.copies.glob("*.db"), key=lambda path: path.stat().st_mtime)
    if not copies:
        return "put back the part that belongs here from your backup"
    return (
        f"put back the part that belongs here from your backup; the last copy of the database"
        f" that a migration kept is {copies[-1]}"
    )


def _record_number(state: StateFolder) -> str | None:
    try:
        document = json.loads(state.deployed.read_text(encoding="utf-8"))
        return str(document.get(_NUMBER) or "") or None
    except (OSError, ValueError, AttributeError):
        return None


def _known_number(state: StateFolder) -> str | None:
    return _read_mark(state.keys) or _read_mark(state.git) or _record_number(state)


def _read_mark(folder: Path) -> str | None:
    try:
        return (folder / _FILE).read_text(encoding="ascii").strip() or None
    except (OSError, ValueError):
        return None


def _receipts_key(state: StateFolder) -> Ed25519PrivateKey:
    return load_signing_key(state.keys / "receipts.key")


def _meta(connection: Connection) -> dict[str, str]:
    return {row.key: row.value for row in connection.execute(select(meta))}


def _note(connection: Connection, key: str, value: str) -> None:
    connection.execute(delete(meta).where(meta.c.key == key))
    connection.execute(insert(meta).values(key=key, value=value))
