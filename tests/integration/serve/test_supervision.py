"""What must run for as long as the platform does is missed when it ends."""

import asyncio

import pytest

from blueprint.serve.supervision import PartEndedError, ended, run_until


async def _lasts() -> None:
    await asyncio.sleep(60)


async def _returns() -> None:
    await asyncio.sleep(0)


async def _fails() -> None:
    await asyncio.sleep(0)
    raise OSError("the port is gone")


def test_a_part_that_fails_ends_the_platform_and_is_named() -> None:
    async def run() -> None:
        await run_until(asyncio.Event(), http=_lasts(), internal_socket=_fails())

    with pytest.raises(PartEndedError, match=r"'internal socket' .* OSError: the port is gone"):
        asyncio.run(run())


def test_so_does_one_that_just_returns() -> None:
    async def run() -> None:
        await run_until(asyncio.Event(), http=_lasts(), sftp=_returns())

    with pytest.raises(PartEndedError, match=r"'sftp' .* without an error"):
        asyncio.run(run())


def test_a_stop_that_was_asked_for_is_none_and_leaves_others_tasks_alone() -> None:
    async def run() -> bool:
        stop = asyncio.Event()
        stop.set()
        theirs = asyncio.create_task(_lasts())
        await run_until(stop, http=ended(theirs))
        await asyncio.sleep(0)
        is_running = not theirs.done()
        theirs.cancel()
        return is_running

    assert asyncio.run(run())
