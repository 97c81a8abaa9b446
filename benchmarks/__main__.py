"""`make bench`: runs every benchmark, prints a table and writes benchmarks/results/latest.json."""

import argparse
import json
import platform as machine
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path

from benchmarks import (
    check_data,
    cli_start,
    leaderboard_rebuild,
    ledger_databases,
    push_under_logins,
    rescore,
    running_platform,
)
from benchmarks.measure import Figure
from blueprint import __version__

RESULTS = Path(__file__).parent / "results" / "latest.json"
ALL: dict[str, Callable[[], Iterable[Figure]]] = {
    "cli": cli_start.measure,
    "check": check_data.measure,
    "leaderboard": leaderboard_rebuild.measure,
    "ledger": ledger_databases.measure,
    "rescore": rescore.measure,
    "platform": running_platform.measure,
    "logins": push_under_logins.measure,
}


def main() -> None:
    """Run the benchmarks that were named, or all."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("only", nargs="*", choices=[*ALL, []], help="default: all")
    only = parser.parse_args().only or list(ALL)
    figures: list[Figure] = []
    print(f"{'benchmark':<58} {'value':>10} {'unit':<4} {'aim':>8}  beside")
    for name in only:
        for figure in ALL[name]():
            figures.append(figure)
            aim = f"<= {figure.aim:g}" if figure.aim is not None else ""
            beside = ", ".join(f"{key} {value:.3g}" for key, value in figure.beside.items())
            print(f"{figure.name:<58} {figure.value:>10.3f} {figure.unit:<4} {aim:>8}  {beside}")
    RESULTS.parent.mkdir(exist_ok=True)
    document = {
        "version": __version__,
        "python": machine.python_version(),
        "figures": [asdict(figure) for figure in figures],
    }
    RESULTS.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    print(f"written: {RESULTS.relative_to(Path.cwd())}")


if __name__ == "__main__":
    main()
