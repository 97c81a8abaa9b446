"""Puts a checked push into the ledger: reserved before git stores its tag, accepted after."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, insert, text, update

from blueprint import audit
from blueprint.database.schema import submissions
from blueprint.ledger.submissions import Submission, load, load_one, query
from blueprint.ledger.transition import remark

_COUNTER = "last_submission"
_COUNT = text(
    "INSERT INTO meta (key, value) VALUES (:key, '1') ON CONFLICT (key) DO UPDATE"
    " SET value = CAST(CAST(meta.value AS INTEGER) + 1 AS VARCHAR) RETURNING value"
)
MakeReceipt = Callable[[Submission], Mapping[str, object]]
"""Returns the signed receipt of a submission whose tag is stored."""


@dataclass(frozen=True)
class Push:
    """What is known of a submission when its push was checked."""

    challenge: str
    phase: str
    task: str
    team_id: int
    person_id: int
    username: str
    commit_sha: str
    tag: str
    kind: str
    manifest: Mapping[str, object]


def find_reservation(
    connection: Connection, *, challenge: str, phase: str, team_id: int, commit_sha: str
) -> Submission | None:
    """Return the team's submission of this commit in this phase, if there is one."""
    found = load(
        connection,
        query().where(
            submissions.c.challenge == challenge,
            submissions.c.phase == phase,
            submissions.c.team_id == team_id,
            submissions.c.commit_sha == commit_sha,
        ),
    )
    return found[0] if found else None


def reserve(connection: Connection, push: Push, now: datetime) -> Submission:
    """Write a checked push down; there is no receipt before its tag is stored.

    The caller judged limits, and that there is no such submission yet, in the same write
    transaction; the table's unique key holds even where a caller did not.
    """
    number = _next_number(connection)
    fields = {key: value for key, value in vars(push).items() if key != "username"}
    connection.execute(
        insert(submissions).values(
            **fields, id=number, nonce=secrets.token_hex(16), state="received", state_since=now,
            received_at=now, receipt={},
        )
    )  # fmt: skip
    remark(connection, number, at=now, from_state=None, to_state="received", note="pushed")
    return load_one(connection, number)


def refresh(connection: Connection, submission: Submission, now: datetime) -> None:
    """Give a reservation whose tag is being pushed again another minute to be stored."""
    connection.execute(
        update(submissions)
        .where(submissions.c.id == submission.id, submissions.c.confirmed_at.is_(None))
        .values(state_since=now)
    )


def confirm(
    connection: Connection,
    submission: Submission,
    tag: str,
    make_receipt: MakeReceipt,
    now: datetime,
) -> Submission | None:
    """Accept a submission whose tag git has stored: it gets its receipt and joins the queue.

    A reservation that a second tag on the same commit confirms takes that tag's name. None, and
    nothing is changed, when it was accepted before.
    """
    named = replace(submission, tag=tag)
    accepted = connection.execute(
        update(submissions)
        .where(submissions.c.id == submission.id, submissions.c.confirmed_at.is_(None))
        .values(confirmed_at=now, tag=tag, receipt=dict(make_receipt(named)))
    )
    if accepted.rowcount != 1:
        return None
    detail = {"phase": named.phase, "commit": named.commit_sha, "tag": tag}
    audit.append(connection, now, named.username, "submission.accepted", str(named.id), detail)
    return load_one(connection, submission.id)


def _next_number(connection: Connection) -> int:
    """Return a number that no submission ever had, not even one that was withdrawn.

    One statement counts and reads: of two pushes at once the later waits, and gets the next.
    """
    return int(connection.execute(_COUNT, {"key": _COUNTER}).scalar_one())
