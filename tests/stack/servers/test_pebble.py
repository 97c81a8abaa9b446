"""Pebble issues what it has validated over HTTP, and nothing else."""

import subprocess
from pathlib import Path

import pytest
from cryptography import x509

from tests.stack.bench.packages import ensure_programs
from tests.stack.bench.pebble import AcmeServer, run_pebble
from tests.stack.bench.running import free_ports

NAME = "challenge.bench.example"


def _certbot(server: AcmeServer, folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    ensure_programs(certbot="certbot")
    folders = [f"--{kind}-dir={folder / kind}" for kind in ("config", "work", "logs")]
    return subprocess.run(
        ["certbot", "certonly", "--non-interactive", "--agree-tos", "--standalone",
         "--register-unsafely-without-email", f"--http-01-port={server.http_port}",
         "--http-01-address=127.0.0.1", "--domain", NAME, "--server", server.directory,
         *folders, *more],
        env={"PATH": "/usr/bin:/bin", "REQUESTS_CA_BUNDLE": str(server.authority)},
        capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip


def _names(folder: Path) -> list[str]:
    """Return the names in the certificate that was issued."""
    file = folder / "config" / "live" / NAME / "fullchain.pem"
    issued = x509.load_pem_x509_certificate(file.read_bytes())
    names = issued.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    return names.value.get_values_for_type(x509.DNSName)


def test_a_certificate_is_issued_for_a_name_that_answers(acme_server, tmp_path):
    acme_server.point(NAME, "127.0.0.1")

    ended = _certbot(acme_server, tmp_path)

    assert ended.returncode == 0, ended.stderr
    assert _names(tmp_path) == [NAME]
    assert b"BEGIN CERTIFICATE" in acme_server.issuing_root()


def test_a_name_that_points_elsewhere_gets_none(acme_server, tmp_path):
    acme_server.point(NAME, "127.0.0.2")
    try:
        ended = _certbot(acme_server, tmp_path)
    finally:
        acme_server.point(NAME, "127.0.0.1")

    assert ended.returncode == 1
    assert "127.0.0.2" in ended.stdout + ended.stderr


@pytest.fixture
def strict_server():
    (http_port,) = free_ports(1)
    with run_pebble(http_port=http_port, requires_account=True) as server:
        yield server


def test_an_account_can_be_required(strict_server, tmp_path):
    without, bound = tmp_path / "without", tmp_path / "with"
    account = (
        "--eab-kid",
        strict_server.account_key_id,
        "--eab-hmac-key",
        strict_server.account_key,
    )

    assert _certbot(strict_server, without).returncode == 1
    ended = _certbot(strict_server, bound, *account)

    assert ended.returncode == 0, ended.stderr
    assert _names(bound) == [NAME]
