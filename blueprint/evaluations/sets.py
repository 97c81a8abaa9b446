"""Which dataset, settings and ranking rules are in force for a split of a task, and which wait.

A set in force is never edited. A correction is a set of its own, `pending` until every evaluation
that it needs is there; publishing it is the switch of two rows in one transaction.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, exists, insert, or_, select, update

from blueprint import audit
from blueprint.config.model import Phase, Split, Task
from blueprint.database.schema import datasets, evaluation_sets, evaluations, evaluators
from blueprint.errors import NotFoundError
from blueprint.evaluations.datasets import Dataset, read_dataset
from blueprint.evaluations.terms import Place, Terms

SetState = Literal["in-force", "pending", "retired", "abandoned"]
SETS = "evaluation-sets"
"""What a transaction decides about that changes which evaluations count (see `Database.write`)."""


@dataclass(frozen=True)
class EvaluationSet:
    """Terms, and what became of them."""

    id: int
    terms: Terms
    state: SetState
    created_at: datetime
    created_by: str
    published_by: str | None
    reason: str
    """Why it was put in force; empty for the first one and for what is pending."""
    put_in_force_at: datetime | None
    ended_at: datetime | None
    difference: Mapping[str, Any] | None
    """What its publication changed."""

    @property
    def place(self) -> Place:
        """The task and split."""
        return self.terms.place


@dataclass(frozen=True)
class Correction:
    """A correction that was published, as the page tells of it."""

    at: datetime
    reason: str


@dataclass(frozen=True)
class InForce:
    """What results of a split are made and ranked by, and how it came to that."""

    terms: Terms | None = None
    """None: nothing is frozen, the challenge says it."""
    corrections: tuple[Correction, ...] = ()
    """The latest first."""

    def apply_to(self, task: Task) -> Task:
        """Return the task as its results are made and ranked."""
        return task if self.terms is None else self.terms.apply_to(task)

    def board_of(self, phase: Phase) -> Phase:
        """Return the phase with a board that shows what was put in force for it."""
        show = None if self.terms is None else self.terms.boards.get(phase.id)
        if show is None or show == phase.board.show:
            return phase
        return phase.model_copy(update={"board": phase.board.model_copy(update={"show": show})})


def is_in_force() -> ColumnElement[bool]:
    """Return the condition on `evaluations` that holds for those that boards are made of.

    Results that a version before this one recorded have no digests until the next deploy takes
    the data in force: until then they count.
    """
    matching = exists().where(
        evaluation_sets.c.state == "in-force",
        evaluation_sets.c.dataset_digest == evaluations.c.dataset_digest,
        evaluation_sets.c.evaluator_digest == evaluations.c.evaluator_digest,
    )
    return or_(evaluations.c.dataset_digest.is_(None), matching)


def is_under(terms: Terms) -> ColumnElement[bool]:
    """Return the condition on `evaluations` that holds for those made by these terms."""
    return (evaluations.c.dataset_digest == terms.dataset_digest) & (
        evaluations.c.evaluator_digest == terms.evaluator_digest
    )


def sets_in_force(connection: Connection) -> dict[Place, EvaluationSet]:
    """Return the set in force of every split that has one."""
    return {found.place: found for found in list_sets(connection, "in-force")}


def what_is_in_force(connection: Connection) -> dict[Place, InForce]:
    """Return by split what is in force, with the corrections that led to it."""
    corrections: dict[Place, list[Correction]] = {}
    for one in list_sets(connection, "in-force", "retired"):
        if one.reason and one.put_in_force_at is not None:
            corrections.setdefault(one.place, []).append(
                Correction(one.put_in_force_at, one.reason)
            )
    return {
        place: InForce(found.terms, tuple(reversed(corrections.get(place, []))))
        for place, found in sets_in_force(connection).items()
    }


def pending_sets(connection: Connection) -> dict[Place, EvaluationSet]:
    """Return the corrections that are not published yet."""
    return {found.place: found for found in list_sets(connection, "pending")}


def list_sets(connection: Connection, *states: SetState) -> list[EvaluationSet]:
    """Return the sets in these states, or all, the oldest first."""
    query = select(evaluation_sets, evaluators.c.document.label("evaluator")).join(
        evaluators, evaluators.c.digest == evaluation_sets.c.evaluator_digest
    )
    if states:
        query = query.where(evaluation_sets.c.state.in_(states))
    rows = connection.execute(query.order_by(evaluation_sets.c.id)).mappings()
    return [_set_of(row) for row in rows]


def dataset_of(connection: Connection, digest: str) -> Dataset:
    """Return a dataset that was frozen.

    Raises:
        NotFoundError: There is none with this digest.
    """
    query = select(datasets.c.document).where(datasets.c.digest == digest)
    document = connection.execute(query).scalar()
    if document is None:
        raise NotFoundError(f"there is no dataset with the digest {digest}")
    return read_dataset(document)


def case_ids_in_force(connection: Connection, task: str, split: Split) -> tuple[str, ...] | None:
    """Return the case ids of the dataset in force; None where nothing is in force yet."""
    query = (
        select(datasets.c.document)
        .join(evaluation_sets, evaluation_sets.c.dataset_digest == datasets.c.digest)
        .where(
            evaluation_sets.c.state == "in-force", evaluation_sets.c.task == task,
            evaluation_sets.c.split == split,
        )
    )  # fmt: skip
    document = connection.execute(query).scalar()
    return None if document is None else tuple(sorted(document["cases"]))


def keep_terms(connection: Connection, terms: Terms, dataset: Dataset, now: datetime) -> None:
    """Store the documents of terms; those that are known stay as they are."""
    place = {"task": terms.task, "taken_at": now}
    if not _has(connection, datasets.c.digest == terms.dataset_digest):
        connection.execute(
            insert(datasets).values(
                digest=terms.dataset_digest, split=terms.split, document=dataset.as_document(),
                **place,
            )
        )  # fmt: skip
    if not _has(connection, evaluators.c.digest == terms.evaluator_digest):
        document = dict(terms.evaluator)
        row = insert(evaluators).values(digest=terms.evaluator_digest, document=document, **place)
        connection.execute(row)


def put_in_force(
    connection: Connection, terms: Terms, *, by: str, now: datetime, reason: str = ""
) -> None:
    """Put terms in force where no result hangs on what was; the documents are stored already."""
    retire(connection, terms.place, now)
    _insert(connection, terms, state="in-force", by=by, now=now, reason=reason)
    detail = {"dataset": terms.dataset_digest, "evaluator": terms.evaluator_digest}
    audit.append(connection, now, by, "evaluation.frozen", "/".join(terms.place), detail)


def add_pending(connection: Connection, terms: Terms, *, by: str, now: datetime) -> int:
    """Begin a correction and return its number; the documents are stored already."""
    number = _insert(connection, terms, state="pending", by=by, now=now, reason="")
    detail = {"set": number, "dataset": terms.dataset_digest, "evaluator": terms.evaluator_digest}
    audit.append(connection, now, by, "correction.begun", "/".join(terms.place), detail)
    return number


def retire(connection: Connection, place: Place, now: datetime) -> None:
    """Take the set in force of a split out of force; its evaluations stay."""
    connection.execute(
        update(evaluation_sets)
        .where(
            evaluation_sets.c.task == place[0], evaluation_sets.c.split == place[1],
            evaluation_sets.c.state == "in-force",
        )
        .values(state="retired", ended_at=now)
    )  # fmt: skip


def amend_boards(connection: Connection, one: EvaluationSet, boards: Mapping[str, str]) -> None:
    """Say what boards show on which no result hangs yet, in a set that is in force."""
    rules = dict(one.terms.with_boards({**one.terms.boards, **boards}).rules)
    mine = (evaluation_sets.c.id == one.id) & (evaluation_sets.c.state == "in-force")
    connection.execute(update(evaluation_sets).where(mine).values(rules=rules))


def change_rules(connection: Connection, set_id: int, rules: Mapping[str, Any]) -> None:
    """Give a pending set other ranking rules: no evaluation depends on them."""
    pending = (evaluation_sets.c.id == set_id) & (evaluation_sets.c.state == "pending")
    connection.execute(update(evaluation_sets).where(pending).values(rules=dict(rules)))


def abandon(connection: Connection, sets: Iterable[EvaluationSet], by: str, now: datetime) -> None:
    """End corrections without publishing them; what was computed stays and is found again."""
    for one in sets:
        pending = (evaluation_sets.c.id == one.id) & (evaluation_sets.c.state == "pending")
        ended = update(evaluation_sets).where(pending).values(state="abandoned", ended_at=now)
        if connection.execute(ended).rowcount == 1:
            waiting = evaluations.c.state.in_(("waiting", "failed")) & is_under(one.terms)
            connection.execute(evaluations.delete().where(waiting))
            detail = {"set": one.id}
            audit.append(connection, now, by, "correction.abandoned", "/".join(one.place), detail)


def switch(
    connection: Connection,
    one: EvaluationSet,
    *,
    reason: str,
    by: str,
    now: datetime,
    difference: Mapping[str, Any],
) -> bool:
    """Put a pending set in force; False, and nothing changed, when it is pending no more."""
    retire(connection, one.place, now)
    pending = (evaluation_sets.c.id == one.id) & (evaluation_sets.c.state == "pending")
    switched = connection.execute(
        update(evaluation_sets)
        .where(pending)
        .values(
            state="in-force", put_in_force_at=now, reason=reason, difference=dict(difference),
            published_by=by,
        )
    )  # fmt: skip
    return switched.rowcount == 1


def _insert(
    connection: Connection, terms: Terms, *, state: SetState, by: str, now: datetime, reason: str
) -> int:
    added = connection.execute(
        insert(evaluation_sets).values(
            task=terms.task, split=terms.split, dataset_digest=terms.dataset_digest,
            evaluator_digest=terms.evaluator_digest, rules=dict(terms.rules), state=state,
            created_at=now, created_by=by, reason=reason,
            published_by=by if state == "in-force" else None,
            put_in_force_at=now if state == "in-force" else None,
        )
    )  # fmt: skip
    key = added.inserted_primary_key
    if key is None:
        raise RuntimeError("the database gave no number for a new row")
    return int(key[0])


def _has(connection: Connection, condition: ColumnElement[bool]) -> bool:
    return bool(connection.execute(select(exists().where(condition))).scalar())


def _set_of(row: Mapping[Any, Any]) -> EvaluationSet:
    terms = Terms(row["task"], row["split"], row["dataset_digest"], row["evaluator"], row["rules"])
    names = ("id", "state", "created_at", "created_by", "published_by", "reason",
             "put_in_force_at", "ended_at", "difference")  # fmt: skip
    return EvaluationSet(terms=terms, **{name: row[name] for name in names})
