"""Who was given which file of a release."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Integer, String, Table, Text

from blueprint.database.schema.metadata import metadata
from blueprint.database.types import Moment

accesses = Table(
    "accesses",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("person_id", ForeignKey("accounts.id"), nullable=False),
    Column("transport", String(8), nullable=False),  # sftp
    Column("release", String(39), nullable=False),
    Column("path", Text, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("sent_bytes", BigInteger, nullable=False),
    Column("complete", Boolean, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("closed_at", Moment, nullable=False),
)
