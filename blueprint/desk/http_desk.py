"""The desk of a platform on another machine: every method is a question to its runner API."""

import logging
import shutil
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import TypeVar

from blueprint.adapters.runner_client import RunnerClient, UnreachableError
from blueprint.clock import monotonic_s
from blueprint.desk.archive import CutOffError, unpack
from blueprint.desk.messages import (
    MAX_ANSWER_BYTES,
    PREFIX,
    AdvanceQuestion,
    CodeQuestion,
    FailQuestion,
    FaultSaid,
    KeepAnswer,
    KeepQuestion,
    LeaseQuestion,
    MessageError,
    Problem,
    RecordQuestion,
    ReleaseQuestion,
    decode,
    decode_ticket,
    encode,
)
from blueprint.desk.port import CodeError, DeskUnreachableError, Keep, shortened
from blueprint.desk.ticket import Hold, Offers, Ticket
from blueprint.errors import BlueprintError, InputError, ToolError
from blueprint.ledger.outcomes import AttemptFault, LostLease, Result
from blueprint.ledger.states import State

_OK, _NOTHING, _FORBIDDEN, _LOST, _REFUSED = 200, 204, 403, 409, 422
_PAUSES_S = (0.5, 1.0, 2.0, 5.0, 10.0)
_log = logging.getLogger(__name__)
T = TypeVar("T")


class HttpDesk:
    """Asks over HTTPS; what may be asked again is asked again while no answer comes.

    Safe to share between threads.
    """

    def __init__(
        self, client: RunnerClient, *, stopping: Event | None = None, patience_s: float = 240.0
    ) -> None:
        """Set how long to be patient.

        Args:
            client: How to reach the platform.
            stopping: When set, nothing is asked a second time.
            patience_s: How long a question is repeated; below a lease's length.
        """
        self._client = client
        self._stopping = stopping or Event()
        self._patience_s = patience_s

    def lease(self, worker: str, offers: Offers | None) -> Ticket | None:
        """Ask for work once; a lost answer is given again to whoever asks next."""
        status, body = self._once("lease", LeaseQuestion(worker, offers))
        if status == _NOTHING:
            return None
        return _trusted(decode_ticket, _accepted("lease", status, body))

    def keep(self, hold: Hold, *, note: str | None = None, log: str | None = None) -> Keep:
        """Ask once: the next second brings the next question."""
        question = KeepQuestion(hold, note, None if log is None else shortened(log))
        try:
            body = _accepted("keep", *self._once("keep", question))
        except LostLease:
            return "withdrawn"
        return _trusted(lambda content: decode(KeepAnswer, content), body).keep

    def advance(self, hold: Hold, to: State, note: str = "") -> None:
        """Say it until it is heard."""
        self._until_heard("advance", AdvanceQuestion(hold, to, note[:4000]))

    def fetch_code(self, hold: Hold, into: Path) -> int:
        """Fetch the archive, from its beginning again when it was cut off."""
        question = encode(CodeQuestion(hold))

        def fetch() -> int:
            with self._client.stream(f"{PREFIX}/code", question) as (status, pieces):
                if status != _OK:
                    _accepted("code", status, b"".join(_first(pieces, MAX_ANSWER_BYTES)))
                return unpack(pieces, into)

        def begin_again() -> None:
            for path in into.iterdir():
                shutil.rmtree(path) if path.is_dir() else path.unlink()

        return self._repeat("code", fetch, begin_again)

    def fail(self, hold: Hold, fault: AttemptFault, *, log: str | None = None) -> None:
        """Say it until it is heard."""
        said = FaultSaid(fault.class_, fault.code, fault.message[:4000])
        self._until_heard("fail", FailQuestion(hold, said, shortened(log or "")))

    def record(self, hold: Hold, result: Result, *, log: str | None = None) -> None:
        """Say it until it is heard; the platform writes it down once."""
        self._until_heard("record", RecordQuestion(hold, result, shortened(log or "")))

    def release(self, worker: str) -> None:
        """Say it until it is heard."""
        self._until_heard("release", ReleaseQuestion(worker))

    def _until_heard(self, what: str, question: object) -> None:
        self._repeat(what, lambda: _accepted(what, *self._once(what, question)), lambda: None)

    def _once(self, what: str, question: object) -> tuple[int, bytes]:
        try:
            return self._client.post(
                f"{PREFIX}/{what}", encode(question), max_bytes=MAX_ANSWER_BYTES
            )
        except UnreachableError as error:
            raise DeskUnreachableError(f"the platform does not answer: {error}") from None

    def _repeat(self, what: str, ask: Callable[[], T], begin_again: Callable[[], None]) -> T:
        end_s, tries = monotonic_s() + self._patience_s, 0
        while True:
            try:
                return ask()
            except (DeskUnreachableError, UnreachableError, CutOffError) as error:
                begin_again()
                pause_s = _PAUSES_S[min(tries, len(_PAUSES_S) - 1)]
                tries += 1
                _log.warning("%s: %s (asked %d times)", what, error, tries)
                if monotonic_s() + pause_s > end_s or self._stopping.wait(pause_s):
                    raise DeskUnreachableError(f"{what}: {error}") from None


def _accepted(what: str, status: int, body: bytes) -> bytes:
    """Return the body of a good answer; raise what another one says."""
    if status in (_OK, _NOTHING):
        return body
    if status not in (400, _FORBIDDEN, 404, 413, _LOST, _REFUSED):
        raise DeskUnreachableError(f"{what}: the platform answered {status}")
    raise _refusal(what, status, body)


def _refusal(what: str, status: int, body: bytes) -> BlueprintError:
    try:
        problem = decode(Problem, body)
    except MessageError:
        problem = Problem("message", f"the platform answered {status}")
    if problem.problem == "lost":
        return LostLease(problem.text)
    if problem.problem == "code":
        return CodeError(problem.text)
    if problem.problem == "worker":
        return InputError(
            f"{what}: the platform does not know this worker: {problem.text}",
            hint="`diychallenge evaluators list` there shows who is known",
        )
    return ToolError(f"{what}: refused: {problem.text}", hint="are both of the same version?")


def _trusted(read: Callable[[bytes], T], body: bytes) -> T:
    try:
        return read(body)
    except MessageError as error:
        raise ToolError(
            f"the platform's answer is not understood: {error}",
            hint="are both of the same version?",
        ) from None


def _first(pieces: object, limit: int) -> list[bytes]:
    kept: list[bytes] = []
    for piece in pieces:  # type: ignore[attr-defined]
        kept.append(piece)
        if sum(map(len, kept)) > limit:
            break
    return kept
