"""Accounts apart from passwords, profiles and roles; teams get a standing."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0030"


def upgrade() -> None:
    """Keep every id: `people` becomes `accounts`, and whatever refers to it goes on doing so."""
    op.rename_table("people", "accounts")
    _beside_accounts()
    _registrations()
    _move()
    if op.get_bind().dialect.name == "sqlite":
        _rebuild_accounts()
    else:
        _alter_accounts()
    _standings()


def _beside_accounts() -> None:
    op.create_table(
        "passwords",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["accounts.id"]),
        sa.PrimaryKeyConstraint("person_id"),
    )
    op.create_table(
        "profiles",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("registered_at", sa.String(length=27), nullable=False),
        sa.Column("decided_at", sa.String(length=27), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["accounts.id"]),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"]),
        sa.PrimaryKeyConstraint("person_id"),
    )
    op.create_table(
        "roles",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("given_at", sa.String(length=27), nullable=False),
        sa.Column("given_by", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["accounts.id"]),
        sa.PrimaryKeyConstraint("person_id", "role"),
    )


def _registrations() -> None:
    op.create_table(
        "registrations",
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("username", sa.String(length=39), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("team_name", sa.String(length=80), nullable=False),
        sa.Column("team_slug", sa.String(length=39), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("sent_at", sa.String(length=27), nullable=False),
        sa.Column("expires_at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("token_sha256"),
    )


def _move() -> None:
    op.execute(
        "INSERT INTO passwords (person_id, password_hash) SELECT id, password_hash FROM accounts"
    )
    op.execute(
        "INSERT INTO profiles (person_id, name, team_id, status, answers, registered_at,"
        " decided_at, decided_by) SELECT id, name, team_id, status, answers, created_at,"
        " decided_at, decided_by FROM accounts"
    )


def _rebuild_accounts() -> None:
    """Make the table anew, as SQLite needs it; the tables that refer to it name it only."""
    op.create_table(
        "accounts_new",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("issuer", sa.String(length=200), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
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
        "INSERT INTO accounts_new (id, issuer, subject, username, email, created_at)"
        " SELECT id, 'local', username, username, email, created_at FROM accounts"
    )
    op.drop_table("accounts")
    op.rename_table("accounts_new", "accounts")


def _alter_accounts() -> None:
    op.add_column("accounts", sa.Column("issuer", sa.String(length=200)))
    op.add_column("accounts", sa.Column("subject", sa.String(length=200)))
    op.add_column("accounts", sa.Column("email_verified_at", sa.String(length=27)))
    op.execute("UPDATE accounts SET issuer = 'local', subject = username")
    op.alter_column("accounts", "issuer", nullable=False)
    op.alter_column("accounts", "subject", nullable=False)
    op.create_unique_constraint("one_account_per_subject", "accounts", ["issuer", "subject"])
    for name in (
        "name", "password_hash", "team_id", "status", "answers", "decided_at", "decided_by",
    ):  # fmt: skip
        op.drop_column("accounts", name)


def _standings() -> None:
    standing = sa.Column(
        "standing", sa.String(length=16), nullable=False, server_default="competing"
    )
    op.add_column("teams", standing)
    reason = sa.Column("standing_reason", sa.Text(), nullable=False, server_default="")
    op.add_column("teams", reason)
    op.add_column("teams", sa.Column("standing_since", sa.String(length=27)))
    op.add_column("teams", sa.Column("standing_by", sa.String(length=120)))
