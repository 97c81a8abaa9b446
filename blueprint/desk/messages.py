"""What worker and platform say to each other over HTTPS: one JSON document each, bounded.

docs/reference/runner-api.md describes it for whoever writes another worker.
"""

from dataclasses import dataclass
from typing import Annotated, Literal, TypeVar

from pydantic import Field, StringConstraints, TypeAdapter, ValidationError

from blueprint.desk.port import MAX_LOG_BYTES, Keep
from blueprint.desk.ticket import Hold, Offers, Ticket, WorkerName
from blueprint.errors import BlueprintError
from blueprint.ledger.outcomes import Result
from blueprint.ledger.states import FaultClass, State

PREFIX = "/runner/v1"
MAX_QUESTION_BYTES = 1024 * 1024
MAX_RESULT_BYTES = 64 * 1024 * 1024
"""Of `record` alone."""
MAX_ANSWER_BYTES = 32 * 1024 * 1024
"""The ticket of a rescore names every case with a checksum."""

Note = Annotated[str, StringConstraints(max_length=4000)]
Log = Annotated[str, StringConstraints(max_length=MAX_LOG_BYTES)]
T = TypeVar("T")


class MessageError(BlueprintError):
    """A body is not what may be said here."""


@dataclass(frozen=True)
class LeaseQuestion:
    """`lease`: is there work for me? Answered with a ticket, or with nothing."""

    worker: WorkerName
    offers: Offers | None = None


@dataclass(frozen=True)
class KeepQuestion:
    """`keep`: I am at work."""

    hold: Hold
    note: Note | None = None
    log: Log | None = None


@dataclass(frozen=True)
class KeepAnswer:
    """What to do."""

    keep: Keep


@dataclass(frozen=True)
class AdvanceQuestion:
    """`advance`: it came to its next state."""

    hold: Hold
    to: State
    note: Note = ""


@dataclass(frozen=True)
class CodeQuestion:
    """`code`: its files. Answered with an archive."""

    hold: Hold


@dataclass(frozen=True)
class FaultSaid:
    """A fault as it is said here."""

    class_: FaultClass
    code: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
    message: Note


@dataclass(frozen=True)
class FailQuestion:
    """`fail`: the attempt came to no scores."""

    hold: Hold
    fault: FaultSaid
    log: Log | None = None


@dataclass(frozen=True)
class RecordQuestion:
    """`record`: its scores."""

    hold: Hold
    result: Result
    log: Log | None = None


@dataclass(frozen=True)
class ReleaseQuestion:
    """`release`: I hold nothing any more."""

    worker: WorkerName


@dataclass(frozen=True)
class Problem:
    """Why nothing was done: `lost` (409), `code` (422), `message` (400), `worker` (403)."""

    problem: Literal["lost", "code", "message", "worker", "busy"]
    text: Annotated[str, Field(max_length=4000)] = ""


def encode(message: object) -> bytes:
    """Return a message as JSON."""
    return TypeAdapter(type(message)).dump_json(message)


def decode(kind: type[T], body: bytes) -> T:
    """Return the message of this kind in a body.

    Raises:
        MessageError: It is no such message.
    """
    try:
        return TypeAdapter(kind).validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise MessageError(f"not a {kind.__name__}: {where}: {first['msg']}") from None


def decode_ticket(body: bytes) -> Ticket:
    """Return the ticket in a body.

    Raises:
        MessageError: It is none.
    """
    return decode(Ticket, body)
