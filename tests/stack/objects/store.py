"""An object store as a challenge wants it, with names of its own for each test."""

import secrets
from dataclasses import dataclass, field
from typing import Any

from blueprint.adapters.minio_admin import MinioAccounts
from blueprint.adapters.s3_buckets import S3Buckets
from blueprint.adapters.s3_client import S3Address, S3Client, S3Key, connect
from blueprint.provision.changes import Change
from blueprint.provision.objects import converge_buckets, converge_users
from blueprint.provision.store_rights import Grant, Right, WantedBucket, WantedStore, WantedUser
from tests.stack.objects.wire import Wire

KEEP: frozenset[Right] = frozenset({"read", "list", "write"})
OWN: frozenset[Right] = frozenset({"read", "list", "write", "delete"})
LOCK_DAYS = 3650


def wanted_for(name: str) -> WantedStore:
    """Return five buckets and four services, as the issue names them."""

    def grant(word: str, rights: frozenset[Right]) -> Grant:
        return Grant(f"{name}-{word}", rights)

    def user(service: str, *grants: Grant) -> WantedUser:
        return WantedUser(f"{name}-{service}", f"objects-{service}-secret", grants)

    return WantedStore(
        buckets=(
            WantedBucket(f"{name}-agreements", lock_days=LOCK_DAYS),
            WantedBucket(f"{name}-predictions"),
            WantedBucket(f"{name}-logs", is_versioned=False),
            WantedBucket(f"{name}-site"),
            WantedBucket(f"{name}-git"),
        ),
        users=(
            user("evaluator", grant("predictions", KEEP)),
            user("publisher", grant("site", OWN)),
            user("portal", grant("agreements", KEEP), grant("logs", KEEP)),
            user("git", grant("git", OWN)),
        ),
    )


@dataclass
class Provisioned:
    """One wanted store on a server."""

    server: Any
    name: str = field(default_factory=lambda: f"demo{secrets.token_hex(6)}")

    buckets: int = 5
    """So many of them alone, as of the users."""
    users: int = 4

    def __post_init__(self) -> None:
        every = wanted_for(self.name)
        self.wanted = WantedStore(every.buckets[: self.buckets], every.users[: self.users])
        self.secrets = {one.secret: secrets.token_urlsafe(24) for one in self.wanted.users}
        self.address = S3Address(self.server.url)
        self.root = S3Key(self.server.access_key, self.server.secret_key)

    def converge(self, wire: Wire | None = None, *, users: bool = True) -> list[str]:
        """Bring the server to the wanted state and return what was changed."""
        pool, changes = wire or Wire(), []

        def report(change: Change) -> None:
            changes.append(str(change).replace(self.name, "demo"))

        converge_buckets(
            S3Buckets(connect(self.address, self.root, pool=pool)), self.wanted, report
        )
        if users:
            admin = MinioAccounts(self.address, self.root, pool=pool)
            converge_users(admin, self.wanted, self.secrets, report)
        return changes

    def client(self, service: str) -> S3Client:
        """Return the client of a service, with its own credential."""
        secret = self.secrets[f"objects-{service}-secret"]
        return connect(self.address, S3Key(f"{self.name}-{service}", secret))

    def by_hand(self) -> S3Client:
        """Return the client of somebody who has the root password and too much time."""
        return connect(self.address, self.root)
