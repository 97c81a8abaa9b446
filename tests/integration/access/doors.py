"""The doors of the contract: each one real, each asked in another way than its target asks."""

import base64
import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import paramiko

from blueprint.adapters.authorized_keys import AuthorizedKeys
from blueprint.adapters.sftp_server import SftpServer
from blueprint.data.sftp_directory import PlatformDirectory
from blueprint.people.access_changes import note_change
from blueprint.people.git_tokens import issue_token
from blueprint.people.person import find_person
from blueprint.people.sessions import open_session, session_of
from blueprint.platform import Platform
from blueprint.serve.access_converger import AccessConverger, AccessTarget
from blueprint.serve.access_targets import KeysFolder, LiveGit, LiveSftp, PortalSessions
from blueprint.serve.git_access import DatabaseGate
from blueprint.serve.git_gateway import GitGateway
from blueprint.serve.git_requests import LiveRequests
from blueprint.serve.health import Health
from blueprint.serve.live_pushes import LivePushes
from tests.integration.git_gateway.client import running_git, wait_until
from tests.integration.git_gateway.conftest import answering


class Door(Protocol):
    """Something that stands open for ada, and closes when her access ends."""

    target: AccessTarget
    ends_by: frozenset[str]
    """The causes that close it."""

    def open(self) -> None: ...

    def is_open(self) -> bool: ...

    def down(self) -> contextlib.AbstractContextManager[None]:
        """Keep the target from doing anything."""
        ...

    def restart(self) -> None:
        """Begin anew, as after a kill of the platform."""
        ...

    def close(self) -> None: ...


def id_of(platform: Platform, username: str) -> int:
    person = find_person(platform.database, username)
    assert person is not None
    return person.id


class GitDoor:
    """A push under way, of which git's own process is the proof."""

    ends_by = frozenset({"revoke", "token revoked", "token rotated", "reset", "agreement"})

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._stack = contextlib.ExitStack()
        self.restart()

    def restart(self) -> None:
        self._stack.close()
        live, platform = LiveRequests(), self._platform
        app = GitGateway(
            repositories=platform.state.git,
            gate=DatabaseGate(platform),
            live=live,
            pushes=LivePushes(platform.clock()),
            max_push_bytes=10**6,
            max_repository_bytes=10**8,
            variables={"DIYCHALLENGE_SOCKET": "/nonexistent"},
        )
        self._port, self._loop = self._stack.enter_context(answering(app))
        self.target: AccessTarget = LiveGit(live, self._loop)

    def open(self) -> None:
        person_id = id_of(self._platform, "ada")
        token, _ = issue_token(self._platform.database, person_id, "laptop", self._platform.clock())
        basic = base64.b64encode(f"ada:{token}".encode()).decode()
        client = self._stack.enter_context(socket.create_connection(("127.0.0.1", self._port), 20))
        client.sendall(
            "POST /git/team-ada.git/git-receive-pack HTTP/1.1\r\nHost: x\r\n"
            f"Authorization: Basic {basic}\r\n"
            "Content-Type: application/x-git-receive-pack-request\r\n"
            "Content-Length: 1000\r\n\r\n".encode()
        )
        wait_until(self.is_open)

    def is_open(self) -> bool:
        return bool(running_git())

    @contextlib.contextmanager
    def down(self) -> Iterator[None]:
        """Keep the event loop busy: nothing on it is answered."""
        may_go_on = threading.Event()
        self._loop.call_soon_threadsafe(may_go_on.wait, 20)
        try:
            yield
        finally:
            may_go_on.set()

    def close(self) -> None:
        self._stack.close()


class SftpDoor:
    """A connection over SFTP, of which the client's side is the proof."""

    ends_by = frozenset({"revoke", "key removed", "reset", "agreement"})

    def __init__(self, platform: Platform, key: Path) -> None:
        self._platform = platform
        self._key = key
        self._server: SftpServer | None = None
        self._transport: paramiko.Transport | None = None
        self.restart()

    def restart(self) -> None:
        self.close()
        host_key = self._platform.state.keys / "sftp_host.key"
        self._server = SftpServer("127.0.0.1", 0, host_key, PlatformDirectory(self._platform))
        self._server.start()
        self.target: AccessTarget = LiveSftp(self._server)

    def open(self) -> None:
        assert self._server is not None
        wire = socket.create_connection(("127.0.0.1", self._server.port), 60)
        self._transport = paramiko.Transport(wire)
        self._transport.connect(username="ada", pkey=paramiko.Ed25519Key(filename=str(self._key)))

    def is_open(self) -> bool:
        time.sleep(0.1)  # the cut has to arrive
        return self._transport is not None and self._transport.is_active()

    @contextlib.contextmanager
    def down(self) -> Iterator[None]:
        """Keep the server's book of connections locked, as a thread that hangs would."""
        assert self._server is not None
        with self._server._lock:
            yield

    def close(self) -> None:
        if self._server is not None:
            self._server.stop()
        if self._transport is not None:
            self._transport.close()


class KeysDoor:
    """A folder of authorized_keys files, as a server's sshd would read it."""

    ends_by = frozenset({"revoke", "key removed", "reset", "agreement"})

    def __init__(self, platform: Platform, folder: Path) -> None:
        self._platform = platform
        self._folder = folder
        self._folder.mkdir()
        self.target: AccessTarget = KeysFolder(AuthorizedKeys(folder))

    def restart(self) -> None:
        pass  # it outlives the platform

    def open(self) -> None:
        with self._platform.database.write() as connection:
            note_change(
                connection, id_of(self._platform, "ada"), "approved", self._platform.clock()
            )
        AccessConverger(self._platform, [self.target], Health()).step()
        assert self.is_open()

    def is_open(self) -> bool:
        file = self._folder / "ada"
        return file.exists() and "ssh-ed25519 " in file.read_text()

    @contextlib.contextmanager
    def down(self) -> Iterator[None]:
        """Take the folder away, as when its volume is not mounted."""
        away = self._folder.with_name("away")
        self._folder.rename(away)
        try:
            yield
        finally:
            away.rename(self._folder)

    def close(self) -> None:
        pass


class PortalDoor:
    """A session of the portal. It lies where the change is made, so it is never down alone."""

    ends_by = frozenset({"revoke", "reset"})

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._token = ""
        self.target: AccessTarget = PortalSessions(platform.database)

    def restart(self) -> None:
        pass

    def open(self) -> None:
        now = self._platform.clock()
        self._token, _ = open_session(self._platform.database, id_of(self._platform, "ada"), now)

    def is_open(self) -> bool:
        return session_of(self._platform.database, self._token, self._platform.clock()) is not None

    @contextlib.contextmanager
    def down(self) -> Iterator[None]:
        yield

    def close(self) -> None:
        pass
