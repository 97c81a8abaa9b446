"""Where objects lie is read from one file, and no fault in it shows the secret."""

import json
from pathlib import Path

import pytest

from blueprint.adapters.s3 import S3Objects
from blueprint.adapters.s3_client import S3Address, S3Key
from blueprint.errors import InputError
from blueprint.objects.directory import DirectoryObjects
from blueprint.objects.port import StoreUnreachableError
from blueprint.state import StateFolder
from blueprint.stores import open_stores

ADDRESS = {
    "endpoint": "http://127.0.0.1:1",
    "access_key": "portal",
    "secret_key": "s3cr3t-of-the-store",
    "logs": "logs",
}


@pytest.fixture
def state(tmp_path: Path) -> StateFolder:
    found = StateFolder(tmp_path)
    found.keys.mkdir()
    return found


def write(state: StateFolder, **changed: object) -> None:
    state.objects_address.write_text(json.dumps(ADDRESS | changed))


def test_without_an_address_objects_lie_in_the_state_folder(state: StateFolder) -> None:
    assert isinstance(open_stores(state).logs, DirectoryObjects)


def test_an_address_puts_a_bucket_in_their_place(state: StateFolder) -> None:
    write(state)
    logs = open_stores(state).logs
    assert isinstance(logs, S3Objects)
    with pytest.raises(StoreUnreachableError, match="the S3 server does not answer") as caught:
        logs.read("1.log", max_bytes=9)
    assert "s3cr3t" not in str(caught.value)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"secret_key": ["s3cr3t-in-a-list"]}, "is no address of an object store: secret_key"),
        ({"seceret_key": "s3cr3t-misspelt"}, "is no address of an object store: seceret_key"),
        ({"logs": None}, "is no address of an object store: logs"),
        ({"endpoint": "127.0.0.1:9000"}, "is no address of an S3 server"),
        ({"endpoint": "https://host/path"}, "is no address of an S3 server"),
        ({"endpoint": "ftp://host"}, "is no address of an S3 server"),
    ],
)
def test_a_faulty_address_is_named_without_its_secret(
    state: StateFolder, changed: dict[str, object], expected: str
) -> None:
    write(state, **changed)
    with pytest.raises(InputError, match=expected) as caught:
        open_stores(state)
    assert "s3cr3t" not in f"{caught.value} {caught.value.hint}"


def test_an_address_that_is_no_json_is_named(state: StateFolder) -> None:
    state.objects_address.write_text('{"secret_key": "s3cr3t"')
    with pytest.raises(InputError, match=r"objects\.json: is no JSON") as caught:
        open_stores(state)
    assert "s3cr3t" not in str(caught.value)


def test_no_secret_is_shown(state: StateFolder) -> None:
    write(state)
    assert "s3cr3t" not in repr(open_stores(state))
    assert "s3cr3t" not in repr(S3Key("portal", "s3cr3t"))
    assert S3Address("https://s3.example.org:9000").host == "s3.example.org:9000"
