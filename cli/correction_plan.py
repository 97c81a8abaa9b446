"""Says what a correction needs, and how far it is: for people and for scripts."""

from typing import TYPE_CHECKING

from cli import output
from cli.data_states import changed_files

if TYPE_CHECKING:
    from collections.abc import Sequence

    from blueprint.corrections.plan import Correction
    from blueprint.corrections.release import Coverage
    from blueprint.platform import Platform

_SHOWN_FILES = 12


def print_plan(platform: "Platform", found: "Sequence[Correction]", *, as_json: bool) -> None:
    """Print what corrections need; where nothing differs, that there is nothing to do."""
    from blueprint.corrections.release import pending

    if as_json:
        output.document({"corrections": [correction_document(one) for one in found]})
        return
    for one in found:
        output.say(f"{one.place}: {_differs(one)}")
        for change in one.changes[:_SHOWN_FILES]:
            output.say(f"  {change}")
        if len(one.changes) > _SHOWN_FILES:
            output.say(f"  and {len(one.changes) - _SHOWN_FILES} more files")
        for line in one.settings:
            output.say(f"  {line}")
        output.say(f"  {_counts(one)}")
    if not found:
        output.say("nothing to do: all results were made with the data and settings of now")
        if pending(platform):
            output.say(
                "a correction is under way that these files do not ask for any more:"
                " `diychallenge corrections abandon` ends it"
            )


def _differs(one: "Correction") -> str:
    what = []
    if one.changes:
        what.append(changed_files(len(one.changes)))
    if one.settings:
        what.append("the settings were edited")
    if not what:
        what.append("its results were made by an earlier version, which froze no data")
    return " and ".join(what)


def _counts(one: "Correction") -> str:
    by = {
        need: [p for p in one.pieces if p.need == need] for need in ("done", "rescore", "rejudge")
    }
    told = [f"{len(by['rescore'])} to score again"]
    away: dict[str, list[str]] = {}
    for piece in by["rescore"]:
        if piece.away:
            away.setdefault(f"{piece.host} ({piece.away})", []).append(str(piece.submission))
    for host, numbers in away.items():
        listed = ", ".join(numbers[:_SHOWN_FILES])
        told.append(f"of them {len(numbers)} kept by {host}: submission {listed}")
    if by["rejudge"]:
        why = by["rejudge"][0].why
        listed = ", ".join(str(piece.submission) for piece in by["rejudge"][:_SHOWN_FILES])
        told.append(f"{len(by['rejudge'])} to run again ({why}): submission {listed}")
    if by["done"]:
        told.append(f"{len(by['done'])} done")
    return ", ".join(told)


def correction_document(one: "Correction") -> dict[str, object]:
    """Return what a correction needs, for scripts."""
    return {
        "task": one.wanted.task,
        "split": one.wanted.split,
        "dataset": one.wanted.dataset_digest,
        "evaluator": one.wanted.evaluator_digest,
        "changes": [{"path": c.path, "case": c.case, "kind": c.kind, "now_of": c.now_of,
                     "needs_runs": c.needs_runs} for c in one.changes],
        "settings": one.settings,
        "submissions": one.pieces,
    }  # fmt: skip


def coverage_document(one: "Coverage") -> dict[str, object]:
    """Return how far a correction is, for scripts."""
    return {
        "correction": one.correction.id,
        "task": one.correction.terms.task,
        "split": one.correction.terms.split,
        "begun_at": one.correction.created_at,
        "begun_by": one.correction.created_by,
        "evaluations": dict(one.counts),
        "missing": one.missing,
        "failed": {str(number): text for number, text in one.failed.items()},
        "is_complete": one.is_complete,
    }
