"""Signs and verifies small JSON documents with the challenge's Ed25519 key (RFC 8032)."""

import base64
import json
from collections.abc import Mapping
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from blueprint.errors import InputError
from blueprint.files import ensure_secret, write_whole

_PREFIX = "ed25519:"


def canonical_json(document: Mapping[str, object]) -> bytes:
    """Return the one byte form of a document that is signed: sorted keys, no spaces, ASCII.

    Raises:
        ValueError: The document holds NaN or an infinity.
    """
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode("ascii")


def ensure_signing_key(private: Path, public: Path) -> Ed25519PrivateKey:
    """Return the key in `private` (PEM, mode 0600), made together with `public` when absent."""
    ensure_secret(private, _new_key)
    key = load_signing_key(private)
    text = f"{public_text(key.public_key())}\n".encode("ascii")
    if not (public.is_file() and public.read_bytes() == text):
        write_whole(public, text, mode=0o644)
    return key


def load_signing_key(private: Path) -> Ed25519PrivateKey:
    """Return the private key in a PEM file."""
    key = serialization.load_pem_private_key(private.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise InputError(f"{private}: not an Ed25519 key")
    return key


def public_text(key: Ed25519PublicKey) -> str:
    """Return a public key as one line, `ed25519:<base64>`."""
    raw = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return _PREFIX + base64.b64encode(raw).decode("ascii")


def parse_public(text: str) -> Ed25519PublicKey:
    """Return the public key of a line as `public_text` writes it.

    Raises:
        InputError: The line is no such key.
    """
    try:
        raw = base64.b64decode(text.strip().removeprefix(_PREFIX), validate=True)
        return Ed25519PublicKey.from_public_bytes(raw)
    except ValueError:
        raise InputError(f"not a public key of the form {_PREFIX}<base64>") from None


def sign(key: Ed25519PrivateKey, document: Mapping[str, object]) -> str:
    """Return the base64 signature over the canonical form of `document`."""
    return base64.b64encode(key.sign(canonical_json(document))).decode("ascii")


def is_signed(key: Ed25519PublicKey, document: Mapping[str, object], signature: str) -> bool:
    """Tell whether `signature` is this key's over `document`."""
    try:
        key.verify(base64.b64decode(signature, validate=True), canonical_json(document))
    except (InvalidSignature, ValueError):
        return False
    return True


def _new_key() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
