"""Checks that the folders that challenge.yaml names hold what they should."""

import os
from collections.abc import Iterator
from pathlib import Path

from blueprint.config.case_layout import (
    CASE_ID,
    LAYOUT,
    Layout,
    input_paths,
    read_layout,
    reference_path,
)
from blueprint.config.draft import Draft
from blueprint.config.faults import Fault
from blueprint.config.locate import KeyPath
from blueprint.config.model import Task
from blueprint.config.suggest import did_you_mean

_MAX_NAMED = 3


def check(draft: Draft, base: Path) -> Iterator[Fault]:
    """Yield the faults of files below `base`; file contents are not opened."""
    yield from _pages(draft, base)
    for path, release in draft.releases:
        yield from _folder(draft, (*path, "path"), base, str(release.path))
    for path, task in draft.tasks:
        for split in ("public", "private"):
            folder = getattr(task.cases, split)
            if folder is not None:
                yield from _cases(draft, (*path, "cases", split), base, str(folder), task)


def _pages(draft: Draft, base: Path) -> Iterator[Fault]:
    if draft.about is None or draft.about.pages is None:
        return
    pages = draft.about.pages
    absent = list(_folder(draft, ("challenge", "pages"), base, str(pages)))
    yield from absent
    if absent:
        return
    written = sorted(page.name for page in (base / pages).glob("*.md") if page.is_file())
    if "index.md" not in written:
        yield draft.document.fault(
            ("challenge", "pages"),
            f"'{pages}' has no index.md",
            hint="write the first page of the site there",
            value=str(pages),
            rule="a folder with index.md",
        )
    for path, agreement in draft.agreements:
        if agreement.page not in written:
            yield draft.document.fault(
                (*path, "page"),
                f"'{agreement.page}' is not in '{pages}'{did_you_mean(agreement.page, written)}",
                hint=f"write the terms into {pages}/{agreement.page}",
                value=agreement.page,
                rule="a file below challenge.pages",
            )


def _folder(draft: Draft, path: KeyPath, base: Path, name: str) -> Iterator[Fault]:
    """Yield a fault when there is no folder of that name, or it is empty or closed to us."""
    folder = base / name
    try:
        if not folder.is_dir():
            is_file = folder.exists()
            problem = f"'{name}' is a file" if is_file else f"'{name}' does not exist"
            make = f"make the folder {name} beside challenge.yaml, or correct the path"
            hint = "name the folder that holds it" if is_file else make
        elif next(folder.iterdir(), None) is None:
            problem, hint = f"'{name}' is empty", "put the files there"
        else:
            return
    except OSError as error:
        problem, hint = f"'{name}' cannot be read: {error.strerror}", "let this user read it"
    yield draft.document.fault(path, problem, hint=hint, value=name, rule="a folder with files")


def _cases(draft: Draft, path: KeyPath, base: Path, name: str, task: Task) -> Iterator[Fault]:
    absent = list(_folder(draft, path, base, name))
    yield from absent
    if absent:
        return
    try:
        problems = list(_problems(read_layout(base / name), task))
    except OSError as error:
        problems = [f"cannot be read: {error.strerror}"]
    for problem in problems:
        yield draft.document.fault(
            path, f"'{name}': {problem}", hint=f"the layout is {LAYOUT}", value=name, rule=LAYOUT
        )


def _problems(layout: Layout, task: Task) -> Iterator[str]:
    """Yield what is wrong with where test cases lie, a sentence each."""
    inputs, reference = layout.inputs, layout.references
    if not inputs:
        yield "there are no cases below inputs/"
        return
    if bad := [case for case in sorted(inputs) if not CASE_ID.fullmatch(case)]:
        yield f"not a name for a case: {_some(bad)}"
    if lone := sorted(inputs - reference):
        yield f"cases without a reference: {_some(lone)}"
    if lone := sorted(reference - inputs):
        yield f"references without a case: {_some(lone)}"
    paths = [path for case in sorted(inputs) for path in input_paths(case, task).values()]
    paths += [reference_path(case, task) for case in sorted(inputs & reference)]
    if lost := [path for path in paths if not os.path.lexists(layout.folder / path)]:
        yield f"missing files: {_some(lost)}"


def _some(names: list[str]) -> str:
    """Return the first few names, safe to print, and how many more there are."""
    text = ", ".join(ascii(name)[1:-1] for name in names[:_MAX_NAMED])
    more = len(names) - _MAX_NAMED
    return f"{text} and {more} more" if more > 0 else text
