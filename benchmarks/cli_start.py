"""How long `diychallenge --help` takes, warm, beside an interpreter that does nothing."""

import subprocess
import sys
from collections.abc import Iterable

from benchmarks.measure import Figure, median, timed

_RUNS = 15


def measure() -> Iterable[Figure]:
    """Yield the median over 15 runs, after one that warms the cache."""
    commands = {
        "help": [sys.executable, "-m", "cli", "--help"],
        "python": [sys.executable, "-c", "pass"],
    }
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(_RUNS + 1):
        for name, argv in commands.items():
            times[name].append(timed(lambda argv=argv: _run(argv)))  # type: ignore[misc]
    settled = {name: median(values[1:]) for name, values in times.items()}
    yield Figure(
        "diychallenge --help, warm cache", settled["help"], "s", aim=0.150,
        beside={"python -c pass": settled["python"]},
    )  # fmt: skip


def _run(argv: list[str]) -> None:
    subprocess.run(argv, check=True, capture_output=True)
