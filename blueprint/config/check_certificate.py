"""Checks the certificate that an institution gave: files, key, order and names."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path, PurePosixPath

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.types import (
    CertificatePublicKeyTypes,
    PrivateKeyTypes,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

from blueprint.config.draft import Draft
from blueprint.config.faults import Fault
from blueprint.config.locate import KeyPath
from blueprint.config.model.server import Acme, CertificateFiles, public_names

_TLS: KeyPath = ("server", "tls")
_RULE = "a PEM file"
_MAX_BYTES = 1024 * 1024


def check(draft: Draft, base: Path) -> Iterator[Fault]:
    """Yield the faults of the files that `server.tls` names; when it is valid is no matter here."""
    if draft.document.at(("target",)) != "server":
        return
    mode = draft.document.at((*_TLS, "mode"))
    if mode == "acme":
        acme = draft.part(_TLS, Acme)
        if acme is not None and acme.authority is not None:
            _, faults = _certificates(draft, base, "authority", acme.authority)
            yield from faults
    files = draft.part(_TLS, CertificateFiles) if mode == "files" else None
    if files is None:
        return
    chain, faults = _certificates(draft, base, "certificate", files.certificate)
    yield from faults
    key, faults = _key(draft, base, files.key)
    yield from faults
    if chain and key is not None and not _belongs(key, chain[0]):
        yield draft.document.fault(
            (*_TLS, "key"),
            f"'{files.key}' is not the key of '{files.certificate}'",
            hint="name the key that the certificate was asked for with; its certificate comes first"
            " in that file",
            value=str(files.key),
            rule="the key of the certificate",
        )
    yield from _chain(draft, files, chain)
    yield from _names(draft, files, chain)


def _certificates(
    draft: Draft, base: Path, key: str, path: PurePosixPath
) -> tuple[list[x509.Certificate], list[Fault]]:
    data, faults = _read(draft, base, key, path)
    if data is None:
        return [], faults
    try:
        return x509.load_pem_x509_certificates(data), []
    except ValueError:
        return [], [_no_pem(draft, key, path, "-----BEGIN CERTIFICATE-----")]


def _key(
    draft: Draft, base: Path, path: PurePosixPath
) -> tuple[PrivateKeyTypes | None, list[Fault]]:
    data, faults = _read(draft, base, "key", path)
    if data is None:
        return None, faults
    try:
        return load_pem_private_key(data, password=None), []
    except TypeError:
        fault = draft.document.fault(
            (*_TLS, "key"),
            f"'{path}' is locked with a password, and nginx starts without anybody to type it",
            hint="write an unlocked copy: openssl pkey -in KEY -out KEY.pem",
            value=str(path),
            rule="a key without a password",
        )
        return None, [fault]
    except ValueError:
        return None, [_no_pem(draft, "key", path, "-----BEGIN PRIVATE KEY-----")]


def _read(
    draft: Draft, base: Path, key: str, path: PurePosixPath
) -> tuple[bytes | None, list[Fault]]:
    file = base / path
    try:
        with file.open("rb") as opened:
            return opened.read(_MAX_BYTES), []
    except FileNotFoundError:
        problem, hint = f"'{path}' does not exist", f"put the file there, or correct `{key}`"
    except OSError as error:
        problem, hint = f"'{path}' cannot be read: {error.strerror}", "let this user read it"
    fault = draft.document.fault(
        (*_TLS, key), problem, hint=hint, value=str(path), rule="a file that exists"
    )
    return None, [fault]


def _no_pem(draft: Draft, key: str, path: PurePosixPath, begin: str) -> Fault:
    return draft.document.fault(
        (*_TLS, key),
        f"'{path}' holds nothing that begins with {begin}",
        hint="ask for it in PEM format, or convert it with openssl",
        value=str(path),
        rule=_RULE,
    )


def _belongs(key: PrivateKeyTypes, certificate: x509.Certificate) -> bool:
    public: CertificatePublicKeyTypes = certificate.public_key()
    form = Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(*form) == public.public_bytes(*form)


def _chain(draft: Draft, files: CertificateFiles, chain: list[x509.Certificate]) -> Iterator[Fault]:
    for below, above in pairwise(chain):
        try:
            below.verify_directly_issued_by(above)
        except (ValueError, TypeError, InvalidSignature):
            yield draft.document.fault(
                (*_TLS, "certificate"),
                f"'{files.certificate}': {below.subject.rfc4514_string()} was not issued by the"
                " certificate that follows it",
                hint="put your own certificate first, then each by the one that issued it",
                value=str(files.certificate),
                rule="certificates in order",
            )
            return


def _names(draft: Draft, files: CertificateFiles, chain: list[x509.Certificate]) -> Iterator[Fault]:
    domain = draft.document.at(("server", "domain"))
    if not chain or not isinstance(domain, str):
        return
    try:
        extension = chain[0].extensions.get_extension_for_class(x509.SubjectAlternativeName)
        named = {name.lower() for name in extension.value.get_values_for_type(x509.DNSName)}
    except (x509.ExtensionNotFound, ValueError):
        named = set()
    wanted = public_names(domain)
    lost = [one for one in wanted if not {one, f"*.{one.partition('.')[2]}"} & named]
    if lost:
        yield draft.document.fault(
            (*_TLS, "certificate"),
            f"'{files.certificate}' does not name {', '.join(lost)}",
            hint=f"ask for a certificate with the names {', '.join(wanted)}",
            value=str(files.certificate),
            rule="a certificate for every public name",
        )
