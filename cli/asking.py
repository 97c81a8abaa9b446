"""Asks before something is done that cannot be taken back."""

import sys

import typer

from cli import output


def confirm(warning: str, *, word: str, otherwise: str) -> None:
    """Return when the person types `word`; who cannot be asked says it with --yes.

    Args:
        warning: What would happen.
        word: What has to be typed, such as the challenge's id.
        otherwise: What did not happen then, such as `not removed`.

    Raises:
        InputError: They typed something else, or nobody can be asked.
    """
    from blueprint.errors import InputError

    if not sys.stdin.isatty():
        raise InputError(f"{otherwise}: {warning}", hint="--yes says that you mean it")
    output.say(warning)
    if typer.prompt(f"Type {word} to go on", default="", show_default=False) != word:
        raise InputError(f"{otherwise}: that was not {word}")
