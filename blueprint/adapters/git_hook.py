"""The git hook: tells the platform what is being pushed, prints the answer, decides nothing.

Run by git as `python -I -S git_hook.py pre-receive` (or `post-receive`), with the standard library
alone. The protocol is described in docs/reference/hook-protocol.md.
"""

import base64
import contextlib
import json
import os
import selectors
import socket
import subprocess
import sys
import time

PROTOCOL = 2
SUBMISSION = "refs/tags/submission/"
ROOMS = ("refs/heads/", "refs/tags/")
MAX_REFS = 200
MAX_TAGS = 2
MAX_INPUT_BYTES = 256 * 1024
MAX_LISTING_BYTES = 1024 * 1024
MAX_ENTRIES = 5000
MAX_MANIFEST_BYTES = 64 * 1024
MAX_ANSWER_BYTES = 64 * 1024
GIT_S = 20.0  # for everything that git is asked in one hook
ANSWER_S = 20.0
ACCEPT, REFUSE = 200, 409

_BEGUN_S = time.monotonic()
_STREAM_LARGE_FILES = ("-c", "core.bigFileThreshold=1m")  # instead of holding them in memory
# No object may stand in for another when the files are listed.
_ENVIRONMENT = {**os.environ, "GIT_NO_REPLACE_OBJECTS": "1", "LC_ALL": "C.UTF-8"}
_UNREACHABLE = """\
refused: the platform did not answer, so this submission could not be registered.
  Nothing was stored and no quota was used: please push it again in a minute.
"""
_STORED = "The platform did not answer; your branches are stored all the same.\n"
_UNCONFIRMED = """\
stored: {tags}; but the platform did not answer: its receipt cannot be shown here
  it is registered within a few minutes: look in the portal before you push again
"""


def main() -> int:
    """Report one push and return the exit code: 0 lets git store it, 1 does not."""
    stage = sys.argv[1]
    refs: list[dict[str, str]] = []
    is_complete = False
    try:
        refs, is_complete = read_refs(sys.stdin.buffer.read(MAX_INPUT_BYTES + 1))
        told = report(refs, is_complete, stage)
        status, text = ask(os.environ["DIYCHALLENGE_SOCKET"], stage, told)
    except Exception:  # noqa: BLE001 (whatever it is: a traceback helps nobody who pushes)
        status, text = 0, b""
    if status not in (ACCEPT, REFUSE):
        return unanswered(refs, is_complete, stage)
    sys.stdout.buffer.write(text)
    sys.stdout.buffer.flush()
    return 0 if status == ACCEPT else 1


def unanswered(refs: list[dict[str, str]], is_complete: bool, stage: str) -> int:
    """Fail closed where quota and receipts are at stake, open for branches and other tags."""
    if stage != "pre-receive":
        made = [ref["ref"] for ref in refs if ref["ref"].startswith(SUBMISSION) and is_new(ref)]
        if made:
            tags = ", ".join(ref.removeprefix("refs/tags/") for ref in made[:MAX_TAGS])
            sys.stdout.write(_UNCONFIRMED.format(tags=tags))
            sys.stdout.flush()
        return 0
    judged = [ref for ref in refs if is_judged(ref["ref"])]
    is_closed = not refs or not is_complete or bool(judged)
    sys.stdout.write(_UNREACHABLE if is_closed else _STORED)
    sys.stdout.flush()
    return 1 if is_closed else 0


def is_judged(ref: str) -> bool:
    """Tell whether a ref is never stored without the platform's word."""
    return (ref + "/").startswith(SUBMISSION) or not ref.startswith(ROOMS)


def read_refs(given: bytes) -> tuple[list[dict[str, str]], bool]:
    """Return the refs that git named on standard input, and whether these are all."""
    # Not `splitlines`: it also splits at signs that the name of a branch may hold.
    lines = given.decode("utf-8", "replace").split("\n")
    lines = lines[:-1] if not lines[-1] else lines
    is_complete = len(given) <= MAX_INPUT_BYTES and len(lines) <= MAX_REFS
    refs = []
    for line in lines[:MAX_REFS]:
        old, new, ref = line.split(" ", 2)
        refs.append({"ref": ref, "old": old, "new": new})
    return refs, is_complete


