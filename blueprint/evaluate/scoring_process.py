"""Keeps one scoring process warm and asks it questions; numpy never enters the platform."""

import os
import selectors
import sys
from collections.abc import Callable
from types import TracebackType
from typing import Self

from blueprint.adapters.process import PIPE, Child, plain_environment, start_tied
from blueprint.clock import monotonic_s
from blueprint.errors import ToolError
from blueprint.evaluate.protocol import (
    Answer,
    Failure,
    Question,
    Score,
    Scores,
    Validate,
    Validation,
    decode_answer,
    encode_question,
)
from blueprint.resources import package_folder

# -P: a folder called blueprint where we happen to stand is not the program.
_ARGV = (sys.executable, "-P", "-m", "blueprint.evaluate.job")
_STDERR_FD = 2
_ASKED_EVERY_S = 0.5
_CHUNK_BYTES = 1024 * 1024
_MAX_ANSWER_BYTES = 64 * 1024 * 1024
# One worker, one core: the libraries' own threads would steal those of submissions.
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


class ScoringProcess:
    """A scoring process of one worker: started when asked, ended by itself when idle.

    Not for several threads at once: each worker has its own.
    """

    def __init__(self) -> None:
        self._child: Child | None = None

    @property
    def pid(self) -> int | None:
        """The process id, None while there is none."""
        return None if self._child is None else self._child.pid

    def warm_up(self) -> None:
        """Start the process unless it runs: it loads its libraries while others work."""
        self._ensure_child()

    def validate(
        self, question: Validate, *, timeout_s: float, keep_going: Callable[[], None]
    ) -> Validation:
        """Return what the predictions are worth (see `ask`)."""
        answer = self.ask(question, timeout_s=timeout_s, keep_going=keep_going)
        if not isinstance(answer, Validation):
            raise ToolError("the scoring process answered another question")
        return answer

    def score(self, question: Score, *, timeout_s: float, keep_going: Callable[[], None]) -> Scores:
        """Return the scores of predictions (see `ask`)."""
        answer = self.ask(question, timeout_s=timeout_s, keep_going=keep_going)
        if not isinstance(answer, Scores):
            raise ToolError("the scoring process answered another question")
        return answer

    def ask(
        self, question: Question, *, timeout_s: float, keep_going: Callable[[], None]
    ) -> Answer:
        """Return the answer to a question.

        Args:
            question: What to validate or to score.
            timeout_s: After this the process is killed.
            keep_going: Asked twice a second; what it raises ends the question and the process.

        Raises:
            ToolError: The process failed, answered nonsense, or did not answer in time.
        """
        line = encode_question(question)
        deadline_s = monotonic_s() + timeout_s
        answer = self._exchange(line, deadline_s, keep_going)
        if answer is None:  # it had just ended of itself, being idle: a new one will not
            answer = self._exchange(line, deadline_s, keep_going)
        if answer is None:
            raise ToolError("the scoring process ended without an answer")
        if isinstance(answer, Failure):
            raise ToolError(answer.text)
        return answer

    def close(self) -> None:
        """End the process; the next question starts another one."""
        if self._child is not None:
            child, self._child = self._child, None
            child.__exit__(None, None, None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def _exchange(
        self, line: bytes, deadline_s: float, keep_going: Callable[[], None]
    ) -> Answer | None:
        """Return the answer, or None when the process ended first."""
        try:
            raw = _talk(self._ensure_child(), line, deadline_s, keep_going)
            answer = None if raw is None else decode_answer(raw)
        except BaseException:
            self.close()  # in the middle of an answer it is of no more use
            raise
        if answer is None:
            self.close()
        return answer

    def _ensure_child(self) -> Child:
        if self._child is not None and self._child.poll() is not None:
            self.close()
        if self._child is None:
            ours = {"PYTHONPATH": str(package_folder().parent)}
            environment = plain_environment() | _ONE_THREAD | ours
            self._child = start_tied(
                _ARGV, env=environment, stdin=PIPE, stdout=PIPE, stderr=_STDERR_FD
            )
        return self._child


def _talk(
    child: Child, line: bytes, deadline_s: float, keep_going: Callable[[], None]
) -> bytes | None:
    """Write a line and return the line that comes back, or None when the pipes close."""
    if child.stdin is None or child.stdout is None:
        raise ToolError("the scoring process has no pipes")
    try:
        child.stdin.write(line)
        child.stdin.flush()
    except BrokenPipeError:
        return None
    answer_fd = child.stdout.fileno()
    answer = bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(answer_fd, selectors.EVENT_READ)
        while not answer.endswith(b"\n"):
            keep_going()
            if monotonic_s() > deadline_s or len(answer) > _MAX_ANSWER_BYTES:
                raise ToolError("the scoring process did not answer in time")
            if selector.select(_ASKED_EVERY_S):
                chunk = os.read(answer_fd, _CHUNK_BYTES)
                if not chunk:
                    return None
                answer += chunk
    return bytes(answer)
