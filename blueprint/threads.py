"""Threads by purpose: what one kind of request does never takes the threads of another."""

import asyncio
from collections.abc import Callable
from typing import TypeVar, TypeVarTuple

from anyio import CapacityLimiter, to_thread

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class BusyError(Exception):
    """No thread came free in time."""


class Threads:
    """At most `count` threads for one purpose; further calls stand in line, `wait_s` at most."""

    def __init__(self, count: int, *, wait_s: float) -> None:
        self._turns = asyncio.Semaphore(count)
        self._limiter = CapacityLimiter(count)
        self._wait_s = wait_s

    async def run(self, call: Callable[[*Ts], T], *arguments: *Ts) -> T:
        """Return what `call` returns, called in one of the threads.

        Raises:
            BusyError: None came free in time; nothing was called.
        """
        try:
            async with asyncio.timeout(self._wait_s):
                await self._turns.acquire()
        except TimeoutError:
            raise BusyError(f"no thread came free within {self._wait_s:g} s") from None
        try:
            return await to_thread.run_sync(call, *arguments, limiter=self._limiter)
        finally:
            self._turns.release()
