"""Submissions, what happened to them, and the attempts at evaluating them."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from blueprint.database.schema.metadata import metadata
from blueprint.database.types import Moment

submissions = Table(
    "submissions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("challenge", String(39), nullable=False),
    Column("phase", String(39), nullable=False),
    Column("task", String(39), nullable=False),
    Column("team_id", ForeignKey("teams.id"), nullable=False),
    Column("person_id", ForeignKey("accounts.id"), nullable=False),
    Column("commit_sha", String(64), nullable=False),
    Column("tag", String(200), nullable=False),  # the full ref, refs/tags/submission/<name>
    Column("kind", String(16), nullable=False),  # code | predictions
    Column("manifest", JSON, nullable=False),  # the parsed submission.yaml
    Column("nonce", String(32), nullable=False),
    Column("state", String(16), nullable=False),
    Column("state_since", Moment, nullable=False),
    Column("note", Text, nullable=False, default=""),  # what is happening, in words
    Column("token", Integer, nullable=False, default=0),  # fencing: +1 with every lease
    Column("attempt", Integer, nullable=False, default=0),
    Column("worker", String),
    Column("lease_until", Moment),
    Column("not_before", Moment),  # a retry waits until then
    Column("platform_faults", Integer, nullable=False, default=0),
    Column("fault_class", String(16)),  # participant | organizer | platform
    Column("fault_code", String(40)),
    Column("fault_message", Text),
    Column("refunded", Boolean, nullable=False, default=False),
    Column("cancel_requested", Boolean, nullable=False, default=False),
    Column("received_at", Moment, nullable=False),
    Column("confirmed_at", Moment),  # None: reserved by pre-receive, the tag is not seen yet
    Column("finished_at", Moment),
    Column("receipt", JSON, nullable=False),  # empty until the tag is confirmed
    UniqueConstraint("challenge", "phase", "team_id", "commit_sha", name="one_per_commit"),
    Index("submissions_by_state", "state"),
)

withdrawals = Table(  # reservations that were taken back, as their tag did not come
    "withdrawals",
    metadata,
    Column("submission_id", Integer, primary_key=True, autoincrement=False),
    Column("challenge", String(39), nullable=False),
    Column("phase", String(39), nullable=False),
    Column("task", String(39), nullable=False),
    Column("team_id", ForeignKey("teams.id"), nullable=False),
    Column("person_id", ForeignKey("accounts.id"), nullable=False),
    Column("commit_sha", String(64), nullable=False),
    Column("tag", String(200), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("manifest", JSON, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("withdrawn_at", Moment, nullable=False),
    Index("withdrawals_by_commit", "team_id", "commit_sha"),
)

events = Table(
    "events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("submission_id", ForeignKey("submissions.id", ondelete="CASCADE"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("from_state", String(16)),
    Column("to_state", String(16), nullable=False),
    Column("note", Text, nullable=False),
    Index("events_by_submission", "submission_id"),
)

attempts = Table(
    "attempts",
    metadata,
    Column("submission_id", ForeignKey("submissions.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("nonce", String(32), nullable=False),
    Column("worker", String, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("outcome", String(16)),  # scored | failed | retried | lost | cancelled
    Column("message", Text),
)
