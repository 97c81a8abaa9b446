"""Users and policies of a MinIO server (and of its fork silo), through the package's MinioAdmin."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast

import urllib3
from minio import MinioAdmin
from minio.credentials.providers import StaticProvider
from minio.error import MinioAdminException, S3Error
from urllib3.exceptions import HTTPError

from blueprint.adapters.s3_client import (
    S3Address,
    S3Key,
    connect,
    in_words,
    plain,
    pool_of,
    unreachable,
)
from blueprint.errors import ToolError
from blueprint.objects.port import AccessDeniedError

_UNKNOWN_KEY = {"InvalidAccessKeyId", "SignatureDoesNotMatch"}
_NO_USER = "XMinioAdminNoSuchUser"
_NO_POLICY = "XMinioAdminNoSuchPolicy"
_TOLD = re.compile(r"Status: (?P<status>\S+), Body: (?P<body>.*)", re.DOTALL)


@dataclass(frozen=True)
class AdminUser:
    """A user as the server has it; its secret cannot be read."""

    is_enabled: bool
    policies: frozenset[str]
    groups: frozenset[str]


class MinioAccounts:
    """What provisioning asks about users, and changes; each call is one request."""

    def __init__(
        self, address: S3Address, root: S3Key, *, pool: urllib3.PoolManager | None = None
    ) -> None:
        self._address = address
        self._admin = MinioAdmin(
            endpoint=address.host,
            credentials=StaticProvider(root.access_key, root.secret_key),
            region=address.region,
            secure=address.is_secure,
            http_client=pool or pool_of(address),
        )

    def policy(self, name: str) -> dict[str, object] | None:
        """Return a policy's document; None: there is none of that name."""
        with _in_words(f"read policy {name}"):
            try:
                found = json.loads(self._admin.policy_info(name))
            except MinioAdminException as error:
                if _code(error) == _NO_POLICY:
                    return None
                raise
        document: dict[str, object] = found.get("Policy", found)
        return document

    def set_policy(self, name: str, document: dict[str, object]) -> None:
        """Make or replace a policy; it holds for its users at once."""
        with _in_words(f"set policy {name}"):
            self._admin.policy_add(name, policy=document)

    def user(self, name: str) -> AdminUser | None:
        """Return a user; None: there is none of that name."""
        with _in_words(f"read user {name}"):
            try:
                found = json.loads(self._admin.user_info(name))
            except MinioAdminException as error:
                if _code(error) == _NO_USER:
                    return None
                raise
        policies = str(found.get("policyName") or "")
        return AdminUser(
            is_enabled=found.get("status") == "enabled",
            policies=frozenset(one for one in policies.split(",") if one),
            groups=frozenset(found.get("memberOf") or ()),
        )

    def set_user(self, name: str, secret: str) -> None:
        """Make a user, or give one another secret and enable it."""
        with _in_words(f"set user {name}"):
            self._admin.user_add(name, secret)

    def enable(self, name: str) -> None:
        """Let a user in again."""
        with _in_words(f"enable user {name}"):
            self._admin.user_enable(name)

    def attach(self, policy: str, name: str) -> None:
        """Give a user what a policy allows."""
        with _in_words(f"attach policy {policy} to user {name}"):
            self._admin.attach_policy([policy], user=name)

    def detach(self, policy: str, name: str) -> None:
        """Take from a user what a policy allows."""
        with _in_words(f"detach policy {policy} from user {name}"):
            self._admin.detach_policy([policy], user=name)

    def leave(self, group: str, name: str) -> None:
        """Take a user out of a group, and so what the group allows."""
        with _in_words(f"take user {name} out of group {group}"):
            # The package's type says one text; the server takes a list alone.
            self._admin.group_remove(group, cast("str", [name]))

    def accepts(self, name: str, secret: str, bucket: str) -> bool:
        """Tell whether the server knows a user by this secret; what they may do is not asked."""
        with in_words(f"log in as {name}"):
            try:
                list(connect(self._address, S3Key(name, secret)).list_objects(bucket, prefix="-"))
            except S3Error as error:
                if error.code in _UNKNOWN_KEY:
                    return False
                if error.code != "AccessDenied":
                    raise
        return True


@contextmanager
def _in_words(doing: str) -> Iterator[None]:
    try:
        yield
    except MinioAdminException as error:
        code = _code(error)
        if code in (*_UNKNOWN_KEY, "AccessDenied", "403"):
            raise AccessDeniedError(
                f"{doing}: the object store refuses its administrator ({code})",
                hint="the root password in the secrets folder is not the server's:"
                " put the one back with which the server was started",
            ) from None
        raise ToolError(f"{doing}: the object store says {code}") from None
    except HTTPError as error:
        raise unreachable(doing, error) from None
    except ValueError:
        raise ToolError(f"{doing}: what answers is no MinIO server") from None


def _code(error: MinioAdminException) -> str:
    """Return the server's own word for a fault, else the status; never the body as it is."""
    told = _TOLD.search(str(error))
    if told is None:
        return "nothing that can be read"
    try:
        return plain(str(json.loads(told["body"])["Code"]))
    except (ValueError, KeyError, TypeError):
        return plain(told["status"])
