"""What a participant reads: texts made harmless and bounded, and the log of a submission."""

import re
import unicodedata
from collections.abc import Sequence

_MOST_NAMED = 10
_ESCAPES = re.compile(
    r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"  # operating system commands: titles, links
    r"|\x1b\[[0-?]*[ -/]*[@-~]"  # colours and cursor moves
    r"|\x1b[@-_]"
)
_KEPT = "\n\t"
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def printable(raw: bytes | str) -> str:
    """Return text that cannot steer a terminal or a page's reading direction.

    Escape sequences are removed, carriage returns become line ends, every other control or
    format character becomes U+FFFD. Newlines and tabs stay.
    """
    text = raw if isinstance(raw, str) else raw.decode("utf-8", errors="replace")
    text = _ESCAPES.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    return "".join(_visible(character) for character in text)


def one_line(raw: bytes | str, *, most_characters: int = 120) -> str:
    """Return a name from a stranger as one short printable line."""
    text = " ".join(printable(raw).split())
    return text if len(text) <= most_characters else text[: most_characters - 1] + "…"


def listed(items: Sequence[str], *, most: int = _MOST_NAMED) -> str:
    """Return items as `a; b; c; and 4 more`."""
    more = len(items) - most
    return "; ".join([*items[:most], *([f"and {more} more"] if more > 0 else [])])


def _visible(character: str) -> str:
    if character in _KEPT or unicodedata.category(character) not in _HIDDEN:
        return character
    return "\N{REPLACEMENT CHARACTER}"
