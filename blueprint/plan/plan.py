"""A plan: everything of a challenge that a deployment puts in force, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from blueprint.config.model import Challenge

Document = Mapping[str, Any]
"""JSON values: what a plan is stored as between two deploys."""


@dataclass(frozen=True)
class Plan:
    """What is in force, or would be."""

    software: str
    """The version of diychallenge that runs it."""
    challenge: Document
    """The whole model of challenge.yaml, defaults included, as JSON values."""

    @property
    def challenge_id(self) -> str:
        """The id of the challenge."""
        return str(self.challenge["challenge"]["id"])

    def as_document(self) -> dict[str, Any]:
        """Return the plan as JSON values."""
        return {"software": self.software, "challenge": dict(self.challenge)}


def make_plan(challenge: Challenge, *, software: str) -> Plan:
    """Return the plan of a challenge."""
    return Plan(software, document_of(challenge))


def document_of(challenge: Challenge) -> dict[str, Any]:
    """Return the model of challenge.yaml as JSON values, without what another target would read."""
    return challenge.model_dump(mode="json", by_alias=True, exclude=challenge.idle_sections)


def read_plan(document: Document) -> Plan:
    """Return the plan that `as_document` stored.

    Raises:
        KeyError: It was stored by a version that kept something else.
    """
    return Plan(str(document["software"]), dict(document["challenge"]))


def takes_code(challenge: Challenge) -> tuple[str, ...]:
    """Return the ids of the phases that run participants' code, in file order."""
    return tuple(phase.id for phase in challenge.phases if "code" in phase.submission)
