"""Checks that no folder gives away, or swallows, what lies in another."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from blueprint.config.draft import Draft
from blueprint.config.faults import Fault
from blueprint.config.locate import KeyPath

_Named = tuple[KeyPath, PurePosixPath]


def check(draft: Draft) -> Iterator[Fault]:
    """Yield the faults of folders that overlap."""
    yield from _releases_keep_ground_truth(draft)
    yield from _state_is_apart(draft)
    yield from _splits_differ(draft)


def _releases_keep_ground_truth(draft: Draft) -> Iterator[Fault]:
    for path, release in draft.releases:
        for where, folder in _cases(draft):
            if _overlap(release.path, folder / "reference"):
                yield draft.document.fault(
                    (*path, "path"),
                    f"'{release.path}' would give out the reference of "
                    f"{draft.document.path_text(where)} ('{folder}')",
                    hint="release the inputs alone, and keep training data in another folder",
                    value=str(release.path),
                    rule="no ground truth of test cases",
                )


def _state_is_apart(draft: Draft) -> Iterator[Fault]:
    if draft.embedded is None:
        return
    state = draft.embedded.state
    named = [*_cases(draft), *_released(draft), *_pages(draft)]
    touched = [draft.document.path_text(path) for path, folder in named if _overlap(state, folder)]
    if touched:
        yield draft.document.fault(
            ("embedded", "state"),
            f"'{state}' overlaps with {', '.join(touched)}",
            hint="`destroy` removes the state folder: give it a name of its own",
            value=str(state),
            rule="a folder apart from pages and data",
        )


def _splits_differ(draft: Draft) -> Iterator[Fault]:
    for path, task in draft.tasks:
        private = task.cases.private
        if private is not None and _overlap(private, task.cases.public):
            yield draft.document.fault(
                (*path, "cases", "private"),
                f"'{private}' overlaps with the public cases ('{task.cases.public}')",
                hint="keep private cases in a folder of their own",
                value=str(private),
                rule="a folder apart from the public cases",
            )


def _cases(draft: Draft) -> Iterator[_Named]:
    for path, task in draft.tasks:
        yield (*path, "cases", "public"), task.cases.public
        if task.cases.private is not None:
            yield (*path, "cases", "private"), task.cases.private


def _released(draft: Draft) -> Iterator[_Named]:
    for path, release in draft.releases:
        yield (*path, "path"), release.path


def _pages(draft: Draft) -> Iterator[_Named]:
    if draft.about is not None and draft.about.pages is not None:
        yield ("challenge", "pages"), draft.about.pages


def _overlap(one: PurePosixPath, other: PurePosixPath) -> bool:
    return one.is_relative_to(other) or other.is_relative_to(one)
