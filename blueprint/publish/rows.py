"""Reads scored submissions from the database."""

from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import ColumnElement, Connection, select

from blueprint.database.schema import evaluations, scores, submissions, teams
from blueprint.evaluations.sets import is_in_force
from blueprint.metrics.measures import Column
from blueprint.people.team_standings import shown_teams
from blueprint.publish.board import Scored

_HAS_RESULT = ("scored", "published")


def read_scored(
    connection: Connection,
    *,
    challenge: str,
    phases: Collection[str],
    made: ColumnElement[bool] | None = None,
) -> tuple[Scored, ...]:
    """Return every scored submission of the phases, in order of id.

    Those of teams that withdrew or were disqualified are kept in the database, and not read.
    Results of phases that are not named are not even read, so that none can slip out.

    Args:
        connection: One snapshot.
        challenge: The id of the challenge.
        phases: Which phases.
        made: The condition on `evaluations` for those that count; those in force by default.
    """
    chosen = (
        submissions.c.challenge == challenge,
        submissions.c.phase.in_(phases),
        submissions.c.state.in_(_HAS_RESULT),
        submissions.c.team_id.in_(shown_teams()),
        evaluations.c.state == "done",
        is_in_force() if made is None else made,
    )
    values, missing = _read_values(connection, chosen)
    query = (
        select(
            submissions.c.id, submissions.c.phase, teams.c.slug, teams.c.name,
            submissions.c.kind, submissions.c.received_at, evaluations.c.recorded_at,
            teams.c.standing, evaluations.c.id.label("evaluation"),
        )
        .join(teams, teams.c.id == submissions.c.team_id)
        .join(evaluations, evaluations.c.submission_id == submissions.c.id)
        .where(*chosen)
        .order_by(submissions.c.id)
    )  # fmt: skip
    return tuple(
        Scored(
            *row[:-2],
            values=values.get(row.evaluation, {}),
            missing=frozenset(missing.get(row.evaluation, ())),
            team_standing=row.standing,
        )
        for row in connection.execute(query)
    )


def _read_values(
    connection: Connection, chosen: tuple[ColumnElement[bool], ...]
) -> tuple[dict[int, dict[Column, dict[str, float]]], dict[int, set[str]]]:
    """Return by evaluation its values, and the cases without an output."""
    values: dict[int, dict[tuple[str, str], dict[str, float]]]
    values = defaultdict(lambda: defaultdict(dict))
    missing: dict[int, set[str]] = defaultdict(set)
    query = (
        select(scores.c.evaluation_id, scores.c.metric, scores.c.region, scores.c.case_id,
               scores.c.value, scores.c.flag)
        .join(evaluations, evaluations.c.id == scores.c.evaluation_id)
        .join(submissions, submissions.c.id == evaluations.c.submission_id)
        .where(*chosen)
    )  # fmt: skip
    for evaluation, metric, region, case, value, flag in connection.execute(query):
        values[evaluation][metric, region][case] = value
        if flag == "missing":
            missing[evaluation].add(case)
    # Named at the end: the rows are many, the columns few.
    named = {
        evaluation: {Column(*names): cases for names, cases in found.items()}
        for evaluation, found in values.items()
    }
    return named, missing
