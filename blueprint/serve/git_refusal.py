"""Says in git's own wire format why a push was not taken, so that the pusher reads it.

A plain HTTP error would be shown as a bare number. Git's client prints what comes on side band
2 or 3 as `remote: ...`, and takes the report on band 1 (`unpack`, then `ng` for each ref) for
the verdict (gitprotocol-pack: "Reference Update Request", "Report Status").
"""

from blueprint.adapters.push_report import FLUSH, REPORT, last_words, packet, packets, progress

MAX_COMMANDS = 1000
_MAX_PACKET_BYTES = 0xFFFF
_MAX_LINE_BYTES = 900
_MAX_REFS = 100
_MAX_REF_BYTES = 250
_PARTS = 3  # old object, new object, ref


def push_refusal(text: str, reason: str, refs: tuple[bytes, ...]) -> bytes:
    """Return the body of a receive-pack answer that refuses a whole push.

    Args:
        text: What the pusher reads after `remote:`, one line or several.
        reason: A few words that git puts behind each ref.
        refs: The refs that were pushed; none when they are not known, and then the last line
            of `text` goes over the error band, which ends the push by itself.
    """
    if not refs:
        return last_words(text)
    why = reason.encode("utf-8")
    verdicts = b"".join(packet(b"ng " + ref + b" " + why + b"\n") for ref in refs)
    report = packet(b"unpack " + why + b"\n") + verdicts + FLUSH
    return progress(text) + packet(REPORT + report) + FLUSH


def fetch_refusal(text: str) -> bytes:
    """Return the body of an upload-pack answer that refuses a clone or fetch (an error line)."""
    return packet(b"ERR " + " ".join(text.splitlines()).encode("utf-8")[:_MAX_LINE_BYTES])


def pushed_refs(head: bytes) -> tuple[bytes, ...]:
    """Return the refs that a push's first bytes name; none when they cannot be read.

    The bytes come from anybody: a report is only made of whole, short, plain ref names, and
    only for a client that asked for a report over the side band.
    """
    refs: list[bytes] = []
    for line in packets(head):
        if line == FLUSH:
            return tuple(refs)
        parts = line.split(b"\0", 1)[0].split(b" ")
        ref = parts[-1].rstrip(b"\n")
        is_reported = refs or (b"report-status" in line and b"side-band-64k" in line)
        if not (is_reported and len(parts) == _PARTS and _is_plain(ref)) or len(refs) == _MAX_REFS:
            return ()
        refs.append(ref)
    return ()


def _is_plain(ref: bytes) -> bool:
    return ref.startswith(b"refs/") and len(ref) <= _MAX_REF_BYTES and ref.isascii()


class CommandCounter:
    """Counts the commands with which a push begins, while it streams by; a flush ends them.

    For each that names an unknown object git starts a process: a few megabytes of them would
    keep it busy for hours before the hook is asked.
    """

    def __init__(self) -> None:
        self._count = 0
        self._is_over = False
        self._rest = b""

    @property
    def is_too_many(self) -> bool:
        """True once there are more commands than any push may have."""
        return self._count > MAX_COMMANDS

    def read(self, chunk: bytes) -> None:
        """Take in the next piece, of any size."""
        if self._is_over:
            return
        self._rest, at = self._rest + chunk, 0
        for line in packets(self._rest):
            self._is_over = int(line[:4], 16) < len(FLUSH)
            if self._is_over or self.is_too_many:
                break
            self._count += 1
            at += len(line)
        self._rest = self._rest[at:]
        # What is longer than any packet is not git's protocol, as git itself will say.
        self._is_over |= self.is_too_many or len(self._rest) > _MAX_PACKET_BYTES
