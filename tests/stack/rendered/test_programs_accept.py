"""The real programs read every rendered file, and find nothing to complain of."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.bundles import NAMES
from tests.stack.rendered.programs import ENVIRONMENT, ansible, compose, demand

Bundle = Callable[[str], Path]


@pytest.mark.parametrize("name", NAMES)
def test_compose_reads_every_stack(bundle: Bundle, name: str) -> None:
    """And understands it as it was meant: no capability, no way to write, no host's network."""
    for file in sorted(bundle(name).glob("hosts/*/*/compose.yaml")):
        said = demand([*compose(), "--file", file, "config", "--format", "json"])
        for container in json.loads(said)["services"].values():
            assert container["cap_drop"] == ["ALL"]
            assert container["read_only"] is True
            assert container["pids_limit"] > 0
            assert int(container["mem_limit"]) == int(container["memswap_limit"]) > 0
            assert "network_mode" not in container


@pytest.mark.parametrize("name", NAMES)
def test_ansible_reads_the_playbook(bundle: Bundle, name: str) -> None:
    playbook = [ansible("ansible-playbook"), "--syntax-check", "site.yml"]
    assert "playbook: site.yml" in demand(playbook, cwd=bundle(name), **ENVIRONMENT)


def test_ansible_lint_finds_nothing_by_the_strictest_profile(bundle: Bundle) -> None:
    """In the bundle whose texts are hostile: roles are the same in each."""
    lint = [
        ansible("ansible-lint"),
        "--offline",
        "--nocolor",
        "--profile",
        "production",
        "--strict",
    ]
    path = f"{Path(ansible('ansible-lint')).parent}:/usr/local/bin:/usr/bin:/bin"
    said = demand([*lint, "site.yml", "roles"], cwd=bundle("hostile"), PATH=path, **ENVIRONMENT)
    assert "Passed" in said


@pytest.mark.parametrize("name", NAMES)
def test_nginx_reads_its_configuration(bundle: Bundle, host: Path, name: str) -> None:
    root = host
    certificate(root / "etc/nginx/certificates/current")
    for service in ("proxy", "site"):
        where = root / "etc/diychallenge/nginx"
        shutil.rmtree(where, ignore_errors=True)
        shutil.copytree(bundle(name) / f"hosts/main/{service}/nginx", where)
        test = ["nginx", "-t", "-c", "/etc/diychallenge/nginx/nginx.conf"]
        said = demand(["chroot", root, *test])
        assert "test is successful" in said
        assert "[warn]" not in said


@pytest.mark.parametrize("name", NAMES)
def test_sshd_reads_its_configuration(bundle: Bundle, host: Path, name: str) -> None:
    key = host / "run/secrets/host-key"
    key.parent.mkdir(parents=True)
    (host / "run/sshd").mkdir(mode=0o755, exist_ok=True)
    demand(["chroot", host, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f",
            "/run/secrets/host-key"])  # fmt: skip
    shutil.copytree(bundle(name) / "hosts/main/sftp/sshd", host / "etc/diychallenge/sshd")
    sshd = ["/usr/sbin/sshd", "-f", "/etc/diychallenge/sshd/sshd_config"]
    demand(["chroot", host, *sshd, "-t"])
    # What is in force for a person, as sshd itself says it.
    spec = "user=p-0a1b2c3d,host=client,addr=192.0.2.1"
    group = "sftp:x:990:p-0a1b2c3d\n"
    with (host / "etc/group").open("a") as file:
        file.write(group)
    with (host / "etc/passwd").open("a") as file:
        file.write("p-0a1b2c3d:*:20001:990::/:/usr/sbin/nologin\n")
    said = demand(["chroot", host, *sshd, "-T", "-C", spec])
    for line in ("chrootdirectory /srv/challenge", "disableforwarding yes", "permittty no",
                 "passwordauthentication no", "permitrootlogin no",
                 "forcecommand internal-sftp -R -l VERBOSE -f AUTHPRIV -d /data"):  # fmt: skip
        assert line in said.splitlines()


@pytest.mark.parametrize("name", NAMES)
def test_systemd_finds_no_fault_in_the_units(bundle: Bundle, host: Path, name: str) -> None:
    units = host / "etc/systemd/system"
    for kind in ("service", "timer"):
        source = bundle(name) / f"hosts/main/proxy/systemd/certificates.{kind}"
        shutil.copy(source, units / f"diychallenge-x-certificates.{kind}")
    verify = ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no"]
    timer = "/etc/systemd/system/diychallenge-x-certificates.timer"
    said = demand(["chroot", host, *verify, timer, timer.replace(".timer", ".service")])
    assert "diychallenge" not in said


@pytest.mark.parametrize("name", NAMES)
def test_shells_read_the_scripts(bundle: Bundle, name: str) -> None:
    found = sorted(_scripts(bundle(name)))
    assert len(found) >= 4
    for path in found:
        shell = "bash" if path.read_text(encoding="utf-8").startswith("#!/bin/bash") else "sh"
        demand([shell, "-n", path])


def _scripts(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        if path.is_file() and path.read_bytes().startswith(b"#!/bin/"):
            yield path


def certificate(folder: Path) -> None:
    """Make a certificate that nginx can open."""
    folder.mkdir(parents=True)
    demand(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
            "-noenc", "-days", "2", "-subj", "/CN=x", "-keyout", folder / "privkey.pem",
            "-out", folder / "fullchain.pem"])  # fmt: skip
