"""The buckets of an S3 server as their owner sees them: made, versioned, locked, closed."""

import json

from minio.commonconfig import ENABLED, GOVERNANCE
from minio.error import S3Error
from minio.objectlockconfig import DAYS, ObjectLockConfig
from minio.versioningconfig import SUSPENDED, VersioningConfig

from blueprint.adapters.s3_client import S3Client, in_words

_YEAR_DAYS = 365
_NO_LOCK = {"ObjectLockConfigurationNotFoundError", "NoSuchObjectLockConfiguration"}
_NO_POLICY = {"NoSuchBucketPolicy"}


class S3Buckets:
    """What provisioning asks of a server, and changes on it; each call is one request."""

    def __init__(self, client: S3Client) -> None:
        self._client = client

    def exists(self, name: str) -> bool:
        """Tell whether there is such a bucket."""
        with in_words(f"look for bucket {name}"):
            return self._client.bucket_exists(name)

    def make(self, name: str, *, can_lock: bool) -> None:
        """Make a bucket; whether it can lock is decided now for good."""
        with in_words(f"make bucket {name}"):
            self._client.make_bucket(name, object_lock=can_lock)

    def is_versioned(self, name: str) -> bool:
        """Tell whether it keeps versions."""
        with in_words(f"read the versioning of bucket {name}"):
            return self._client.get_bucket_versioning(name).status == ENABLED

    def set_versioned(self, name: str, *, is_versioned: bool) -> None:
        """Keep versions from now on, or keep no new ones."""
        wanted = VersioningConfig(ENABLED if is_versioned else SUSPENDED)
        with in_words(f"set the versioning of bucket {name}"):
            self._client.set_bucket_versioning(name, wanted)

    def can_lock(self, name: str) -> bool:
        """Tell whether it was made with object lock."""
        return self._lock(name) is not None

    def lock_days(self, name: str) -> int:
        """Return for how many days what is put is locked by GOVERNANCE; 0: not so at all."""
        found = self._lock(name)
        if found is None or found.mode != GOVERNANCE or found.duration is None:
            return 0
        return found.duration * (1 if found.duration_unit == DAYS else _YEAR_DAYS)

    def set_lock_days(self, name: str, days: int) -> None:
        """Lock what is put from now on by GOVERNANCE."""
        with in_words(f"set the lock of bucket {name}"):
            self._client.set_object_lock_config(name, ObjectLockConfig(GOVERNANCE, days, DAYS))

    def policy(self, name: str) -> dict[str, object] | None:
        """Return what others than users of the server may do in it; None: nothing."""
        with in_words(f"read the policy of bucket {name}"):
            try:
                found: dict[str, object] = json.loads(self._client.get_bucket_policy(name))
            except S3Error as error:
                if error.code in _NO_POLICY:
                    return None
                raise
            return found

    def remove_policy(self, name: str) -> None:
        """Allow nothing to others than users of the server."""
        with in_words(f"remove the policy of bucket {name}"):
            self._client.delete_bucket_policy(name)

    def _lock(self, name: str) -> ObjectLockConfig | None:
        with in_words(f"read the lock of bucket {name}"):
            try:
                return self._client.get_object_lock_config(name)
            except ValueError:
                # Versity Gateway writes an empty rule where there is none yet.
                return ObjectLockConfig(None, None, None)
            except S3Error as error:
                if error.code in _NO_LOCK:
                    return None
                raise
