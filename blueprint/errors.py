"""What can go wrong in words a user can act on; the command line turns these into exit codes."""

from typing import ClassVar


class BlueprintError(Exception):
    """The root of every error that we raise on purpose: a message, and a hint what to do next.

    `exit_code` is 1 where the work failed and 2 where the caller's input is at fault.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


class InputError(BlueprintError):
    """The input is at fault: a file, a flag, a name (exit code 2)."""

    exit_code: ClassVar[int] = 2


class NotFoundError(InputError):
    """The thing that was named does not exist."""


class ConflictError(BlueprintError):
    """Something else changed the same thing first; nothing was changed by this call."""


class ToolError(BlueprintError):
    """A program that we need is missing or failed."""
