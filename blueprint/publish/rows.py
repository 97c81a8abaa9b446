"""Reads scored submissions from the database."""

from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import ColumnElement, Connection, select

from blueprint.database.schema import results, scores, submissions, teams
from blueprint.metrics.measures import Column
from blueprint.publish.board import Scored

_HAS_RESULT = ("scored", "published")


def read_scored(
    connection: Connection, *, challenge: str, phases: Collection[str]
) -> tuple[Scored, ...]:
    """Return every scored submission of the phases, in order of id.

    Results of phases that are not named are not even read, so that none can slip out.
    """
    chosen = (
        submissions.c.challenge == challenge,
        submissions.c.phase.in_(phases),
        submissions.c.state.in_(_HAS_RESULT),
    )
    values, missing = _read_values(connection, chosen)
    query = (
        select(
            submissions.c.id, submissions.c.phase, teams.c.slug, teams.c.name,
            submissions.c.kind, submissions.c.received_at, results.c.recorded_at,
        )
        .join(teams, teams.c.id == submissions.c.team_id)
        .join(results, results.c.submission_id == submissions.c.id)
        .where(*chosen)
        .order_by(submissions.c.id)
    )  # fmt: skip
    return tuple(
        Scored(*row, values=values.get(row[0], {}), missing=frozenset(missing.get(row[0], ())))
        for row in connection.execute(query)
    )


def _read_values(
    connection: Connection, chosen: tuple[ColumnElement[bool], ...]
) -> tuple[dict[int, dict[Column, dict[str, float]]], dict[int, set[str]]]:
    values: dict[int, dict[tuple[str, str], dict[str, float]]]
    values = defaultdict(lambda: defaultdict(dict))
    missing: dict[int, set[str]] = defaultdict(set)
    query = (
        select(scores.c.submission_id, scores.c.metric, scores.c.region, scores.c.case_id,
               scores.c.value, scores.c.flag)
        .join(submissions, submissions.c.id == scores.c.submission_id)
        .where(*chosen)
    )  # fmt: skip
    for submission, metric, region, case, value, flag in connection.execute(query):
        values[submission][metric, region][case] = value
        if flag == "missing":
            missing[submission].add(case)
    # Named at the end: the rows are many, the columns few.
    named = {
        submission: {Column(*names): cases for names, cases in found.items()}
        for submission, found in values.items()
    }
    return named, missing
