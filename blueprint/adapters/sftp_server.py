"""The embedded SFTP server: read-only, public keys only, each person in their own virtual tree."""

import logging
import socket
import threading
from dataclasses import dataclass
from pathlib import Path

import paramiko

from blueprint.adapters.sftp_files import BoundedSftp, ReadOnlyFiles
from blueprint.adapters.sftp_host_key import ensure_host_key
from blueprint.adapters.sftp_port import Directory
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

    Every request asks the directory anew; besides, each second all connections are looked at,
    and those of people who may no longer, who idle or who do not log in are cut.
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
        self._poke = threading.Event()
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
        self._poke.set()
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

    def disconnect(self, person_id: int) -> int:
        """Cut every connection of a person now and return how many there were."""
        with self._lock:
            theirs = [
                connection
                for connection in self._connections
                if connection.session.login and connection.session.login.person_id == person_id
            ]
            self._connections.difference_update(theirs)
        for connection in theirs:
            connection.cut("access was withdrawn")
        return len(theirs)

    def recheck(self) -> int:
        """Cut every connection of people who may no longer, now; return how many there were."""
        return self._cut_those_due()

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
        if not self._has_room(address):
            _log.warning("%s: too many connections, this one is refused", address)
            client.close()
            return
        client.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        session = Session(
            self._directory,
            self._limits,
            may_join=self._may_join,
            on_refused=self._poke.set,
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

    def _has_room(self, address: str) -> bool:
        self._forget_ended()
        with self._lock:
            same = sum(connection.address == address for connection in self._connections)
            return (
                len(self._connections) < self._limits.connections
                and same < self._limits.per_address
            )

    def _may_join(self, person_id: int) -> bool:
        with self._lock:
            # Those that only asked whether a key would do prove nothing: they do not count.
            logins = [
                connection.session.login
                for connection in self._connections
                if connection.transport.is_authenticated()
            ]
        same = sum(login is not None and login.person_id == person_id for login in logins)
        return same <= self._limits.per_person

    def _watch(self) -> None:
        while not self._stopping.is_set():
            self._poke.wait(_ROUND_S)
            self._poke.clear()
            try:
                self._forget_ended()
                self._cut_those_due()
            except Exception:  # noqa: BLE001  # the next round asks again
                _log.exception("the connections could not be looked at")

    def _forget_ended(self) -> None:
        with self._lock:
            ended = [item for item in self._connections if not item.transport.is_active()]
            self._connections.difference_update(ended)
        for connection in ended:
            connection.socket.close()

    def _cut_those_due(self) -> int:
        with self._lock:
            live = list(self._connections)
        due = [(item, why) for item in live if (why := self._why_cut(item))]
        with self._lock:
            self._connections.difference_update(item for item, _ in due)
        for connection, why in due:
            connection.cut(why)
        return len(due)

    def _why_cut(self, connection: _Connection) -> str | None:
        session, now_s = connection.session, monotonic_s()
        if not connection.transport.is_authenticated():
            late = now_s - session.began_s > self._limits.login_s
            return "no login in time" if late else None
        if session.login is None or not self._directory.is_admitted(session.login):
            return "access was withdrawn"
        if now_s - session.active_s > self._limits.idle_s:
            return "idle for too long"
        return None

    def _take_all(self) -> list[_Connection]:
        with self._lock:
            taken = list(self._connections)
            self._connections.clear()
        return taken
