"""Certificates of the runner API: the deployment's own authority, the platform's, the workers'.

They lie in `keys/runner` of the state folder. A worker is known as long as its certificate lies in
`workers/`: removing the file shuts it out, whatever its own copy says. A renewed one waits in
`renewed/`; with its first use it takes the place of the one of before, which goes to `before/` and
is accepted for some minutes more: what the worker has begun to ask with it is answered.
"""

import hashlib
import ipaddress
import os
import re
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from blueprint.adapters.runner_files import AUTHORITY, CERTIFICATE, KEY
from blueprint.errors import ConflictError, InputError, NotFoundError
from blueprint.files import ensure_secret, write_whole
from blueprint.state import StateFolder

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,38}")
_OURS = ("embedded", "command")
"""How the platform's own workers are called: no evaluation host may be."""
_AUTHORITY_DAYS, _LEAF_DAYS = 3650, 825
_SKEW = timedelta(hours=1)
"""Two machines' clocks differ."""
_GRACE = timedelta(minutes=10)
"""How long the certificate of before is accepted after a renewed one was used."""
_replacing = threading.Lock()
Key = ec.EllipticCurvePrivateKey


def ensure_server_certificate(
    state: StateFolder, names: Sequence[str], now: datetime
) -> tuple[Path, Path, Path]:
    """Return the files of the platform's certificate, its key and the authority; made anew.

    Args:
        state: Where the authority lies; it is made when there is none.
        names: Under which names and addresses the API is reached.
        now: The present moment.
    """
    folder = _folder(state)
    authority, authority_key = _ensure_authority(folder, now)
    key = ec.generate_private_key(ec.SECP256R1())
    made = (
        _begin("platform", authority, key, now, ExtendedKeyUsageOID.SERVER_AUTH)
        .add_extension(
            x509.SubjectAlternativeName([_alternative(name) for name in names]), critical=False
        )
        .sign(authority_key, hashes.SHA256())
    )
    write_whole(folder / "platform.key", _private(key))
    write_whole(folder / "platform-server.pem", _public(made))
    return folder / "platform-server.pem", folder / "platform.key", folder / AUTHORITY


def add_worker(state: StateFolder, name: str, into: Path, now: datetime) -> Path:
    """Make a worker known and write what it needs into a new folder, which is returned.

    The secret key is kept nowhere else: the folder is brought to the evaluation host, and removed.

    Raises:
        InputError: The name cannot be used.
        ConflictError: It is in use, or the folder holds something.
    """
    if not _NAME.fullmatch(name) or name.startswith(_OURS):
        raise InputError(
            f"{name!r} is no name for an evaluation host",
            hint="1 to 39 lower-case letters, digits and hyphens; not embedded... or command...",
        )
    if _known(state, name).exists():
        raise ConflictError(
            f"{name} is known already", hint=f"`diychallenge evaluators remove {name}` first"
        )
    _demand_new(into)
    _known(state, name).parent.mkdir(mode=0o700, exist_ok=True, parents=True)
    return _write_certificate(state, name, into, _known(state, name), now)


def renew_worker(state: StateFolder, name: str, into: Path, now: datetime) -> Path:
    """Write a new certificate of a known worker into a new folder, which is returned.

    The worker goes on with the one that it has, and takes the new files when they lie in the
    place of the old ones; from then on the old ones are worth nothing.

    Raises:
        NotFoundError: There is none of this name.
        ConflictError: The folder holds something.
    """
    _demand_known(state, name)
    _demand_new(into)
    _renewed(state, name).parent.mkdir(mode=0o700, exist_ok=True)
    return _write_certificate(state, name, into, _renewed(state, name), now)


def _write_certificate(
    state: StateFolder, name: str, into: Path, kept: Path, now: datetime
) -> Path:
    folder = _folder(state)
    authority, authority_key = _ensure_authority(folder, now)
    key = ec.generate_private_key(ec.SECP256R1())
    begun = _begin(name, authority, key, now, ExtendedKeyUsageOID.CLIENT_AUTH)
    made = begun.sign(authority_key, hashes.SHA256())
    into.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_whole(into / KEY, _private(key))
    write_whole(into / CERTIFICATE, _public(made), mode=0o644)
    write_whole(into / AUTHORITY, _public(authority), mode=0o644)
    write_whole(kept, _public(made))
    return into


def remove_worker(state: StateFolder, name: str) -> None:
    """Shut a worker out from its next question on.

    Raises:
        NotFoundError: There is none of this name.
    """
    _demand_known(state, name)
    for file in (_renewed(state, name), _before(state, name), _known(state, name)):
        file.unlink(missing_ok=True)


