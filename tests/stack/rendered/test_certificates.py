"""The script that has the certificate, run as a host runs it: as root, in a Debian 13."""

import shutil
from collections.abc import Callable
from pathlib import Path

from tests.stack.rendered.programs import Ended, demand, run

Bundle = Callable[[str], Path]
_ID = "brain-tissue"
_NAMES = ("challenge.example.org", "auth.challenge.example.org", "git.challenge.example.org")


class Machine:
    """A host on which the proxy's tree lies, and no engine runs."""

    def __init__(self, root: Path, tree: Path) -> None:
        self.root = root
        self.files = root / "opt/diychallenge" / _ID
        self.data = root / "var/lib/diychallenge" / _ID
        shutil.copytree(tree, self.files / "proxy")
        for name in ("certificates", "acme"):
            (self.data / name).mkdir(parents=True)

    @property
    def chain(self) -> Path:
        return self.data / "certificates/current/fullchain.pem"

    def script(self, *words: str) -> Ended:
        return run(["chroot", self.root, "sh", f"/opt/diychallenge/{_ID}/proxy/certificates.sh",
                    *words])  # fmt: skip

    def openssl(self, *words: str | Path) -> Ended:
        return run(["openssl", *words])

    def lead_in_force(self) -> str:
        return (self.data / "certificates/current").readlink().name


def test_a_self_signed_one_is_made_once_and_believed(bundle: Bundle, host: Path) -> None:
    machine = Machine(host, bundle("gpus") / "hosts/main/proxy")

    first, second = machine.script("bootstrap"), machine.script()

    assert (first.code, second.code) == (0, 0), first.said + second.said
    assert "changed" in first.said.splitlines()
    assert second.said == ""
    ca = machine.files / "trust/ca.pem"
    for name in _NAMES:
        verify = ("verify", "-CAfile", ca, "-verify_hostname", name, machine.chain)
        assert machine.openssl(*verify).code == 0
    key = machine.chain.with_name("privkey.pem").stat()
    assert (key.st_uid, key.st_mode & 0o777) == (101, 0o600)
    assert (machine.data / "authority").stat().st_mode & 0o777 == 0o700


def test_one_near_its_end_is_exchanged_and_stays_believed(bundle: Bundle, host: Path) -> None:
    machine = Machine(host, bundle("gpus") / "hosts/main/proxy")
    machine.script("bootstrap")
    believed = (machine.files / "trust/ca.pem").read_bytes()
    before = machine.lead_in_force()
    _shorten(machine)

    ended = machine.script()

    assert ended.code == 0, ended.said
    assert "changed" in ended.said.splitlines()
    assert machine.lead_in_force() != before
    assert machine.openssl("x509", "-in", machine.chain, "-checkend", str(86400 * 365)).code == 0
    assert (machine.files / "trust/ca.pem").read_bytes() == believed
    assert [one.name for one in (machine.data / "certificates").iterdir() if not one.is_symlink()
            ] == [machine.lead_in_force()]  # fmt: skip


def test_files_of_the_institution_are_put_in_force(bundle: Bundle, host: Path) -> None:
    machine = Machine(host, bundle("own-certificate") / "hosts/main/proxy")
    _give(machine, "tls-certificate", "tls-key")

    first, second = machine.script("bootstrap"), machine.script()

    assert first.code == 0, first.said
    assert "changed" in first.said.splitlines()
    assert second.said == ""
    given = machine.files / "secrets/proxy/tls-certificate"
    assert machine.chain.read_bytes() == given.read_bytes()


def test_a_key_of_another_certificate_is_refused_in_words(bundle: Bundle, host: Path) -> None:
    machine = Machine(host, bundle("own-certificate") / "hosts/main/proxy")
    _give(machine, "tls-certificate", "tls-key")
    shutil.copy(machine.files / "secrets/proxy/tls-key", machine.root / "old-key")
    _give(machine, "tls-certificate", "other")
    shutil.copy(machine.root / "old-key", machine.files / "secrets/proxy/tls-key")

    ended = machine.script()

    assert ended.code == 1
    assert "server.tls: the key is not that of the certificate" in ended.said
    assert not machine.chain.exists()


def test_an_authority_that_does_not_answer_leaves_the_first_one(bundle: Bundle, host: Path) -> None:
    """A name that leads nowhere: certbot says so, and the site goes on with what it has."""
    machine = Machine(host, bundle("external-store") / "hosts/main/proxy")
    _give(machine, "tls-authority", "unused")
    (machine.files / "secrets/proxy/tls-eab-hmac-key").write_text("c2VjcmV0LWhtYWMta2V5\n")
    started = machine.script("bootstrap")
    in_force = machine.chain.read_bytes()

    ended = machine.script()

    assert started.code == 0, started.said
    assert ended.code == 1
    assert "ca.example.org" in ended.said
    assert "c2VjcmV0LWhtYWMta2V5" not in ended.said
    assert machine.chain.read_bytes() == in_force


def _give(machine: Machine, certificate: str, key: str) -> None:
    folder = machine.files / "secrets/proxy"
    folder.mkdir(parents=True, exist_ok=True)
    demand(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
            "-noenc", "-days", "90", "-subj", "/CN=challenge.example.org", "-keyout",
            folder / key, "-out", folder / certificate])  # fmt: skip


def _shorten(machine: Machine) -> None:
    """Put a certificate in force that ends in a day, as if a year had passed."""
    folder = machine.chain.parent
    demand(["openssl", "req", "-x509", "-key", folder / "privkey.pem", "-days", "1",
            "-subj", "/CN=challenge.example.org", "-out", folder / "fullchain.pem"])  # fmt: skip
