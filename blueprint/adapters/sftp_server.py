"""The embedded SFTP server: read-only, public keys only, each person in their own virtual tree."""

import contextlib
import logging
import socket
import threading
from collections import Counter
from collections.abc import Collection
from pathlib import Path

import paramiko

from blueprint.adapters.sftp_files import ReadOnlySftp, VirtualTree
from blueprint.adapters.sftp_host_key import ensure_host_key
from blueprint.adapters.sftp_port import Directory, Login
from blueprint.adapters.sftp_session import Session, SftpLimits
from blueprint.clock import monotonic_s
from blueprint.errors import ToolError

_log = logging.getLogger("blueprint.sftp")
_WIRE_LOG = "blueprint.sftp.wire"
_ROUND_S = 1.0
_STOP_S = 5.0


class SftpServer:
    """Serves a `Directory` over SFTP from threads of its own, between `start` and `stop`.

    Every request asks the directory anew whether the person still may; what stays open without
    asking is ended with `cut`. Each second those are cut who do not log in in time, who idle, and
    who have more connections than a person may. Strangers have a bound of their own: when it is
    reached, the newest takes the place of one that was silent for longest.
    """

    def __init__(
        self,
        host: str,
        port: int,
        host_key_path: Path,
        directory: Directory,
        *,
        limits: SftpLimits | None = None,
    ) -> None:
        self._host = host
        self._port = port
        self._host_key_path = host_key_path
        self._directory = directory
        self._limits = limits or SftpLimits()
        self._sessions: list[Session] = []
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._listener: socket.socket | None = None
        self._threads: list[threading.Thread] = []

    @property
    def port(self) -> int:
        """The port that is listened on (after `start`, also when 0 was asked for)."""
        return self._port

    def start(self) -> None:
        """Listen and return; the host key is made when there is none.

        Raises:
            ToolError: The address cannot be listened on.
        """
        ensure_host_key(self._host_key_path)
        host_key = paramiko.Ed25519Key(filename=str(self._host_key_path))
        # What strangers do to the protocol is theirs; paramiko would log it as our error.
        logging.getLogger(_WIRE_LOG).setLevel(logging.CRITICAL)
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        try:
            listener = socket.create_server((self._host, self._port), family=family, backlog=64)
        except OSError as error:
            raise ToolError(
                f"SFTP cannot listen on {self._host} port {self._port}: {error.strerror}"
            ) from None
        self._port = int(listener.getsockname()[1])
        self._listener = listener
        self._threads = [
            threading.Thread(target=self._accept, args=(listener, host_key), daemon=True),
            threading.Thread(target=self._watch, daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop listening and cut every connection; a second call changes nothing."""
        self._stopping.set()
        if self._listener is not None:
            with contextlib.suppress(OSError):  # it was shut down before
                self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread in accept()
            self._listener.close()
        for thread in self._threads:
            thread.join(_STOP_S)
        for session in self._live():
            session.cut("the platform stops")
        for thread in threading.enumerate():  # they still note what was sent
            if isinstance(thread, ReadOnlySftp) and thread.serves(self._directory):
                thread.join(_STOP_S)

    def is_alive(self) -> bool:
        """Tell whether the threads run that accept connections and look after them."""
        return all(thread.is_alive() for thread in self._threads)

    def usernames(self) -> frozenset[str]:
        """Return everybody who is logged in."""
        return frozenset(login.username for _, login in self._people())

    def fingerprints_of(self, username: str) -> frozenset[str]:
        """Return the keys with which a person is logged in."""
        people = self._people()
        return frozenset(login.fingerprint for _, login in people if login.username == username)

    def cut(self, username: str, *, keep: Collection[str] = ()) -> int:
        """Cut a person's connections that came with other keys than these; return how many."""
        theirs = [
            session
            for session, login in self._people()
            if login.username == username and login.fingerprint not in keep
        ]
        for session in theirs:
            session.cut("access was withdrawn")
        return len(theirs)

    def _live(self) -> list[Session]:
        """Return the connections that stand, in the order in which they came."""
        with self._lock:
            self._sessions = [
                one for one in self._sessions if one.transport.is_active() and not one.is_cut
            ]
            return list(self._sessions)

    def _people(self) -> list[tuple[Session, Login]]:
        return [(one, login) for one in self._live() if (login := one.person) is not None]

    def _surplus(self) -> list[Session]:
        """Return the newest of those who are more than a person, or all together, may be."""
        counted: Counter[int] = Counter()
        surplus = []
        for place, (session, login) in enumerate(self._people()):
            counted[login.person_id] += 1
            is_many = counted[login.person_id] > self._limits.per_person
            if is_many or place >= self._limits.connections:
                surplus.append(session)
        return surplus

    def _accept(self, listener: socket.socket, host_key: paramiko.PKey) -> None:
        while not self._stopping.is_set():
            try:
                client, peer = listener.accept()
            except OSError as error:
                if not self._stopping.wait(0.2):  # too many open files: they end in time
                    _log.warning("a connection was not accepted: %s", error)
                continue
            try:
                self._welcome(client, str(peer[0]), host_key)
            except Exception:  # noqa: BLE001  # one client must never shut out all others
                _log.exception("a connection of %s could not be served", peer[0])
                client.close()

    def _welcome(self, client: socket.socket, address: str, host_key: paramiko.PKey) -> None:
        self._make_room()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        session = Session(
            client, address, self._directory, self._limits, lambda one: one not in self._surplus()
        )
        transport = session.transport
        transport.set_log_channel(_WIRE_LOG)
        transport.local_version = "SSH-2.0-diychallenge"
        transport.add_server_key(host_key)
        transport.set_subsystem_handler("sftp", ReadOnlySftp, VirtualTree)
        transport.start_server(event=threading.Event(), server=session)
        with self._lock:
            self._sessions.append(session)

    def _make_room(self) -> None:
        """Let one more stranger in, in the place of one that is of the largest crowd."""
        strangers = [one for one in self._live() if one.person is None]
        if len(strangers) < self._limits.strangers:
            return
        crowd = Counter(one.address for one in strangers)

        def goes_first(one: Session) -> tuple[bool, int, float]:
            return not one.transport.initial_kex_done, crowd[one.address], -one.began_s

        max(strangers, key=goes_first).cut("a newer connection takes its place")

    def _watch(self) -> None:
        while not self._stopping.wait(_ROUND_S):
            try:
                self._sweep()
            except Exception:  # noqa: BLE001  # the next round asks again
                _log.exception("the connections could not be looked at")

    def _sweep(self) -> None:
        """Cut the connections that have had their time, or are too many."""
        now_s, limits = monotonic_s(), self._limits
        for session in self._surplus():
            session.cut("too many connections")
        for session in self._live():
            if session.person is None and now_s - session.began_s > limits.login_s:
                session.cut("no login in time")
            elif now_s - session.active_s > limits.idle_s:
                session.cut("idle for too long")
