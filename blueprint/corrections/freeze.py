"""What a deploy freezes: case ids, checksums of inputs and references, settings and rules.

Where no result hangs on what was in force, the files and settings of now take its place. Where
results do, it stays, whatever was edited: only a published correction changes it.
"""

from collections.abc import Callable, Mapping

from sqlalchemy import ColumnElement, Connection, exists, select, update

from blueprint.config.model import Challenge, Task
from blueprint.corrections.holdings import Holdings
from blueprint.corrections.survey import DataState, places_of, survey
from blueprint.database.schema import datasets, evaluations, submissions
from blueprint.errors import InputError
from blueprint.evaluations.datasets import Dataset
from blueprint.evaluations.sets import (
    SETS,
    amend_boards,
    is_under,
    keep_terms,
    pending_sets,
    put_in_force,
    sets_in_force,
)
from blueprint.evaluations.settings import ADOPTED
from blueprint.evaluations.terms import Terms, terms_of
from blueprint.platform import Platform

_BY = "deploy"


def freeze(
    platform: Platform,
    challenge: Challenge,
    report: Callable[[str], None] = lambda _line: None,
    *,
    anew: bool = False,
    is_for_hosts: bool | None = None,
) -> tuple[DataState, ...]:
    """Put the data and settings of every split in force where nothing is, and return how all stand.

    Results that a version before this one recorded are adopted: they count as made with the files
    of now, and are marked as unchecked until `diychallenge rescore` has made them again.

    Args:
        platform: The deployment.
        challenge: What the deploy puts in force.
        report: Called with a line for each split that was taken in force.
        anew: Read every file instead of trusting its times and size.
        is_for_hosts: Evaluation hosts evaluate: what is in force already need not be here.

    Raises:
        InputError: The files of a split that was never in force cannot be read; or a phase has
            results on the cases of another split.
    """
    holdings = Holdings(platform, challenge, anew=anew, is_for_hosts=is_for_hosts)
    with platform.database.read() as connection:
        demand_splits_kept(connection, challenge)
    for task, split in places_of(challenge):
        known = holdings.take(task, split)
        if known.dataset is not None:
            _freeze_one(platform, challenge, task, known.dataset, report)
            continue
        with platform.database.read() as connection:
            if (task.id, split) not in sets_in_force(connection):
                raise InputError(
                    f"tasks.{task.id}.cases.{split}: {known.problem}",
                    hint="put the files there, or hand over what `diychallenge datasets write`"
                    " wrote where they are (`serve --datasets`); nothing was put in force",
                )
    return survey(platform, challenge, anew=False, is_for_hosts=is_for_hosts)


def _freeze_one(
    platform: Platform,
    challenge: Challenge,
    task: Task,
    dataset: Dataset,
    report: Callable[[str], None],
) -> None:
    now = platform.clock()
    terms = terms_of(task, dataset.split, dataset.digest, challenge.phases)
    with platform.database.read() as connection:
        if _is_settled(connection, terms):
            return  # the usual deploy writes nothing
    with platform.database.write(SETS) as connection:
        found = sets_in_force(connection).get(terms.place)
        old = _unfrozen(challenge, terms)
        if found is None and _any(connection, old):
            terms = Terms(terms.task, terms.split, terms.dataset_digest,
                          {**terms.evaluator, ADOPTED: True}, terms.rules)  # fmt: skip
        elif found is not None and (
            terms == found.terms
            or _any(connection, is_under(found.terms))
            or terms.place in pending_sets(connection)
        ):
            amend_boards(connection, found, _open_boards(connection, found.terms, terms))
            return
        keep_terms(connection, terms, dataset, now)
        put_in_force(connection, terms, by=_BY, now=now)
        adopted = update(evaluations).where(old).values(
            dataset_digest=terms.dataset_digest, evaluator_digest=terms.evaluator_digest
        )  # fmt: skip
        count = connection.execute(adopted).rowcount if found is None else 0
    adopted_words = f"; {count} results of before count as made with them" if count else ""
    report(f"{task.id}/{dataset.split}: {len(dataset.cases)} cases put in force{adopted_words}")


def _is_settled(connection: Connection, terms: Terms) -> bool:
    found = sets_in_force(connection).get(terms.place)
    if found is None:
        return False
    has_results = _any(connection, is_under(found.terms))
    return found.terms == terms or (
        has_results and not _open_boards(connection, found.terms, terms)
    )


def _open_boards(connection: Connection, before: Terms, wanted: Terms) -> Mapping[str, str]:
    """Return what boards are to show otherwise whose phases have no result yet, or are new."""
    edited = {id_: show for id_, show in wanted.boards.items() if before.boards.get(id_) != show}
    done = (evaluations.c.state == "done") & (submissions.c.id == evaluations.c.submission_id)
    return {
        id_: show
        for id_, show in edited.items()
        if id_ not in before.boards or not _any(connection, done & (submissions.c.phase == id_))
    }


def _unfrozen(challenge: Challenge, terms: Terms) -> ColumnElement[bool]:
    """Return the condition on evaluations of an earlier version that belong to a split."""
    phases = [
        one.id for one in challenge.phases if (one.task, one.cases) == (terms.task, terms.split)
    ]
    ours = select(submissions.c.id).where(submissions.c.phase.in_(phases))
    return evaluations.c.dataset_digest.is_(None) & evaluations.c.submission_id.in_(ours)


def _any(connection: Connection, condition: ColumnElement[bool]) -> bool:
    return bool(connection.execute(select(exists().where(condition))).scalar())


def demand_splits_kept(connection: Connection, challenge: Challenge) -> None:
    """Refuse to give a phase that has results the cases of another split.

    Raises:
        InputError: A phase has results on the cases of another split than it is to have.
    """
    query = (
        select(submissions.c.phase, datasets.c.split)
        .join(evaluations, evaluations.c.submission_id == submissions.c.id)
        .join(datasets, datasets.c.digest == evaluations.c.dataset_digest)
        .distinct()
    )
    used = {(row.phase, row.split) for row in connection.execute(query)}
    wanted = {phase.id: phase.cases for phase in challenge.phases}
    for phase, split in sorted(used):
        if wanted.get(phase, split) != split:
            raise InputError(
                f"phases.{phase}.cases: {wanted[phase]}, but its results were made on the {split}"
                " cases",
                hint=f"put `cases: {split}` back, and make a phase of its own for the others",
            )
