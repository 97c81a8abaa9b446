"""Signed receipts: proof for a participant that a commit was accepted, and when."""

import json
from collections.abc import Mapping
from typing import Annotated, Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from blueprint.clock import to_text
from blueprint.errors import InputError
from blueprint.ledger.submissions import Submission
from blueprint.signing import (
    ensure_signing_key,
    is_signed,
    load_signing_key,
    public_text,
    sign,
)
from blueprint.state import StateFolder

MAX_RECEIPT_BYTES = 16 * 1024
_UNSIGNED = frozenset({"signature", "key"})
_Text = Annotated[str, Field(min_length=1, max_length=300)]


class Receipt(BaseModel):
    """What a receipt says; it never says a score."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    receipt: Literal[1]
    challenge: _Text
    phase: _Text
    task: _Text
    team: _Text
    commit: _Text
    tag: _Text
    submission: int
    received_at: _Text
    decision: Literal["accepted"]
    signature: _Text
    """Base64, Ed25519 (RFC 8032) over the canonical JSON of all fields but this one and `key`."""
    key: _Text
    """The public key, `ed25519:<base64>`: a convenience, never a proof."""


def receipt_key(state: StateFolder) -> Ed25519PrivateKey:
    """Return the key that signs receipts, made where there never was one.

    Raises:
        InputError: It is gone: another one would sign what nobody can verify.
    """
    private, public = state.keys / "receipts.key", state.keys / "receipts.pub"
    if private.exists():
        return load_signing_key(private)
    if public.exists():
        raise InputError(
            f"{private}: the key that signs receipts is gone", hint="put it back from your backup"
        )
    return ensure_signing_key(private, public)


def make_receipt(key: Ed25519PrivateKey, submission: Submission) -> dict[str, object]:
    """Return the signed receipt for a submission whose tag git has stored."""
    document: dict[str, object] = {
        "receipt": 1,
        "challenge": submission.challenge,
        "phase": submission.phase,
        "task": submission.task,
        "team": submission.team_slug,
        "commit": submission.commit_sha,
        "tag": submission.tag,
        "submission": submission.id,
        "received_at": to_text(submission.received_at),
        "decision": "accepted",
    }
    signature = sign(key, document)
    return {**document, "signature": signature, "key": public_text(key.public_key())}


def parse_receipt(data: bytes) -> dict[str, object]:
    """Return the receipt in a file, not verified yet.

    Raises:
        InputError: The file holds no receipt.
    """
    if len(data) > MAX_RECEIPT_BYTES:
        raise InputError(f"a receipt is at most {MAX_RECEIPT_BYTES // 1024} KiB large")
    try:
        Receipt.model_validate_json(data)
        document = json.loads(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise InputError(
            f"this is no receipt: {where}: {first['msg'].lower()}",
            hint="save the receipt from the submission's page in the portal, as it is",
        ) from None
    except ValueError:
        raise InputError("this is no receipt: the file is not JSON") from None
    return dict(document)


def verify_receipt(document: Mapping[str, object], key: Ed25519PublicKey) -> Receipt:
    """Return a receipt that the holder of `key` signed; nothing but the two is needed.

    Raises:
        InputError: It was not signed by that key, or was changed afterwards.
    """
    try:
        receipt = Receipt.model_validate(dict(document))
    except ValidationError:
        raise InputError("this is no receipt") from None
    if receipt.key != public_text(key):
        raise InputError(
            f"this receipt was signed by another key, {receipt.key}",
            hint="the challenge's own key is at /receipt-key.pub of its site",
        )
    signed = {name: value for name, value in document.items() if name not in _UNSIGNED}
    if not is_signed(key, signed, receipt.signature):
        raise InputError("the signature does not fit: this receipt was changed after signing")
    return receipt
