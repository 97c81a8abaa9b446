"""What evaluations came to."""

from sqlalchemy import JSON, Column, Float, ForeignKey, Integer, String, Table

from blueprint.database.schema.metadata import metadata
from blueprint.database.types import Moment

results = Table(
    "results",
    metadata,
    Column("submission_id", ForeignKey("submissions.id", ondelete="CASCADE"), primary_key=True),
    Column("attempt", Integer, nullable=False),
    Column("recorded_at", Moment, nullable=False),
    Column("run_s", Float, nullable=False),
    Column("score_s", Float, nullable=False),
    Column("means", JSON, nullable=False),  # [{metric, region, value}], means over cases
)

scores = Table(
    "scores",
    metadata,
    Column("submission_id", ForeignKey("submissions.id", ondelete="CASCADE"), primary_key=True),
    Column("case_id", String(100), primary_key=True),
    Column("metric", String(40), primary_key=True),
    Column("region", String(40), primary_key=True),  # a region's name, or mean: over all of them
    Column("value", Float, nullable=False),
    Column("flag", String(24), nullable=False),  # ok | both-empty | one-empty | missing
)
