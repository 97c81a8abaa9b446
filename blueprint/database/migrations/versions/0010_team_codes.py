"""A number for each team's code: a higher one makes a new code, and the old one void."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0001"


def upgrade() -> None:
    """Count from 0: the codes that teams have stay good."""
    column = sa.Column("code_number", sa.Integer(), nullable=False, server_default="0")
    op.add_column("teams", column)
