"""A platform's desk, reached in process or over HTTPS, and ways to cut the line to it."""

import asyncio
import contextlib
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from blueprint.adapters.runner_client import RunnerClient
from blueprint.clock import system_clock
from blueprint.desk.http_desk import HttpDesk
from blueprint.desk.port import Desk
from blueprint.serve.http_server import HttpServer
from blueprint.serve.ledger_desk import LedgerDesk
from blueprint.serve.runner_api import make_runner_api
from blueprint.serve.runner_certificates import add_worker, ensure_server_certificate, known_worker
from blueprint.serve.runner_server import make_runner_server
from blueprint.state import StateFolder
from tests.integration.evaluation.bench import Bench


class Line:
    """A TCP relay before the server, which can swallow an answer or be cut."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._swallow = threading.Event()
        self.swallowed = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def swallow_next_answer(self) -> None:
        """Let the next question through, and cut the line when its answer begins."""
        self._swallow.set()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._relay, args=(client,), daemon=True).start()

    def _relay(self, client: socket.socket) -> None:
        with (
            contextlib.suppress(OSError),
            client,
            socket.create_connection(("127.0.0.1", self._target)) as server,
        ):
            threading.Thread(target=self._answers, args=(server, client), daemon=True).start()
            while data := client.recv(65536):
                server.sendall(data)

    def _answers(self, server: socket.socket, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := server.recv(65536):
                if self._swallow.is_set():
                    self._swallow.clear()
                    self.swallowed += 1
                    break
                client.sendall(data)
        for one in (client, server):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


@dataclass
class Served:
    """A runner API on a port of its own, in a thread."""

    bench: Bench
    ledger: LedgerDesk
    spool: Path
    port: int = 0
    woken: list[int] = field(default_factory=list)
    _server: HttpServer | None = None
    _thread: threading.Thread | None = None

    @property
    def state(self) -> StateFolder:
        return self.bench.platform.state

    def start(self) -> None:
        certificate = ensure_server_certificate(self.state, ("127.0.0.1",), system_clock())
        api = make_runner_api(
            self.ledger, lambda shown: known_worker(self.state, shown, system_clock()),
            wake=lambda: self.woken.append(1), spool=self.spool,
        )  # fmt: skip
        self._server = server = make_runner_server(api, certificate)
        listener = socket.create_server(("127.0.0.1", self.port))
        self.port = int(listener.getsockname()[1])

        def serve() -> None:
            with listener:
                asyncio.run(server.serve(sockets=[listener]))

        self._thread = threading.Thread(target=serve, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        assert self._server is not None
        assert self._thread is not None
        self._server.should_exit = True
        self._thread.join(20)


@dataclass
class Counter:
    """A desk, and the platform behind it."""

    desk: Desk
    ledger: LedgerDesk
    bench: Bench
    worker: str = "gpu-1/1"

    def push(self, kind: str = "code", **files: str) -> int:
        """Commit files (`predict_py`, `predictions__a__mask`) and enter the submission."""
        content: dict[str, str | bytes] = {
            name.replace("__", "/").replace("_py", ".py"): text for name, text in files.items()
        }
        # Different each time: a commit is submitted once.
        return self.bench.push(content or {"predict.py": f"print({self.bench.pushed})"}, kind)


@contextlib.contextmanager
def served(bench: Bench, spool: Path) -> Iterator[Served]:
    spool.mkdir()
    made = Served(bench, LedgerDesk(bench.platform, to_hosts=True), spool)
    made.start()
    try:
        yield made
    finally:
        made.stop()


@contextlib.contextmanager
def client_of(
    made: Served, folder: Path, *, name: str = "gpu-1", port: int | None = None
) -> Iterator[RunnerClient]:
    if not folder.exists():
        add_worker(made.state, name, folder, system_clock())
    client = RunnerClient(f"https://127.0.0.1:{port or made.port}", folder, timeout_s=20)
    try:
        yield client
    finally:
        client.close()


@contextlib.contextmanager
def over_http(
    bench: Bench, scratch: Path, *, port: Callable[[Served], int] = lambda made: made.port
) -> Iterator[Counter]:
    with (
        served(bench, scratch / "spool") as made,
        client_of(made, scratch / "certificates", port=port(made)) as client,
    ):
        yield Counter(HttpDesk(client, patience_s=20), made.ledger, bench)


def commit_of(bench: Bench, *lines: tuple[str, str, str]) -> str:
    """Make a commit of (mode, name, content); git itself would not make some of them."""
    bare = bench.platform.state.git / "alpha.git"

    def git(*argv: str, stdin: bytes = b"") -> str:
        command = ["git", f"--git-dir={bare}", "-c", "user.name=a", "-c", "user.email=a@b", *argv]
        done = subprocess.run(command, input=stdin, check=True, capture_output=True, timeout=30)
        return done.stdout.decode().strip()

    tree = b"".join(
        f"{mode} blob {git('hash-object', '-w', '--stdin', stdin=text.encode())}\t{name}\0".encode()
        for mode, name, text in lines
    )
    return git("commit-tree", git("mktree", "-z", stdin=tree), "-m", "x")
