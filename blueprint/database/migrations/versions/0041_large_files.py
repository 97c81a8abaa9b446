"""Sizes of downloads of 2 GiB and more, which PostgreSQL's `integer` cannot hold."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"


def upgrade() -> None:
    """Widen the two columns of bytes."""
    with op.batch_alter_table("accesses") as batch:
        for name in ("size_bytes", "sent_bytes"):
            batch.alter_column(name, type_=sa.BigInteger(), existing_type=sa.Integer())
