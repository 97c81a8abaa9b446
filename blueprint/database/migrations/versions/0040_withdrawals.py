"""Reservations that were taken back are kept, so that a tag that comes late finds its number."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0002"


def upgrade() -> None:
    """Make the table; what was taken back before is gone."""
    op.create_table(
        "withdrawals",
        sa.Column("submission_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("challenge", sa.String(length=39), nullable=False),
        sa.Column("phase", sa.String(length=39), nullable=False),
        sa.Column("task", sa.String(length=39), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("commit_sha", sa.String(length=64), nullable=False),
        sa.Column("tag", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("manifest", sa.JSON(), nullable=False),
        sa.Column("received_at", sa.String(length=27), nullable=False),
        sa.Column("withdrawn_at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("submission_id"),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"]),
    )
    op.create_index("withdrawals_by_commit", "withdrawals", ["team_id", "commit_sha"], unique=False)
