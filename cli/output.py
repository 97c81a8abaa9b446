"""Prints: tables and facts that are rich on a terminal and plain when piped, and JSON."""

import dataclasses
import json
import os
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import PurePath
from typing import Any

import typer

_HIDDEN = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160)) if code not in (9, 10)}
"""Control characters other than tab and newline: shown, never obeyed by the terminal."""


def is_terminal() -> bool:
    """Tell whether a person looks at the output."""
    return sys.stdout.isatty()


def visible(text: str) -> str:
    """Return text that cannot move the cursor or change the terminal."""
    return text.translate(_HIDDEN)


def say(text: str = "") -> None:
    """Print lines."""
    typer.echo(visible(text))


def document(value: object) -> None:
    """Print one JSON document; dataclasses become objects, moments ISO 8601 in UTC."""
    typer.echo(json.dumps(_plain(value), indent=2, allow_nan=False))


def bold(text: str) -> str:
    """Return text that stands out, where a terminal shows it and wants colours."""
    return typer.style(text, bold=True) if is_terminal() and "NO_COLOR" not in os.environ else text


@contextmanager
def working(on_what: str) -> Iterator[Callable[[str], None]]:
    """Show on a terminal that something takes its time; give what prints lines meanwhile."""
    if not is_terminal():
        yield say
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    with console.status(on_what):
        yield lambda line: console.print(Text(visible(line)), soft_wrap=True)


def facts(pairs: Mapping[str, object]) -> None:
    """Print names with their values, aligned; a value of several lines stays indented."""
    width = max(len(name) for name in pairs)
    for name, value in pairs.items():
        first, *others = _lines(visible(cell(value)), indent=width + 2)
        typer.echo(f"{bold(f'{name:<{width}}')}  {first}".rstrip())
        for line in others:
            typer.echo(f"{'':<{width}}  {line}")


def _lines(text: str, *, indent: int) -> list[str]:
    """Return the lines of a value: wrapped for a person, as they are for a pipe."""
    lines = text.splitlines()
    if is_terminal():
        room = max(20, shutil.get_terminal_size().columns - indent)
        lines = [part for line in lines for part in textwrap.wrap(line, room) or [""]]
    return lines or [""]


def table(columns: Sequence[str], rows: Sequence[Sequence[object]], *, empty: str) -> None:
    """Print rows below their headings, or the sentence `empty` when there are none."""
    if not rows:
        say(empty)
        return
    cells = [[visible(cell(value)).replace("\n", " ") for value in row] for row in rows]
    if is_terminal():
        _rich_table(columns, cells)
        return
    widths = [max(len(line[i]) for line in [list(columns), *cells]) for i in range(len(columns))]
    for line in [[name.upper() for name in columns], *cells]:
        padded = (f"{text:<{width}}" for text, width in zip(line, widths, strict=True))
        typer.echo("  ".join(padded).rstrip())


def cell(value: object) -> str:
    """Return a value as a person reads it: `-` for none, UTC to the second for a moment."""
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S} UTC"
    if isinstance(value, float):
        return f"{value:.4g}"
    return str(value)


def _rich_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(*columns, box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for row in rows:
        drawn.add_row(*(Text(text) for text in row))
    Console(highlight=False).print(drawn)


def _plain(value: Any) -> Any:  # noqa: ANN401
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = (field.name for field in dataclasses.fields(value))
        return {name: _plain(getattr(value, name)) for name in names}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | frozenset):
        return [_plain(item) for item in value]
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds").replace("+00:00", "Z")
    if isinstance(value, PurePath):
        return str(value)
    return value
