"""A score says of which metric and which region it is; before, one name packed both: `dice:1`."""

from collections.abc import Mapping

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0010"

_RESULTS = sa.table("results", sa.column("submission_id"), sa.column("means", sa.JSON))


def upgrade() -> None:
    """Split the names of scores and of means; `dice` alone is the mean over regions."""
    op.execute("CREATE TABLE scores_packed AS SELECT * FROM scores")
    op.drop_table("scores")
    op.create_table(
        "scores",
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(length=100), nullable=False),
        sa.Column("metric", sa.String(length=40), nullable=False),
        sa.Column("region", sa.String(length=40), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("flag", sa.String(length=24), nullable=False),
        sa.ForeignKeyConstraint(["submission_id"], ["submissions.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("submission_id", "case_id", "metric", "region"),
    )
    connection = op.get_bind()
    names = connection.execute(sa.text('SELECT DISTINCT "column" FROM scores_packed')).scalars()
    for name in names.all():
        metric, region = _split(name)
        connection.execute(
            sa.text(
                "INSERT INTO scores (submission_id, case_id, metric, region, value, flag)"
                " SELECT submission_id, case_id, :metric, :region, value, flag"
                ' FROM scores_packed WHERE "column" = :name'
            ),
            {"metric": metric, "region": region, "name": name},
        )
    op.drop_table("scores_packed")
    _split_means(connection)


def _split_means(connection: sa.Connection) -> None:
    rows = connection.execute(sa.select(_RESULTS.c.submission_id, _RESULTS.c.means)).all()
    for submission_id, means in rows:
        connection.execute(
            sa.update(_RESULTS)
            .where(_RESULTS.c.submission_id == submission_id)
            .values(means=_listed(means))
        )


def _listed(means: Mapping[str, float]) -> list[dict[str, object]]:
    named = ((*_split(name), value) for name, value in means.items())
    return [{"metric": metric, "region": region, "value": value} for metric, region, value in named]


def _split(name: str) -> tuple[str, str]:
    metric, _, region = name.partition(":")
    return metric, region or "mean"
