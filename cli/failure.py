"""How a failed command ends: one line for the person, a log for us, an exit code for scripts."""

import os
import sys
import tempfile
import traceback

import typer

from blueprint.errors import BlueprintError
from cli.output import visible

INTERRUPTED = 130
"""128 + SIGINT, as shells report it."""


def report(error: BlueprintError) -> int:
    """Print what went wrong and what to do next; return the exit code."""
    _line("error:", str(error), color="red")
    if error.hint:
        _line("hint:", error.hint, color="yellow")
    return error.exit_code


def report_unexpected(error: Exception) -> int:
    """Print an error that we did not foresee in one line and keep the rest in a file."""
    first = (str(error).splitlines() or [""])[0]
    _line("error:", f"unexpected {type(error).__name__}: {first}"[:300], color="red")
    _line("hint:", f"the details are in {_write_log(error)}: please report it", color="yellow")
    return 1


def close_output() -> None:
    """Flush what was printed; a reader that has gone away (`| head`) is no error to shout about."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        # The interpreter flushes once more at its end and would complain then.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _write_log(error: Exception) -> str:
    descriptor, path = tempfile.mkstemp(prefix="diychallenge-crash-", suffix=".log")
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace") as file:
        file.write(f"python {sys.version}\n")
        file.writelines(traceback.format_exception(error))
    return path


def _line(label: str, text: str, *, color: str) -> None:
    typer.secho(label, fg=color, bold=True, err=True, nl=False)
    typer.echo(f" {visible(text)}", err=True)
