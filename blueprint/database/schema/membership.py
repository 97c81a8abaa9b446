"""Teams, people, and what they agreed to."""

from sqlalchemy import JSON, Column, ForeignKey, Integer, String, Table

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
