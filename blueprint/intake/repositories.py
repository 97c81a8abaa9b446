"""The teams' repositories: made on first use, and asked about submission tags."""

import sys
from pathlib import Path

from sqlalchemy import select

from blueprint.adapters import git, git_hook
from blueprint.database.schema import submissions
from blueprint.ledger.submissions import Submission
from blueprint.ledger.withdrawals import Withdrawal
from blueprint.platform import Platform

MAX_PUSH_BYTES = 256 * 1024**2
"""The most that one push may carry, compressed as git sends it."""
MAX_REPOSITORY_BYTES = 5 * 1024**3
"""A repository that takes more of the disk than this takes no further push."""


def repository_of(platform: Platform, team: str) -> Path:
    """Return where a team's repository lies."""
    return platform.state.git / f"{team}.git"


def ensure_repository(platform: Platform, team: str) -> Path:
    """Return a team's repository, made when absent; its hooks run the installed version."""
    platform.state.git.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = repository_of(platform, team)
    git.ensure_bare_repository(
        path,
        hook_python=sys.executable,
        hook_script=Path(git_hook.__file__).resolve(),
        max_push_bytes=MAX_PUSH_BYTES,
    )
    return path


def find_tag(platform: Platform, submission: Submission | Withdrawal) -> str | None:
    """Return the stored tag of a submission: its own, else another on its commit.

    Not one that another submission of the team has: the same commit may stand in two phases.
    """
    repository = repository_of(platform, submission.team_slug)
    if not repository.is_dir():
        return None
    if git.tag_commit(repository, submission.tag) == submission.commit_sha:
        return submission.tag
    tags = git.submission_tags(repository)
    named = select(submissions.c.tag).where(
        submissions.c.team_id == submission.team_id, submissions.c.confirmed_at.is_not(None)
    )
    with platform.database.read() as connection:
        taken = set(connection.execute(named).scalars())
    on_commit = (ref for ref, sha in sorted(tags.items()) if sha == submission.commit_sha)
    return next((ref for ref in on_commit if ref not in taken), None)
