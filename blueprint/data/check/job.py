"""A worker that opens files (`python -m blueprint.data.check.job FOLDER...`): numpy lives here.

It reads a question a line from stdin, `{"path": ..., "is_mask": ...}`, and prints an answer a line:
a finding, or `{"failure": ...}`. The folders are those of the cache, the first to write to. It
ends when stdin closes, so it never outlives the command that started it.
"""

import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any

from blueprint.data.check.findings import Finding, Findings, to_json
from blueprint.data.fact_cache import FactCache
from blueprint.images.examine import ChangedError, examine
from blueprint.images.sources import VolumeError, open_regular
from blueprint.images.volumes import Limits

_LIMITS = Limits()


def find_out(path: Path, findings: Findings, *, is_mask: bool) -> Finding:
    """Return what a file holds, or why it is refused."""
    try:
        _demand_size(path)
        digest = findings.digests.digest(path)
    except VolumeError as error:
        return Finding(None, None, error.in_full)
    found = findings.of_content(digest, is_mask=is_mask)
    if found is not None:
        return found
    try:
        facts = examine(path, _LIMITS, sha256=digest.sha256, is_mask=is_mask)
        found = Finding(digest, facts)
    except ChangedError as error:
        return Finding(None, None, str(error))
    except VolumeError as error:
        found = Finding(digest, None, error.in_full)
    findings.remember(found, is_mask=is_mask)
    return found


def answer(line: str, findings: Findings) -> dict[str, Any]:
    """Return the answer to the question in `line`."""
    question = json.loads(line)
    try:
        found = find_out(Path(question["path"]), findings, is_mask=question["is_mask"])
    except MemoryError:
        return {"failure": "needs more memory than this machine has to spare"}
    except OSError as error:
        return {"failure": f"cannot be read: {error.strerror or error}"}
    except Exception as error:  # noqa: BLE001 (the command names the file; the traceback is above it)
        traceback.print_exc()
        return {"failure": f"could not be examined: unexpected {type(error).__name__}"}
    return to_json(found)


def main() -> None:
    """Answer on stdout until stdin closes; whatever a library prints goes to stderr."""
    answers = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    findings = Findings(FactCache(*map(Path, sys.argv[1:])))
    for line in sys.stdin:
        answers.write(json.dumps(answer(line, findings), allow_nan=False) + "\n")
        answers.flush()


def _demand_size(path: Path) -> None:
    """Refuse a file that is too large to be read at all before its checksum is made."""
    with open_regular(path) as file:
        size_bytes = os.fstat(file.fileno()).st_size
    if size_bytes > _LIMITS.file_bytes:
        raise VolumeError(f"is larger than {_LIMITS.file_bytes / 2**20:g} MiB")
    if size_bytes == 0:
        raise VolumeError("is empty")


if __name__ == "__main__":
    main()
