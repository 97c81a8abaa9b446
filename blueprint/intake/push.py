"""Answers the git hook before git stores a push: judges it, and reserves a submission."""

from datetime import datetime

from sqlalchemy import Connection, select

from blueprint.config.model import Phase
from blueprint.config.schedule import open_phases
from blueprint.database.schema import submissions
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
from blueprint.intake.receipts import receipt_key
from blueprint.intake.refs import judge_refs
from blueprint.intake.submission_yaml import SubmissionFile
from blueprint.intake.target import when
from blueprint.ledger.reservations import Push, find_reservation, refresh, reserve
from blueprint.people.admission import load_admission
from blueprint.people.person import Person, person_by_login
from blueprint.people.team_standings import refusal_of
from blueprint.platform import Platform


def answer_pre_receive(platform: Platform, body: bytes, now: datetime) -> Answer:
    """Judge a push that git has not stored yet; a submission is reserved here.

    Limits and reservation are one write transaction. Nothing in `body` can make this fail:
    whatever is wrong with it is an answer. A receipt is made once the tag is stored.
    """
    try:
        report = parse_report(body)
    except ProtocolError as error:
        return answers.refused([f"the platform did not understand its git hook: {error}"])
    with platform.database.read() as connection:
        person = person_by_login(connection, report.username)
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
        return _reserve(platform, person, report.tags[0], judged, now)
    return answers.refused_for_faults(judged, report.tags[0].ref)


def _not_admitted(
    platform: Platform, connection: Connection, person: Person | None, report: PushReport
) -> str:
    """Return why this person may not push to this repository, empty when they may."""
    if person is None:
        return "this account is not known here any more"
    admission = load_admission(connection, platform.challenge, person)
    if not admission.may_take_part:
        return admission.reason
    if person.team_slug != report.team:
        return f"this is the repository of the team {report.team}, not yours"
    return refusal_of(connection, person.team_id)


def _reserve(
    platform: Platform, person: Person, tag: TagReport, judged: GoodCommit, now: datetime
) -> Answer:
    challenge, phase = platform.challenge.challenge.id, judged.phase
    receipt_key(platform.state)  # without it no receipt could follow: better no push than that
    push = _push(challenge, phase, person, tag, judged.file)
    # What a team has used is counted and used up by one push of it at a time.
    with platform.database.write(f"team {person.team_slug}") as connection:
        before = find_reservation(
            connection, challenge=challenge, phase=phase.id, team_id=push.team_id,
            commit_sha=push.commit_sha,
        )  # fmt: skip
        if before is not None and before.confirmed_at is not None:
            return answers.known(before)
        if before is not None:
            refresh(connection, before, now)
            return answers.checked(before, platform.addresses.portal, remarks=judged.remarks)
        usage = quota.usage_of(connection, challenge, phase, push.team_id, now)
        limits = quota.exceeded(usage)
        if limits:
            return answers.refused_for_limits(limits, phase.closes, now)
        submission = reserve(connection, push, now)
    return answers.checked(submission, platform.addresses.portal, remarks=judged.remarks)


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
