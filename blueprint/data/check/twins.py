"""Finds test cases that hold the same content, and labels that occur nowhere."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from blueprint.config.model import Task
from blueprint.data.check.report import CaseReport, SplitReport

_MOST_NAMED = 4


def odd_about(cases: Sequence[CaseReport], task: Task) -> Iterator[str]:
    """Yield what is odd about the cases of a split together."""
    yield from _labels_nowhere(cases, task)
    yield from _same_content({case.id: case for case in cases})


def shared_between(splits: Sequence[SplitReport]) -> Iterator[tuple[SplitReport, str]]:
    """Yield each split that holds content of an earlier one of its task, in words."""
    for index, later in enumerate(splits):
        for earlier in splits[:index]:
            if earlier.task != later.task:
                continue
            cases = {f"{one.split} {case.id}": case for one in (earlier, later)
                     for case in one.cases}  # fmt: skip
            crossing = (later.split + " ", earlier.split + " ")
            for names, what in _twins(cases):
                if all(any(name.startswith(start) for name in names) for start in crossing):
                    yield later, f"cases {_listed(names)} have the same {what}"


def _labels_nowhere(cases: Sequence[CaseReport], task: Task) -> Iterator[str]:
    counted = [case.labels for case in cases if case.labels is not None]
    if len(counted) < len(cases):
        return  # a reference that could not be read may have them
    for value in sorted(task.labels):
        if not any(labels[value] for labels in counted):
            yield f"label {value} ({task.labels[value]}) occurs in no reference"


def _same_content(cases: dict[str, CaseReport]) -> Iterator[str]:
    for names, what in _twins(cases):
        yield f"cases {_listed(names)} have the same {what}"


def _twins(cases: dict[str, CaseReport]) -> Iterator[tuple[list[str], str]]:
    """Yield the cases that share a file's content; empty references are alike by nature."""
    holders: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name, case in cases.items():
        for file in case.files:
            digest = file.finding.digest
            if digest is None or (
                file.role == "reference" and not any((case.labels or {}).values())
            ):
                continue
            what = f"input {file.name}" if file.role == "input" else "reference"
            holders[what, digest.sha256].append(name)
    for (what, _), names in holders.items():
        if len(names) > 1:
            yield names, what


def _listed(names: Sequence[str]) -> str:
    shown = list(names[:_MOST_NAMED])
    if len(names) > _MOST_NAMED:
        shown.append(f"{len(names) - _MOST_NAMED} more")
    return f"{', '.join(shown[:-1])} and {shown[-1]}"
