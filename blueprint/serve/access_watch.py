"""Ends what is under way for people whose access was withdrawn."""

import asyncio
import logging

from anyio import to_thread

from blueprint.adapters.sftp_server import SftpServer
from blueprint.serve.git_access import DatabaseGate
from blueprint.serve.git_requests import LiveRequests

_LOOK_S = 1.0
_log = logging.getLogger(__name__)


class AccessWatch:
    """Judges everyone with a git request running: when woken, and each second."""

    def __init__(self, gate: DatabaseGate, live: LiveRequests, sftp: SftpServer) -> None:
        self._gate = gate
        self._live = live
        self._sftp = sftp
        self._woken = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    def wake(self) -> None:
        """Judge now; may be called from any thread."""
        self._loop.call_soon_threadsafe(self._woken.set)

    async def run(self) -> None:
        """Watch until cancelled."""
        while True:
            was_woken = await self._pause()
            for person_id in self._live.people():
                if not await self._gate.is_admitted(person_id):
                    ended = self._live.end(person_id)
                    _log.info("person %d: %d git requests ended", person_id, ended)
            if was_woken:
                await to_thread.run_sync(self._sftp.recheck)  # it also looks by itself

    async def _pause(self) -> bool:
        try:
            async with asyncio.timeout(_LOOK_S):
                await self._woken.wait()
        except TimeoutError:
            return False
        self._woken.clear()
        return True
