"""Answers the git hook after git stored a push, and settles what its messages left open."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from blueprint.config.model import Phase
from blueprint.database.schema import submissions, teams
from blueprint.errors import BlueprintError
from blueprint.intake import answers, quota
from blueprint.intake.answers import Answer
from blueprint.intake.hook_protocol import ProtocolError, TagReport, parse_report
from blueprint.intake.quota import Exceeded
from blueprint.intake.receipts import make_receipt, receipt_key
from blueprint.intake.repositories import Repositories
from blueprint.intake.stored_tags import find_tag
from blueprint.ledger.reservations import MakeReceipt, confirm
from blueprint.ledger.submissions import Submission, load, query
from blueprint.ledger.sweeper import IsPushed, SweepReport, sweep
from blueprint.ledger.withdrawals import (
    Withdrawal,
    find_withdrawn,
    is_replaced,
    recently_withdrawn,
    reinstate,
)
from blueprint.platform import Platform


def answer_post_receive(platform: Platform, body: bytes, now: datetime) -> Answer:
    """Accept the submissions whose tags git has stored: here they get their receipts.

    What was taken back meanwhile is put back, with its number and the time of its check.
    """
    try:
        report = parse_report(body)
    except ProtocolError as error:
        return Answer(accept=False, text=f"warning: {error}\n")
    lines: list[str] = []
    with platform.database.write(f"team {report.team}") as connection:
        for tag in report.tags:
            lines += _accept(platform, connection, report.team, tag, now)
    return answers.after_storing(lines)


def sweep_platform(
    platform: Platform, repositories: Repositories, is_pushed: IsPushed = lambda _: None
) -> SweepReport:
    """Settle what lost messages left behind (see `ledger.sweeper.sweep`)."""
    now = platform.clock()
    report = sweep(
        platform.database,
        lambda one: find_tag(repositories, platform.database, one),
        now,
        make_receipt=_receipts(platform),
        is_pushed=is_pushed,
    )
    _look_for_withdrawn(platform, repositories, now, report)
    return report


def _accept(
    platform: Platform, connection: Connection, team: str, tag: TagReport, now: datetime
) -> Sequence[str]:
    """Accept what a stored tag leads to, and return what its pusher reads."""
    ours = (submissions.c.commit_sha == tag.commit, teams.c.slug == team)
    found = load(connection, query().where(*ours).order_by(submissions.c.id))
    withdrawn = find_withdrawn(connection, team, str(tag.commit))
    gone = [one for one in withdrawn if not is_replaced(connection, one)]
    # The same commit may stand in two phases: what this very tag was pushed for comes first.
    if any(one.tag == tag.ref for one in gone) and all(one.tag != tag.ref for one in found):
        found = []
    for one in sorted(found, key=lambda one: one.tag != tag.ref):
        confirmed = confirm(connection, one, tag.ref, _receipts(platform), now)
        if confirmed is not None or one.tag == tag.ref:  # else the sweeper was faster
            return _accepted(platform, connection, confirmed or one, now)
    if found:
        page = platform.addresses.submission_url(found[-1].id)
        return answers.accepted_before(found[-1], page, now)
    for one_gone in sorted(gone, key=lambda one: one.tag != tag.ref):
        back = _put_back(platform, connection, one_gone, tag.ref, now)
        if isinstance(back, Submission):
            return _accepted(platform, connection, back, now)
        return answers.not_registered(tag.ref, back, now)
    return answers.unknown(tag.ref)


def _accepted(
    platform: Platform, connection: Connection, submission: Submission, now: datetime
) -> Sequence[str]:
    left, phase = "", _phase(platform, submission.phase)
    if phase is not None:
        usage = quota.usage_of(connection, submission.challenge, phase, submission.team_id, now)
        left = quota.left(usage)
    return answers.accepted(submission, platform.addresses.submission_url(submission.id), left=left)


def _put_back(
    platform: Platform, connection: Connection, gone: Withdrawal, tag: str, now: datetime
) -> Submission | list[Exceeded]:
    """Return the submission that was taken back, accepted now, or the limits in its way.

    Whether its phase is still open does not matter: it was received, and checked, in time.
    """
    phase = _phase(platform, gone.phase)
    if phase is None:
        return [Exceeded(f"the phase {gone.phase} is no more", None)]
    usage = quota.usage_of(connection, gone.challenge, phase, gone.team_id, now)
    limits = quota.exceeded(usage)
    if limits:
        return limits
    back = reinstate(connection, gone, now)
    return confirm(connection, back, tag, _receipts(platform), now) or back


def _phase(platform: Platform, name: str) -> Phase | None:
    """Return a phase, None when a deploy removed it meanwhile."""
    return next((phase for phase in platform.challenge.phases if phase.id == name), None)


def _look_for_withdrawn(
    platform: Platform, repositories: Repositories, now: datetime, report: SweepReport
) -> None:
    """Put back what was taken back of late and has its tag by now, where limits leave room."""
    with platform.database.read() as connection:
        lately = recently_withdrawn(connection, now)
    for gone in lately:
        try:
            tag = find_tag(repositories, platform.database, gone)
            if tag is not None and _is_put_back(platform, gone, tag, now):
                report.reinstated.append(gone.submission_id)
        except BlueprintError as error:
            report.problems.append(f"submission {gone.submission_id}: {error}")


def _is_put_back(platform: Platform, gone: Withdrawal, tag: str, now: datetime) -> bool:
    with platform.database.write(f"team {gone.team_slug}") as connection:
        is_there = gone in recently_withdrawn(connection, now)
        if not is_there or is_replaced(connection, gone):
            return False
        return isinstance(_put_back(platform, connection, gone, tag, now), Submission)


def _receipts(platform: Platform) -> MakeReceipt:
    return lambda submission: make_receipt(receipt_key(platform.state), submission)
