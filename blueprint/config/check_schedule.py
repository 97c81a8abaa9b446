"""Checks that everything closes after it opens, and phases follow each other."""

from collections.abc import Iterator

from blueprint.clock import to_text
from blueprint.config.draft import Draft
from blueprint.config.faults import Fault
from blueprint.config.locate import KeyPath
from blueprint.config.model import Phase
from blueprint.config.model.people import Registration
from blueprint.config.suggest import did_you_mean

_DATES = "a bare date opens at 00:00:00 and closes at 23:59:59 in `challenge.timezone`"


def check(draft: Draft) -> Iterator[Fault]:
    """Yield the faults of the schedule."""
    registration = draft.registration
    if registration is not None:
        yield from _closes_later(draft, ("people", "registration"), registration)
    for path, phase in draft.phases:
        yield from _closes_later(draft, path, phase)
        if phase.after is not None:
            yield from _follows(draft, path, phase)


def _closes_later(draft: Draft, path: KeyPath, span: Phase | Registration) -> Iterator[Fault]:
    if span.closes > span.opens:
        return
    closes, opens = draft.document.at((*path, "closes")), draft.document.at((*path, "opens"))
    yield draft.document.fault(
        (*path, "closes"),
        f"'{closes}' must be later than opens '{opens}' "
        f"({to_text(span.closes)} is not after {to_text(span.opens)})",
        hint=_DATES,
        value=closes,
        rule="closes later than it opens",
    )


def _follows(draft: Draft, path: KeyPath, phase: Phase) -> Iterator[Fault]:
    place = (*path, "after")
    others = [one for one in draft.items(("phases",)) if one != path]
    known = [str(draft.document.at((*one, "id"))) for one in others]
    if phase.after not in known:
        itself = "the phase itself" if phase.after == phase.id else "no phase"
        yield draft.document.fault(
            place,
            f"'{phase.after}' is {itself}{did_you_mean(phase.after, known)}",
            hint=f"the other phases are {', '.join(known)}" if known else "delete this key",
            value=phase.after,
            rule="the id of another phase",
        )
        return
    first = next((one for _, one in draft.phases if one.id == phase.after), None)
    if first is not None and first.closes >= phase.opens:
        yield draft.document.fault(
            place,
            f"'{phase.after}' closes at {to_text(first.closes)}, "
            f"which is not before this phase opens at {to_text(phase.opens)}",
            hint=f"let this phase open later, or '{phase.after}' close earlier",
            value=phase.after,
            rule="that phase closes before this one opens",
        )
