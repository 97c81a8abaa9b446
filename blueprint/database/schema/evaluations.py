"""What evaluations are made with, which of them are in force, and what they came to."""

from sqlalchemy import (
    JSON,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from blueprint.database.schema.metadata import metadata
from blueprint.database.types import Moment

datasets = Table(
    "datasets",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("task", String(39), nullable=False),
    Column("split", String(16), nullable=False),
    Column("document", JSON, nullable=False),  # case -> inputs, reference -> name -> sha256, size
    Column("taken_at", Moment, nullable=False),
)

evaluators = Table(
    "evaluators",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("task", String(39), nullable=False),
    Column("document", JSON, nullable=False),  # metrics, labels, ...: all that decides scores
    Column("taken_at", Moment, nullable=False),
)

evaluation_sets = Table(
    "evaluation_sets",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("task", String(39), nullable=False),
    Column("split", String(16), nullable=False),
    Column("dataset_digest", ForeignKey("datasets.digest"), nullable=False),
    Column("evaluator_digest", ForeignKey("evaluators.digest"), nullable=False),
    Column("rules", JSON, nullable=False),  # ranking, uncertainty
    Column("state", String(16), nullable=False),  # pending | in-force | retired | abandoned
    Column("created_at", Moment, nullable=False),
    Column("created_by", String(120), nullable=False),
    Column("published_by", String(120)),
    Column("reason", Text, nullable=False, default=""),
    Column("put_in_force_at", Moment),
    Column("ended_at", Moment),
    Column("difference", JSON),  # what its publication changed
    Column("held_until", Moment),  # an evaluator found other data: asked again then
    Index(
        "one_set_of_a_kind", "task", "split", "state", unique=True,
        sqlite_where=text("state IN ('pending', 'in-force')"),
        postgresql_where=text("state IN ('pending', 'in-force')"),
    ),
)  # fmt: skip

evaluations = Table(
    "evaluations",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("submission_id", ForeignKey("submissions.id", ondelete="CASCADE"), nullable=False),
    # None: recorded by a version that froze no data, and no deploy has adopted it yet
    Column("dataset_digest", ForeignKey("datasets.digest")),
    Column("evaluator_digest", ForeignKey("evaluators.digest")),
    Column("kind", String(16), nullable=False),  # judge | rescore | rejudge
    Column("state", String(16), nullable=False),  # waiting | running | done | failed
    Column("attempt", Integer, nullable=False, default=0),
    Column("recorded_at", Moment),
    Column("run_s", Float),
    Column("score_s", Float),
    Column("means", JSON),  # [{metric, region, value}], means over cases
    Column("kept", String(60), nullable=False),  # the folder of its predictions
    Column("predictions", JSON),  # case -> sha256 of the kept prediction
    # On whose disk they lie; of one that waits, who may take it. None: not known, or anybody
    Column("host", String(39)),
    Column("token", Integer, nullable=False, default=0),  # fencing: +1 with every lease
    Column("worker", String),
    Column("nonce", String(32)),
    Column("lease_until", Moment),
    Column("not_before", Moment),
    Column("note", Text, nullable=False, default=""),
    Column("platform_faults", Integer, nullable=False, default=0),
    Column("fault_code", String(40)),
    Column("fault_message", Text),
    UniqueConstraint(
        "submission_id", "dataset_digest", "evaluator_digest", name="one_evaluation_of_each"
    ),
    Index("evaluations_by_state", "state"),
)

scores = Table(
    "scores",
    metadata,
    Column("evaluation_id", ForeignKey("evaluations.id", ondelete="CASCADE"), primary_key=True),
    Column("case_id", String(100), primary_key=True),
    Column("metric", String(40), primary_key=True),
    Column("region", String(40), primary_key=True),  # a region's name, or mean: over all of them
    Column("value", Float, nullable=False),
    Column("flag", String(24), nullable=False),  # ok | both-empty | one-empty | missing
)
