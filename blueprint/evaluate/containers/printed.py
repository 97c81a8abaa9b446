"""Keeps what a program prints: its first lines as they come, its last ones from the engine's log.

The engine's log is a ring of two files of 1 MiB, so that a flood cannot fill the disk. What is
pushed out of it are the first lines, which mostly say what went wrong; they are read as they come,
and no more than those.
"""

import logging
import threading

from blueprint.adapters.docker_engine import DockerEngineApi
from blueprint.errors import ToolError
from blueprint.evaluate.sandbox.launcher.log import BoundedLog

_FIRST_BYTES = 16 * 1024
_LAST_BYTES = 47 * 1024
_COMPARED_BYTES = 200
_READY_S = 10.0
_END_S = 5.0
_log = logging.getLogger(__name__)


class FirstWords:
    """What a program printed first; a thread reads it until it has enough."""

    def __init__(self, api: DockerEngineApi, container: str) -> None:
        self._api = api
        self._container = container
        self._kept = bytearray()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._read, name="first-words", daemon=True)

    def listen(self) -> None:
        """Begin to listen to a container that was created; it is to be started afterwards."""
        self._thread.start()
        self._ready.wait(_READY_S)

    def heard(self) -> bytes:
        """Return what there is, once the container has ended."""
        self._thread.join(_END_S)
        return bytes(self._kept)

    def _read(self) -> None:
        try:
            self._api.follow(self._container, self._take, self._ready.set)
        except ToolError as error:
            _log.warning("what a program prints first is not heard: %s", error)
        finally:
            self._ready.set()

    def _take(self, chunk: bytes) -> bool:
        self._kept += chunk[: _FIRST_BYTES - len(self._kept)]
        return len(self._kept) < _FIRST_BYTES


def printed(api: DockerEngineApi, container: str, first: bytes) -> bytes:
    """Return at most 64 KiB of what a program printed: its beginning and its end.

    Args:
        api: The engine.
        container: Its container, which has ended.
        first: What was heard at its start; empty where nobody listened.
    """
    kept = bytearray()
    api.log(container, kept.extend)
    # What comes over two pipes may be heard in another order: only the very first lines count.
    if len(first) == _FIRST_BYTES and first[:_COMPARED_BYTES] not in kept[: 4 * _FIRST_BYTES]:
        said = b"\n... what was printed between is not kept ...\n"
        return first[: _FIRST_BYTES - len(said)] + said + bytes(kept[-_LAST_BYTES:])
    log = BoundedLog()
    log.add(bytes(kept) if len(kept) >= len(first) else first)
    return log.content()
