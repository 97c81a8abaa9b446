"""Says on stderr how far something is that takes more than two seconds."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer

Report = Callable[[int, int], None]
"""Takes how many are done and how many there are, as often as one likes."""

_QUIET_S = 2.0
_EVERY_S = 10.0
_REDRAWN_S = 0.2


@contextmanager
def progress(what: str, unit: str) -> Iterator[Report]:
    """Give what takes the progress: one line that is redrawn on a terminal, else a line at times.

    Args:
        what: Such as "opening the data".
        unit: Such as "files".
    """
    on_terminal = sys.stderr.isatty()
    line = _Line(what, unit, every_s=_REDRAWN_S if on_terminal else _EVERY_S)

    def show(text: str) -> None:
        typer.echo(f"\r{text}\x1b[K" if on_terminal else text, err=True, nl=not on_terminal)

    try:
        yield lambda done, count: line.at(done, count, show)
    finally:
        if on_terminal and line.was_shown:
            typer.echo("\r\x1b[K", err=True, nl=False)


def lines(what: str, unit: str, show: Callable[[str], None]) -> Report:
    """Return what takes the progress and passes on a line of it every ten seconds."""
    line = _Line(what, unit, every_s=_EVERY_S)
    return lambda done, count: line.at(done, count, show)


class _Line:
    def __init__(self, what: str, unit: str, *, every_s: float) -> None:
        from blueprint.clock import monotonic_s

        self._what, self._unit, self._every_s = what, unit, every_s
        self._clock = monotonic_s
        self._next_s = monotonic_s() + _QUIET_S
        self.was_shown = False

    def at(self, done: int, count: int, show: Callable[[str], None]) -> None:
        now_s = self._clock()
        if now_s >= self._next_s and count:
            self._next_s = now_s + self._every_s
            self.was_shown = True
            show(f"{self._what}: {done} of {count} {self._unit}")
