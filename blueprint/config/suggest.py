"""Finds what a person may have meant."""

import difflib
from collections.abc import Iterable

_MAX_LENGTH = 64


def did_you_mean(word: object, known: Iterable[str]) -> str:
    """Return `; did you mean 'x'?`, or nothing when no known word comes close."""
    if not isinstance(word, str) or len(word) > _MAX_LENGTH:
        return ""
    spelled = {name.lower(): name for name in sorted(known)}
    close = difflib.get_close_matches(word.lower(), list(spelled), n=1, cutoff=0.6)
    return f"; did you mean '{spelled[close[0]]}'?" if close else ""
