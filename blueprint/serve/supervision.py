"""Runs what must run for as long as the platform does: none of it ends unnoticed."""

import asyncio
from collections.abc import Awaitable

from blueprint.errors import BlueprintError


class PartEndedError(BlueprintError):
    """Something that must run for as long as the platform does has ended by itself."""


async def run_until(stop: asyncio.Event, **parts: Awaitable[None]) -> None:
    """Run the parts side by side until `stop` is set; those that still run are cancelled then.

    Raises:
        PartEndedError: One of them ended, by an error or without.
    """
    asked = asyncio.ensure_future(stop.wait())
    tasks = {asyncio.ensure_future(part): name for name, part in parts.items()}
    try:
        await asyncio.wait({asked, *tasks}, return_when=asyncio.FIRST_COMPLETED)
        gone = [task for task in tasks if task.done()]
        if gone and not stop.is_set():
            name = tasks[gone[0]].replace("_", " ")
            error = gone[0].exception()
            why = f"{type(error).__name__}: {error}" if error else "without an error"
            raise PartEndedError(
                f"the part {name!r} of the platform ended by itself: {why}",
                hint="`diychallenge deploy` starts it anew; the lines before this say why",
            )
    finally:
        asked.cancel()
        for task in tasks:
            task.cancel()


async def ended(task: asyncio.Task[None]) -> None:
    """Return when a task that is somebody else's to end has ended, or raise what it raised."""
    await asyncio.wait({task})
    task.result()
