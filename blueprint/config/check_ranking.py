"""Checks that a ranking written as steps ends in one rank for each team."""

from collections.abc import Iterator

from blueprint.config.draft import Draft
from blueprint.config.faults import Fault
from blueprint.config.locate import KeyPath
from blueprint.config.model import RankStep, Task

_COLUMNS = ("case", "metric")
_HINT = "the preset `per-case-ranks` is a sound list; challenge.example.yaml writes it out"


def check(draft: Draft) -> Iterator[Fault]:
    """Yield the faults of rankings that are lists of steps."""
    for path, task in draft.tasks:
        if not isinstance(task.ranking, str):
            yield from _steps(draft, (*path, "ranking"), task, task.ranking)


def _steps(draft: Draft, path: KeyPath, task: Task, steps: tuple[RankStep, ...]) -> Iterator[Fault]:
    left = set(_COLUMNS)
    comparable = len(task.metrics) == 1
    for index, step in enumerate(steps):
        for key, problem in _step_faults(step, left, comparable=comparable):
            yield draft.document.fault((*path, index, key), problem, hint=_HINT, rule="sound steps")
        if step.op == "rank":
            comparable = True
        else:
            left -= set(step.over)
    if left or steps[-1].op != "rank":
        missing = f"no step averages over {_listed(left)}" if left else "the last step is a mean"
        yield draft.document.fault(
            path, f"{missing}: the last step must rank the teams", hint=_HINT, rule="sound steps"
        )


def _step_faults(step: RankStep, left: set[str], *, comparable: bool) -> Iterator[tuple[str, str]]:
    """Yield key and problem of what is wrong with one step, given the columns still there."""
    if step.op == "rank":
        if step.over:
            yield "over", "a rank has `within`; only a mean has `over`"
        if set(step.within) != left:
            yield "within", f"must rank within {_listed(left)}, what is left to average"
        return
    if step.within:
        yield "within", "a mean has `over`; only a rank has `within`"
    if not step.over:
        yield "op", "a mean needs `over`: the columns that it averages away"
    if gone := {str(column) for column in step.over} - left:
        yield "over", f"{_listed(gone)} was averaged away by a step before"
    if "metric" in step.over and not comparable:
        yield "over", "metrics have different units: rank before averaging over them"


def _listed(columns: set[str]) -> str:
    return " and ".join(sorted(columns)) or "nothing"
