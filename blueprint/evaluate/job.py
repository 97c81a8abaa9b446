"""The scoring process (`python -m blueprint.evaluate.job`): numpy lives here, not in the platform.

It reads a question a line from stdin and prints an answer a line. It ends when stdin closes, so
never outlives the platform, and after 30 s without a question, so that the memory of numpy and
scipy is only held while submissions come in.
"""

import os
import selectors
import sys
import traceback

from blueprint.errors import BlueprintError
from blueprint.evaluate.outputs import validate
from blueprint.evaluate.protocol import (
    Answer,
    Failure,
    Validate,
    decode_question,
    encode_answer,
)
from blueprint.evaluate.scoring import score

IDLE_S = 30.0
_CHUNK_BYTES = 1024 * 1024


def answer(line: bytes) -> Answer:
    """Return the answer to the question in `line`; a fault of ours becomes a `Failure`."""
    try:
        question = decode_question(line)
        return validate(question) if isinstance(question, Validate) else score(question)
    except MemoryError:
        return Failure("the scoring process ran out of memory")
    except BlueprintError as error:
        return Failure(f"the scoring process failed: {error}")
    except Exception as error:  # noqa: BLE001 (the platform decides; the traceback is in its log)
        traceback.print_exc()
        return Failure(f"the scoring process failed: {type(error).__name__}")


def serve(read_fd: int, write_fd: int, idle_s: float = IDLE_S) -> None:
    """Answer questions from `read_fd` on `write_fd` until it closes or nothing comes."""
    with selectors.DefaultSelector() as selector:
        selector.register(read_fd, selectors.EVENT_READ)
        pending = b""
        while selector.select(idle_s):
            chunk = os.read(read_fd, _CHUNK_BYTES)
            if not chunk:
                return
            *lines, pending = (pending + chunk).split(b"\n")
            for line in lines:
                _write_all(write_fd, encode_answer(answer(line)))


def _write_all(write_fd: int, content: bytes) -> None:
    while content:
        content = content[os.write(write_fd, content) :]


def main() -> None:
    """Serve on stdin and stdout; whatever a library prints goes to stderr."""
    answers_fd = os.dup(1)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    serve(0, answers_fd)


if __name__ == "__main__":
    main()
