"""Scores kept predictions against the organizers' references, case by case."""

from collections.abc import Callable, Mapping
from pathlib import Path

from blueprint.evaluate.outputs import IMAGE_LIMITS, check_alignment
from blueprint.evaluate.protocol import About, CaseFiles, Row, Score, Scores
from blueprint.images.geometry import Geometry
from blueprint.images.labels import Mask, as_labels
from blueprint.images.volumes import VolumeError, read_geometry, read_volume
from blueprint.metrics.case_scores import Case, score_case
from blueprint.metrics.ignored import leave_out
from blueprint.metrics.masks import SegmentedCase
from blueprint.metrics.specification import Problem


def score(question: Score) -> Scores:
    """Return every column of every case, or which of the organizers' files cannot be used."""
    rows: list[Row] = []
    unusable: list[About] = []
    for case in question.cases:
        try:
            rows += _rows(case, question)
        except VolumeError as error:
            unusable.append(About(case.id, str(error)))
    return Scores(() if unusable else tuple(rows), tuple(unusable))


def _rows(files: CaseFiles, question: Score) -> list[Row]:
    found = score_case(_READERS[question.problem](files, question), question.measures)
    return [Row(files.id, *column, one.value, one.flag) for column, one in found.items()]


def _segmented(files: CaseFiles, question: Score) -> SegmentedCase:
    geometry = read_geometry(Path(files.image), IMAGE_LIMITS)
    reference = _read_mask(Path(files.reference), geometry)
    prediction = _read_mask(Path(files.prediction), geometry) if files.prediction else None
    reference, prediction = leave_out(reference, prediction, question.ignore)
    return SegmentedCase(reference, prediction, geometry.spacing_mm)


_READERS: Mapping[Problem, Callable[[CaseFiles, Score], Case]] = {
    "semantic-segmentation": _segmented
}
"""What is read of a case, by the kind of task."""


def _read_mask(path: Path, geometry: Geometry) -> Mask:
    """Return a mask on the image's grid (labels beyond the task's are no fault in a reference)."""
    try:
        volume = read_volume(path, IMAGE_LIMITS, shape=geometry.shape)
        check_alignment(volume.geometry, geometry)
        return as_labels(volume.data)
    except VolumeError as error:
        raise VolumeError(f"{path} {error.in_full}") from None
