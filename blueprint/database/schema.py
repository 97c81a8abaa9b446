"""Every table of the platform (SQLAlchemy Core), for SQLite here and PostgreSQL on servers."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from blueprint.database.types import Moment

metadata = MetaData()

meta = Table(
    "meta",
    metadata,
    Column("key", String, primary_key=True),
    Column("value", Text, nullable=False),
)

teams = Table(
    "teams",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("slug", String(39), nullable=False, unique=True),  # names the repository
    Column("name", String(80), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("code_number", Integer, nullable=False, default=0, server_default="0"),
)

people = Table(
    "people",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("username", String(39), nullable=False, unique=True),  # SFTP and git name, a slug
    Column("email", String(254), nullable=False, unique=True),  # stored in lower case
    Column("name", String(120), nullable=False),
    Column("password_hash", String, nullable=False),
    Column("team_id", ForeignKey("teams.id"), nullable=True),
    Column("status", String(16), nullable=False),  # registered | waiting | approved | revoked
    Column("answers", JSON, nullable=False),  # question id -> text
    Column("created_at", Moment, nullable=False),
    Column("decided_at", Moment),
    Column("decided_by", String),
)

acceptances = Table(
    "acceptances",
    metadata,
    Column("person_id", ForeignKey("people.id"), primary_key=True),
    Column("agreement", String(39), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("text_sha256", String(64), nullable=False),
    Column("accepted_at", Moment, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_sha256", String(64), primary_key=True),
    Column("person_id", ForeignKey("people.id"), nullable=False),
    Column("csrf", String(64), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
)

password_resets = Table(
    "password_resets",
    metadata,
    Column("token_sha256", String(64), primary_key=True),
    Column("person_id", ForeignKey("people.id"), nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment),
)

ssh_keys = Table(
    "ssh_keys",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("person_id", ForeignKey("people.id"), nullable=False),
    Column("fingerprint", String(64), nullable=False, unique=True),  # SHA256:... as ssh-keygen -l
    Column("public_key", Text, nullable=False),  # "type base64"
    Column("label", String(80), nullable=False),
    Column("created_at", Moment, nullable=False),
)

git_tokens = Table(
    "git_tokens",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("person_id", ForeignKey("people.id"), nullable=False),
    Column("token_sha256", String(64), nullable=False, unique=True),
    Column("label", String(80), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("last_used_at", Moment),
    Column("revoked_at", Moment),
)

accesses = Table(
    "accesses",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("person_id", ForeignKey("people.id"), nullable=False),
    Column("transport", String(8), nullable=False),  # sftp
    Column("release", String(39), nullable=False),
    Column("path", Text, nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("sent_bytes", Integer, nullable=False),
    Column("complete", Boolean, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("closed_at", Moment, nullable=False),
)

submissions = Table(
    "submissions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("challenge", String(39), nullable=False),
    Column("phase", String(39), nullable=False),
    Column("task", String(39), nullable=False),
    Column("team_id", ForeignKey("teams.id"), nullable=False),
    Column("person_id", ForeignKey("people.id"), nullable=False),
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
    Column("receipt", JSON, nullable=False),
    UniqueConstraint("challenge", "phase", "team_id", "commit_sha", name="one_per_commit"),
    Index("submissions_by_state", "state"),
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

results = Table(
    "results",
    metadata,
    Column("submission_id", ForeignKey("submissions.id", ondelete="CASCADE"), primary_key=True),
    Column("attempt", Integer, nullable=False),
    Column("recorded_at", Moment, nullable=False),
    Column("run_s", Float, nullable=False),
    Column("score_s", Float, nullable=False),
    Column("means", JSON, nullable=False),  # column -> mean over cases
)

scores = Table(
    "scores",
    metadata,
    Column("submission_id", ForeignKey("submissions.id", ondelete="CASCADE"), primary_key=True),
    Column("case_id", String(100), primary_key=True),
    Column("column", String(80), primary_key=True),  # "dice" or "dice:1"
    Column("value", Float, nullable=False),
    Column("flag", String(24), nullable=False),  # ok | both-empty | one-empty | missing
)

audit = Table(
    "audit",
    metadata,
    Column("sequence", Integer, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("actor", String(120), nullable=False),
    Column("action", String(60), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("detail", JSON, nullable=False),
    Column("previous_sha256", String(64), nullable=False),
    Column("sha256", String(64), nullable=False),
)
