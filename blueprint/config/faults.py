"""What is wrong with a file, and where: every fault at once, each with the next step."""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from blueprint.errors import InputError

MAX_SHOWN = 50
_MAX_VALUE = 60
_IN_URL = re.compile(r"://[^/@\s]+@")
"""A name and a password in an address: nothing that a message may repeat."""


@dataclass(frozen=True)
class Fault:
    """One fault of a file; as text it is `file:line:column: path: problem`."""

    file: str
    line: int
    """From 1; line 1, column 1 where the fault has no place."""
    column: int
    path: str
    """Such as `phases[0].closes`; empty for the file as a whole."""
    problem: str
    """A sentence with the value and the rule in it."""
    hint: str
    """The next step."""
    value: str | None = None
    rule: str | None = None

    def __str__(self) -> str:
        path = f"{self.path}: " if self.path else ""
        return f"{self.file}:{self.line}:{self.column}: {path}{self.problem}"


class ConfigFaults(InputError):  # noqa: N818 (the faults of a file, as people say it)
    """A file that people wrote has faults; all of them are in `faults`, in file order."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        ordered = sorted(faults, key=lambda fault: (fault.line, fault.column))
        self.faults: tuple[Fault, ...] = tuple(ordered)
        super().__init__("\n".join(self._lines()))

    def as_json(self) -> str:
        """Return the faults as a JSON document for scripts and editors."""
        return json.dumps({"faults": [asdict(fault) for fault in self.faults]}, indent=2)

    def _lines(self) -> list[str]:
        lines = []
        for fault in self.faults[:MAX_SHOWN]:
            lines += [str(fault), f"  hint: {fault.hint}"]
        if len(self.faults) > MAX_SHOWN:
            lines.append(f"... and {len(self.faults) - MAX_SHOWN} more")
        return lines


def shown(value: object) -> str:
    """Return a value as a message quotes it: short, on one line, safe to print on a terminal."""
    if isinstance(value, str):
        value = _IN_URL.sub("://***@", value)
        printable = "".join(c if c.isprintable() else _escaped(c) for c in value[: _MAX_VALUE + 1])
        return f"'{printable[:_MAX_VALUE]}…'" if len(printable) > _MAX_VALUE else f"'{printable}'"
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    return "a mapping" if isinstance(value, dict) else "a list"


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
