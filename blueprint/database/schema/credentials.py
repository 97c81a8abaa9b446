"""What opens a door: sessions, links to set a password, SSH keys, git tokens; what changed."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text

from blueprint.database.schema.metadata import metadata
from blueprint.database.types import Moment

sessions = Table(
    "sessions",
    metadata,
    Column("token_sha256", String(64), primary_key=True),
    Column("person_id", ForeignKey("accounts.id"), nullable=False),
    Column("csrf", String(64), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
)

password_resets = Table(
    "password_resets",
    metadata,
    Column("token_sha256", String(64), primary_key=True),
    Column("person_id", ForeignKey("accounts.id"), nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment),
)

ssh_keys = Table(
    "ssh_keys",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("person_id", ForeignKey("accounts.id"), nullable=False),
    Column("fingerprint", String(64), nullable=False, unique=True),  # SHA256:... as ssh-keygen -l
    Column("public_key", Text, nullable=False),  # "type base64"
    Column("label", String(80), nullable=False),
    Column("created_at", Moment, nullable=False),
)

git_tokens = Table(
    "git_tokens",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("person_id", ForeignKey("accounts.id"), nullable=False),
    Column("token_sha256", String(64), nullable=False, unique=True),
    Column("label", String(80), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("last_used_at", Moment),
    Column("revoked_at", Moment),
)

access_changes = Table(
    "access_changes",  # the outbox of people.access_changes
    metadata,
    Column("id", Integer, primary_key=True),
    Column("person_id", ForeignKey("accounts.id"), nullable=False),
    Column("why", String(60), nullable=False),
    Column("noted_at", Moment, nullable=False),
    Column("done_at", Moment),  # None: does not hold at every door yet
    Index("access_changes_by_done", "done_at"),
)