def report(refs: list[dict[str, str]], is_complete: bool, stage: str) -> dict[str, object]:
    """Return what the platform is told."""
    made = [ref for ref in refs if ref["ref"].startswith(SUBMISSION) and is_new(ref)]
    tags = [tag_report(ref, stage) for ref in made[:MAX_TAGS]]
    return {
        "protocol": PROTOCOL,
        "username": os.environ.get("DIYCHALLENGE_USERNAME", ""),
        "team": os.environ.get("DIYCHALLENGE_TEAM", ""),
        "refs": refs,
        "refs_complete": is_complete,
        "tags": tags,
    }


def is_new(ref: dict[str, str]) -> bool:
    """Tell whether a ref is made by this push: neither moved nor deleted."""
    return set(ref["old"]) == {"0"} and set(ref["new"]) != {"0"}


def tag_report(ref: dict[str, str], stage: str) -> dict[str, object]:
    """Return the commit of a new submission tag and, before it is stored, what is in it."""
    found, _ = git(["rev-parse", "--verify", "--quiet", ref["new"] + "^{commit}"], 200)
    commit = (found or b"").decode("ascii", "replace").strip() or None
    told: dict[str, object] = {"ref": ref["ref"], "commit": commit}
    if commit is None or stage != "pre-receive":
        return told
    # With -t folders are listed too, so that even a tree of nothing but folders meets the cap.
    listing, listed = git(["ls-tree", "-rtlz", "--full-tree", commit], MAX_LISTING_BYTES)
    manifest, read = git(["cat-file", "blob", commit + ":submission.yaml"], MAX_MANIFEST_BYTES)
    return {
        **told,
        "listing": in_base64(listing),
        "listing_complete": listed,
        "manifest": in_base64(manifest),
        "manifest_complete": read,
    }


def in_base64(data: bytes | None) -> str | None:
    """Return bytes as text, None as None."""
    return None if data is None else base64.b64encode(data).decode("ascii")


def git(arguments: list[str], limit_bytes: int) -> tuple[bytes | None, bool]:
    """Return what git printed, up to a bound in bytes, entries and time, and whether it is all.

    None when git itself said no: there is no such thing.
    """
    with subprocess.Popen(
        ["git", *_STREAM_LARGE_FILES, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, env=_ENVIRONMENT,
    ) as child:  # fmt: skip
        assert child.stdout is not None  # noqa: S101 (asked for above)
        output, entries, deadline = b"", 0, _BEGUN_S + GIT_S
        with selectors.DefaultSelector() as selector:
            selector.register(child.stdout, selectors.EVENT_READ)
            while selector.select(max(0.0, deadline - time.monotonic())):
                chunk = os.read(child.stdout.fileno(), 65536)
                if not chunk:
                    return (output, True) if child.wait() == 0 else (None, False)
                output += chunk
                entries += chunk.count(b"\0")
                if len(output) > limit_bytes or entries > MAX_ENTRIES:
                    break
        child.kill()
    # The last entry may be cut in two: only whole ones are passed on.
    return output[: output.rfind(b"\0") + 1], False


def ask(path: str, stage: str, told: dict[str, object]) -> tuple[int, bytes]:
    """Return the platform's status and answer (HTTP/1.0, so it ends where the connection does)."""
    body = json.dumps(told).encode("ascii")
    head = (
        f"POST /hook/v2/{stage} HTTP/1.0\r\nHost: platform\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    answer, deadline = b"", time.monotonic() + ANSWER_S
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(ANSWER_S)
        line.connect(path)
        line.sendall(head.encode("ascii") + body)
        while len(answer) <= MAX_ANSWER_BYTES:
            line.settimeout(max(0.01, deadline - time.monotonic()))
            chunk = line.recv(65536)
            if not chunk:
                break
            answer += chunk
    head_bytes, _, text = answer.partition(b"\r\n\r\n")
    return int(head_bytes.split(b" ", 2)[1]), text


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):  # whoever pushed is gone
        sys.exit(main())
