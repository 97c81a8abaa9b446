"""Provisioning a store: what is written, what is found changed, and what an interruption costs."""

import json
import subprocess
import sys
from collections.abc import Callable
from typing import cast

import pytest
from minio import MinioAdmin
from minio.commonconfig import ENABLED, GOVERNANCE
from minio.credentials.providers import StaticProvider
from minio.objectlockconfig import DAYS, ObjectLockConfig
from minio.versioningconfig import SUSPENDED, VersioningConfig

from blueprint.adapters.minio_admin import MinioAccounts
from blueprint.adapters.s3_buckets import S3Buckets
from blueprint.adapters.s3_client import S3Key, connect
from blueprint.errors import InputError, ToolError
from blueprint.objects.port import AccessDeniedError
from blueprint.provision.objects import converge_users
from tests.stack.objects.store import Provisioned
from tests.stack.objects.wire import Cut, Wire

BUCKETS_MADE = [
    "bucket demo-agreements: made",
    "bucket demo-agreements: locks what is put for 3650 days",
    "bucket demo-predictions: made",
    "bucket demo-predictions: versioning switched on",
    "bucket demo-logs: made",
    "bucket demo-site: made",
    "bucket demo-site: versioning switched on",
    "bucket demo-git: made",
    "bucket demo-git: versioning switched on",
]
USERS_MADE = [
    f"{thing}"
    for service in ("evaluator", "publisher", "portal", "git")
    for thing in (
        f"policy diychallenge-demo-{service}: set",
        f"user demo-{service}: made",
        f"user demo-{service}: given policy diychallenge-demo-{service}",
    )
]


@pytest.fixture
def store(minio_server) -> Provisioned:
    return Provisioned(minio_server)


@pytest.fixture(scope="module")
def standing(minio_server) -> Provisioned:
    """A store that stands; each test leaves it as it is wanted."""
    found = Provisioned(minio_server)
    found.converge()
    return found


@pytest.fixture
def admin(minio_server) -> MinioAdmin:
    return MinioAdmin(
        endpoint=minio_server.endpoint,
        credentials=StaticProvider(minio_server.access_key, minio_server.secret_key),
        secure=False,
    )


def test_a_bare_server_gets_everything_and_then_nothing(store: Provisioned) -> None:
    first, second = Wire(), Wire()

    assert store.converge(first) == BUCKETS_MADE + USERS_MADE
    assert len(first.writes) == len(BUCKETS_MADE + USERS_MADE)
    assert store.converge(second) == []
    assert second.writes == []


def test_an_interruption_after_any_write_costs_nothing(minio_server) -> None:
    """Of each kind of write one: every bucket and user more is made in the same way."""
    every = [*BUCKETS_MADE[:4], *USERS_MADE[:3]]
    for done in range(1, len(every) + 1):
        store = Provisioned(minio_server, buckets=2, users=1)
        with pytest.raises(Cut):
            store.converge(Wire(cut_after=done))
        assert store.converge() == every[done:]
        wire = Wire()
        assert store.converge(wire) == []
        assert wire.writes == []


def _open_to_all(bucket: str) -> str:
    return json.dumps({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow", "Principal": {"AWS": ["*"]}, "Action": ["s3:GetObject"],
            "Resource": [f"arn:aws:s3:::{bucket}/*"],
        }],
    })  # fmt: skip


