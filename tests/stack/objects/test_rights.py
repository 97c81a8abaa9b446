"""Each service's credential does what the service needs, and is refused everything else."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from minio import Minio, MinioAdmin
from minio.commonconfig import ENABLED, GOVERNANCE
from minio.credentials.providers import StaticProvider
from minio.deleteobjects import DeleteObject
from minio.error import MinioAdminException, S3Error
from minio.objectlockconfig import DAYS, ObjectLockConfig
from minio.retention import Retention
from minio.versioningconfig import SUSPENDED, VersioningConfig

from blueprint.adapters.s3 import S3Objects
from blueprint.objects.port import AccessDeniedError, LockedError
from tests.stack.objects.store import Provisioned

WORDS = ("agreements", "predictions", "logs", "site", "git")
USES = {
    "evaluator": {"predictions"},
    "publisher": {"site"},
    "portal": {"agreements", "logs"},
    "git": {"git"},
}
MAY_DELETE = {"publisher", "git"}
KEY = "kept/1.bin"
USUAL: tuple[Callable[[S3Objects], object], ...] = (
    lambda store: store.put("mine", b"x", "text/plain"),
    lambda store: store.read(KEY, max_bytes=9),
    lambda store: store.stat(KEY),
    lambda store: list(store.list_below()),
    lambda store: store.versions(KEY),
    lambda store: store.delete(KEY),
)


@pytest.fixture(scope="module")
def store(minio_server) -> Provisioned:
    """Provisioned, and in each bucket an object that somebody else put there."""
    found = Provisioned(minio_server)
    found.converge()
    for word in WORDS:
        S3Objects(found.by_hand(), f"{found.name}-{word}").put(KEY, b"kept", "text/plain")
    return found


def bucket(store: Provisioned, word: str, service: str) -> S3Objects:
    return S3Objects(store.client(service), f"{store.name}-{word}")


@pytest.mark.parametrize("service", USES)
def test_a_service_does_its_work(store: Provisioned, service: str, tmp_path: Path) -> None:
    for word in USES[service]:
        mine = bucket(store, word, service)
        (tmp_path / "large").write_bytes(b"x" * (17 * 1024 * 1024))  # in two parts
        put = mine.put(f"of/{service}", tmp_path / "large", "application/octet-stream")
        assert mine.get(f"of/{service}", tmp_path / "back", max_bytes=2**25).sha256 == put.sha256
        assert mine.stat(f"of/{service}") == put
        assert f"of/{service}" in [one.key for one in mine.list_below("of")]
        assert len(mine.versions(f"of/{service}")) == 1
        assert mine.stat("of/nobody") is None
        assert mine.read(KEY, max_bytes=9) == b"kept"
        if service in MAY_DELETE:
            mine.delete(f"of/{service}")
            assert mine.stat(f"of/{service}") is None


@pytest.mark.parametrize("service", USES)
def test_a_service_sees_no_bucket_of_another(store: Provisioned, service: str) -> None:
    for word in set(WORDS) - USES[service]:
        other = bucket(store, word, service)
        for attempt in USUAL:
            with pytest.raises(AccessDeniedError):
                attempt(other)
    listed = {one.name for one in store.client(service).list_buckets()}
    assert listed <= {f"{store.name}-{word}" for word in USES[service]}


@pytest.mark.parametrize(("service", "word"), [
    (service, word) for service, words in USES.items() for word in sorted(words)
])  # fmt: skip
def test_a_service_removes_nothing_for_good(store: Provisioned, service: str, word: str) -> None:
    root = S3Objects(store.by_hand(), f"{store.name}-{word}")
    kept = root.versions(KEY)[-1]
    mine = bucket(store, word, service)
    if kept.version:
        with pytest.raises((AccessDeniedError, LockedError)):
            mine.delete_version(KEY, kept.version)
    if service not in MAY_DELETE:
        with pytest.raises(AccessDeniedError):
            mine.delete(KEY)
        assert root.read(KEY, max_bytes=9) == b"kept"
    assert root.read(KEY, max_bytes=9, version=kept.version) == b"kept"


SETTINGS: dict[str, Callable[[Minio, str], object]] = {
    "make a bucket": lambda client, name: client.make_bucket(f"{name}-x"),
    "remove a bucket": lambda client, name: client.remove_bucket(name),
    "stop versions": lambda client, name: client.set_bucket_versioning(
        name, VersioningConfig(SUSPENDED)
    ),
    "start versions": lambda client, name: client.set_bucket_versioning(
        name, VersioningConfig(ENABLED)
    ),
    "shorten the lock of the bucket": lambda client, name: client.set_object_lock_config(
        name, ObjectLockConfig(GOVERNANCE, 1, DAYS)
    ),
    "open the bucket": lambda client, name: client.set_bucket_policy(
        name, '{"Version": "2012-10-17", "Statement": []}'
    ),
    "read who may": lambda client, name: client.get_bucket_policy(name),
    "have objects expire": lambda client, name: client.delete_bucket_lifecycle(name),
}


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("service", USES)
def test_a_service_changes_no_setting(store: Provisioned, service: str, setting: str) -> None:
    for word in USES[service]:
        with pytest.raises(S3Error) as caught:
            SETTINGS[setting](store.client(service), f"{store.name}-{word}")
        assert caught.value.code == "AccessDenied"


@pytest.mark.parametrize("service", USES)
def test_a_service_administers_nobody(store: Provisioned, service: str) -> None:
    secret = store.secrets[f"objects-{service}-secret"]
    admin = MinioAdmin(
        endpoint=store.address.host,
        credentials=StaticProvider(f"{store.name}-{service}", secret),
        secure=False,
    )
    for attempt in (
        admin.user_list, admin.policy_list, admin.info,
        lambda: admin.user_add(f"{store.name}-friend", "friends-secret"),
        lambda: admin.policy_add(f"{store.name}-all", policy={"Version": "2012-10-17"}),
        lambda: admin.attach_policy(["readwrite"], user=f"{store.name}-{service}"),
    ):  # fmt: skip
        with pytest.raises(MinioAdminException, match="AccessDenied"):
            attempt()


def test_a_stranger_gets_nothing(store: Provisioned) -> None:
    stranger = Minio(store.address.host, secure=False)
    for word in WORDS:
        with pytest.raises(S3Error) as caught:
            stranger.get_object(f"{store.name}-{word}", KEY)
        assert caught.value.code == "AccessDenied"


def test_the_portal_shortens_no_lock(store: Provisioned) -> None:
    name = f"{store.name}-agreements"
    soon = Retention(GOVERNANCE, datetime.now(UTC) + timedelta(seconds=5))
    with pytest.raises(S3Error) as caught:
        store.client("portal").set_object_retention(name, KEY, soon)
    # Asked for less time, MinIO says that the object is kept before it asks who wants it.
    assert caught.value.code in {"AccessDenied", "InvalidRequest"}
    kept = S3Objects(store.by_hand(), name).stat(KEY)
    assert kept is not None
    assert kept.locked_until is not None
    assert kept.locked_until > datetime.now(UTC) + timedelta(days=3640)


@pytest.mark.parametrize(("service", "word"), [("portal", "agreements"), ("publisher", "site")])
def test_a_service_goes_around_no_lock(store: Provisioned, service: str, word: str) -> None:
    name = f"{store.name}-{word}"
    root = S3Objects(store.by_hand(), name)
    kept = root.versions(KEY)[-1]
    wanted = [DeleteObject(KEY, kept.version)]
    errors = store.client(service).remove_objects(name, wanted, bypass_governance_mode=True)
    assert [error.code for error in errors] == ["AccessDenied"]
    assert root.read(KEY, max_bytes=9, version=kept.version) == b"kept"
