"""Teams, people, and what they agreed to."""

from sqlalchemy import (
    JSON,
    Column,
    ForeignKey,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from blueprint.database.schema.metadata import metadata
from blueprint.database.types import Moment

teams = Table(
    "teams",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("slug", String(39), nullable=False, unique=True),  # names the repository
    Column("name", String(80), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("code_number", Integer, nullable=False, default=0, server_default="0"),
    # competing | baseline | organizer | withdrawn | disqualified
    Column("standing", String(16), nullable=False, default="competing", server_default="competing"),
    Column("standing_reason", Text, nullable=False, default="", server_default=""),
    Column("standing_since", Moment),  # None: as it was made
    Column("standing_by", String(120)),
)

accounts = Table(  # who somebody is, as an identity provider or our own password says
    "accounts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("issuer", String(255), nullable=False),  # "local", or the provider's address
    Column("subject", String(255), nullable=False),  # what the issuer calls them, for ever
    Column("username", String(39), nullable=False, unique=True),  # SFTP and git name, a slug
    Column("email", String(254), nullable=False, unique=True),  # stored in lower case
    Column("email_verified_at", Moment),
    Column("created_at", Moment, nullable=False),
    UniqueConstraint("issuer", "subject", name="one_account_per_subject"),
)

passwords = Table(  # of accounts whose issuer is "local" alone
    "passwords",
    metadata,
    Column("person_id", ForeignKey("accounts.id"), primary_key=True),
    Column("password_hash", String, nullable=False),
)

profiles = Table(  # what people said at registration, and what was decided about them
    "profiles",
    metadata,
    Column("person_id", ForeignKey("accounts.id"), primary_key=True),
    Column("name", String(120), nullable=False),
    Column("team_id", ForeignKey("teams.id"), nullable=True),  # a member once approved
    Column("status", String(16), nullable=False),  # registered | waiting | approved | revoked
    Column("answers", JSON, nullable=False),  # question id -> text
    Column("registered_at", Moment, nullable=False),
    Column("decided_at", Moment),
    Column("decided_by", String),
)

roles = Table(  # what somebody may do beside taking part
    "roles",
    metadata,
    Column("person_id", ForeignKey("accounts.id"), primary_key=True),
    Column("role", String(16), primary_key=True),  # organizer | provider
    Column("given_at", Moment, nullable=False),
    Column("given_by", String(120), nullable=False),
)

registrations = Table(  # forms whose mail address is not proven yet: no accounts
    "registrations",
    metadata,
    Column("token_sha256", String(64), primary_key=True),
    Column("username", String(39), nullable=False),
    Column("email", String(254), nullable=False),
    Column("password_hash", String, nullable=False),
    Column("name", String(120), nullable=False),
    Column("team_name", String(80), nullable=False),  # a new team's, or empty
    Column("team_slug", String(39), nullable=False),  # reserved, or that of the team to join
    Column("answers", JSON, nullable=False),
    Column("sent_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
)

acceptances = Table(
    "acceptances",
    metadata,
    Column("person_id", ForeignKey("accounts.id"), primary_key=True),
    Column("agreement", String(39), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("text_sha256", String(64), nullable=False),
    Column("accepted_at", Moment, nullable=False),
)