ALL = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": ["s3:*"], "Resource": ["arn:aws:s3:::*"]}],
}
Drift = Callable[[Provisioned, MinioAdmin], object]
DRIFTS: dict[str, tuple[Drift, list[str]]] = {
    "versions are no longer kept": (
        lambda store, _: store.by_hand().set_bucket_versioning(
            f"{store.name}-site", VersioningConfig(SUSPENDED)
        ),
        ["bucket demo-site: versioning switched on"],
    ),
    "versions of logs are kept": (
        lambda store, _: store.by_hand().set_bucket_versioning(
            f"{store.name}-logs", VersioningConfig(ENABLED)
        ),
        ["bucket demo-logs: versioning switched off"],
    ),
    "a bucket is gone": (
        lambda store, _: store.by_hand().remove_bucket(f"{store.name}-predictions"),
        ["bucket demo-predictions: made", "bucket demo-predictions: versioning switched on"],
    ),
    "a bucket is open to the world": (
        lambda store, _: store.by_hand().set_bucket_policy(
            f"{store.name}-agreements", _open_to_all(f"{store.name}-agreements")
        ),
        ["bucket demo-agreements: closed to strangers"],
    ),
    "a lock is shorter": (
        lambda store, _: store.by_hand().set_object_lock_config(
            f"{store.name}-agreements", ObjectLockConfig(GOVERNANCE, 1, DAYS)
        ),
        ["bucket demo-agreements: locks what is put for 3650 days"],
    ),
    "a lock is off": (
        lambda store, _: store.by_hand().set_object_lock_config(
            f"{store.name}-agreements", ObjectLockConfig(None, None, None)
        ),
        ["bucket demo-agreements: locks what is put for 3650 days"],
    ),
    "a policy allows more": (
        lambda store, admin: admin.policy_add(f"diychallenge-{store.name}-portal", policy=ALL),
        ["policy diychallenge-demo-portal: set"],
    ),
    "a policy is taken away": (
        lambda store, admin: admin.detach_policy(
            [f"diychallenge-{store.name}-portal"], user=f"{store.name}-portal"
        ),
        ["user demo-portal: given policy diychallenge-demo-portal"],
    ),
    "a policy is added": (
        lambda store, admin: admin.attach_policy(["readwrite"], user=f"{store.name}-publisher"),
        ["user demo-publisher: policy readwrite taken away"],
    ),
    "a user is in a group": (
        lambda store, admin: admin.group_add(
            f"{store.name}-friends",
            cast("str", [f"{store.name}-git"]),  # the package says text and means a list
        ),
        ["user demo-git: taken out of group demo-friends"],
    ),
    "a user is disabled": (
        lambda store, admin: admin.user_disable(f"{store.name}-evaluator"),
        ["user demo-evaluator: enabled"],
    ),
    "a user is gone": (
        lambda store, admin: admin.user_remove(f"{store.name}-evaluator"),
        [
            "user demo-evaluator: made",
            "user demo-evaluator: given policy diychallenge-demo-evaluator",
        ],
    ),
    "a secret is another": (
        lambda store, admin: admin.user_add(f"{store.name}-git", "another-secret"),
        ["user demo-git: given the secret of the secrets folder"],
    ),
}


@pytest.mark.parametrize("drift", DRIFTS)
def test_what_was_changed_by_hand_is_put_right_and_nothing_else(
    standing: Provisioned, admin: MinioAdmin, drift: str
) -> None:
    store = standing
    change, expected = DRIFTS[drift]
    change(store, admin)
    wire, after = Wire(), Wire()

    assert store.converge(wire) == expected
    assert len(wire.writes) == len(expected)
    assert store.converge(after) == []
    assert after.writes == []


def test_what_others_made_is_left_alone(store: Provisioned, admin: MinioAdmin) -> None:
    store.by_hand().make_bucket(f"{store.name}-of-others")
    admin.policy_add(f"{store.name}-of-others", policy=ALL)
    admin.user_add(f"{store.name}-of-others", "of-others-secret")
    admin.attach_policy([f"{store.name}-of-others"], user=f"{store.name}-of-others")
    before = admin.user_info(f"{store.name}-of-others")

    store.converge()

    assert store.by_hand().bucket_exists(f"{store.name}-of-others")
    assert admin.user_info(f"{store.name}-of-others") == before


def test_a_bucket_that_cannot_lock_is_named(store: Provisioned) -> None:
    store.by_hand().make_bucket(f"{store.name}-agreements")
    with pytest.raises(ToolError, match="agreements: was made without object lock"):
        store.converge()


