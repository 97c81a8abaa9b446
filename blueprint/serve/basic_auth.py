"""Reads the credentials that a git client sends along."""

import base64
import binascii

_MAX_HEADER_CHARACTERS = 1_000


def basic_credentials(header: str) -> tuple[str, str] | None:
    """Return username and password of a Basic `Authorization` header (RFC 7617), or None."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic" or len(header) > _MAX_HEADER_CHARACTERS:
        return None
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return None
    username, colon, password = text.partition(":")
    return (username, password) if colon and username and password else None
