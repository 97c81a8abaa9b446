"""Takes back reservations whose tag never came, and puts them back when it comes after all."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select

from blueprint import audit
from blueprint.database.schema import submissions, teams, withdrawals
from blueprint.ledger.reservations import find_reservation
from blueprint.ledger.submissions import Submission, load_one
from blueprint.ledger.transition import remark

LOOK_FOR = timedelta(hours=1)
"""How long the sweeper goes on looking for the tag of what was taken back."""
_KEPT = (
    "challenge", "phase", "task", "team_id", "person_id", "commit_sha", "tag", "kind", "manifest",
    "received_at",
)  # fmt: skip


@dataclass(frozen=True)
class Withdrawal:
    """A reservation that was taken back; it used no quota and was never given a receipt."""

    submission_id: int
    challenge: str
    phase: str
    team_id: int
    team_slug: str
    commit_sha: str
    tag: str
    received_at: datetime


def withdraw(connection: Connection, submission: Submission, now: datetime) -> bool:
    """Take back a reservation whose tag never came: quota and commit are free again.

    False, and nothing is changed, when it was confirmed or pushed again in the meantime.
    """
    gone = connection.execute(
        delete(submissions).where(
            submissions.c.id == submission.id,
            submissions.c.confirmed_at.is_(None),
            submissions.c.state_since == submission.state_since,
        )
    )
    if gone.rowcount != 1:
        return False
    kept = {name: getattr(submission, name) for name in _KEPT}
    connection.execute(
        insert(withdrawals).values(submission_id=submission.id, withdrawn_at=now, **kept)
    )
    detail = {"commit": submission.commit_sha, "tag": submission.tag}
    audit.append(connection, now, "platform", "submission.withdrawn", str(submission.id), detail)
    return True


def find_withdrawn(connection: Connection, team: str, commit_sha: str) -> list[Withdrawal]:
    """Return what was taken back of a team's commit, the last one first."""
    ours = (teams.c.slug == team, withdrawals.c.commit_sha == commit_sha)
    return _load(connection, *ours)


def recently_withdrawn(connection: Connection, now: datetime) -> list[Withdrawal]:
    """Return what was taken back so lately that its tag may still come."""
    return _load(connection, withdrawals.c.withdrawn_at > now - LOOK_FOR)


def is_replaced(connection: Connection, gone: Withdrawal) -> bool:
    """Tell whether the commit was pushed again meanwhile, which made a submission of its own."""
    found = find_reservation(
        connection, challenge=gone.challenge, phase=gone.phase, team_id=gone.team_id,
        commit_sha=gone.commit_sha,
    )  # fmt: skip
    return found is not None


def reinstate(connection: Connection, gone: Withdrawal, now: datetime) -> Submission:
    """Put a reservation back as it was: with its number, and the time at which it was received.

    The caller judged, in the same write transaction, that there is room for it within the limits
    and that `is_replaced` is false.
    """
    columns = [withdrawals.c[name] for name in _KEPT]
    mine = withdrawals.c.submission_id == gone.submission_id
    kept = connection.execute(select(*columns).where(mine)).mappings().one()
    connection.execute(delete(withdrawals).where(mine))
    connection.execute(
        insert(submissions).values(
            **kept, id=gone.submission_id, nonce=secrets.token_hex(16), state="received",
            state_since=now, receipt={},
        )
    )  # fmt: skip
    note = "its tag was stored later than a minute after it was checked"
    remark(connection, gone.submission_id, at=now, from_state=None, to_state="received", note=note)
    detail = {"commit": gone.commit_sha, "tag": gone.tag}
    audit.append(
        connection, now, "platform", "submission.reinstated", str(gone.submission_id), detail
    )
    return load_one(connection, gone.submission_id)


def _load(connection: Connection, *conditions: object) -> list[Withdrawal]:
    columns = [
        *(withdrawals.c[name] for name in Withdrawal.__dataclass_fields__ if name != "team_slug"),
        teams.c.slug.label("team_slug"),
    ]
    joined = withdrawals.join(teams, teams.c.id == withdrawals.c.team_id)
    selected = select(*columns).select_from(joined).where(*conditions)  # type: ignore[arg-type]
    rows = connection.execute(selected.order_by(withdrawals.c.submission_id.desc())).mappings()
    return [Withdrawal(**row) for row in rows]
