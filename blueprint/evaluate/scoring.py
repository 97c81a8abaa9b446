"""Scores kept predictions against the organizers' references, case by case."""

from pathlib import Path

from blueprint.evaluate.outputs import IMAGE_LIMITS, check_alignment
from blueprint.evaluate.protocol import About, CaseFiles, Row, Score, Scores
from blueprint.images.geometry import Geometry
from blueprint.images.labels import Mask, as_labels
from blueprint.images.volumes import VolumeError, read_geometry, read_volume
from blueprint.metrics.catalogue import score_case
from blueprint.metrics.ignored import leave_out


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


def _rows(case: CaseFiles, question: Score) -> list[Row]:
    geometry = read_geometry(Path(case.image), IMAGE_LIMITS)
    reference = _read_mask(Path(case.reference), geometry)
    prediction = _read_mask(Path(case.prediction), geometry) if case.prediction else None
    reference, prediction = leave_out(reference, prediction, question.ignore)
    columns = score_case(
        reference,
        prediction,
        spacing_mm=geometry.spacing_mm,
        labels=question.labels,
        metrics=question.metrics,
    )
    return [Row(case.id, name, found.value, found.flag) for name, found in columns.items()]


def _read_mask(path: Path, geometry: Geometry) -> Mask:
    """Return a mask on the image's grid (labels beyond the task's are no fault in a reference)."""
    try:
        volume = read_volume(path, IMAGE_LIMITS, shape=geometry.shape)
        check_alignment(volume.geometry, geometry)
        return as_labels(volume.data)
    except VolumeError as error:
        raise VolumeError(f"{path} {error.in_full}") from None
