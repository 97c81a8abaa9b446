"""Lists the files of every test case that a challenge names."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from blueprint.config.case_layout import CASE_ID, input_paths, read_layout, reference_path
from blueprint.config.locate import KeyPath
from blueprint.config.model import Challenge, Split, Task
from blueprint.data.check.report import Role

_SPLITS: tuple[Split, ...] = ("public", "private")


@dataclass(frozen=True)
class CaseFiles:
    """A case whose files are to be opened: those of them that are there."""

    key: KeyPath
    task: Task
    split: Split
    folder: str
    case: str
    files: tuple[tuple[str, Role, str], ...]
    """Path from the folder of challenge.yaml, role and name of each."""


def wanted_cases(base: Path, challenge: Challenge) -> Iterator[CaseFiles]:
    """Yield every test case that has files, of every split of every task.

    What is missing altogether is named by `config.check_files`.
    """
    for index, task in enumerate(challenge.tasks):
        for split in _SPLITS:
            folder = getattr(task.cases, split)
            if folder is None:
                continue
            try:
                names = read_layout(base / folder).names
            except OSError:
                continue  # config.check_files names it
            for name in names:
                files = tuple(_files(base, str(folder), name, task))
                if CASE_ID.fullmatch(name) and files:
                    key = ("tasks", index, "cases", split)
                    yield CaseFiles(key, task, split, str(folder), name, files)


def _files(base: Path, folder: str, case: str, task: Task) -> Iterator[tuple[str, Role, str]]:
    """Yield the files of a case that are there, whatever they are."""
    named: list[tuple[str, Role, str]] = [
        (path, "input", name) for name, path in input_paths(case, task).items()
    ]
    named.append((reference_path(case, task), "reference", task.output))
    for path, role, name in named:
        if _is_there(base / folder / path):
            yield f"{folder}/{path}", role, name


def _is_there(path: Path) -> bool:
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True  # whoever opens it says why it cannot be
    return True
