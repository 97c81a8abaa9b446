"""What the demonstration tells while it runs: one line a step, with what happened and how long."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from blueprint.clock import monotonic_s


@dataclass(frozen=True)
class Step:
    """A finished step: what happened, how long it took, and the platform's own words to quote."""

    title: str
    seconds: float
    quoted: tuple[str, ...] = ()


Report = Callable[[Step], None]


@dataclass
class _Quotes:
    """Collects what a step wants to quote."""

    title: str
    lines: list[str] = field(default_factory=list)

    def quote(self, *lines: str) -> None:
        """Quote lines below the step."""
        self.lines.extend(lines)

    def say(self, title: str) -> None:
        """Say it in other words, now that the outcome is known."""
        self.title = title


class Story:
    """Times steps and hands each one on when it has ended."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self.steps: list[Step] = []

    @contextmanager
    def step(self, title: str) -> Iterator[_Quotes]:
        """Time what is inside; a step that fails is not told."""
        start = monotonic_s()
        quotes = _Quotes(title)
        yield quotes
        done = Step(quotes.title, monotonic_s() - start, tuple(quotes.lines))
        self.steps.append(done)
        self._report(done)
