"""Reads the one line of an SSH public key as people paste it, and refuses weak or odd ones."""

import base64
import binascii
import hashlib
from dataclasses import dataclass

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_ssh_public_key

from blueprint.errors import InputError

_TYPES = (
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "ssh-rsa",
)
_MAX_CHARACTERS = 4096
_MAX_COMMENT = 80
_MIN_RSA_BITS, _MAX_RSA_BITS = 3072, 8192
_MAKE_ONE = "make one with `ssh-keygen -t ed25519` and paste the file that ends in .pub"


@dataclass(frozen=True)
class PublicKey:
    """A key in its canonical form: no comment, no options."""

    type: str
    base64: str
    comment: str

    @property
    def text(self) -> str:
        """The key as it is stored: `<type> <base64>`."""
        return f"{self.type} {self.base64}"

    @property
    def fingerprint(self) -> str:
        """The fingerprint as `ssh-keygen -l` prints it, `SHA256:...`."""
        return fingerprint_of(base64.b64decode(self.base64))


def fingerprint_of(blob: bytes) -> str:
    """Return the fingerprint of a key's wire form, `SHA256:` and base64 without padding."""
    digest = base64.b64encode(hashlib.sha256(blob).digest()).decode("ascii")
    return "SHA256:" + digest.rstrip("=")


def parse_public_key(text: str) -> PublicKey:
    """Return the key of one line `type base64 [comment]`.

    Taken are Ed25519, ECDSA on the NIST curves, and RSA of 3072 to 8192 bits.

    Raises:
        InputError: It is no such line, or a key that is too weak or not served here.
    """
    line = text.strip()
    _refuse_other_files(line)
    key_type, _, rest = line.partition(" ")
    encoded, _, comment = rest.strip().partition(" ")
    if key_type not in _TYPES:
        raise InputError(_about_type(key_type), hint=_MAKE_ONE)
    blob = _blob_of(key_type, encoded)
    canonical = base64.b64encode(blob).decode("ascii")
    try:
        key = load_ssh_public_key(f"{key_type} {canonical}".encode("ascii"))
    except (ValueError, UnsupportedAlgorithm, NotImplementedError):
        raise InputError("is damaged: the line does not hold a whole key", hint=_MAKE_ONE) from None
    if isinstance(key, RSAPublicKey) and not _MIN_RSA_BITS <= key.key_size <= _MAX_RSA_BITS:
        raise InputError(
            f"is an RSA key of {key.key_size} bits; taken are {_MIN_RSA_BITS} to {_MAX_RSA_BITS}",
            hint=_MAKE_ONE,
        )
    return PublicKey(key_type, canonical, comment.strip()[:_MAX_COMMENT])


def _refuse_other_files(line: str) -> None:
    if "PRIVATE KEY" in line:
        raise InputError(
            "is a private key: it is yours alone and was not stored",
            hint="make a new pair, since this one has left your machine; then paste the .pub file",
        )
    if len(line) > _MAX_CHARACTERS:
        raise InputError(f"is longer than {_MAX_CHARACTERS} characters", hint=_MAKE_ONE)
    if not line or "\n" in line or "\r" in line:
        raise InputError("must be exactly one line: type, key, comment", hint=_MAKE_ONE)


def _about_type(key_type: str) -> str:
    if key_type == "ssh-dss":
        return "is a DSA key, which is too weak"
    if key_type.startswith("sk-"):
        return "is a key on a security token, which is not in this version"
    if "-cert-" in key_type:
        return "is a certificate; paste the plain public key"
    return f"must begin with one of {', '.join(_TYPES)}"


def _blob_of(key_type: str, encoded: str) -> bytes:
    """Return the wire form, whose own type (a length and a name) must be the one outside."""
    try:
        blob = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise InputError("is damaged: its second word is not base64", hint=_MAKE_ONE) from None
    name = key_type.encode("ascii")
    if not blob.startswith(len(name).to_bytes(4, "big") + name):
        raise InputError(f"is damaged: it says {key_type} but holds something else", hint=_MAKE_ONE)
    return blob
