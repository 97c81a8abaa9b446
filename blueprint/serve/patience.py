"""How long a client may keep us waiting: a pause is paid for with bytes that went well."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from blueprint.clock import monotonic_s

T = TypeVar("T")


class Patience:
    """Waits `pause_s` in all for a client, and longer the more it sends (or reads).

    So whoever keeps to `bytes_per_s` on average is never cut off, whoever is silent is after
    `pause_s`, and a byte now and then buys next to nothing.
    """

    def __init__(self, *, pause_s: float, bytes_per_s: float) -> None:
        self._most_s = self._left_s = pause_s
        self._bytes_per_s = bytes_per_s

    async def wait(self, for_what: Awaitable[T]) -> T:
        """Return what the client brings about.

        Raises:
            TimeoutError: It has been too slow.
        """
        begun_s = monotonic_s()
        try:
            async with asyncio.timeout(max(0.0, self._left_s)):
                return await for_what
        finally:
            self._left_s -= monotonic_s() - begun_s

    def earn(self, size_bytes: int) -> None:
        """Count bytes that came, or were taken."""
        self._left_s = min(self._most_s, self._left_s + size_bytes / self._bytes_per_s)
