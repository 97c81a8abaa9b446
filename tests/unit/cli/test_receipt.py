"""A receipt is proven with nothing but the challenge's public key; any change breaks it."""

import json

import pytest

from blueprint.signing import ensure_signing_key, public_text, sign

FACTS = {
    "receipt": 1,
    "challenge": "brain-tissue",
    "phase": "preliminary",
    "task": "tissue",
    "team": "threshold-lab",
    "commit": "5" * 40,
    "tag": "refs/tags/submission/1",
    "submission": 12,
    "received_at": "2027-06-15T12:00:00Z",
    "decision": "accepted",
}


@pytest.fixture
def signed(tmp_path):
    """A signed receipt, its file and the challenge's public key in a file."""
    key = ensure_signing_key(tmp_path / "keys" / "private", tmp_path / "key.pub")
    document = {**FACTS, "signature": sign(key, FACTS), "key": public_text(key.public_key())}
    file = tmp_path / "receipt.json"
    file.write_text(json.dumps(document, indent=2))
    return document, file, tmp_path / "key.pub"


def test_a_receipt_is_good_with_the_key_as_a_file(run_cli, signed):
    _, file, key = signed
    ran = run_cli("receipt", "verify", file, "--key", key)

    assert ran.code == 0
    assert ran.out.startswith("good: ")
    assert "threshold-lab" in ran.out
    assert "2027-06-15T12:00:00Z" in ran.out


def test_a_receipt_is_good_with_the_key_as_a_line(run_cli, signed):
    _, file, key = signed
    ran = run_cli("receipt", "verify", file, "--json", "--key", key.read_text().strip())

    document = json.loads(ran.out)
    assert ran.code == 0
    assert document["good"] is True
    assert document["receipt"]["submission"] == 12


@pytest.mark.parametrize("field", ["phase", "team", "commit", "submission", "received_at"])
def test_any_change_is_found(run_cli, signed, field):
    document, file, key = signed
    changed = 13 if field == "submission" else "other"
    file.write_text(json.dumps({**document, field: changed}))

    ran = run_cli("receipt", "verify", file, "--key", key)

    assert ran.code != 0
    assert "good" not in ran.out


def test_a_receipt_signed_by_another_key_is_not_good(run_cli, signed, tmp_path):
    _, file, _ = signed
    ensure_signing_key(tmp_path / "other" / "private", tmp_path / "other.pub")

    assert run_cli("receipt", "verify", file, "--key", tmp_path / "other.pub").code != 0


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b"[" * 50_000, b"{}"])
def test_what_is_no_receipt_is_the_callers_fault(run_cli, signed, content):
    _, file, key = signed
    file.write_bytes(content)

    ran = run_cli("receipt", "verify", file, "--key", key)

    assert ran.code == 2
    assert ran.err.startswith("error: ")


@pytest.mark.parametrize("key", ["nowhere.pub", "ed25519:short", "ed25519:////"])
def test_what_is_no_key_is_the_callers_fault(run_cli, signed, key):
    assert run_cli("receipt", "verify", signed[1], "--key", key).code == 2
