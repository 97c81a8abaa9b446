"""What the git gateway asks before it serves anybody: who it is, and whether they may."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Member:
    """A person who may use a team's repository now, and the token that they came with."""

    person_id: int
    username: str
    token_id: int


@dataclass(eq=False)
class RefusedError(Exception):
    """Why somebody may not, as an HTTP status and a sentence that git shows to its user."""

    status: int
    text: str
    verdict: str = "refused"
    """A few words that git puts behind each ref of a push."""


class Gate(Protocol):
    """Decides who may use which repository."""

    async def admit(self, authorization: str, team: str) -> Member:
        """Judge the `Authorization` header for a team; make its repository when absent.

        Raises:
            RefusedError: They may not.
            BusyError: It cannot be told now (`blueprint.threads`).
        """
        ...
