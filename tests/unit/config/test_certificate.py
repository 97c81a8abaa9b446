"""A certificate that an institution gave is looked at before anything is deployed."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from blueprint.config.faults import ConfigFaults
from blueprint.config.load import load
from tests.server import TWO_HOSTS, write_project

NAMES = ("challenge.example.org", "auth.challenge.example.org", "git.challenge.example.org")
FILES = "tls: {mode: files, certificate: tls/fullchain.pem, key: tls/key.pem}"
Key = ec.EllipticCurvePrivateKey


def issued(
    subject: str, key: Key, issuer: str, by: Key, names: tuple[str, ...] = ()
) -> x509.Certificate:
    start = datetime(2027, 1, 1, tzinfo=UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name.from_rfc4514_string(f"CN={subject}"))
        .issuer_name(x509.Name.from_rfc4514_string(f"CN={issuer}"))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=90))
    )
    if names:
        alternative = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
        builder = builder.add_extension(alternative, critical=False)
    return builder.sign(by, hashes.SHA256())


class Institution:
    """An authority, one between, and a certificate with its key, all made for one test."""

    def __init__(self, folder: Path, names: tuple[str, ...] = NAMES) -> None:
        root, between, self.key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))
        self.leaf = issued(names[0], self.key, "between", between, names)
        self.between = issued("between", between, "root", root)
        self.root = issued("root", root, "root", root)
        self.folder = folder / "tls"
        self.folder.mkdir()

    def write(self, *chain: x509.Certificate, key: Key | None = None, password: str = "") -> None:
        text = b"".join(one.public_bytes(Encoding.PEM) for one in chain or (self.leaf,))
        lock = BestAvailableEncryption(password.encode()) if password else NoEncryption()
        form = Encoding.PEM, PrivateFormat.PKCS8, lock
        (self.folder / "fullchain.pem").write_bytes(text)
        (self.folder / "key.pem").write_bytes((key or self.key).private_bytes(*form))


@pytest.fixture
def file(tmp_path: Path, starter_folder: Path) -> Path:
    text = TWO_HOSTS.replace("tls: {mode: letsencrypt, email: admin@example.org}", FILES)
    return write_project(tmp_path, starter_folder, text)


def problems(file: Path) -> list[tuple[str, str]]:
    try:
        load(file)
    except ConfigFaults as error:
        return [(fault.path, fault.problem) for fault in error.faults]
    return []


@pytest.mark.parametrize("names", [NAMES, ("challenge.example.org", "*.challenge.example.org")])
def test_a_sound_certificate_is_accepted(file: Path, names: tuple[str, ...]):
    made = Institution(file.parent, names)
    made.write(made.leaf, made.between, made.root)

    assert problems(file) == []


def test_a_key_of_another_certificate_is_refused(file: Path):
    made = Institution(file.parent)
    made.write(key=ec.generate_private_key(ec.SECP256R1()))

    assert problems(file) == [
        ("server.tls.key", "'tls/key.pem' is not the key of 'tls/fullchain.pem'")
    ]


def test_a_key_with_a_password_is_refused(file: Path):
    Institution(file.parent).write(password="open sesame")

    ((path, problem),) = problems(file)
    assert path == "server.tls.key"
    assert "is locked with a password" in problem


def test_certificates_out_of_order_are_refused(file: Path):
    made = Institution(file.parent)
    made.write(made.leaf, made.root, made.between)

    assert problems(file) == [
        (
            "server.tls.certificate",
            (
                "'tls/fullchain.pem': CN=challenge.example.org was not issued by the"
                " certificate that follows it"
            ),
        )
    ]


def test_a_name_that_is_not_certified_is_named(file: Path):
    Institution(file.parent, NAMES[:1]).write()

    assert problems(file) == [
        (
            "server.tls.certificate",
            (
                "'tls/fullchain.pem' does not name auth.challenge.example.org,"
                " git.challenge.example.org"
            ),
        )
    ]


def test_files_that_hold_something_else_are_refused(file: Path):
    (file.parent / "tls").mkdir()
    for name in ("fullchain.pem", "key.pem"):
        (file.parent / "tls" / name).write_bytes(b"\x30\x82 DER, or a thesis")

    assert [problem for _, problem in problems(file)] == [
        "'tls/fullchain.pem' holds nothing that begins with -----BEGIN CERTIFICATE-----",
        "'tls/key.pem' holds nothing that begins with -----BEGIN PRIVATE KEY-----",
    ]


def test_nothing_is_looked_at_where_the_platform_is_embedded(file: Path):
    file.write_text(file.read_text().replace("target: server", "target: embedded"))

    assert problems(file) == []
