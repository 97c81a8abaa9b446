"""Says who somebody is by a password that is kept here (as a hash)."""

import logging
from datetime import timedelta

from sqlalchemy import select, update

from blueprint.adapters.identity_port import AskPassword, Claims, LoginRefusedError, LoginRequest
from blueprint.database.connection import Database
from blueprint.database.schema import passwords as password_table
from blueprint.people import passwords
from blueprint.people.accounts import LOCAL
from blueprint.people.person import Person, person_by_login
from blueprint.people.throttle import LoginThrottle

_log = logging.getLogger(__name__)


class PasswordIdentity:
    """The identity of accounts whose issuer is `local`."""

    issuer = LOCAL
    keeps_passwords = True

    def __init__(self, database: Database, throttle: LoginThrottle | None = None) -> None:
        self._database = database
        self.throttle = throttle or LoginThrottle()

    def begin(self, request: LoginRequest) -> AskPassword:
        """Ask for username and password."""
        del request
        return AskPassword()

    def finish(self, request: LoginRequest) -> Claims:
        """Return whose username (or mail address) and password the form holds.

        Raises:
            LoginRefusedError: They do not belong together, or there were too many attempts.
        """
        login, password = request.fields.get("username", ""), request.fields.get("password", "")
        attempt = self.throttle.attempt(login, request.address, request.now)
        if attempt.wait_s:
            raise LoginRefusedError(_wait_words(attempt.wait_s), status=429)
        person = authenticate(self._database, login, password, is_suspect=attempt.is_suspect)
        if person is None:
            self._note_failure(request, login)
            raise LoginRefusedError(
                "This name and password do not belong together, or access was withdrawn."
            )
        self.throttle.succeeded(login, request.address, request.now)
        is_verified = person.email_verified_at is not None
        return Claims(LOCAL, person.username, person.username, person.email, is_verified)

    def _note_failure(self, request: LoginRequest, login: str) -> None:
        """Log a failed login; never what was typed, which may have been the password."""
        with self._database.read() as connection:
            person = person_by_login(connection, login)
        _log.warning(
            "a login failed: %s from %s, %d in a row",
            person.username if person else "an unknown account",
            request.address,
            self.throttle.failures(login, request.address, request.now),
        )


def authenticate(
    database: Database, login: str, password: str, *, is_suspect: bool = False
) -> Person | None:
    """Return the person whose username (or mail address) and password these are, or None.

    An unknown name, a wrong password and a revoked account give the same answer after the same
    time. The caller asks `throttle.LoginThrottle` first, which says whether the login is suspect
    (then it is compared when no other such one is). It takes some 30 ms of one core.
    """
    with database.read() as connection:
        person = person_by_login(connection, login)
        mine = password_table.c.person_id == (person.id if person else -1)
        stored = connection.execute(select(password_table.c.password_hash).where(mine)).scalar()
    matches = passwords.is_password(stored, password, is_suspect=is_suspect)
    if not matches or person is None or stored is None or person.status == "revoked":
        return None
    if passwords.is_outdated(stored):
        _rehash(database, person.id, stored, password)
    return person


def _rehash(database: Database, person_id: int, stored: str, password: str) -> None:
    renewed = passwords.hash_password(password)
    same = (password_table.c.person_id == person_id) & (password_table.c.password_hash == stored)
    with database.write() as connection:
        connection.execute(update(password_table).where(same).values(password_hash=renewed))


def _wait_words(wait_s: int) -> str:
    wait = timedelta(seconds=wait_s)
    minute = timedelta(minutes=1)
    length = f"{wait_s} s" if wait < minute else f"{-(-wait_s // 60)} min"
    return f"Too many wrong passwords for this name. Try again in {length}."
