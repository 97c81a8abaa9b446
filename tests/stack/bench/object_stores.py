"""MinIO and Versity Gateway: the two S3 servers that the object store is tested against."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.stack.bench import golang, versions
from tests.stack.bench.running import answers, free_ports, running, server_folder


@dataclass(frozen=True)
class ObjectStore:
    """An S3 server that runs, and the key of its root user."""

    name: str
    endpoint: str
    """HOST:PORT as the `minio` package wants it; spoken to without TLS."""
    access_key: str
    secret_key: str
    admin_endpoint: str
    """Where its own admin API answers: MinIO's is the endpoint itself."""
    program: Path

    @property
    def url(self) -> str:
        """The address of the S3 API."""
        return f"http://{self.endpoint}"


def minio_program() -> Path:
    """Return MinIO's server, built on first use (99 s)."""
    return golang.ensure_program("github.com/minio/minio", versions.MINIO, tags=["kqueue"])


def versitygw_program() -> Path:
    """Return Versity Gateway, built on first use (44 s); also its admin client."""
    return golang.ensure_program("github.com/versity/versitygw/cmd/versitygw", versions.VERSITYGW)


@contextmanager
def run_minio() -> Iterator[ObjectStore]:
    """Run an empty MinIO on loopback."""
    program = minio_program()
    with server_folder("minio") as folder:
        (port,) = free_ports(1)
        store = _store("minio", port, port, program)
        environment = {
            "MINIO_ROOT_USER": store.access_key, "MINIO_ROOT_PASSWORD": store.secret_key,
            "MINIO_BROWSER": "off", "HOME": str(folder),
        }  # fmt: skip
        with running(
            [program, "server", "--quiet", "--address", store.endpoint, folder / "data"],
            log=folder / "log", env=environment,
            # Its own /minio/health/ready says yes before the first question can be answered.
            is_ready=answers(store.url, code=403),
        ):  # fmt: skip
            yield store


@contextmanager
def run_versitygw() -> Iterator[ObjectStore]:
    """Run an empty Versity Gateway on loopback, with versions and its own list of users."""
    program = versitygw_program()
    with server_folder("versity") as folder:
        port, admin_port = free_ports(2)
        store = _store("versitygw", port, admin_port, program)
        for name in ("data", "versions", "iam"):
            (folder / name).mkdir()
        with running(
            [program, "--port", store.endpoint, "--admin-port", store.admin_endpoint,
             "--iam-dir", folder / "iam", "--health", "/health",
             "posix", "--versioning-dir", folder / "versions", folder / "data"],
            log=folder / "log",
            env={"ROOT_ACCESS_KEY": store.access_key, "ROOT_SECRET_KEY": store.secret_key},
            is_ready=answers(f"{store.url}/health"),
        ):  # fmt: skip
            yield store


def _store(name: str, port: int, admin_port: int, program: Path) -> ObjectStore:
    return ObjectStore(
        name=name,
        endpoint=f"127.0.0.1:{port}",
        access_key=f"root-{secrets.token_hex(4)}",
        secret_key=secrets.token_urlsafe(24),
        admin_endpoint=f"127.0.0.1:{admin_port}",
        program=program,
    )
