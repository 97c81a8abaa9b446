"""A pack of little bytes and much work: a long chain of deltas over a large object."""

import hashlib
import struct
import zlib

_REST_OF_COPY = 0xFFFF00  # the most that one copy instruction takes


def deep_pack(depth: int, size_bytes: int) -> bytes:
    """Return a pack of one blob of zeros and `depth` deltas, each made from the one before.

    Git has to write out and hash each of them: depth x size bytes.
    """
    base = packed(3, bytes(size_bytes))
    objects, before = [base], len(base)
    for number in range(1, depth + 1):
        delta = varint(size_bytes) + varint(size_bytes) + _copies(size_bytes - 4)
        delta += b"\4" + struct.pack(">I", number)  # insert four bytes: no two are equal
        objects.append(packed(6, delta, base=_back(before)))
        before = len(objects[-1])
    pack = b"PACK" + struct.pack(">2I", 2, len(objects)) + b"".join(objects)
    return pack + hashlib.sha1(pack, usedforsecurity=False).digest()


def packed(kind: int, data: bytes, base: bytes = b"") -> bytes:
    """Return an object as a pack holds it: kind and size in groups of bits, then its content."""
    rest, low = divmod(len(data), 16)
    first = kind << 4 | low | (0x80 if rest else 0)
    return bytes([first]) + (varint(rest) if rest else b"") + base + zlib.compress(data, 1)


def varint(number: int) -> bytes:
    rest, low = divmod(number, 128)
    return bytes([low | 0x80]) + varint(rest) if rest else bytes([low])


def _back(distance: int) -> bytes:
    """Return how far back the base of a delta lies (gitformat-pack, `ofs-delta`)."""
    out = [distance & 127]
    distance >>= 7
    while distance:
        distance -= 1
        out.append(0x80 | distance & 127)
        distance >>= 7
    return bytes(reversed(out))


def _copies(size_bytes: int) -> bytes:
    """Return instructions that copy the beginning of the base."""
    out, at = b"", 0
    while at < size_bytes:
        step = min(size_bytes - at, _REST_OF_COPY)
        out += b"\xff" + struct.pack("<I", at) + struct.pack("<I", step)[:3]
        at += step
    return out
