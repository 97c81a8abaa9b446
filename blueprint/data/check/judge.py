"""Judges one test case by what its files hold: what keeps it from being scored, what is odd."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from blueprint.config.model import Task
from blueprint.data.check.report import CaseReport, FileReport
from blueprint.images.alignment import TOLERANCE_VOXELS, shift_voxels
from blueprint.images.facts import VolumeFacts

_MOST_VALUES = 5


@dataclass(frozen=True)
class CaseFault:
    """What is wrong with one file of a case."""

    path: str
    problem: str
    """The rest of a sentence about the file."""
    hint: str
    rule: str

    def __str__(self) -> str:
        return f"{self.path}: {self.problem}"


def judge(
    case: str, task: Task, files: tuple[FileReport, ...]
) -> tuple[CaseReport, list[CaseFault]]:
    """Return the row of a case in the table, and what is wrong with its files.

    Args:
        case: Its id.
        task: What is asked of it.
        files: Its inputs in the order of the task, then its reference; those that are there.
    """
    faults = [_unreadable(file) for file in files if file.finding.facts is None]
    opened = [(file, file.finding.facts) for file in files if file.finding.facts is not None]
    image = next((one for one in opened if _is_image(one[0], task)), None)
    if image is not None:
        faults += [fault for one in opened for fault in _off_grid(*one, *image)]
    mask = next((facts for file, facts in opened if file.role == "reference"), None)
    counts = mask.labels if mask is not None and mask.labels is not None else None
    if counts is not None:
        path = next(file.path for file in files if file.role == "reference")
        faults += _undeclared(path, counts, task)
    row = CaseReport(
        id=case,
        shape=None if image is None else image[1].shape,
        spacing_mm=None if image is None else image[1].spacing_mm,
        labels=None if counts is None else {v: counts.get(v, 0) for v in sorted(task.labels)},
        ignored_voxels=0 if counts is None else sum(counts.get(v, 0) for v in task.ignore),
        odd=tuple(_odd(opened, counts, task)),
        faults=tuple(map(str, faults)),
        files=files,
    )
    return row, faults


def _is_image(file: FileReport, task: Task) -> bool:
    """Tell whether a file is the input whose grid the output must have: the task's first."""
    return file.role == "input" and file.name == next(iter(task.inputs))


def _unreadable(file: FileReport) -> CaseFault:
    return CaseFault(
        file.path,
        file.finding.refusal,
        "put a NIfTI file that can be read there (.nii.gz, three spatial axes)"
        if file.role == "input"
        else "put a NIfTI mask of whole numbers there, on the grid of the image",
        "a readable NIfTI file",
    )


def _off_grid(
    file: FileReport, facts: VolumeFacts, image: FileReport, grid: VolumeFacts
) -> Iterator[CaseFault]:
    """Yield a fault when a file does not have the grid of the case's image."""
    if facts.shape != grid.shape:
        swapped = facts.shape == grid.shape[::-1]
        yield CaseFault(
            file.path,
            f"has another shape ({_by(facts.shape)}) than {image.path} ({_by(grid.shape)})"
            + ("; its axes look reversed" if swapped else ""),
            "NIfTI wants x, y, z: transpose the array before saving"
            if swapped
            else "resample it to the grid of the image, labels by nearest neighbour",
            "the shape of the first input",
        )
        return
    shift = shift_voxels(grid.shape, grid.affine, facts.affine)
    if shift > TOLERANCE_VOXELS:
        yield CaseFault(
            file.path,
            f"has another affine than {image.path}: a corner lies {shift:.2g} voxel sides away "
            f"({TOLERANCE_VOXELS:g} is allowed)",
            "save it with the affine of the image if it was drawn on it, else resample it",
            f"the affine of the first input, within {TOLERANCE_VOXELS:g} of the shortest voxel "
            "side at every corner",
        )


def _undeclared(path: str, counts: Mapping[int, int], task: Task) -> Iterator[CaseFault]:
    known = {0, *task.labels, *task.ignore}
    unknown = [(value, count) for value, count in sorted(counts.items()) if value not in known]
    if not unknown:
        return
    named = [f"{value} ({_voxels(count)})" for value, count in unknown[:_MOST_VALUES]]
    if len(unknown) > _MOST_VALUES:
        named.append(f"{len(unknown) - _MOST_VALUES} more")
    labels = ", ".join(str(value) for value in sorted(task.labels))
    yield CaseFault(
        path,
        f"holds {' and '.join(named) if len(named) < 3 else ', '.join(named)}, which the task "  # noqa: PLR2004
        f"does not declare; its labels are {labels}",
        "correct the reference, or add the value to `labels`, or to `ignore` to leave these voxels "
        "out of every metric",
        "0, a label of the task or an ignored value",
    )


def _odd(
    opened: list[tuple[FileReport, VolumeFacts]], counts: Mapping[int, int] | None, task: Task
) -> Iterator[str]:
    for file, facts in opened:
        if file.role == "input":
            yield from (f"{file.name} {odd}" for odd in _odd_input(facts))
    if counts is None or any(value in counts for value in task.labels):
        return
    yield (
        "the reference holds ignored values and background alone"
        if any(value in counts for value in task.ignore)
        else "the reference has no label at all"
    )


def _odd_input(facts: VolumeFacts) -> Iterator[str]:
    if facts.volumes > 1:
        yield f"holds {facts.volumes} volumes (such as channels or time points)"
    if facts.nan_voxels:
        yield f"holds NaN in {_share(facts.nan_voxels, facts)}"
    if facts.infinite_voxels:
        yield f"holds infinite values in {_share(facts.infinite_voxels, facts)}"
    if facts.minimum is not None and facts.minimum == facts.maximum:
        yield f"is {facts.minimum:g} everywhere"


def _share(count: int, facts: VolumeFacts) -> str:
    return "every voxel" if count == facts.voxels else f"{_voxels(count)} of {facts.voxels:,}"


def _voxels(count: int) -> str:
    return "1 voxel" if count == 1 else f"{count:,} voxels"


def _by(shape: tuple[int, ...]) -> str:
    return " x ".join(str(n) for n in shape)