def list_workers(state: StateFolder) -> list[tuple[str, datetime]]:
    """Return the known workers with the end of their certificates, by name."""
    files = sorted((_folder(state) / "workers").glob("*.pem"))
    return [
        (file.stem, x509.load_pem_x509_certificate(file.read_bytes()).not_valid_after_utc)
        for file in files
    ]


def known_worker(state: StateFolder, certificate: bytes, now: datetime) -> str | None:
    """Return the name of the worker with this certificate (DER), None when it is not known."""
    shown = x509.load_der_x509_certificate(certificate)
    names = shown.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    name = str(names[0].value) if names else ""
    if not _NAME.fullmatch(name):
        return None
    shown_is = hashlib.sha256(certificate).digest()
    if _is_kept(_known(state, name), shown_is) or _is_in_grace(state, name, shown_is, now):
        return name
    if _is_kept(_renewed(state, name), shown_is):
        _take_renewed(state, name, now)
    # Another thread may have put it there since the first look.
    return name if _is_kept(_known(state, name), shown_is) else None


def _is_kept(file: Path, shown_is: bytes) -> bool:
    try:
        kept = x509.load_pem_x509_certificate(file.read_bytes())
    except (FileNotFoundError, ValueError):
        return False
    return kept.fingerprint(hashes.SHA256()) == shown_is


def _is_in_grace(state: StateFolder, name: str, shown_is: bytes, now: datetime) -> bool:
    before = _before(state, name)
    if not _known(state, name).exists() or not _is_kept(before, shown_is):
        return False
    return now - datetime.fromtimestamp(before.stat().st_mtime, UTC) < _GRACE


def _take_renewed(state: StateFolder, name: str, now: datetime) -> None:
    """Put a renewed certificate in the place of the one of before, once."""
    with _replacing:
        known, renewed, before = _known(state, name), _renewed(state, name), _before(state, name)
        if not renewed.exists() or not known.exists():
            return  # another thread did it, or the worker was removed
        before.parent.mkdir(mode=0o700, exist_ok=True)
        write_whole(before, known.read_bytes())
        os.utime(before, (now.timestamp(), now.timestamp()))
        renewed.replace(known)


def _demand_known(state: StateFolder, name: str) -> None:
    if not _NAME.fullmatch(name) or not _known(state, name).exists():
        raise NotFoundError(
            f"there is no evaluation host {name}",
            hint="`diychallenge evaluators list` shows all of them",
        )


def _demand_new(into: Path) -> None:
    if into.exists() and any(into.iterdir()):
        raise ConflictError(f"{into}: is not empty", hint="name a new folder")


def _folder(state: StateFolder) -> Path:
    return state.keys / "runner"


def _known(state: StateFolder, name: str) -> Path:
    return _folder(state) / "workers" / f"{name}.pem"


def _renewed(state: StateFolder, name: str) -> Path:
    return _folder(state) / "renewed" / f"{name}.pem"


def _before(state: StateFolder, name: str) -> Path:
    return _folder(state) / "before" / f"{name}.pem"


def _ensure_authority(folder: Path, now: datetime) -> tuple[x509.Certificate, Key]:
    def make() -> bytes:
        return _private(ec.generate_private_key(ec.SECP256R1()))

    key = serialization.load_pem_private_key(
        ensure_secret(folder / "authority.key", make), password=None
    )
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise InputError(f"{folder / 'authority.key'}: not a key of an authority")
    if not (folder / AUTHORITY).exists():
        write_whole(folder / AUTHORITY, _public(_make_authority(key, now)))
    return x509.load_pem_x509_certificate((folder / AUTHORITY).read_bytes()), key


def _make_authority(key: Key, now: datetime) -> x509.Certificate:
    name, public = _name_of("diychallenge runner authority"), key.public_key()
    usage = dict.fromkeys(
        ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
         "key_agreement", "encipher_only", "decipher_only", "crl_sign"), False,
    )  # fmt: skip
    return (
        _dated(now, _AUTHORITY_DAYS)
        .subject_name(name)
        .issuer_name(name)
        .public_key(public)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.KeyUsage(key_cert_sign=True, **usage), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .sign(key, hashes.SHA256())
    )


def _begin(
    name: str,
    authority: x509.Certificate,
    key: Key,
    now: datetime,
    usage: x509.ObjectIdentifier,
) -> x509.CertificateBuilder:
    issuer = authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return (
        _dated(now, _LEAF_DAYS)
        .subject_name(_name_of(name))
        .issuer_name(authority.subject)
        .public_key(key.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([usage]), critical=True)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer), critical=False
        )
    )


def _dated(now: datetime, days: int) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _SKEW)
        .not_valid_after(now + timedelta(days=days))
    )


def _name_of(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _private(key: Key) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _public(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
