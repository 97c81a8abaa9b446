"""Random tokens that people hold; here only their SHA-256 is kept."""

import hashlib
import secrets


def new_token(prefix: str = "") -> str:
    """Return a token of 256 random bits as 43 URL-safe characters after `prefix`."""
    return prefix + secrets.token_urlsafe(32)


def digest_of(token: str) -> str:
    """Return the hex SHA-256 that is stored; a token of 256 random bits needs no salt."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
