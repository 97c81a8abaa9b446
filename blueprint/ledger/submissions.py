"""Reads submissions: one, many, and what the queue before one looks like."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select

from blueprint.database.connection import Database
from blueprint.database.schema import accounts, submissions, teams
from blueprint.errors import NotFoundError
from blueprint.ledger.states import FaultClass, State


@dataclass(frozen=True)
class Submission:
    """One accepted submission: a row of the table, with its team's and person's names."""

    id: int
    challenge: str
    phase: str
    task: str
    team_id: int
    team_slug: str
    team_name: str
    person_id: int
    username: str
    commit_sha: str
    tag: str
    """The full ref, `refs/tags/submission/<name>`."""
    kind: str
    manifest: Mapping[str, Any]
    """The parsed submission.yaml."""
    nonce: str
    state: State
    state_since: datetime
    note: str
    """What is happening, in words; empty when the state says it all."""
    token: int
    attempt: int
    worker: str | None
    lease_until: datetime | None
    not_before: datetime | None
    platform_faults: int
    fault_class: FaultClass | None
    fault_code: str | None
    fault_message: str | None
    refunded: bool
    cancel_requested: bool
    received_at: datetime
    confirmed_at: datetime | None
    finished_at: datetime | None
    receipt: Mapping[str, Any]
    """Empty until git has stored the tag: nothing is promised before."""

    @property
    def tag_name(self) -> str:
        """The tag as people write it, `submission/<name>`."""
        return self.tag.removeprefix("refs/tags/")


def query() -> "Select[Any]":
    """Return the select of everything that a `Submission` holds."""
    return (
        select(
            submissions,
            teams.c.slug.label("team_slug"),
            teams.c.name.label("team_name"),
            accounts.c.username,
        )
        .join(teams, submissions.c.team_id == teams.c.id)
        .join(accounts, submissions.c.person_id == accounts.c.id)
    )


def load(connection: Connection, selected: "Select[Any]") -> list[Submission]:
    """Return the submissions that a select made of `query()` finds, inside a transaction."""
    rows = connection.execute(selected).mappings()
    return [_without_promise(Submission(**row)) for row in rows]


def load_one(connection: Connection, submission_id: int) -> Submission:
    """Return one submission inside a transaction.

    Raises:
        NotFoundError: There is none of that number.
    """
    found = load(connection, query().where(submissions.c.id == submission_id))
    if not found:
        raise NotFoundError(
            f"there is no submission {submission_id}",
            hint="`diychallenge submissions list` shows all of them",
        )
    return found[0]


def hold(connection: Connection, submission_id: int) -> Submission:
    """Return one submission, which nobody else can change before this write transaction ends.

    Raises:
        NotFoundError: There is none of that number.
    """
    one = select(submissions.c.id).where(submissions.c.id == submission_id)
    connection.execute(one.with_for_update(key_share=True))
    return load_one(connection, submission_id)


def load_held(connection: Connection, selected: "Select[Any]") -> list[Submission]:
    """Return what `load` does, and let nobody else change it before this transaction ends."""
    by_number = selected.order_by(submissions.c.id)  # in one order: two cannot block each other
    return load(connection, by_number.with_for_update(of=submissions, key_share=True))


def get(database: Database, submission_id: int) -> Submission:
    """Return one submission.

    Raises:
        NotFoundError: There is none of that number.
    """
    with database.read() as connection:
        return load_one(connection, submission_id)


def list_submissions(
    database: Database,
    *,
    phase: str | None = None,
    team: str | None = None,
    state: State | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> list[Submission]:
    """Return submissions, the newest first.

    Args:
        database: Where they are.
        phase: Only of this phase.
        team: Only of the team with this slug.
        state: Only in this state.
        limit: At most so many.
        offset: Without so many of the newest.
    """
    selected = query().order_by(submissions.c.id.desc()).limit(limit).offset(offset)
    if phase is not None:
        selected = selected.where(submissions.c.phase == phase)
    if team is not None:
        selected = selected.where(teams.c.slug == team)
    if state is not None:
        selected = selected.where(submissions.c.state == state)
    with database.read() as connection:
        return load(connection, selected)


def waiting_before(database: Database, submission: Submission) -> int:
    """Return how many submissions are in the queue before this one (0: it is the next)."""
    earlier = select(func.count()).where(
        submissions.c.state == "received",
        submissions.c.lease_until.is_(None),
        submissions.c.confirmed_at.is_not(None),
        submissions.c.id < submission.id,
    )
    with database.read() as connection:
        return int(connection.execute(earlier).scalar_one())


def _without_promise(submission: Submission) -> Submission:
    """Return a submission without the receipt that earlier versions made before the tag came."""
    is_reserved = submission.confirmed_at is None and submission.receipt
    return replace(submission, receipt={}) if is_reserved else submission
