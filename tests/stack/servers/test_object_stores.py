"""Each object store answers as itself: to its root user, and to nobody else."""

import hashlib

import httpx
import pytest

from tests.stack.bench.commands import run
from tests.stack.bench.object_stores import ObjectStore


@pytest.fixture(params=["minio_server", "versity_server"])
def store(request):
    return request.getfixturevalue(request.param)


def _list_buckets(store: ObjectStore, key: str) -> str:
    """Sign with curl: an implementation that is neither the server's nor ours."""
    return run(["curl", "--silent", "--max-time", "30", "--aws-sigv4", "aws:amz:us-east-1:s3",
                "--header", f"x-amz-content-sha256: {hashlib.sha256(b'').hexdigest()}",
                "--user", f"{store.access_key}:{key}", store.url])  # fmt: skip


def test_the_root_user_may_list_buckets(store):
    assert "<ListAllMyBucketsResult" in _list_buckets(store, store.secret_key)


def test_a_wrong_key_is_refused(store):
    assert "<Code>SignatureDoesNotMatch</Code>" in _list_buckets(store, "wrong" + store.secret_key)


def test_a_stranger_is_refused(store):
    assert httpx.get(store.url, trust_env=False, timeout=120).status_code == 403


def test_only_minio_speaks_minios_admin_api(minio_server, versity_server):
    question = "/minio/admin/v3/info"

    asked = [
        httpx.get(one.url + question, trust_env=False, timeout=120)
        for one in (minio_server, versity_server)
    ]

    # Both refuse a stranger; only the first knows what was asked.
    assert "XMinioAdmin" in asked[0].text or "AccessDenied" in asked[0].text
    assert "XMinioAdmin" not in asked[1].text


def test_versitygw_is_administered_by_its_own_program(versity_server):
    listed = run(
        [versity_server.program, "admin", "--access", versity_server.access_key,
         "--secret", versity_server.secret_key,
         "--endpoint-url", f"http://{versity_server.admin_endpoint}", "list-users"],
    )  # fmt: skip

    assert "Account" in listed
