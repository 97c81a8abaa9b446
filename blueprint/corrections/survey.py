"""Compares what is in force with what the files and challenge.yaml say now."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, select

from blueprint.config.model import Challenge, Split, Task
from blueprint.corrections.holdings import Holdings
from blueprint.database.schema import evaluations, submissions
from blueprint.evaluations.datasets import FileChange, differences
from blueprint.evaluations.sets import (
    EvaluationSet,
    dataset_of,
    is_under,
    pending_sets,
    sets_in_force,
)
from blueprint.evaluations.settings import ADOPTED, BOARDS
from blueprint.evaluations.terms import Terms, terms_of
from blueprint.ledger.states import JUDGED
from blueprint.plan.difference import differences as differences_in_words
from blueprint.platform import Platform

Condition = Literal[
    "in force", "not frozen", "data changed", "metrics changed", "settings changed", "unreadable"
]
"""metrics changed: this program computes one of them another way; settings: challenge.yaml says
other ones, which do not count yet."""


@dataclass(frozen=True)
class DataState:
    """How the data and settings of one split stand against what is in force."""

    task: str
    split: Split
    condition: Condition
    cases: int
    digest: str
    """Of the dataset in force; empty where none is."""
    changes: tuple[FileChange, ...]
    """Files that are not as they were put in force."""
    settings: tuple[str, ...]
    """Settings of challenge.yaml that are not in force, in its words."""
    adopted: int
    """Results of an earlier version of diychallenge, whose data nobody can know for sure."""
    problem: str
    """Why the files cannot be compared; empty when they can."""
    known_from: str
    """From where it is known what they hold, for people; empty where it is not known."""
    scored: tuple[int, ...]
    """Submissions whose results are in force for this split."""
    waiting: tuple[int, ...]
    """Submissions that wait to be evaluated on it."""
    correction: int | None
    """The number of the correction that is under way."""

    @property
    def is_held(self) -> bool:
        """Whether nothing may be evaluated on this split now."""
        return self.condition in ("data changed", "metrics changed", "unreadable")

    @property
    def is_noteworthy(self) -> bool:
        """Whether an organizer should hear of it."""
        return self.condition != "in force" or bool(self.adopted) or self.correction is not None

    @property
    def place(self) -> str:
        """Task and split as people write them."""
        return f"{self.task}/{self.split}"


def places_of(challenge: Challenge) -> Iterator[tuple[Task, Split]]:
    """Yield every task with each of its splits."""
    for task in challenge.tasks:
        yield task, "public"
        if task.cases.private is not None:
            yield task, "private"


def survey(
    platform: Platform,
    challenge: Challenge,
    *,
    anew: bool = False,
    is_for_hosts: bool | None = None,
) -> tuple[DataState, ...]:
    """Return how every split of a challenge stands.

    Args:
        platform: The deployment.
        challenge: What is wanted: the challenge in force, or an edited one.
        anew: Read every file instead of trusting its times and size.
        is_for_hosts: See `Holdings`.
    """
    holdings = Holdings(platform, challenge, anew=anew, is_for_hosts=is_for_hosts)
    return tuple(_state(platform, challenge, holdings, *place) for place in places_of(challenge))


def _state(
    platform: Platform, challenge: Challenge, holdings: Holdings, task: Task, split: Split
) -> DataState:
    known = holdings.take(task, split)  # read before the database is
    dataset, problem = known.dataset, known.problem
    with platform.database.read() as connection:
        found = sets_in_force(connection).get((task.id, split))
        pending = pending_sets(connection).get((task.id, split))
        scored = scored_under(connection, found.terms) if found else ()
        waiting = _waiting(connection, challenge, task, split)
        frozen = dataset_of(connection, found.terms.dataset_digest) if found else None
    changes = differences(frozen, dataset) if frozen and dataset else ()
    wanted = terms_of(task, split, dataset.digest if dataset else "", challenge.phases)
    settings = settings_changed(found.terms, wanted) if found else ()
    return DataState(
        task=task.id,
        split=split,
        condition=_condition(found, changes, settings, problem),
        cases=len(frozen.cases) if frozen else 0,
        digest=found.terms.dataset_digest if found else "",
        changes=changes,
        settings=settings,
        adopted=len(scored) if found and found.terms.evaluator.get(ADOPTED) else 0,
        problem=problem,
        known_from=known.source,
        scored=scored,
        waiting=waiting,
        correction=pending.id if pending else None,
    )


def settings_changed(before: Terms, after: Terms) -> tuple[str, ...]:
    """Return the settings that differ between two terms, in the words of challenge.yaml."""
    said = []
    after = after.after(before)
    for one, other in ((before.evaluator, after.evaluator), (before.rules, after.rules)):
        old, new = (_of_task(document) for document in (one, other))
        said += [str(change) for change in differences_in_words(f"tasks.{before.task}", old, new)]
    said = [line.replace(".settings.", ".", 1) for line in said]
    for phase, show in before.boards.items():
        path = f"phases.{phase}.board.show"
        said += [str(change) for change in differences_in_words(path, show, after.boards[phase])]
    return tuple(said)


def _of_task(document: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key not in (ADOPTED, BOARDS)}


def scored_under(connection: Connection, terms: Terms) -> tuple[int, ...]:
    """Return the submissions that have an evaluation by these terms."""
    done = (evaluations.c.state == "done") & is_under(terms)
    query = select(evaluations.c.submission_id).where(done).order_by(evaluations.c.submission_id)
    return tuple(connection.execute(query).scalars())


def _waiting(
    connection: Connection, challenge: Challenge, task: Task, split: Split
) -> tuple[int, ...]:
    phases = [one.id for one in challenge.phases if (one.task, one.cases) == (task.id, split)]
    query = select(submissions.c.id).where(
        submissions.c.phase.in_(phases), submissions.c.state.not_in(JUDGED)
    )
    return tuple(connection.execute(query.order_by(submissions.c.id)).scalars())


def _condition(
    found: EvaluationSet | None,
    changes: tuple[FileChange, ...],
    settings: tuple[str, ...],
    problem: str,
) -> Condition:
    if found is None:
        return "not frozen"
    if problem:
        return "unreadable"
    if changes:
        return "data changed"
    if not found.terms.is_computed_here:
        return "metrics changed"
    return "settings changed" if settings else "in force"
