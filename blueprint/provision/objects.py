"""Converges an object store: buckets on any S3 server, users and their rights on MinIO and silo.

Everything is looked at, changed where it is not as wanted, and looked at again. It may be cut off
anywhere and run again; buckets and users that nobody wants are left alone.
"""

from collections.abc import Mapping

from blueprint.adapters.minio_admin import MinioAccounts
from blueprint.adapters.s3_buckets import S3Buckets
from blueprint.errors import InputError, ToolError
from blueprint.provision.changes import Report, ensure
from blueprint.provision.store_rights import (
    WantedBucket,
    WantedStore,
    WantedUser,
    is_same_policy,
    policy_of,
)

_PREFIX = "diychallenge-"
"""Begins the names of policies that are ours."""
_MIN_SECRET = 8
_MAX_SECRET = 40
"""What MinIO takes as the secret of a user."""


def converge_buckets(server: S3Buckets, wanted: WantedStore, report: Report) -> None:
    """Make the buckets what they should be; all that an external store lets us do.

    Raises:
        ToolError: One exists that cannot lock and has to, or a change does not hold.
        AccessDeniedError: The credential may not do this.
        StoreUnreachableError: The server does not answer.
    """
    for bucket in wanted.buckets:
        _converge_bucket(server, bucket, report)


def converge_users(
    server: MinioAccounts, wanted: WantedStore, secrets: Mapping[str, str], report: Report
) -> None:
    """Make each service's credential work, with exactly the rights that it needs.

    Args:
        server: Its administrator's side.
        wanted: The users, and what each may do.
        secrets: Name to value, of every secret that a user names.
        report: Told of each change.

    Raises:
        InputError: A secret is missing, or one that the server would not take.
        ToolError: A change does not hold.
        AccessDeniedError: These are not the administrator's credentials.
        StoreUnreachableError: The server does not answer.
    """
    for user in wanted.users:
        _demand_secret(user, secrets)
    for user in wanted.users:
        _converge_policy(server, user, report)
        _converge_user(server, user, secrets[user.secret], report)
        _converge_rights(server, user, report)


def _converge_bucket(server: S3Buckets, bucket: WantedBucket, report: Report) -> None:
    name, days = bucket.name, bucket.lock_days
    thing = f"bucket {name}"
    ensure(
        thing, "made",
        holds=lambda: server.exists(name),
        make=lambda: server.make(name, can_lock=days > 0),
        report=report,
    )  # fmt: skip
    if days and not server.can_lock(name):
        raise ToolError(
            f"{thing}: was made without object lock, which cannot be put on later",
            hint="bring what lies in it elsewhere, remove the bucket, deploy, and bring it back",
        )
    if not server.can_lock(name):  # a bucket that locks keeps versions, and cannot be told not to
        ensure(
            thing, "versioning switched on" if bucket.is_versioned else "versioning switched off",
            holds=lambda: server.is_versioned(name) == bucket.is_versioned,
            make=lambda: server.set_versioned(name, is_versioned=bucket.is_versioned),
            report=report,
        )  # fmt: skip
    if days:
        ensure(
            thing, f"locks what is put for {days} days",
            holds=lambda: server.lock_days(name) == days,
            make=lambda: server.set_lock_days(name, days),
            report=report,
        )  # fmt: skip
    ensure(
        thing, "closed to strangers",
        holds=lambda: server.policy(name) is None,
        make=lambda: server.remove_policy(name),
        report=report,
    )  # fmt: skip


def _converge_policy(server: MinioAccounts, user: WantedUser, report: Report) -> None:
    name, document = _PREFIX + user.name, policy_of(user.grants)
    ensure(
        f"policy {name}", "set",
        holds=lambda: is_same_policy(server.policy(name), document),
        make=lambda: server.set_policy(name, document),
        report=report,
    )  # fmt: skip


def _converge_user(server: MinioAccounts, user: WantedUser, secret: str, report: Report) -> None:
    name, thing = user.name, f"user {user.name}"
    ensure(
        thing, "made",
        holds=lambda: server.user(name) is not None,
        make=lambda: server.set_user(name, secret),
        report=report,
    )  # fmt: skip
    ensure(
        thing, "enabled",
        holds=lambda: _is_enabled(server, name),
        make=lambda: server.enable(name),
        report=report,
    )  # fmt: skip
    bucket = user.grants[0].bucket  # any will do: only the signature is looked at
    ensure(
        thing, "given the secret of the secrets folder",
        holds=lambda: server.accepts(name, secret, bucket),
        make=lambda: server.set_user(name, secret),
        report=report,
    )  # fmt: skip


def _converge_rights(server: MinioAccounts, user: WantedUser, report: Report) -> None:
    """Leave the user one policy and no group: rights add up, so one more is too many."""
    name, policy = user.name, _PREFIX + user.name
    thing = f"user {name}"
    found = server.user(name)
    for group in sorted(found.groups if found else ()):
        _take_out(server, group, name, report)
    for other in sorted((found.policies if found else frozenset()) - {policy}):
        _take_away(server, other, name, report)
    ensure(
        thing, f"given policy {policy}",
        holds=lambda: policy in _policies(server, name),
        make=lambda: server.attach(policy, name),
        report=report,
    )  # fmt: skip


def _take_out(server: MinioAccounts, group: str, name: str, report: Report) -> None:
    ensure(
        f"user {name}", f"taken out of group {group}",
        holds=lambda: group not in _groups(server, name),
        make=lambda: server.leave(group, name),
        report=report,
    )  # fmt: skip


def _take_away(server: MinioAccounts, policy: str, name: str, report: Report) -> None:
    ensure(
        f"user {name}", f"policy {policy} taken away",
        holds=lambda: policy not in _policies(server, name),
        make=lambda: server.detach(policy, name),
        report=report,
    )  # fmt: skip


def _is_enabled(server: MinioAccounts, name: str) -> bool:
    found = server.user(name)
    return found is not None and found.is_enabled


def _policies(server: MinioAccounts, name: str) -> frozenset[str]:
    found = server.user(name)
    return frozenset() if found is None else found.policies


def _groups(server: MinioAccounts, name: str) -> frozenset[str]:
    found = server.user(name)
    return frozenset() if found is None else found.groups


def _demand_secret(user: WantedUser, secrets: Mapping[str, str]) -> None:
    value = secrets.get(user.secret, "")
    if (
        not _MIN_SECRET <= len(value) <= _MAX_SECRET
        or not value.isascii()
        or not value.isprintable()
    ):
        raise InputError(
            f"secret {user.secret}: has to be {_MIN_SECRET} to {_MAX_SECRET} printable ASCII"
            " characters long",
            hint="remove it from the secrets folder: the next deploy makes a new one",
        )
