"""A receipt convinces whoever has the public key, and nothing else does."""

import json
from datetime import datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from blueprint.errors import InputError
from blueprint.intake.receipts import make_receipt, parse_receipt, receipt_key, verify_receipt
from blueprint.ledger.submissions import Submission
from blueprint.signing import public_text
from blueprint.state import StateFolder


def submission(received_at: datetime, number: int = 12) -> Submission:
    return Submission(
        id=number, challenge="brain-tissue", phase="preliminary", task="tissue", team_id=1,
        team_slug="voxels", team_name="Voxels", person_id=1, username="ada", commit_sha="a" * 40,
        tag="refs/tags/submission/1", kind="code", manifest={}, nonce="", state="received",
        state_since=received_at, note="", token=0, attempt=0, worker=None, lease_until=None,
        not_before=None, platform_faults=0, fault_class=None, fault_code=None, fault_message=None,
        refunded=False, cancel_requested=False, received_at=received_at, confirmed_at=received_at,
        finished_at=None, receipt={},
    )  # fmt: skip


@pytest.fixture
def key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


@pytest.fixture
def receipt(key: Ed25519PrivateKey, noon: datetime) -> dict[str, object]:
    return make_receipt(key, submission(noon))


def test_a_receipt_says_what_was_accepted_and_never_a_score(
    receipt: dict[str, object], key: Ed25519PrivateKey
) -> None:
    said = {name: value for name, value in receipt.items() if name != "signature"}

    assert said == {
        "receipt": 1, "challenge": "brain-tissue", "phase": "preliminary", "task": "tissue",
        "team": "voxels", "commit": "a" * 40, "tag": "refs/tags/submission/1", "submission": 12,
        "received_at": "2027-06-15T12:00:00Z", "decision": "accepted",
        "key": public_text(key.public_key()),
    }  # fmt: skip


def test_a_saved_receipt_verifies(receipt: dict[str, object], key: Ed25519PrivateKey) -> None:
    saved = json.dumps(receipt, indent=4).encode()  # written otherwise than it was signed

    assert verify_receipt(parse_receipt(saved), key.public_key()).submission == 12


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("commit", "b" * 40),
        ("team", "pixels"),
        ("phase", "final"),
        ("submission", 13),
        ("received_at", "2027-06-15T11:00:00Z"),
        ("tag", "refs/tags/submission/2"),
    ],
)
def test_a_changed_field_is_found_out(
    receipt: dict[str, object], key: Ed25519PrivateKey, field: str, value: object
) -> None:
    with pytest.raises(InputError, match="changed after signing"):
        verify_receipt({**receipt, field: value}, key.public_key())


def test_a_receipt_of_another_challenge_is_named_as_such(receipt: dict[str, object]) -> None:
    with pytest.raises(InputError, match="signed by another key"):
        verify_receipt(receipt, Ed25519PrivateKey.generate().public_key())


def test_a_forger_who_writes_the_right_key_into_it_is_found_out(
    key: Ed25519PrivateKey, noon: datetime
) -> None:
    forger = Ed25519PrivateKey.generate()
    forged = make_receipt(forger, submission(noon, number=1))

    with pytest.raises(InputError, match="the signature does not fit"):
        verify_receipt({**forged, "key": public_text(key.public_key())}, key.public_key())


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "this is no receipt"),
        (b"\x00\xff", "this is no receipt"),
        (b"[]", "this is no receipt"),
        (b"{}", "this is no receipt: receipt: field required"),
        (b"[" * 10_000, "this is no receipt"),
        (b" " * 20_000, "a receipt is at most 16 KiB large"),
        (b'{"receipt": NaN}', "this is no receipt"),
    ],
)
def test_rubbish_is_no_receipt(data: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse_receipt(data)


def test_what_was_added_to_a_receipt_is_no_receipt(receipt: dict[str, object]) -> None:
    with pytest.raises(InputError, match="this is no receipt: score"):
        parse_receipt(json.dumps({**receipt, "score": 1}).encode())


def test_the_key_is_made_once(tmp_path: Path) -> None:
    state = StateFolder(tmp_path)

    first, second = receipt_key(state), receipt_key(state)

    assert public_text(first.public_key()) == public_text(second.public_key())
    assert (state.keys / "receipts.key").stat().st_mode & 0o777 == 0o600
