"""How long a client may keep us waiting: a pause is paid for with bytes that went well."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from blueprint.clock import monotonic_s

PAUSE_S = 60.0
MIN_BYTES_PER_S = 4096
"""Half of what the slowest line brings that anybody would push a submission over."""

T = TypeVar("T")


class Patience:
    """Waits `PAUSE_S` in all for a client, and longer the more it sends (or reads).

    So whoever keeps to `MIN_BYTES_PER_S` on average is never cut off, whoever is silent is after
    `PAUSE_S`, and a byte now and then buys next to nothing.
    """

    def __init__(self) -> None:
        self._most_s = self._left_s = PAUSE_S

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
        self._left_s = min(self._most_s, self._left_s + size_bytes / MIN_BYTES_PER_S)
