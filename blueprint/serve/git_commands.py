"""Counts the commands with which a push begins, while it streams by.

Each is a pkt-line, and a flush packet ends them (gitprotocol-pack: "Reference Update Request").
For each that names an unknown object git starts a process: a few megabytes of them would keep it
busy for hours before the hook is asked.
"""

MAX_COMMANDS = 1000
_LENGTH_DIGITS = 4


class CommandCounter:
    """Reads a push's body in pieces of any size, up to the end of its commands."""

    def __init__(self) -> None:
        self._count = 0
        self._is_over = False
        self._digits = b""
        self._skip = 0

    @property
    def is_too_many(self) -> bool:
        """True once there are more commands than any push may have."""
        return self._count > MAX_COMMANDS

    def read(self, chunk: bytes) -> None:
        """Take in the next piece."""
        at = 0
        while at < len(chunk) and not self._is_over and not self.is_too_many:
            if self._skip:
                step = min(self._skip, len(chunk) - at)
                self._skip -= step
            else:
                step = _LENGTH_DIGITS - len(self._digits)
                self._digits += chunk[at : at + step]
                if len(self._digits) == _LENGTH_DIGITS:
                    self._begin_packet()
            at += step

    def _begin_packet(self) -> None:
        digits, self._digits = self._digits, b""
        try:
            length = int(digits, 16)
        except ValueError:
            length = 0  # not git's protocol, as git itself will say
        self._is_over = length < _LENGTH_DIGITS
        if not self._is_over:
            self._count += 1
            self._skip = length - _LENGTH_DIGITS
