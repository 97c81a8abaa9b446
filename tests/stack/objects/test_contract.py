"""MinIO and Versity Gateway are stores of objects, as the directory is."""

import secrets

import pytest

from blueprint.adapters.s3 import S3Objects
from blueprint.adapters.s3_buckets import S3Buckets
from blueprint.adapters.s3_client import S3Address, S3Client, S3Key, connect
from tests.objects_contract import Make, ObjectsContract


def make_in(client: S3Client) -> Make:
    def build(*, is_versioned: bool = False, lock_days: int = 0) -> S3Objects:
        name, buckets = f"contract-{secrets.token_hex(6)}", S3Buckets(client)
        buckets.make(name, can_lock=lock_days > 0)
        if is_versioned and not lock_days:
            buckets.set_versioned(name, is_versioned=True)
        if lock_days:
            buckets.set_lock_days(name, lock_days)
        return S3Objects(client, name)

    return build


class TestMinio(ObjectsContract):
    """MinIO is a store of objects."""

    @pytest.fixture
    def make(self, minio_server) -> Make:
        key = S3Key(minio_server.access_key, minio_server.secret_key)
        return make_in(connect(S3Address(minio_server.url), key))


class TestVersity(ObjectsContract):
    """Versity Gateway is a store of objects."""

    tells_locks = False

    def test_an_object_is_no_folder(self, make: Make) -> None:
        self.refuses_folders(make())

    @pytest.fixture
    def make(self, versity_server) -> Make:
        key = S3Key(versity_server.access_key, versity_server.secret_key)
        return make_in(connect(S3Address(versity_server.url), key))
