"""What a push is answered, in words: git shows each line behind `remote:`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from blueprint.clock import to_text
from blueprint.config.faults import Fault
from blueprint.intake.quota import Exceeded, waiting_text
from blueprint.intake.refs import short
from blueprint.ledger.progress import progress_of
from blueprint.ledger.submissions import Submission

MAX_FAULTS = 20
_NOTHING = "nothing of this push was stored, and no quota was used"


@dataclass(frozen=True)
class Answer:
    """The platform's answer to the hook: 200 when `accept`, else 409, with the text as body."""

    accept: bool
    text: str


def checked(submission: Submission, portal: str, *, remarks: Sequence[str]) -> Answer:
    """Answer a push that git may store: its submission is reserved, and nothing is promised."""
    lines = [
        f"checked: {_place(submission)}, reserved as submission {submission.id}",
        f"  commit {submission.commit_sha[:12]} as {_named(submission)}",
        *(f"  {remark}" for remark in remarks),
        "  it counts once git has stored the tag; then `accepted` follows, with the receipt",
        f"  if it does not, look at {portal}/submissions before you push again",
    ]
    return _answer(lines, accept=True)


def known(submission: Submission) -> Answer:
    """Answer a further tag on a commit that was accepted: git may store it."""
    return _answer(
        [f"checked: {_place(submission)}, accepted before as submission {submission.id}"],
        accept=True,
    )


def accepted(submission: Submission, page: str, *, left: str) -> list[str]:
    """Return what a pusher reads once the tag is stored: the number and the receipt."""
    return [
        f"accepted: {_place(submission)}, submission {submission.id}",
        f"  receipt {_receipt(submission)}, signed with the challenge's key",
        *([f"  left: {left}"] if left else []),
        _follow(page),
    ]


def accepted_before(submission: Submission, page: str, now: datetime) -> list[str]:
    """Return what the pusher of a second tag on a commit reads: the first receipt."""
    state = progress_of(submission, now).happening
    return [
        f"accepted before: {_place(submission)}, submission {submission.id}",
        f"  this commit has its receipt already: as {_named(submission)}",
        f"  receipt {_receipt(submission)}; {state}; no quota was used",
        _follow(page),
    ]


def not_registered(tag: str, limits: Sequence[Exceeded], now: datetime) -> list[str]:
    """Return what a pusher reads whose tag came when its try had been used otherwise."""
    late = "was stored more than a minute after it was checked"
    lines = [f"not registered: {short(tag)} {late}, and its try was used otherwise meanwhile"]
    lines += [f"  {limit.rule}" for limit in limits]
    moments = [limit.next_at for limit in limits if limit.next_at is not None]
    if len(moments) == len(limits):
        lines.append(f"  {waiting_text(max(moments), now)}: tag it under another name then")
    return [*lines, "  it used no quota"]


def unknown(tag: str) -> list[str]:
    """Return what a pusher reads whose tag was stored and of which nothing is known."""
    what = f"not registered: {short(tag)} was stored, but nothing is known of its check; please"
    return [f"{what} tag this commit once more under another name, and push that"]


def after_storing(lines: Sequence[str]) -> Answer:
    """Return the answer to a push that is stored."""
    return _answer(lines, accept=True) if lines else Answer(accept=True, text="")


def stored(refs: Sequence[str], how: str, note: str) -> Answer:
    """Answer a push without a submission: what happened, and how to submit."""
    names = ", ".join(short(ref) for ref in refs[:5]) + (", ..." if len(refs) > 5 else "")  # noqa: PLR2004
    lines = [f"stored: {names}; work in progress is not evaluated", how, *([note] if note else [])]
    return _answer(lines, accept=True)


def removed(refs: Sequence[str]) -> Answer:
    """Answer a push that only deletes branches or tags."""
    return _answer([f"deleted: {', '.join(short(ref) for ref in refs[:5])}"], accept=True)


def refused(reasons: Sequence[str]) -> Answer:
    """Answer a push that is refused for reasons of one line each."""
    return _answer([*(f"refused: {reason}" for reason in reasons), _NOTHING], accept=False)


def refused_for_faults(faults: Sequence[Fault], tag: str) -> Answer:
    """Answer a push with everything that is wrong with the commit."""
    count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
    lines = [f"refused: {count}; {_NOTHING}"]
    for fault in faults[:MAX_FAULTS]:
        lines += [str(fault), f"  hint: {fault.hint}"]
    if len(faults) > MAX_FAULTS:
        lines.append(f"... and {len(faults) - MAX_FAULTS} more")
    name = short(tag)
    lines += [
        "then commit, and push the tag again; its name is still free:",
        f"  git tag -f {name} && git push origin {name}",
    ]
    return _answer(lines, accept=False)


def refused_for_limits(limits: Sequence[Exceeded], closes: datetime, now: datetime) -> Answer:
    """Answer a push beyond a limit with the moment when the next one is allowed."""
    lines = [f"refused: {limit.rule}" for limit in limits]
    moments = [limit.next_at for limit in limits if limit.next_at is not None]
    can_wait = len(moments) == len(limits)
    if can_wait:
        lines.append(waiting_text(max(moments), now))
        if max(moments) > closes:
            lines.append(f"the phase closes before that, at {to_text(closes)}")
    lines.append(f"{_NOTHING}{': push the same tag again then' if can_wait else ''}")
    return _answer(lines, accept=False)


def _answer(lines: Sequence[str], *, accept: bool) -> Answer:
    return Answer(accept, "\n".join(lines) + "\n")


def _place(submission: Submission) -> str:
    return f"{submission.challenge}/{submission.phase}"


def _named(submission: Submission) -> str:
    return f"{submission.tag_name}, received {to_text(submission.received_at)}"


def _receipt(submission: Submission) -> str:
    return f"{str(submission.receipt.get('signature', ''))[:16]}..."


def _follow(page: str) -> str:
    return f"  follow it at {page}"
