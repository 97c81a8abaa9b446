"""What test data hold, as a file: for a platform that has no access to the data themselves.

It is made where the data are (`diychallenge datasets write`) and kept by the platform. It holds
case ids, checksums and sizes, and nothing of what is in the files.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from blueprint.clock import to_text
from blueprint.config.model import Challenge, Split
from blueprint.config.model.base import SLUG
from blueprint.errors import InputError
from blueprint.evaluations.datasets import Dataset, read_dataset
from blueprint.evaluations.terms import Place

MAX_BYTES = 64 * 1024 * 1024
_Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
_CaseId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
_Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,63}$")]
_Slug = Annotated[str, StringConstraints(pattern=SLUG)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _File(_Strict):
    sha256: _Sha256
    size_bytes: Annotated[int, Field(ge=0, lt=2**63)]


class _Case(_Strict):
    inputs: dict[_Name, _File]
    reference: dict[_Name, _File]


class _Dataset(_Strict):
    format: Literal[1]
    task: _Slug
    split: Split
    cases: Annotated[dict[_CaseId, _Case], Field(min_length=1, max_length=100_000)]


class _Document(_Strict):
    format: Literal[1]
    challenge: _Slug
    made_at: datetime
    datasets: tuple[_Dataset, ...]


@dataclass(frozen=True)
class HandedOver:
    """What a file said that was handed over."""

    challenge: str
    made_at: datetime
    datasets: Mapping[Place, Dataset]

    def demand_fitting(self, challenge: Challenge, *, name: str) -> None:
        """Refuse what describes another challenge, or other files than its tasks have.

        Raises:
            InputError: It does.
        """
        if self.challenge != challenge.challenge.id:
            raise InputError(
                f"{name}: describes the data of {self.challenge!r}, not of"
                f" {challenge.challenge.id!r}",
                hint="`diychallenge datasets write` in the folder of this challenge makes it",
            )
        tasks = {task.id: task for task in challenge.tasks}
        for (task_id, split), dataset in self.datasets.items():
            task = tasks.get(task_id)
            if task is None:
                continue  # of a task that challenge.yaml had once
            expected = (set(task.inputs), {task.output})
            for case, one in dataset.cases.items():
                if (set(one.inputs), set(one.reference)) != expected:
                    raise InputError(
                        f"{name}: {task_id}/{split}: {case} has not the inputs and outputs that"
                        " challenge.yaml names",
                        hint="make it again: `diychallenge datasets write`",
                    )


def written(challenge: str, datasets: Iterable[Dataset], made_at: datetime) -> bytes:
    """Return the file that says what some datasets hold."""
    document = {
        "format": 1,
        "challenge": challenge,
        "made_at": to_text(made_at),
        "datasets": [one.as_document() for one in datasets],
    }
    return (json.dumps(document, indent=1) + "\n").encode()


def read_hand_over(data: bytes, *, name: str) -> HandedOver:
    """Return what such a file says.

    Raises:
        InputError: It is none.
    """
    try:
        if len(data) > MAX_BYTES:
            raise ValueError(f"larger than {MAX_BYTES >> 20} MiB")  # noqa: TRY301
        found = _Document.model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise _not_one(name, f"{where}: {first['msg']}") from None
    except ValueError as error:
        raise _not_one(name, str(error)) from None
    datasets = [read_dataset(one.model_dump()) for one in found.datasets]
    if found.made_at.tzinfo is None:
        raise _not_one(name, "made_at: without a time zone")
    by_place: dict[Place, Dataset] = {(one.task, one.split): one for one in datasets}
    return HandedOver(found.challenge, found.made_at.astimezone(UTC), by_place)


def _not_one(name: str, why: str) -> InputError:
    return InputError(
        f"{name}: does not say what test data hold: {why}",
        hint="`diychallenge datasets write --to FILE`, where the data are, makes one",
    )