def test_a_missing_secret_is_named_before_anything_is_made(store: Provisioned) -> None:
    del store.secrets["objects-portal-secret"]
    wire = Wire()
    server = MinioAccounts(store.address, store.root, pool=wire)
    with pytest.raises(InputError, match="secret objects-portal-secret"):
        converge_users(server, store.wanted, store.secrets, lambda _: None)
    assert wire.writes == []


def test_a_wrong_root_password_is_said_so_and_not_shown(store: Provisioned) -> None:
    for root in (S3Key(store.root.access_key, "wrong-s3cr3t"), S3Key("nobody", "wrong-s3cr3t")):
        with pytest.raises(AccessDeniedError) as caught:
            MinioAccounts(store.address, root).user("anyone")
        assert "s3cr3t" not in f"{caught.value} {caught.value.hint}"
        with pytest.raises(AccessDeniedError):
            S3Buckets(connect(store.address, root)).make(f"{store.name}-x", can_lock=False)


def test_the_program_says_what_it_changed_and_no_secret(store: Provisioned, tmp_path) -> None:
    folder = tmp_path / "secrets"
    folder.mkdir()
    every = {**store.secrets, "objects-root-password": store.root.secret_key}
    for name, value in every.items():
        (folder / name).write_text(value + "\n")
    document = {
        "endpoint": store.server.url, "kind": "minio", "access_key": store.root.access_key,
        "secret": "objects-root-password", "secrets": str(folder),
        "wanted": {
            "buckets": [vars(one) for one in store.wanted.buckets],
            "users": [
                {"name": user.name, "secret": user.secret,
                 "grants": [{"bucket": one.bucket, "rights": sorted(one.rights)}
                            for one in user.grants]}
                for user in store.wanted.users
            ],
        },
    }  # fmt: skip

    def run() -> list[dict[str, object]]:
        argv = [sys.executable, "-m", "blueprint.provision.objects_job"]
        done = subprocess.run(
            argv, input=json.dumps(document), capture_output=True, text=True, timeout=300,
            check=False,
        )  # fmt: skip
        for secret in every.values():
            assert secret not in done.stdout + done.stderr
        assert done.stderr == ""
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        assert done.returncode == (2 if "error" in lines[-1] else 0)
        return lines

    assert run()[-1] == {"changed": len(BUCKETS_MADE + USERS_MADE)}
    assert run() == [{"changed": 0}]
    (folder / "objects-git-secret").unlink()
    assert run() == [
        {"error": "secret objects-git-secret: cannot be read: No such file or directory",
         "hint": None, "changed": 0}
    ]  # fmt: skip


def test_an_external_store_gets_its_buckets_and_no_users(versity_server) -> None:
    store = Provisioned(versity_server)
    assert store.converge(users=False) == BUCKETS_MADE
    wire = Wire()
    assert store.converge(wire, users=False) == []
    assert wire.writes == []

    hand = store.by_hand()
    hand.set_bucket_versioning(f"{store.name}-git", VersioningConfig(SUSPENDED))
    hand.set_bucket_policy(f"{store.name}-site", _open_to_all(f"{store.name}-site"))
    hand.set_object_lock_config(f"{store.name}-agreements", ObjectLockConfig(GOVERNANCE, 1, DAYS))
    assert store.converge(wire, users=False) == [
        "bucket demo-agreements: locks what is put for 3650 days",
        "bucket demo-site: closed to strangers",
        "bucket demo-git: versioning switched on",
    ]
    assert len(wire.writes) == 3


def test_an_external_store_that_was_interrupted_goes_on(versity_server) -> None:
    for done in range(1, 5):
        store = Provisioned(versity_server, buckets=2)
        with pytest.raises(Cut):
            store.converge(Wire(cut_after=done), users=False)
        assert store.converge(users=False) == BUCKETS_MADE[done:4]
