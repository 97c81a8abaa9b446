"""A team's own submissions: the list, each one's progress, its receipt."""

import re

from starlette.responses import JSONResponse, Response

from blueprint.errors import NotFoundError
from blueprint.evaluations.sets import sets_in_force
from blueprint.ledger.history import RecordedResult, events_of, result_of
from blueprint.ledger.logs import read_log
from blueprint.ledger.submissions import Submission, get, list_submissions
from blueprint.portal.submission_view import View, view_of
from blueprint.portal.visit import Visit
from blueprint.publish.columns import column_texts
from blueprint.publish.places import place_of
from blueprint.publish.visibility import read_visibilities

PER_PAGE = 50
_MAX_LOG_CHARACTERS = 64 * 1024
_NO_STORE = {"cache-control": "no-store"}


def show_submissions(visit: Visit) -> Response:
    """List the team's submissions, newest first, a page at a time."""
    number = _page_number(visit)
    items, has_older = _items(visit, number)
    is_moving = any(item.is_moving for item in items)
    return visit.page(
        "submissions.html", items=items, is_moving=is_moving, number=number, has_older=has_older
    )


def list_state(visit: Visit) -> Response:
    """Answer what the list's page watches: the states of the submissions on it."""
    items, _ = _items(visit, _page_number(visit))
    is_finished = not any(item.is_moving for item in items)
    document = {"is_finished": is_finished, "submissions": [item.document() for item in items]}
    return JSONResponse(document, headers=_NO_STORE)


def show_submission(visit: Visit) -> Response:
    """Show one submission."""
    submission = _own(visit)
    database = visit.platform.database
    result = _result(visit, submission)
    return visit.page(
        "submission.html",
        view=_view(visit, submission),
        events=events_of(database, submission.id),
        place=place_of(visit.platform, submission, visit.now),
        scores=_scores(visit, submission, result),
        evaluated=result.words if result else "",
        log=_log(visit, submission),
    )


def submission_state(visit: Visit) -> Response:
    """Answer how far a submission is."""
    return JSONResponse(_view(visit, _own(visit)).document(), headers=_NO_STORE)


def receipt(visit: Visit) -> Response:
    """Give out the signed receipt, as `diychallenge receipt verify` reads it."""
    submission = _own(visit)
    if not submission.receipt:
        problem = f"submission {submission.id} has no receipt yet: git has not stored its tag"
        raise NotFoundError(problem)
    name = f"receipt-{submission.id}.json"
    headers = {**_NO_STORE, "content-disposition": f'attachment; filename="{name}"'}
    return JSONResponse(dict(submission.receipt), headers=headers)


def _page_number(visit: Visit) -> int:
    """Return which page of the list is asked for; the first for what is no number of one."""
    text = visit.request.query_params.get("page", "")
    return int(text) if re.fullmatch("[1-9][0-9]{0,5}", text) else 1


def _items(visit: Visit, number: int) -> tuple[list[View], bool]:
    """Return a page of the team's submissions, and whether there are older ones."""
    database, person = visit.platform.database, visit.person
    if not person.is_member:
        return [], False
    found = list_submissions(
        database, team=person.team_slug, limit=PER_PAGE + 1, offset=(number - 1) * PER_PAGE
    )
    boards = read_visibilities(visit.platform, visit.now)
    views = [
        view_of(database, one, visit.now, is_shown=boards[one.phase].is_shown)
        for one in found[:PER_PAGE]
    ]
    return views, len(found) > PER_PAGE


def _view(visit: Visit, submission: Submission) -> View:
    is_shown = _is_shown(visit, submission)
    return view_of(visit.platform.database, submission, visit.now, is_shown=is_shown)


def _own(visit: Visit) -> Submission:
    """Return the submission of the address; who is no member of its team finds none."""
    number = visit.number("number")
    absent = NotFoundError(f"your team has no submission {number}")
    try:
        submission = get(visit.platform.database, number)
    except NotFoundError:
        raise absent from None
    if not visit.person.is_member or submission.team_slug != visit.person.team_slug:
        raise absent
    return submission


def _result(visit: Visit, submission: Submission) -> RecordedResult | None:
    """Return what counts of a submission, where the phase shows that to the team."""
    phase = visit.platform.challenge.phase(submission.phase)
    if phase.feedback.scores == "none" or not _is_shown(visit, submission):
        return None
    return result_of(visit.platform.database, submission.id)


def _scores(
    visit: Visit, submission: Submission, result: RecordedResult | None
) -> list[tuple[str, str]]:
    """Return the means of a result, named as the board names them."""
    if result is None:
        return []
    task = visit.platform.challenge.task(submission.task)
    phase = visit.platform.challenge.phase(submission.phase)
    with visit.platform.database.read() as connection:
        found = sets_in_force(connection).get((task.id, phase.cases))
    return column_texts(found.terms.apply_to(task) if found else task, result.means)


def _is_shown(visit: Visit, submission: Submission) -> bool:
    return read_visibilities(visit.platform, visit.now)[submission.phase].is_shown


def _log(visit: Visit, submission: Submission) -> str | None:
    """Return what the submission printed, where the phase shows it; None where it does not."""
    phase = visit.platform.challenge.phase(submission.phase)
    if phase.feedback.logs != "own" or submission.kind != "code":
        return None
    return (read_log(visit.platform.stores.logs, submission.id) or "")[:_MAX_LOG_CHARACTERS]
