"""Reads git's answer to a push as it streams by, and adds words where git's own say too little.

The answer is a row of pkt-lines; the first byte of each names its side band: 1 carries the report,
2 and 3 what the pusher reads after `remote:` (gitprotocol-pack: "Report Status", "side-band").
"""

import re
from collections.abc import Iterator

FLUSH = b"0000"
REPORT, _PROGRESS, _ERROR = b"\x01", b"\x02", b"\x03"
_LENGTH_DIGITS = 4
_MAX_LINE_BYTES = 900
_LENGTH = re.compile(rb"[0-9a-fA-F]{0,4}")
_GAVE_UP = (b"unpack index-pack abnormal exit", b"unpack unpack-objects abnormal exit")
_SAID_WHY = (b"fatal: ", b"error: ")


def packet(data: bytes) -> bytes:
    """Return one pkt-line: four hexadecimal digits of its length, then the data."""
    return b"%04x" % (len(data) + _LENGTH_DIGITS) + data


def packets(data: bytes) -> Iterator[bytes]:
    """Yield the pkt-lines with which `data` begins, up to what is none, or not whole yet.

    Lengths below four are signs, such as the flush packet: they end with their digits.
    """
    at = 0
    while len(digits := data[at : at + _LENGTH_DIGITS]) == _LENGTH_DIGITS:
        length = max(int(digits, 16), _LENGTH_DIGITS) if _LENGTH.fullmatch(digits) else 0
        if not 0 < length <= len(data) - at:
            return
        yield data[at : at + length]
        at += length


def progress(text: str) -> bytes:
    """Return the packets of which the pusher reads each line after `remote:`."""
    lines = [line.encode("utf-8")[:_MAX_LINE_BYTES] + b"\n" for line in text.splitlines()]
    return b"".join(packet(_PROGRESS + line) for line in lines)


def last_words(text: str) -> bytes:
    """Return the end of an answer: the last line goes over the error band, which ends a push."""
    lines = text.splitlines()
    last = lines[-1].encode("utf-8")[:_MAX_LINE_BYTES] + b"\n"
    return progress("\n".join(lines[:-1])) + packet(_ERROR + last) + FLUSH


class PushReport:
    """Passes whole packets on, so that words can be put between any two of them."""

    def __init__(self, overrun: str) -> None:
        """Begin; `overrun` is said where git gives up on a pack without a reason of its own."""
        self._overrun = overrun
        self._rest = b""
        self._is_ours = True
        self._has_said_why = False

    def pass_on(self, chunk: bytes) -> bytes:
        """Return what of the answer is to be sent now."""
        if not self._is_ours:
            return chunk
        self._rest += chunk
        whole = tuple(packets(self._rest))
        self._rest = self._rest[sum(map(len, whole)) :]
        out = b"".join(map(self._judged, whole))
        if not _LENGTH.fullmatch(self._rest[:_LENGTH_DIGITS]):  # not git's: not ours to judge
            self._is_ours, out = False, out + self._rest
        return out

    def ended(self, text: str) -> bytes:
        """Return what is sent behind the last whole packet of a git that was ended."""
        return last_words(text) if self._is_ours else b""

    def _judged(self, whole: bytes) -> bytes:
        band, data = whole[4:5], whole[5:]
        if band in (_PROGRESS, _ERROR) and any(why in data for why in _SAID_WHY):
            self._has_said_why = True
        if band != REPORT or self._has_said_why or not any(why in data for why in _GAVE_UP):
            return whole
        return progress(self._overrun) + whole
