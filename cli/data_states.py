"""Says how test data and settings stand against what is in force, for `status` and `deploy`."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from blueprint.corrections.survey import DataState

_SHOWN = 8


def data_lines(states: "Sequence[DataState]") -> list[str]:
    """Return what is to be said of each split, and what to do about it."""
    return [line for state in states for line in _lines(state)]


def changed_files(count: int) -> str:
    """Return that so many files are other than those in force."""
    if count == 1:
        return "1 file is not as it was put in force"
    return f"{count} files are not as they were put in force"


def _lines(state: "DataState") -> Iterator[str]:
    told = {
        "in force": f"{state.cases} cases, as they were put in force",
        "not frozen": "not in force yet: `diychallenge deploy` does that",
        "unreadable": f"cannot be read: {state.problem}",
        "data changed": changed_files(len(state.changes)),
        "metrics changed": "a metric counts another way in this version of diychallenge",
        "settings changed": f"{state.cases} cases, as they were put in force",
    }
    yield f"{state.place}: {told[state.condition]}"
    if state.known_from and state.known_from != "the files here":
        yield f"  known from {state.known_from}; each evaluation host compares its own"
    yield from (f"  {change}" for change in state.changes[:_SHOWN])
    if len(state.changes) > _SHOWN:
        yield f"  and {len(state.changes) - _SHOWN} more"
    yield from (f"  {line} (not in force: results hang on it)" for line in state.settings)
    if state.is_held and not state.scored:
        yield "  no results hang on them: `diychallenge deploy` puts the files of now in force"
    elif state.is_held:
        yield f"  nothing is evaluated on it; scored with what is in force: {_some(state.scored)}"
        if state.waiting:
            yield f"  waiting: {_some(state.waiting)}"
        is_data = state.condition != "metrics changed"
        way = "put the files back, or score again with these" if is_data else "score all again"
        yield f"  {way}: `diychallenge rescore`"
    elif state.settings and state.scored:
        yield f"  `diychallenge rescore` makes them count for {_some(state.scored)}"
    if state.adopted:
        yield (
            f"  {state.adopted} results are of a version that froze no data:"
            " `diychallenge rescore` makes sure of them"
        )
    if state.correction is not None:
        yield f"  correction {state.correction} is under way: `diychallenge corrections show`"


def _some(numbers: Sequence[int]) -> str:
    if not numbers:
        return "no submission"
    listed = ", ".join(str(number) for number in numbers[:_SHOWN])
    more = f" and {len(numbers) - _SHOWN} more" if len(numbers) > _SHOWN else ""
    return f"submission {listed}{more}"
