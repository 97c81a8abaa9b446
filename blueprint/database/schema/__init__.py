"""Every table of the platform (SQLAlchemy Core), by area, for SQLite and for PostgreSQL.

A change here needs a migration (`blueprint/database/migrations`); a test compares the two.
"""

from blueprint.database.schema.credentials import (
    access_changes,
    git_tokens,
    password_resets,
    sessions,
    ssh_keys,
)
from blueprint.database.schema.downloads import accesses
from blueprint.database.schema.evaluations import (
    datasets,
    evaluation_sets,
    evaluations,
    evaluators,
    scores,
)
from blueprint.database.schema.hosts import hosts
from blueprint.database.schema.ledger import attempts, events, submissions, withdrawals
from blueprint.database.schema.membership import (
    acceptances,
    accounts,
    passwords,
    profiles,
    registrations,
    roles,
    teams,
)
from blueprint.database.schema.metadata import metadata
from blueprint.database.schema.platform import audit, meta, publications

__all__ = [
    "acceptances",
    "access_changes",
    "accesses",
    "accounts",
    "attempts",
    "audit",
    "datasets",
    "evaluation_sets",
    "evaluations",
    "evaluators",
    "events",
    "git_tokens",
    "hosts",
    "meta",
    "metadata",
    "password_resets",
    "passwords",
    "profiles",
    "publications",
    "registrations",
    "roles",
    "scores",
    "sessions",
    "ssh_keys",
    "submissions",
    "teams",
    "withdrawals",
]
