"""Evaluation hosts, and on whose disk the kept predictions of an evaluation lie."""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0012"


def upgrade() -> None:
    """Make the table, and note the holders that can be known.

    An evaluation host names its workers `NAME/1`; all other workers are of the platform itself.
    Where a submission was run again for a correction, no worker was kept: only if none ever was of
    an evaluation host is it known where those predictions lie.
    """
    op.create_table(
        "hosts",
        sa.Column("name", sa.String(length=39), nullable=False),
        sa.Column("seen_at", sa.String(length=27), nullable=False),
        sa.Column("has_left", sa.Boolean(), nullable=False),
        sa.Column("offers", sa.JSON(), nullable=False),
        sa.Column("other_data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.add_column("evaluations", sa.Column("host", sa.String(length=39), nullable=True))
    _note_holders(op.get_bind())


def _note_holders(connection: sa.Connection) -> None:
    scored = "SELECT submission_id, worker FROM attempts WHERE outcome = 'scored' ORDER BY number"
    workers = {
        number: str(worker).partition("/")[0] if "/" in worker else "embedded"
        for number, worker in connection.execute(sa.text(scored))
    }
    is_alone = not any(name != "embedded" for name in workers.values())
    found = connection.execute(sa.text("SELECT id, submission_id, kept, kind FROM evaluations"))
    for evaluation, number, kept, kind in found.all():
        if kind == "rejudge" or kept != str(number):
            host = "embedded" if is_alone else None
        else:
            host = workers.get(number, "embedded" if is_alone else None)
        if host is not None:
            connection.execute(
                sa.text("UPDATE evaluations SET host = :host WHERE id = :id"),
                {"host": host, "id": evaluation},
            )
