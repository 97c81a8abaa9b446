"""Judges the refs of a push: a submission, work in progress, or neither."""

import re
from collections.abc import Iterator, Sequence

from blueprint.intake.hook_protocol import SUBMISSION, PushReport, RefUpdate

MAX_REFS = 50
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_ROOMS = ("refs/heads/", "refs/tags/")
_BLOCKING = SUBMISSION.rstrip("/")
"""A ref cannot be both a file and a folder: one of this name keeps every submission out."""


def judge_refs(report: PushReport) -> list[str]:
    """Return why a push is refused for its refs alone, all reasons at once."""
    if not report.refs_complete or len(report.refs) > MAX_REFS:
        return [f"a push changes at most {MAX_REFS} branches and tags: push fewer at once"]
    return list(_judge(report.refs))


def short(ref: str) -> str:
    """Return a ref as people write it, safe to show."""
    name = next((ref.removeprefix(room) for room in _ROOMS if ref.startswith(room)), ref)
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in name)[:120]


def _judge(refs: Sequence[RefUpdate]) -> Iterator[str]:
    for update in refs:
        if not update.ref.startswith(_ROOMS):
            yield f"{short(update.ref)}: only branches and tags are stored here"
        elif update.ref == _BLOCKING and not update.is_deleted:
            yield (
                "submission: no submission could be stored beside a tag of this name; after"
                " submission/ comes a name, such as submission/1"
            )
        elif update.is_submission:
            yield from _judge_submission(update)
    made = [update for update in refs if update.is_submission and update.is_new]
    if len(made) > 1:
        names = ", ".join(short(update.ref) for update in made[:5])
        more = f" and {len(made) - 5} more" if len(made) > 5 else ""  # noqa: PLR2004 (as above)
        yield f"one submission a push: {names}{more} are {len(made)}; push them one by one"


def _judge_submission(update: RefUpdate) -> Iterator[str]:
    name = update.ref.removeprefix(SUBMISSION)
    if update.is_deleted and not update.is_new:
        yield f"{short(update.ref)} stays: a submission is not deleted, its receipt names it"
    elif not update.is_new:
        yield (
            f"{short(update.ref)} exists and is never moved, its receipt names the commit:"
            " choose a new name"
        )
    elif not _NAME.fullmatch(name) or name.endswith((".", ".lock")):
        yield (
            f"{short(update.ref)}: after submission/ comes a name of 1 to 64 letters, digits,"
            " '.', '_' and '-', such as submission/1"
        )
