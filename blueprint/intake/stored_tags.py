"""Finds the stored tag of a submission, which is what confirms it."""

from sqlalchemy import select

from blueprint.database.connection import Database
from blueprint.database.schema import submissions
from blueprint.intake.repositories import Repositories
from blueprint.ledger.submissions import Submission
from blueprint.ledger.withdrawals import Withdrawal


def find_tag(
    repositories: Repositories, database: Database, submission: Submission | Withdrawal
) -> str | None:
    """Return the stored tag of a submission: its own, else another on its commit.

    Not one that another submission of the team has: the same commit may stand in two phases.

    Raises:
        ToolError: The repository cannot be read.
    """
    team = submission.team_slug
    if repositories.tag_commit(team, submission.tag) == submission.commit_sha:
        return submission.tag
    tags = repositories.submission_tags(team)
    named = select(submissions.c.tag).where(
        submissions.c.team_id == submission.team_id, submissions.c.confirmed_at.is_not(None)
    )
    with database.read() as connection:
        taken = set(connection.execute(named).scalars())
    on_commit = (ref for ref, sha in sorted(tags.items()) if sha == submission.commit_sha)
    return next((ref for ref in on_commit if ref not in taken), None)
