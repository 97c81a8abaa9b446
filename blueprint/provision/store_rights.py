"""What an object store holds and who may do what in it: pure, and the same for every server."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Right = Literal["read", "list", "write", "delete"]

_IN_BUCKET: dict[Right, tuple[str, ...]] = {
    "read": ("s3:GetObject", "s3:GetObjectRetention", "s3:GetObjectVersion"),
    "list": (),
    "write": ("s3:AbortMultipartUpload", "s3:ListMultipartUploadParts", "s3:PutObject"),
    "delete": ("s3:DeleteObject",),
}
_OF_BUCKET: dict[Right, tuple[str, ...]] = {
    "read": (),
    "list": ("s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketVersions"),
    "write": (),
    "delete": (),
}


@dataclass(frozen=True)
class Grant:
    """What a service may do in one bucket."""

    bucket: str
    rights: frozenset[Right]


@dataclass(frozen=True)
class WantedBucket:
    """A bucket as it should be."""

    name: str
    is_versioned: bool = True
    lock_days: int = 0
    """For so many days a version cannot be deleted (GOVERNANCE); 0: it is not locked."""


@dataclass(frozen=True)
class WantedUser:
    """A service's own credential: it may do what its grants say, and nothing else."""

    name: str
    """The access key, and the name of the service."""
    secret: str
    """The name of the secret in the secrets folder."""
    grants: tuple[Grant, ...]


@dataclass(frozen=True)
class WantedStore:
    """An object store as it should be."""

    buckets: tuple[WantedBucket, ...]
    users: tuple[WantedUser, ...]


def policy_of(grants: Sequence[Grant]) -> dict[str, object]:
    """Return the policy document that allows what the grants say."""
    statements: list[dict[str, object]] = []
    for grant in sorted(grants, key=lambda one: one.bucket):
        of_bucket = _actions(_OF_BUCKET, grant)
        if of_bucket:
            statements.append(_allow(of_bucket, f"arn:aws:s3:::{grant.bucket}"))
        in_bucket = _actions(_IN_BUCKET, grant)
        if in_bucket:
            statements.append(_allow(in_bucket, f"arn:aws:s3:::{grant.bucket}/*"))
        if "delete" in grant.rights:
            # To hide an object is allowed, to lose it is not: MinIO takes the one for the other
            # unless this is said.
            never = _allow(["s3:DeleteObjectVersion"], f"arn:aws:s3:::{grant.bucket}/*")
            statements.append({**never, "Effect": "Deny"})
    return {"Version": "2012-10-17", "Statement": statements}


def is_same_policy(one: Mapping[str, object] | None, other: Mapping[str, object]) -> bool:
    """Tell whether two documents say the same: servers write them down in another order."""
    return one is not None and _said(one) == _said(other)


def _said(policy: Mapping[str, object]) -> tuple[object, frozenset[object]]:
    statements = policy.get("Statement") or ()
    every = statements if isinstance(statements, (list, tuple)) else (statements,)
    return policy.get("Version"), frozenset(_frozen(one) for one in every)


def _frozen(value: object) -> object:
    """Return a value that compares by content; one entry says the same as a list of it."""
    if isinstance(value, Mapping):
        return frozenset((key, _frozen(inner)) for key, inner in value.items())
    if isinstance(value, (list, tuple)):
        return frozenset(one if isinstance(one, str) else _frozen(one) for one in value)
    return frozenset({value})


def _actions(table: Mapping[Right, tuple[str, ...]], grant: Grant) -> list[str]:
    return sorted({action for right in grant.rights for action in table[right]})


def _allow(actions: list[str], resource: str) -> dict[str, object]:
    return {"Effect": "Allow", "Action": actions, "Resource": [resource]}
