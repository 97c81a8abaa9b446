"""Checks that ids are unique and that whatever is named exists."""

from collections.abc import Iterator

from blueprint.config.draft import Draft
from blueprint.config.faults import Fault
from blueprint.config.locate import KeyPath
from blueprint.config.suggest import did_you_mean

_LISTS: tuple[KeyPath, ...] = (
    ("people", "questions"),
    ("people", "agreements"),
    ("data", "releases"),
    ("tasks",),
    ("phases",),
)


def check(draft: Draft) -> Iterator[Fault]:
    """Yield the faults of ids and references."""
    for path in _LISTS:
        yield from _unique(draft, path)
    yield from _phases_name_tasks(draft)
    yield from _kinds_once(draft)
    yield from _ports_differ(draft)
    if draft.agreements and draft.about is not None and draft.about.pages is None:
        path = draft.agreements[0][0]
        yield draft.document.fault(
            (*path, "page"),
            "an agreement is a page, and `challenge.pages` names no folder of pages",
            hint="add `pages: pages/` to the section `challenge`",
            rule="a file below challenge.pages",
        )


def _unique(draft: Draft, path: KeyPath) -> Iterator[Fault]:
    first: dict[str, str] = {}
    for here in draft.items(path):
        one = draft.document.at((*here, "id"))
        if not isinstance(one, str):
            continue
        if one in first:
            yield draft.document.fault(
                (*here, "id"),
                f"'{one}' is already the id of {first[one]}",
                hint="give each its own id",
                value=one,
                rule="unique",
            )
        else:
            first[one] = draft.document.path_text(here)


def _phases_name_tasks(draft: Draft) -> Iterator[Fault]:
    known = draft.ids(("tasks",))
    if not known:
        return  # that is a fault of its own
    by_id = {task.id: task for _, task in draft.tasks}
    for path, phase in draft.phases:
        if phase.task not in known:
            yield draft.document.fault(
                (*path, "tasks", 0),
                f"'{phase.task}' is no task{did_you_mean(phase.task, known)}",
                hint=f"the tasks are {', '.join(known)}",
                value=phase.task,
                rule="the id of a task",
            )
            continue
        task = by_id.get(phase.task)
        if task is not None and phase.cases == "private" and task.cases.private is None:
            yield draft.document.fault(
                (*path, "cases"),
                f"'private', but task '{task.id}' has no private cases",
                hint="add `private: <folder>` to the cases of that task, or use `cases: public`",
                value=phase.cases,
                rule="a split that the task has",
            )


def _kinds_once(draft: Draft) -> Iterator[Fault]:
    for path, phase in draft.phases:
        if len(set(phase.submission)) < len(phase.submission):
            yield draft.document.fault(
                (*path, "submission", 1),
                f"'{phase.submission[1]}' is given twice",
                hint="keep one of the two",
                value=phase.submission[1],
                rule="unique",
            )


def _ports_differ(draft: Draft) -> Iterator[Fault]:
    embedded = draft.embedded
    if embedded is not None and embedded.http == embedded.sftp:
        yield draft.document.fault(
            ("embedded", "sftp"),
            f"{embedded.sftp} is the port of `http` too",
            hint="give each its own port",
            value=embedded.sftp,
            rule="another port than http",
        )
