"""What belongs to the platform as a whole: single values, and the audit log."""

from sqlalchemy import JSON, Column, Integer, String, Table, Text

from blueprint.database.schema.metadata import metadata
from blueprint.database.types import Moment

meta = Table(
    "meta",
    metadata,
    Column("key", String, primary_key=True),
    Column("value", Text, nullable=False),
)

publications = Table(
    "publications",
    metadata,
    Column("phase", String(39), primary_key=True),  # of a board that challenge.yaml keeps back
    Column("published_at", Moment, nullable=False),
    Column("published_by", String(120), nullable=False),
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
