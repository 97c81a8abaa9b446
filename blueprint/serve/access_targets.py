"""The doors that follow a person's access: this process's sockets, sessions, a folder of keys."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import delete, func, select

from blueprint.adapters.authorized_keys import AuthorizedKeys
from blueprint.adapters.sftp_server import SftpServer
from blueprint.database.connection import Database
from blueprint.database.schema import accounts, profiles, sessions
from blueprint.people.access import Access
from blueprint.serve.git_requests import LiveRequests

_LOOP_ANSWERS_S = 5.0
T = TypeVar("T")


@dataclass(frozen=True)
class LiveGit:
    """The git requests that run now; they live on the event loop, and are asked there."""

    live: LiveRequests
    loop: asyncio.AbstractEventLoop
    name: str = "git requests under way"

    def apply(self, access: Access) -> None:
        """End what came with a token that is not good any more."""
        self._ask(lambda: self.live.end(access.username, keep=access.git_tokens))

    def read_back(self, access: Access) -> str:
        """Return what still runs and should not."""
        left = self._ask(lambda: self.live.tokens_of(access.username)) - access.git_tokens
        return f"{len(left)} withdrawn tokens are in use" if left else ""

    def usernames(self) -> Iterable[str]:
        """Return everybody with a request running."""
        return self._ask(self.live.people)

    def _ask(self, question: Callable[[], T]) -> T:
        async def answer() -> T:
            return question()

        asked = asyncio.run_coroutine_threadsafe(answer(), self.loop)
        return asked.result(_LOOP_ANSWERS_S)


@dataclass(frozen=True)
class LiveSftp:
    """The SFTP connections that are open now."""

    server: SftpServer
    name: str = "SFTP connections"

    def apply(self, access: Access) -> None:
        """Cut what a key opened that is not good any more."""
        self.server.cut(access.username, keep=access.ssh_keys)

    def read_back(self, access: Access) -> str:
        """Return what is still connected and should not be."""
        left = self.server.fingerprints_of(access.username) - access.ssh_keys.keys()
        return f"{len(left)} withdrawn keys are connected" if left else ""

    def usernames(self) -> Iterable[str]:
        """Return everybody who is connected."""
        return self.server.usernames()


@dataclass(frozen=True)
class PortalSessions:
    """The portal's sessions: they lie in the database, and are asked for with every page."""

    database: Database
    name: str = "portal sessions"

    def apply(self, access: Access) -> None:
        """End the sessions of somebody who may not log in."""
        if not access.may_log_in:
            with self.database.write() as connection:
                mine = sessions.c.person_id == access.person_id
                connection.execute(delete(sessions).where(mine))

    def read_back(self, access: Access) -> str:
        """Return what is still open and should not be."""
        if access.may_log_in:
            return ""
        mine = select(func.count()).where(sessions.c.person_id == access.person_id)
        with self.database.read() as connection:
            left = connection.execute(mine).scalar_one()
        return f"{left} sessions are open" if left else ""

    def usernames(self) -> Iterable[str]:
        """Return the revoked people who have a session all the same."""
        query = (
            select(accounts.c.username)
            .join(profiles, profiles.c.person_id == accounts.c.id)
            .join(sessions, sessions.c.person_id == accounts.c.id)
            .where(profiles.c.status == "revoked")
            .distinct()
        )
        with self.database.read() as connection:
            return tuple(connection.execute(query).scalars())


@dataclass(frozen=True)
class KeysFolder:
    """OpenSSH's door: a folder with one file of public keys for everybody who may come in.

    It decides who comes in. Whoever is in already is the SSH server's to end.
    """

    keys: AuthorizedKeys
    name: str = "authorized keys"

    def apply(self, access: Access) -> None:
        """Write the person's keys, or remove the file of somebody who may not come in."""
        self.keys.put(access.username, access.ssh_keys.values())

    def read_back(self, access: Access) -> str:
        """Return how the file differs from what is wanted."""
        found, wanted = self.keys.of(access.username), frozenset(access.ssh_keys.values())
        words = [f"{len(found - wanted)} keys too many"] if found - wanted else []
        words += [f"{len(wanted - found)} keys missing"] if wanted - found else []
        return ", ".join(words)

    def usernames(self) -> Iterable[str]:
        """Return everybody with a file."""
        return self.keys.usernames()
