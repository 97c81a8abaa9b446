"""A participant's SFTP client: fetches a release with an SSH key and proves every byte."""

import hashlib
import json
import stat
from dataclasses import dataclass
from pathlib import Path

import paramiko
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from blueprint import signing
from blueprint.errors import BlueprintError


@dataclass(frozen=True)
class SftpAddress:
    """Where the SFTP server is and who logs in."""

    host: str
    port: int
    username: str


@dataclass(frozen=True)
class Downloaded:
    """What was fetched and verified."""

    files: int
    size_bytes: int


def make_ssh_key(path: Path) -> str:
    """Write a new Ed25519 key to `path` (mode 0600) and return its public line."""
    key = Ed25519PrivateKey.generate()
    path.touch(mode=0o600)
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.OpenSSH,
            serialization.NoEncryption(),
        )
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
    )
    return public.decode("ascii")


def download_release(
    address: SftpAddress, key: Path, release: str, target: Path, public_key: str
) -> Downloaded:
    """Fetch `/<release>` into `target`, and verify the manifest's signature and every checksum.

    Raises:
        BlueprintError: The signature is not the challenge's, or a file is not what it says.
    """
    client = paramiko.SSHClient()
    # The first contact of a demonstration on loopback: there is no known host key yet.
    client.set_missing_host_key_policy(paramiko.AutoAddPolicy())  # noqa: S507
    client.connect(
        address.host, address.port, address.username,
        key_filename=str(key), allow_agent=False, look_for_keys=False, timeout=20,
    )  # fmt: skip
    try:
        with client.open_sftp() as sftp:
            fetch_folder(sftp, f"/{release}", target)
    finally:
        client.close()
    return verify_folder(target, public_key)


def fetch_folder(sftp: paramiko.SFTPClient, source: str, target: Path) -> None:
    """Copy a folder of the server with everything in it."""
    target.mkdir(parents=True, exist_ok=True)
    for entry in sftp.listdir_attr(source):
        remote, local = f"{source}/{entry.filename}", target / entry.filename
        if stat.S_ISDIR(entry.st_mode or 0):
            fetch_folder(sftp, remote, local)
        else:
            sftp.get(remote, str(local))


def verify_folder(folder: Path, public_key: str) -> Downloaded:
    """Check a downloaded release against its signed manifest."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    signature = (folder / "manifest.json.sig").read_text(encoding="ascii").strip()
    if not signing.is_signed(signing.parse_public(public_key), manifest, signature):
        raise BlueprintError(f"{folder}: the manifest is not signed by the challenge")
    size_bytes = 0
    for entry in manifest["files"]:
        content = (folder / entry["path"]).read_bytes()
        if hashlib.sha256(content).hexdigest() != entry["sha256"]:
            raise BlueprintError(f"{folder / entry['path']}: not the file of the manifest")
        size_bytes += len(content)
    return Downloaded(len(manifest["files"]), size_bytes)
