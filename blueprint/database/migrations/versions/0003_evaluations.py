"""Evaluations are rows of their own: what they were made with, and which of them are in force."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0011"

_OPEN = sa.text("state IN ('pending', 'in-force')")


def upgrade() -> None:
    """Make an evaluation of every result, and hang its scores on it; nothing is in force yet.

    Which data the results were made with, nobody wrote down: the next deploy adopts them.
    """
    _frozen()
    _sets()
    _evaluations()
    op.execute(
        "INSERT INTO evaluations (submission_id, kind, state, attempt, recorded_at, run_s,"
        " score_s, means, kept, token, note, platform_faults)"
        " SELECT submission_id, 'judge', 'done', attempt, recorded_at, run_s, score_s, means,"
        " CAST(submission_id AS VARCHAR(60)), 0, '', 0 FROM results ORDER BY 1"
    )
    op.rename_table("scores", "scores_of_submissions")
    _scores()
    op.execute(
        "INSERT INTO scores (evaluation_id, case_id, metric, region, value, flag)"
        " SELECT evaluations.id, old.case_id, old.metric, old.region, old.value, old.flag"
        " FROM scores_of_submissions AS old"
        " JOIN evaluations ON evaluations.submission_id = old.submission_id"
    )
    op.drop_table("scores_of_submissions")
    op.drop_table("results")


def _frozen() -> None:
    op.create_table(
        "datasets",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("task", sa.String(length=39), nullable=False),
        sa.Column("split", sa.String(length=16), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("taken_at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_table(
        "evaluators",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("task", sa.String(length=39), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("taken_at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )


def _sets() -> None:
    op.create_table(
        "evaluation_sets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("task", sa.String(length=39), nullable=False),
        sa.Column("split", sa.String(length=16), nullable=False),
        sa.Column("dataset_digest", sa.String(length=64), nullable=False),
        sa.Column("evaluator_digest", sa.String(length=64), nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.String(length=27), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("published_by", sa.String(length=120), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("put_in_force_at", sa.String(length=27), nullable=True),
        sa.Column("ended_at", sa.String(length=27), nullable=True),
        sa.Column("difference", sa.JSON(), nullable=True),
        sa.Column("held_until", sa.String(length=27), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["dataset_digest"], ["datasets.digest"]),
        sa.ForeignKeyConstraint(["evaluator_digest"], ["evaluators.digest"]),
    )
    op.create_index(
        "one_set_of_a_kind", "evaluation_sets", ["task", "split", "state"], unique=True,
        sqlite_where=_OPEN, postgresql_where=_OPEN,
    )  # fmt: skip


def _evaluations() -> None:
    op.create_table(
        "evaluations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("dataset_digest", sa.String(length=64), nullable=True),
        sa.Column("evaluator_digest", sa.String(length=64), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.String(length=27), nullable=True),
        sa.Column("run_s", sa.Float(), nullable=True),
        sa.Column("score_s", sa.Float(), nullable=True),
        sa.Column("means", sa.JSON(), nullable=True),
        sa.Column("kept", sa.String(length=60), nullable=False),
        sa.Column("predictions", sa.JSON(), nullable=True),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("worker", sa.String(), nullable=True),
        sa.Column("nonce", sa.String(length=32), nullable=True),
        sa.Column("lease_until", sa.String(length=27), nullable=True),
        sa.Column("not_before", sa.String(length=27), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("platform_faults", sa.Integer(), nullable=False),
        sa.Column("fault_code", sa.String(length=40), nullable=True),
        sa.Column("fault_message", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["submission_id"], ["submissions.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["dataset_digest"], ["datasets.digest"]),
        sa.ForeignKeyConstraint(["evaluator_digest"], ["evaluators.digest"]),
        sa.UniqueConstraint(
            "submission_id", "dataset_digest", "evaluator_digest", name="one_evaluation_of_each"
        ),
    )
    op.create_index("evaluations_by_state", "evaluations", ["state"])


def _scores() -> None:
    op.create_table(
        "scores",
        sa.Column("evaluation_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(length=100), nullable=False),
        sa.Column("metric", sa.String(length=40), nullable=False),
        sa.Column("region", sa.String(length=40), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("flag", sa.String(length=24), nullable=False),
        sa.PrimaryKeyConstraint("evaluation_id", "case_id", "metric", "region"),
        sa.ForeignKeyConstraint(["evaluation_id"], ["evaluations.id"], ondelete="CASCADE"),
    )
