"""Hashes passwords with argon2id and compares them, taking as long for nobody as for somebody."""

import os
import threading
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MIN_LENGTH = 12
MAX_LENGTH = 256
_MIN_DIFFERENT = 5

# 19 MiB and two passes; with the gates below, logins never take more than 76 MiB together.
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
# Each takes a core for some 30 ms: half of the cores are for whoever pushes or reads.
_gate = threading.BoundedSemaphore(max(1, min(3, len(os.sched_getaffinity(0)) // 2)))
_narrow_gate = threading.BoundedSemaphore(1)  # for logins that many failed ones came before


def password_fault(password: str, *, username: str, email: str) -> str | None:
    """Return why `password` is too weak for this person, or None."""
    lower = password.lower()
    if len(password) < MIN_LENGTH:
        return f"is shorter than {MIN_LENGTH} characters"
    if len(password) > MAX_LENGTH:
        return f"is longer than {MAX_LENGTH} characters"
    if len(set(password)) < _MIN_DIFFERENT:
        return f"needs at least {_MIN_DIFFERENT} different characters"
    if lower in (username * MAX_LENGTH)[:MAX_LENGTH] or lower == email.lower():
        return "must not be the username or the mail address"
    return None


def hash_password(password: str) -> str:
    """Return the argon2id hash to store, with its own salt and parameters inside."""
    with _gate:
        return _hasher.hash(_canonical(password))


def is_password(stored_hash: str | None, password: str, *, is_suspect: bool = False) -> bool:
    """Tell whether `password` is the one that was hashed.

    With None (no such account) the same work is done for nothing, so that the time of the
    answer does not tell who has an account. All suspect ones are compared one at a time, so
    that guesses never keep others waiting.
    """
    decoy = _decoy()
    with _narrow_gate if is_suspect else _gate:
        try:
            _hasher.verify(stored_hash or decoy, _canonical(password))
        except (VerificationError, InvalidHashError):
            return False
    return stored_hash is not None


def is_outdated(stored_hash: str) -> bool:
    """Tell whether the hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(stored_hash)


@cache
def _decoy() -> str:
    return hash_password("the password of nobody")


def _canonical(password: str) -> bytes:
    """Return the bytes that are hashed: the same for every way a keyboard composes a letter.

    A lone surrogate (possible in form data) is kept as it is instead of failing. What is longer
    than any password in any composition counts as empty: to compose it may take seconds.
    """
    if len(password) > 4 * MAX_LENGTH:
        password = ""
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
