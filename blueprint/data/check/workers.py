"""Several workers that open files at once, one file each; none outlives this process."""

import json
import os
import selectors
import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from blueprint.adapters.process import PIPE, Child, plain_environment, start_tied
from blueprint.data.check.findings import Finding, from_json
from blueprint.resources import package_folder

_STDERR_FD = 2
_CHUNK_BYTES = 1024 * 1024
_MAX_ANSWER_BYTES = 16 * 1024 * 1024
_ASKED_EVERY_S = 0.25
_WORTH_ANOTHER_BYTES = 2 * 1024 * 1024
"""A worker takes a third of a second to start: fewer bytes than this are not worth another."""
_MOST_WORKERS = 32
# One worker, one core: the libraries' own threads would fight over them.
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


@dataclass(frozen=True)
class Question:
    """A file to open."""

    path: Path
    is_mask: bool


def find_out_all(
    questions: Sequence[Question], cache_folders: Sequence[Path], *, tick: Callable[[], None]
) -> Generator[tuple[Question, Finding], None, None]:
    """Yield what each file holds, as soon as it is known.

    Closing the iterator early (Ctrl-C too) ends every worker.

    Args:
        questions: The files.
        cache_folders: Where findings are remembered, see `FactCache`.
        tick: Called a few times a second while workers work.
    """
    waiting = list(reversed(questions))
    worth = 1 + sum(map(_size_bytes, waiting)) // _WORTH_ANOTHER_BYTES
    count = min(_cores(), _MOST_WORKERS, len(waiting), worth)
    with ExitStack() as stack, selectors.DefaultSelector() as selector:
        for _ in range(count):
            worker = _Worker(cache_folders, stack)
            worker.ask(waiting.pop())
            selector.register(worker.answers_fd, selectors.EVENT_READ, worker)
        while selector.get_map():
            tick()
            for key, _ in selector.select(_ASKED_EVERY_S):
                worker = key.data
                finding = worker.read()
                if finding is None:
                    continue
                selector.unregister(worker.answers_fd)
                yield worker.question, finding
                if waiting:
                    worker.ask(waiting.pop())
                    selector.register(worker.answers_fd, selectors.EVENT_READ, worker)


class _Worker:
    """One child and the file that it has open; a child that died is replaced by another."""

    def __init__(self, cache_folders: Sequence[Path], stack: ExitStack) -> None:
        folders = [str(folder) for folder in cache_folders]
        # -P: a folder called blueprint where we happen to stand is not the program.
        self._argv = [sys.executable, "-P", "-m", "blueprint.data.check.job", *folders]
        self._stack = stack
        self._child = self._start()
        self._answer = bytearray()
        self.question = Question(Path(), is_mask=False)

    @property
    def answers_fd(self) -> int:
        """Where the answer comes in."""
        return _open_end(self._child.stdout).fileno()

    def ask(self, question: Question) -> None:
        """Give the child a file to open."""
        self.question = question
        line = json.dumps({"path": str(question.path), "is_mask": question.is_mask}) + "\n"
        if self._child.poll() is not None:
            self._child = self._start()
        try:
            self._send(line)
        except BrokenPipeError:
            self._child = self._start()
            self._send(line)

    def read(self) -> Finding | None:
        """Return the answer, or None while it is not whole."""
        piece = os.read(self.answers_fd, _CHUNK_BYTES)
        self._answer += piece
        if piece and not self._answer.endswith(b"\n") and len(self._answer) < _MAX_ANSWER_BYTES:
            return None
        line, self._answer = bytes(self._answer), bytearray()
        if not line.endswith(b"\n"):
            self._child.kill()
            code = self._child.wait()
            return Finding(None, None, f"could not be read: the program that reads it {_end(code)}")
        found = json.loads(line)
        if "failure" in found:
            return Finding(None, None, found["failure"])
        return from_json(found)

    def _start(self) -> Child:
        ours = {"PYTHONPATH": str(package_folder().parent)}
        environment = plain_environment() | _ONE_THREAD | ours
        return self._stack.enter_context(
            start_tied(self._argv, env=environment, stdin=PIPE, stdout=PIPE, stderr=_STDERR_FD)
        )

    def _send(self, line: str) -> None:
        stdin = _open_end(self._child.stdin)
        stdin.write(line.encode("ascii"))
        stdin.flush()


def _open_end(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise AssertionError("a worker has pipes")
    return stream


def _end(code: int | None) -> str:
    if code is not None and code < 0:
        return f"was ended by signal {-code} (9 mostly means: too little memory)"
    return f"ended with exit code {code}"


def _size_bytes(question: Question) -> int:
    try:
        return question.path.lstat().st_size
    except OSError:
        return 0


def _cores() -> int:
    return len(os.sched_getaffinity(0))
