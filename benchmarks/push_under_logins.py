"""Pushes while 40 logins a second come in: what the portal does must not keep git waiting."""

import asyncio
import re
import tempfile
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import httpx

from benchmarks.measure import Figure, median, percentile, timed
from benchmarks.running_platform import approved, deployed
from blueprint.clock import monotonic_s
from blueprint.demo.cast import ANNA
from blueprint.demo.participant import Participant

_LOGINS_PER_S = 40
_WARM_UP_S = 5.0
_FOR_S = 60.0
_PUSHES = 20


@dataclass
class _Load:
    """Logins with the right password, sent at their times however long the answers take."""

    url: str
    answered_s: list[float] = field(default_factory=list)
    refused: int = 0
    _stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        asyncio.run(self._run())

    def stop(self) -> None:
        self._stop.set()

    async def _run(self) -> None:
        request = self._request()
        begun_s, sent, tasks = monotonic_s(), 0, set[asyncio.Task[None]]()
        while not self._stop.is_set():
            due = int((monotonic_s() - begun_s) * _LOGINS_PER_S)
            for _ in range(due - sent):
                task = asyncio.create_task(self._log_in(request))
                tasks.add(task)
                task.add_done_callback(tasks.discard)
            sent = due
            await asyncio.sleep(1 / _LOGINS_PER_S)
        for task in tasks:
            task.cancel()

    def _request(self) -> bytes:
        """Return a login as a browser sends it, with the cookie and the token of a form."""
        with httpx.Client(trust_env=False) as browser:
            page = browser.get(f"{self.url}/portal/login")
            cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
        found = re.search(r'name="csrf" value="([^"]+)"', page.text)
        assert found
        fields = {"csrf": found[1], "username": ANNA.username, "password": ANNA.password}
        body = urlencode({**fields, "next": ""}).encode()
        head = (
            f"POST /portal/login HTTP/1.1\r\nHost: localhost\r\nCookie: {cookies}\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        return head.encode() + body

    async def _log_in(self, request: bytes) -> None:
        start_s = monotonic_s()
        try:
            address = urlsplit(self.url)
            reader, writer = await asyncio.open_connection(address.hostname, address.port)
            writer.write(request)
            status = await reader.readline()
            writer.close()
        except OSError:
            status = b""
        if b" 303 " in status:
            self.answered_s.append(monotonic_s() - start_s)
        else:
            self.refused += 1


def measure() -> Iterable[Figure]:
    """Yield how long a push takes beside the logins, and how the logins fare."""
    with (
        tempfile.TemporaryDirectory() as folder,
        deployed(Path(folder)) as (organizer, url, _),
        approved(organizer, url, Path(folder)) as anna,
    ):
        alone = _pushes(anna, _PUSHES, until_s=monotonic_s() + _FOR_S)
        with _logins(url) as load:
            beside = _pushes(anna, _PUSHES, until_s=monotonic_s() + _FOR_S)
    without = {"without logins": percentile(alone, 0.95)}
    name = "push answered while 40 logins a second come in"
    yield Figure(f"{name}, p50 of {len(beside)}", median(beside), "s", aim=1.0,
                 beside={"without logins": median(alone)})  # fmt: skip
    yield Figure(f"{name}, p95", percentile(beside, 0.95), "s", aim=1.0, beside=without)
    times = load.answered_s or [float("nan")]
    fared = {"answered": float(len(load.answered_s)), "told to come back": float(load.refused)}
    yield Figure("login answered meanwhile, p95", percentile(times, 0.95), "s", beside=fared)


@contextmanager
def _logins(url: str) -> Iterator[_Load]:
    load = _Load(url)
    thread = threading.Thread(target=load.run)
    thread.start()
    try:
        threading.Event().wait(_WARM_UP_S)
        yield load
    finally:
        load.stop()
        thread.join()


def _pushes(anna: Participant, count: int, *, until_s: float) -> list[float]:
    took: list[float] = []
    while len(took) < count and monotonic_s() < until_s:
        anna.copy.commit(f"push {len(took)}")
        took.append(timed(anna.copy.push_branch))
    return took
