"""The embedded SFTP server: read-only, public keys only, each person in their own virtual tree."""

import logging
import socket
import threading
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

import paramiko

from blueprint.adapters.sftp_files import BoundedSftp, ReadOnlyFiles
from blueprint.adapters.sftp_host_key import ensure_host_key
from blueprint.adapters.sftp_port import Directory, Login
from blueprint.adapters.sftp_session import BoundedPacketizer, Session, SftpLimits
from blueprint.clock import monotonic_s
from blueprint.errors import ToolError

_log = logging.getLogger("blueprint.sftp")
_WIRE_LOG = "blueprint.sftp.wire"
_ROUND_S = 1.0
_WINDOW_BYTES = 256 * 1024
_OUTDATED = {
    "ciphers": ["aes128-cbc", "aes192-cbc", "aes256-cbc", "3des-cbc"],
    "macs": ["hmac-sha1", "hmac-md5", "hmac-sha1-96", "hmac-md5-96"],
}


@dataclass(frozen=True, eq=False)
class _Connection:
    socket: socket.socket
    address: str
    transport: paramiko.Transport
    session: Session

    @property
    def login(self) -> Login | None:
        """Who proved to hold a key; asking whether one would do proves nothing."""
        return self.session.login if self.transport.is_authenticated() else None

    def cut(self, why: str) -> None:
        """End it at once; what its threads are waiting for fails."""
        login = self.session.login
        _log.info("%s (%s): cut, %s", login.username if login else "nobody", self.address, why)
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            _log.debug("%s had gone already", self.address)
        self.transport.close()
        self.socket.close()


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
        self._connections: set[_Connection] = set()
        self._subsystems: set[threading.Thread] = set()
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
            threading.Thread(
                target=self._accept, args=(listener, host_key), name="sftp-accept", daemon=True
            ),
            threading.Thread(target=self._watch, name="sftp-watch", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop listening and cut every connection; a second call changes nothing."""
        self._stopping.set()
        if self._listener is not None:
            try:
                self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread in accept()
            except OSError:
                _log.debug("the listener was shut down before")
            self._listener.close()
        for thread in self._threads:
            thread.join(timeout=5)
        for connection in self._take_all():
            connection.cut("the platform stops")
        for thread in list(self._subsystems):  # they still note what was sent
            thread.join(timeout=5)

    def is_alive(self) -> bool:
        """Tell whether the threads run that accept connections and look after them."""
        return all(thread.is_alive() for thread in self._threads)

    def usernames(self) -> frozenset[str]:
        """Return everybody who is logged in."""
        return frozenset(login.username for _, login in self._logged_in())

    def fingerprints_of(self, username: str) -> frozenset[str]:
        """Return the keys with which a person is logged in."""
        return frozenset(
            login.fingerprint for _, login in self._logged_in() if login.username == username
        )

    def cut(self, username: str, *, keep: Collection[str] = ()) -> int:
        """Cut a person's connections that came with other keys than these; return how many."""
        theirs = [
            connection
            for connection, login in self._logged_in()
            if login.username == username and login.fingerprint not in keep
        ]
        self._cut((connection, "access was withdrawn") for connection in theirs)
        return len(theirs)

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
        if not self._make_room():
            _log.warning("%s: too many connections, this one is refused", address)
            client.close()
            return
        client.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        session = Session(
            self._directory,
            self._limits,
            may_join=self._may_join,
            subsystems=self._subsystems,
        )
        transport = paramiko.Transport(
            client,
            default_window_size=_WINDOW_BYTES,
            disabled_algorithms=_OUTDATED,
            packetizer_class=BoundedPacketizer,
        )
        transport.set_log_channel(_WIRE_LOG)
        transport.local_version = "SSH-2.0-diychallenge"
        transport.add_server_key(host_key)
        transport.set_subsystem_handler("sftp", BoundedSftp, ReadOnlyFiles)
        if isinstance(transport.packetizer, BoundedPacketizer):
            transport.packetizer.before_packet = lambda: session.guard(transport)
        transport.start_server(event=threading.Event(), server=session)
        with self._lock:
            self._connections.add(_Connection(client, address, transport, session))

    def _make_room(self) -> bool:
        """Make sure that one more stranger finds room; False when the room is full of people."""
        self._forget_ended()
        limits = self._limits
        with self._lock:
            total = len(self._connections)
            strangers = [one for one in self._connections if one.login is None]
        if len(strangers) < limits.strangers and total < limits.strangers + limits.connections:
            return True
        if not strangers:
            return False
        crowd = Counter(one.address for one in strangers)

        def goes_first(one: _Connection) -> tuple[bool, int, float]:
            return not one.transport.initial_kex_done, crowd[one.address], -one.session.began_s

        self._cut([(max(strangers, key=goes_first), "a newer connection takes its place")])
        return True

    def _logged_in(self) -> list[tuple[_Connection, Login]]:
        with self._lock:
            return [(one, one.login) for one in self._connections if one.login is not None]

    def _may_join(self, person_id: int) -> bool:
        people = [login.person_id for _, login in self._logged_in()]
        limits = self._limits
        return people.count(person_id) <= limits.per_person and len(people) <= limits.connections

    def _watch(self) -> None:
        while not self._stopping.is_set():
            self._stopping.wait(_ROUND_S)
            try:
                self._forget_ended()
                self._cut(self._due())
            except Exception:  # noqa: BLE001  # the next round asks again
                _log.exception("the connections could not be looked at")

    def _forget_ended(self) -> None:
        with self._lock:
            ended = [item for item in self._connections if not item.transport.is_active()]
            self._connections.difference_update(ended)
        for connection in ended:
            connection.socket.close()

    def _cut(self, doomed: Iterable[tuple[_Connection, str]]) -> None:
        for connection, why in doomed:
            with self._lock:
                self._connections.discard(connection)
            connection.cut(why)

    def _due(self) -> list[tuple[_Connection, str]]:
        """Return the connections that have had their time, or are too many, with the reason."""
        with self._lock:
            live = sorted(self._connections, key=lambda one: one.session.began_s)
        now_s, limits = monotonic_s(), self._limits
        due: list[tuple[_Connection, str]] = []
        seen: Counter[int] = Counter()
        for one in live:
            if one.login is None:
                if now_s - one.session.began_s > limits.login_s:
                    due.append((one, "no login in time"))
                continue
            seen[one.login.person_id] += 1
            if seen[one.login.person_id] > limits.per_person:
                due.append((one, "too many connections of one person"))
            elif now_s - one.session.active_s > limits.idle_s:
                due.append((one, "idle for too long"))
        return due

    def _take_all(self) -> list[_Connection]:
        with self._lock:
            taken = list(self._connections)
            self._connections.clear()
        return taken
