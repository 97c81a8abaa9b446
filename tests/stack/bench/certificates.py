"""Certificates of the bench's own authority, for servers of the bench that speak TLS."""

import ipaddress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from blueprint import clock

_DAYS = 30


@dataclass(frozen=True)
class Certificate:
    """Files of one certificate, in PEM."""

    certificate: Path
    key: Path
    authority: Path
    """What a client has to trust."""


def make_certificate(folder: Path, names: list[str]) -> Certificate:
    """Write an authority of its own and a server certificate for names and addresses."""
    authority_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority_name, server_name = _name("diychallenge bench authority"), _name(names[0])
    alternatives = x509.SubjectAlternativeName([_general(name) for name in names])
    authority = _sign(
        authority_name, authority_key, authority_name, authority_key,
        (x509.BasicConstraints(ca=True, path_length=0), True),
    )  # fmt: skip
    certificate = _sign(server_name, key, authority_name, authority_key, (alternatives, False))
    files = Certificate(folder / "server.pem", folder / "server.key", folder / "authority.pem")
    files.authority.write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    files.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files.key.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
    )
    files.key.chmod(0o600)
    return files


def _sign(
    subject: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Name,
    issuer_key: ec.EllipticCurvePrivateKey,
    extension: tuple[x509.ExtensionType, bool],
) -> x509.Certificate:
    now = clock.system_clock()
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=_DAYS))
        .add_extension(extension[0], critical=extension[1])
        .sign(issuer_key, hashes.SHA256())
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
