"""Reads git's answer to a push as it streams by, and adds words where git's own say too little.

The answer is a row of pkt-lines; the first byte of each names its side band: 1 carries the report,
2 and 3 what the pusher reads after `remote:` (gitprotocol-pack: "Report Status", "side-band").
"""

_REPORT, _PROGRESS, _ERROR = b"\x01", b"\x02", b"\x03"
_FLUSH = b"0000"
_LENGTH_DIGITS = 4
_GAVE_UP = (b"unpack index-pack abnormal exit", b"unpack unpack-objects abnormal exit")
_SAID_WHY = (b"fatal: ", b"error: ")


def packet(data: bytes) -> bytes:
    """Return one pkt-line: four hexadecimal digits of its length, then the data."""
    return b"%04x" % (len(data) + _LENGTH_DIGITS) + data


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
        out = b""
        while len(self._rest) >= _LENGTH_DIGITS:
            length = self._next_length()
            if length is None:  # not git's protocol: not ours to judge
                self._is_ours, rest, self._rest = False, self._rest, b""
                return out + rest
            if len(self._rest) < length:
                break
            whole, self._rest = self._rest[:length], self._rest[length:]
            out += self._judged(whole)
        return out

    def ended(self, text: str) -> bytes:
        """Return what is sent behind the last whole packet of a git that was ended."""
        *lines, last = [line.encode() + b"\n" for line in text.splitlines()]
        said = b"".join(packet(_PROGRESS + line) for line in lines)
        return said + packet(_ERROR + last) + _FLUSH if self._is_ours else b""

    def _next_length(self) -> int | None:
        try:
            length = int(self._rest[:_LENGTH_DIGITS], 16)
        except ValueError:
            return None
        return max(length, _LENGTH_DIGITS)

    def _judged(self, whole: bytes) -> bytes:
        band, data = whole[4:5], whole[5:]
        if band in (_PROGRESS, _ERROR) and any(why in data for why in _SAID_WHY):
            self._has_said_why = True
        if band != _REPORT or self._has_said_why or not any(why in data for why in _GAVE_UP):
            return whole
        lines = [line.encode() + b"\n" for line in self._overrun.splitlines()]
        return b"".join(packet(_PROGRESS + line) for line in lines) + whole
