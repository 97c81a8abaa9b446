"""Answers the git hook: judges a push before git stores it, confirms it after."""

from datetime import datetime

from sqlalchemy import Connection, select

from blueprint.config.model import Phase
from blueprint.config.schedule import open_phases
from blueprint.database.schema import submissions, teams
from blueprint.intake import answers, quota
from blueprint.intake.answers import Answer
from blueprint.intake.commit import GoodCommit, judge_commit
from blueprint.intake.hook_protocol import (
    SUBMISSION,
    ProtocolError,
    PushReport,
    TagReport,
    parse_report,
)
from blueprint.intake.receipts import make_receipt, receipt_key
from blueprint.intake.refs import judge_refs, short
from blueprint.intake.submission_yaml import SubmissionFile
from blueprint.intake.target import when
from blueprint.ledger.reservations import Push, confirm, find_reservation, refresh, reserve
from blueprint.ledger.submissions import load, query
from blueprint.people.person import Person, load_person
from blueprint.people.standing import load_standing
from blueprint.platform import Platform

__all__ = ["Answer", "answer_post_receive", "answer_pre_receive"]


def answer_pre_receive(platform: Platform, body: bytes, now: datetime) -> Answer:
    """Judge a push that git has not stored yet; an accepted submission is reserved here.

    Limits, reservation and receipt are one write transaction. Nothing in `body` can make this
    fail: whatever is wrong with it is an answer.
    """
    try:
        report = parse_report(body)
    except ProtocolError as error:
        return answers.refused([f"the platform did not understand its git hook: {error}"])
    with platform.database.read() as connection:
        person = load_person(connection, report.person)
        reason = _not_admitted(platform, connection, person, report)
    if person is None or reason:
        return answers.refused([reason])
    reasons = judge_refs(report)
    if reasons:
        return answers.refused(reasons)
    if not report.tags:
        return _answer_without_submission(platform, person, report, now)
    judged = judge_commit(platform, report.tags[0], now)
    if isinstance(judged, GoodCommit):
        return _accept(platform, person, report.tags[0], judged, now)
    return answers.refused_for_faults(judged, report.tags[0].ref)


def answer_post_receive(platform: Platform, body: bytes, now: datetime) -> Answer:
    """Confirm the submissions whose tags git has stored: they join the queue.

    The text is empty when all is well: the push was answered before.
    """
    try:
        report = parse_report(body)
    except ProtocolError as error:
        return Answer(accept=False, text=f"warning: {error}\n")
    lines: list[str] = []
    with platform.database.write() as connection:
        for tag in report.tags:
            ours = query().where(
                submissions.c.commit_sha == tag.commit, teams.c.slug == report.team
            )
            found = load(connection, ours)
            for submission in found:
                confirm(connection, submission, tag.ref, now)
            if not found:
                name = short(tag.ref)
                lines.append(
                    f"warning: {name} was stored too late to be registered; please tag this"
                    " commit once more under another name, and push that"
                )
    return Answer(accept=True, text="".join(f"{line}\n" for line in lines))


def _not_admitted(
    platform: Platform, connection: Connection, person: Person | None, report: PushReport
) -> str:
    """Return why this person may not push to this repository, empty when they may."""
    if person is None:
        return "this account is not known here any more"
    standing = load_standing(connection, platform.challenge, person)
    if not standing.may_take_part:
        return standing.reason
    if person.team_slug != report.team:
        return f"this is the repository of the team {report.team}, not yours"
    return ""


def _accept(
    platform: Platform, person: Person, tag: TagReport, judged: GoodCommit, now: datetime
) -> Answer:
    challenge, phase = platform.challenge.challenge.id, judged.phase
    key = receipt_key(platform.state)
    push = _push(challenge, phase, person, tag, judged.file)
    with platform.database.write() as connection:
        before = find_reservation(
            connection, challenge=challenge, phase=phase.id, team_id=push.team_id,
            commit_sha=push.commit_sha,
        )  # fmt: skip
        if before is not None:
            refresh(connection, before, now)
            page = platform.addresses.submission_url(before.id)
            return answers.accepted_before(before, page, now)
        usage = quota.usage_of(connection, challenge, phase, push.team_id, now)
        limits = quota.exceeded(usage)
        if limits:
            return answers.refused_for_limits(limits, phase.closes, now)
        submission = reserve(
            connection,
            push,
            lambda number: make_receipt(
                key, push, team=str(person.team_slug), submission=number, received_at=now
            ),
            now,
        )
        used = quota.usage_of(connection, challenge, phase, push.team_id, now)
    return answers.accepted(
        submission,
        platform.addresses.submission_url(submission.id),
        left=quota.left(used),
        remarks=judged.remarks,
    )


def _push(
    challenge: str, phase: Phase, person: Person, tag: TagReport, file: SubmissionFile
) -> Push:
    return Push(
        challenge=challenge,
        phase=phase.id,
        task=file.task,
        team_id=int(person.team_id or 0),
        person_id=person.id,
        username=person.username,
        commit_sha=str(tag.commit),
        tag=tag.ref,
        kind=file.kind,
        manifest=file.model_dump(mode="json", exclude_none=True),
    )


def _answer_without_submission(
    platform: Platform, person: Person, report: PushReport, now: datetime
) -> Answer:
    kept = [update.ref for update in report.refs if not update.is_deleted]
    if not kept:
        return answers.removed([update.ref for update in report.refs])
    name = _next_name(platform, int(person.team_id or 0))
    how = f"to submit a commit: git tag {name} && git push origin {name}"
    note = ""
    if not open_phases(platform.challenge, now):
        phases = ", ".join(f"{p.id} {when(p, now)}" for p in platform.challenge.phases)
        note = f"no phase is open now: {phases}"
    return answers.stored(kept, how, note)


def _next_name(platform: Platform, team_id: int) -> str:
    """Return a tag that the team has not used: submission/<highest number + 1>."""
    tags = select(submissions.c.tag).where(submissions.c.team_id == team_id)
    with platform.database.read() as connection:
        names = [tag.removeprefix(SUBMISSION) for tag in connection.execute(tags).scalars()]
    numbers = [int(name) for name in names if name.isascii() and name.isdigit()]
    return f"submission/{max(numbers, default=0) + 1}"
