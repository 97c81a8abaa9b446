"""Makes names that strangers chose safe to show."""

import unicodedata

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What begins a formula, once full-width and small forms are written as the plain signs."""


def visible(name: str) -> str:
    """Return the name with every invisible or reversing character made visible.

    Registration refuses such names; this holds for rows that came another way too. Lone
    surrogates, which no file could hold, are among them.
    """
    return "".join(
        _REPLACEMENT if unicodedata.category(character) in _UNSAFE else character
        for character in name
    )


def shortened(name: str, width: float) -> str:
    """Return a visible name that fits `width` small letters, the cut marked with an ellipsis."""
    text = visible(name)
    if sum(map(_width, text)) <= width:
        return text
    taken = 1.0
    for index, character in enumerate(text):
        taken += _width(character)
        if taken > width:
            return text[:index].rstrip() + "…"
    return text


def formula_safe(cell: str) -> str:
    """Return a CSV cell that no spreadsheet takes for a formula."""
    text = visible(cell)
    first = unicodedata.normalize("NFKC", text.lstrip()[:1])
    return f"'{text}" if cell.lstrip(" ").startswith(_FORMULA) or first in _FORMULA else text


def _width(character: str) -> float:
    """Return about how many small letters wide a character is drawn."""
    if character in "MW" or unicodedata.east_asian_width(character) in "WF":
        return 1.8
    return 1.5 if character in "mw@%" else 1.25 if character.isupper() else 1.0


_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
