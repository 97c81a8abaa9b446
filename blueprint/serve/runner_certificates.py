"""Certificates of the runner API: the deployment's own authority, the platform's, the workers'.

They lie in `keys/runner` of the state folder. A worker is known as long as its certificate lies in
`workers/`: removing the file shuts it out, whatever its own copy says.
"""

import hashlib
import ipaddress
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from blueprint.adapters.runner_client import AUTHORITY, CERTIFICATE, KEY
from blueprint.errors import ConflictError, InputError, NotFoundError
from blueprint.files import ensure_secret, write_whole
from blueprint.state import StateFolder

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,38}")
_OURS = "embedded"
"""How the platform's own workers are called: no evaluation host may be."""
_AUTHORITY_DAYS, _LEAF_DAYS = 3650, 825
_SKEW = timedelta(hours=1)
"""Two machines' clocks differ."""
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
            hint=f"1 to 39 lower-case letters, digits and hyphens; not {_OURS}...",
        )
    if _known(state, name).exists():
        raise ConflictError(
            f"{name} is known already", hint=f"`diychallenge evaluators remove {name}` first"
        )
    if into.exists() and any(into.iterdir()):
        raise ConflictError(f"{into}: is not empty", hint="name a new folder")
    folder = _folder(state)
    authority, authority_key = _ensure_authority(folder, now)
    key = ec.generate_private_key(ec.SECP256R1())
    begun = _begin(name, authority, key, now, ExtendedKeyUsageOID.CLIENT_AUTH)
    made = begun.sign(authority_key, hashes.SHA256())
    into.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_whole(into / KEY, _private(key))
    write_whole(into / CERTIFICATE, _public(made), mode=0o644)
    write_whole(into / AUTHORITY, _public(authority), mode=0o644)
    _known(state, name).parent.mkdir(mode=0o700, exist_ok=True)
    write_whole(_known(state, name), _public(made))
    return into


def remove_worker(state: StateFolder, name: str) -> None:
    """Shut a worker out from its next question on.

    Raises:
        NotFoundError: There is none of this name.
    """
    if not _NAME.fullmatch(name) or not _known(state, name).exists():
        raise NotFoundError(
            f"there is no evaluation host {name}",
            hint="`diychallenge evaluators list` shows all of them",
        )
    _known(state, name).unlink()


def list_workers(state: StateFolder) -> list[tuple[str, datetime]]:
    """Return the known workers with the end of their certificates, by name."""
    files = sorted((_folder(state) / "workers").glob("*.pem"))
    return [
        (file.stem, x509.load_pem_x509_certificate(file.read_bytes()).not_valid_after_utc)
        for file in files
    ]


def known_worker(state: StateFolder, certificate: bytes) -> str | None:
    """Return the name of the worker with this certificate (DER), None when it is not known."""
    shown = x509.load_der_x509_certificate(certificate)
    names = shown.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    name = str(names[0].value) if names else ""
    if not _NAME.fullmatch(name):
        return None
    try:
        kept = x509.load_pem_x509_certificate(_known(state, name).read_bytes())
    except (FileNotFoundError, ValueError):
        return None
    same = kept.fingerprint(hashes.SHA256()) == hashlib.sha256(certificate).digest()
    return name if same else None


def _folder(state: StateFolder) -> Path:
    return state.keys / "runner"


def _known(state: StateFolder, name: str) -> Path:
    return _folder(state) / "workers" / f"{name}.pem"


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
