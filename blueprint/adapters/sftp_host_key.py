"""The key by which the SFTP server proves to be itself."""

import base64
import hashlib
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_ssh_private_key,
)

from blueprint.files import ensure_secret


def ensure_host_key(path: Path) -> None:
    """Make an Ed25519 host key (OpenSSH format, mode 0600) unless there is one."""
    ensure_secret(path, _new_key)


def host_key_line(path: Path) -> str:
    """Return the public half, `ssh-ed25519 <base64>`, as it stands in a known_hosts file."""
    key = load_ssh_private_key(path.read_bytes(), password=None)
    return key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode("ascii")


def host_key_fingerprint(path: Path) -> str:
    """Return the fingerprint that a client shows at the first connection, `SHA256:...`."""
    blob = base64.b64decode(host_key_line(path).split()[1])
    digest = base64.b64encode(hashlib.sha256(blob).digest()).decode("ascii")
    return "SHA256:" + digest.rstrip("=")


def _new_key() -> bytes:
    key = Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
