"""What test data hold, written as a file where they are and read where they are not."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from blueprint.errors import InputError
from blueprint.evaluations.datasets import CaseDigests, Dataset, FileDigest
from blueprint.evaluations.hand_over import read_hand_over, written

NOW = datetime(2027, 6, 15, 12, tzinfo=UTC)
DATASET = Dataset(
    "tissue",
    "private",
    {
        "case-01": CaseDigests(
            {"t1": FileDigest("a" * 64, 10)}, {"mask": FileDigest("b" * 64, 20)}
        ),
        "case-02": CaseDigests(
            {"t1": FileDigest("c" * 64, 30)}, {"mask": FileDigest("d" * 64, 40)}
        ),
    },
)


def test_what_is_read_has_the_digest_of_what_was_written() -> None:
    found = read_hand_over(written("tissue", [DATASET], NOW), name="datasets.json")

    assert (found.challenge, found.made_at) == ("tissue", NOW)
    assert found.datasets["tissue", "private"].digest == DATASET.digest
    assert len(found.datasets) == 1


EDITS: dict[str, Callable[[dict[str, Any]], object]] = {
    "format": lambda document: document.update(format=2),
    "made_at": lambda document: document.update(made_at="2027-06-15T12:00:00"),
    "datasets.0.split": lambda document: document["datasets"][0].update(split="training"),
    "datasets.0.cases": lambda document: document["datasets"][0].update(cases={}),
    "datasets.0.cases.case-01.inputs.t1.sha256": lambda document: document["datasets"][0]["cases"][
        "case-01"
    ]["inputs"]["t1"].update(sha256="A" * 64),
    "datasets.0.cases.case-01.inputs.t1.size_bytes": lambda document: document["datasets"][0][
        "cases"
    ]["case-01"]["inputs"]["t1"].update(size_bytes=-1),
    "more": lambda document: document.update(more=1),
}


@pytest.mark.parametrize("where", EDITS)
def test_another_document_is_refused_with_its_place(where: str) -> None:
    document = json.loads(written("tissue", [DATASET], NOW))
    EDITS[where](document)

    with pytest.raises(InputError) as refused:
        read_hand_over(json.dumps(document).encode(), name="d.json")

    assert str(refused.value).startswith(f"d.json: does not say what test data hold: {where}:")
    assert "datasets write" in str(refused.value.hint)


@pytest.mark.parametrize("data", [b"", b"\xff", b"[]", b"{"])
def test_what_is_no_document_is_refused(data: bytes) -> None:
    with pytest.raises(InputError, match=r"^d\.json: does not say what test data hold"):
        read_hand_over(data, name="d.json")
