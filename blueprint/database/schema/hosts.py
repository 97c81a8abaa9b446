"""Evaluation hosts, as the platform hears of them; who may ask is said by certificates."""

from sqlalchemy import JSON, Boolean, Column, String, Table

from blueprint.database.schema.metadata import metadata
from blueprint.database.types import Moment

hosts = Table(
    "hosts",
    metadata,
    Column("name", String(39), primary_key=True),
    Column("seen_at", Moment, nullable=False),  # to half a minute
    Column("has_left", Boolean, nullable=False, default=False),  # it gave all back and said so
    Column("offers", JSON, nullable=False),  # what one worker of it has
    Column("other_data", JSON, nullable=False),  # dataset digest -> when it had other files
)
