"""Keycloak: the distribution from Maven Central, run optimized, on a database in memory."""

import os
import secrets
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.stack.bench import cache, versions
from tests.stack.bench.commands import run
from tests.stack.bench.packages import ensure_programs
from tests.stack.bench.running import answers, free_ports, running, server_folder

_ARTIFACT = f"org.keycloak:keycloak-quarkus-dist:{versions.KEYCLOAK}:zip"
_BUILD_OPTIONS = ("--db=dev-mem", "--health-enabled=true", "--metrics-enabled=true")
# Starts in 6 s in 414 MB; by default it would take more than twice as long.
_JAVA = {
    "JAVA_OPTS_KC_HEAP": "-Xms64m -Xmx256m",
    "JAVA_OPTS_APPEND": "-XX:-UseG1GC -XX:+UseSerialGC -XX:TieredStopAtLevel=1",
}


@dataclass(frozen=True)
class KeycloakServer:
    """A Keycloak that runs; realm `master` has one service account that may do everything."""

    url: str
    management_url: str
    """/health and /metrics are answered here alone."""
    client_id: str
    client_secret: str
    """Of the service account (grant `client_credentials` in realm master)."""
    admin: str
    password: str
    """Of the administrator (grant `password` with client `admin-cli` in realm master)."""


def keycloak_archive() -> Path:
    """Return the zip of the distribution, as published and not built."""
    return cache.ensure("keycloak", versions.KEYCLOAK, _fetch) / "keycloak.zip"


def keycloak_folder() -> Path:
    """Return the distribution, built for a database in memory, on first use (about 40 s)."""
    return cache.ensure("keycloak-built", f"{versions.KEYCLOAK}-mem", _build) / "keycloak"


@contextmanager
def run_keycloak() -> Iterator[KeycloakServer]:
    """Run an empty Keycloak on loopback, without TLS; its cookies are Secure all the same."""
    built = keycloak_folder()
    with server_folder("kc") as folder:
        home = folder / "keycloak"
        shutil.copytree(built, home, copy_function=_link)
        port, management_port = free_ports(2)
        server = KeycloakServer(
            url=f"http://127.0.0.1:{port}",
            management_url=f"http://127.0.0.1:{management_port}",
            client_id="bench", client_secret=secrets.token_urlsafe(24),
            admin="bench-admin", password=secrets.token_urlsafe(24),
        )  # fmt: skip
        with running(
            [home / "bin" / "kc.sh", "start", "--optimized", f"--hostname={server.url}",
             "--http-enabled=true", "--http-host=127.0.0.1", f"--http-port={port}",
             f"--http-management-port={management_port}", "--cache=local"],
            log=folder / "log", env={**_JAVA, **_first_admins(server)},
            is_ready=answers(f"{server.management_url}/health/ready"),
        ):  # fmt: skip
            yield server


def _first_admins(server: KeycloakServer) -> dict[str, str]:
    return {
        "KC_BOOTSTRAP_ADMIN_CLIENT_ID": server.client_id,
        "KC_BOOTSTRAP_ADMIN_CLIENT_SECRET": server.client_secret,
        "KC_BOOTSTRAP_ADMIN_USERNAME": server.admin,
        "KC_BOOTSTRAP_ADMIN_PASSWORD": server.password,
    }


def _fetch(draft: Path) -> None:
    ensure_programs(mvn="maven")
    fetch = ["mvn", "-q", "-B", "dependency:get", f"-Dartifact={_ARTIFACT}", "-Dtransitive=false"]
    run([*fetch, f"-Dmaven.repo.local={draft / 'maven'}"], cwd=draft)
    (found,) = (draft / "maven").rglob(f"keycloak-quarkus-dist-{versions.KEYCLOAK}.zip")
    found.rename(draft / "keycloak.zip")
    cache.remove(draft / "maven")


def _build(draft: Path) -> None:
    ensure_programs(java="openjdk-17-jre-headless")
    with zipfile.ZipFile(keycloak_archive()) as archive:
        archive.extractall(draft)
    (draft / f"keycloak-{versions.KEYCLOAK}").rename(draft / "keycloak")
    program = draft / "keycloak" / "bin" / "kc.sh"
    program.chmod(0o755)
    run(["nice", program, "build", *_BUILD_OPTIONS])


def _link(source: str, target: str) -> None:
    """Copy a file by a second name where that is possible: the server changes none of them."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
