"""Reads from a worker's certificate what the worker is called."""

from pathlib import Path

from cryptography import x509
from cryptography.x509.oid import NameOID

from blueprint.errors import InputError


def name_in(file: Path) -> str:
    """Return the name in a certificate file (PEM).

    Raises:
        InputError: It is no certificate, or names nobody.
    """
    try:
        subject = x509.load_pem_x509_certificate(file.read_bytes()).subject
        return str(subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)
    except (OSError, ValueError, IndexError) as error:
        raise InputError(f"{file}: not a worker's certificate: {error}") from None
