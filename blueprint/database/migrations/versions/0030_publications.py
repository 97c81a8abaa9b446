"""An organizer's decision to show the board of a hidden phase is kept: who and when."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0041"


def upgrade() -> None:
    """Make the table: no hidden board was published by a decision before."""
    op.create_table(
        "publications",
        sa.Column("phase", sa.String(length=39), nullable=False),
        sa.Column("published_at", sa.String(length=27), nullable=False),
        sa.Column("published_by", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("phase"),
    )
