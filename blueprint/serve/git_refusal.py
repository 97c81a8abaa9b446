"""Says in git's own wire format why a push was not taken, so that the pusher reads it.

A plain HTTP error would be shown as a bare number. Git's client prints what comes on side band
2 or 3 as `remote: ...`, and takes the report on band 1 (`unpack`, then `ng` for each ref) for
the verdict (gitprotocol-pack: "Reference Update Request", "Report Status").
"""

from blueprint.adapters.push_report import packet

_FLUSH = b"0000"
_REPORT, _PROGRESS, _ERROR = b"\x01", b"\x02", b"\x03"
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
    lines = [line.encode("utf-8")[:_MAX_LINE_BYTES] + b"\n" for line in text.splitlines()]
    bands = [_PROGRESS] * len(lines) if refs else [_PROGRESS] * (len(lines) - 1) + [_ERROR]
    said = b"".join(packet(band + line) for band, line in zip(bands, lines, strict=True))
    if not refs:
        return said + _FLUSH
    why = reason.encode("utf-8")
    verdicts = b"".join(packet(b"ng " + ref + b" " + why + b"\n") for ref in refs)
    report = packet(b"unpack " + why + b"\n") + verdicts + _FLUSH
    return said + packet(_REPORT + report) + _FLUSH


def fetch_refusal(text: str) -> bytes:
    """Return the body of an upload-pack answer that refuses a clone or fetch (an error line)."""
    return packet(b"ERR " + " ".join(text.splitlines()).encode("utf-8")[:_MAX_LINE_BYTES])


def pushed_refs(head: bytes) -> tuple[bytes, ...]:
    """Return the refs that a push's first bytes name; none when they cannot be read.

    The bytes come from anybody: a report is only made of whole, short, plain ref names, and
    only for a client that asked for a report over the side band.
    """
    refs: list[bytes] = []
    while head[:4] != _FLUSH:
        line, head = _next_line(head)
        parts = line.split(b"\0", 1)[0].split(b" ")
        is_first = not refs
        if is_first and not (b"report-status" in line and b"side-band-64k" in line):
            return ()
        ref = parts[-1].rstrip(b"\n")
        if len(parts) != _PARTS or len(refs) == _MAX_REFS or not _is_plain(ref):
            return ()
        refs.append(ref)
    return tuple(refs)


def _next_line(data: bytes) -> tuple[bytes, bytes]:
    try:
        length = int(data[:4], 16)
    except ValueError:
        return b"", b""
    return data[4:length], data[max(length, 4) :]


def _is_plain(ref: bytes) -> bool:
    return ref.startswith(b"refs/") and len(ref) <= _MAX_REF_BYTES and ref.isascii()
