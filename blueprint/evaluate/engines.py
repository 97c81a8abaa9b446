"""The registry of engines, and the one place that chooses which of them runs submissions."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from blueprint.evaluate.engine import Engine

Make = Callable[[Iterable[Path]], Engine]
"""Makes an engine; the folders are those that no submission may see."""


def _process(hidden: Iterable[Path]) -> Engine:
    from blueprint.evaluate.sandbox.engine import ProcessSandbox  # noqa: PLC0415 (only where used)

    return ProcessSandbox(hidden=hidden)


ENGINES: Mapping[str, Make] = {"process": _process}


def choose_engine(*, hidden: Iterable[Path] = ()) -> Engine:
    """Return what runs submissions on this machine.

    Args:
        hidden: Folders that must not be seen even where a system folder holds them: the state
            folder, the organizer's data, an evaluator's store.
    """
    return ENGINES["process"](hidden)
