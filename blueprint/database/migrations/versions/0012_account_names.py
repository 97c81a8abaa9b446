"""Names of accounts as long as login services may make them: 255 characters (OpenID Connect)."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0020"


def upgrade() -> None:
    """Widen the two columns that say who somebody is elsewhere."""
    if op.get_bind().dialect.name == "sqlite":
        _rebuild()
        return
    for name in ("issuer", "subject"):
        op.alter_column(
            "accounts", name, type_=sa.String(length=255), existing_type=sa.String(length=200)
        )


def _rebuild() -> None:
    """Make the table anew, with its constraints in one order; others refer to its name only."""
    op.create_table(
        "accounts_new",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("username", sa.String(length=39), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("email_verified_at", sa.String(length=27), nullable=True),
        sa.Column("created_at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("username"),
        sa.UniqueConstraint("email"),
        sa.UniqueConstraint("issuer", "subject", name="one_account_per_subject"),
    )
    op.execute(
        "INSERT INTO accounts_new"
        " (id, issuer, subject, username, email, email_verified_at, created_at)"
        " SELECT id, issuer, subject, username, email, email_verified_at, created_at FROM accounts"
    )
    op.drop_table("accounts")
    op.rename_table("accounts_new", "accounts")
