"""Judges the files that a submission wrote, and keeps clean copies of the good ones."""

import os
from collections.abc import Iterator
from pathlib import Path

from blueprint.evaluate.protocol import About, CaseFiles, Validate, Validation
from blueprint.images.geometry import Geometry
from blueprint.images.labels import Mask, as_labels, check_known, write_labels
from blueprint.images.volumes import Limits, VolumeError, read_geometry, read_volume

IMAGE_LIMITS = Limits()
"""Bounds on the organizers' own files: generous, but no file is read without any."""
_MOST_EXTRA = 100
_MOST_ENTRIES = 100_000


def validate(question: Validate) -> Validation:
    """Return which cases have a usable prediction, and put a copy of each below `keep`.

    A usable prediction is a regular NIfTI file with the shape and affine of the case's image and
    whole-numbered labels of the task. The copy is written anew from the labels: whatever else the
    file carried (extensions, names, spare bytes) stays behind.
    """
    found = _Findings()
    for case in question.cases:
        path = Path(question.folder) / case.prediction
        try:
            geometry = read_geometry(Path(case.image), IMAGE_LIMITS)
        except VolumeError as error:
            found.unusable.append(About(case.id, f"image {error}"))
            continue
        if not os.path.lexists(path):
            found.missing.append(case.id)
            continue
        try:
            labels = read_prediction(path, geometry, question)
        except VolumeError as error:
            found.bad.append(About(case.id, error.in_full if question.quote else str(error)))
            continue
        _keep(Path(question.keep) / case.prediction, labels, geometry)
        found.kept.append(case.id)
    return Validation(
        tuple(found.kept),
        tuple(found.missing),
        tuple(found.bad),
        tuple(extra_files(Path(question.folder), question.cases)),
        tuple(found.unusable),
    )


class _Findings:
    """The lists that `validate` fills."""

    def __init__(self) -> None:
        self.kept: list[str] = []
        self.missing: list[str] = []
        self.bad: list[About] = []
        self.unusable: list[About] = []


def read_prediction(path: Path, geometry: Geometry, question: Validate) -> Mask:
    """Return the labels in a prediction.

    Raises:
        VolumeError: The file is refused.
    """
    if path.parent.is_symlink():
        raise VolumeError("lies in a folder that is a symbolic link")
    limits = Limits(file_bytes=question.max_file_bytes, voxels=geometry.voxels)
    volume = read_volume(path, limits, shape=geometry.shape)
    check_alignment(volume.geometry, geometry)
    labels = as_labels(volume.data)
    check_known(labels, question.labels)
    return labels


def check_alignment(found: Geometry, image: Geometry) -> None:
    """Accept a grid that puts its voxels where the image has them.

    Raises:
        VolumeError: The affines differ.
    """
    if not image.is_aligned_with(found):
        raise VolumeError(
            "has another affine than the image: save the mask with the image's affine"
        )


def extra_files(folder: Path, cases: tuple[CaseFiles, ...]) -> list[str]:
    """Return paths below `folder` that are no case's prediction: the first hundred, sorted."""
    expected = {case.prediction for case in cases}
    return sorted(path for path in _files_below(folder) if path not in expected)[:_MOST_EXTRA]


def _files_below(folder: Path) -> Iterator[str]:
    """Give everything below `folder` that is no folder; links are named, never followed."""
    entries = 0
    for place, _, names in os.walk(folder):
        for name in names:
            entries += 1
            if entries > _MOST_ENTRIES:
                return
            # A name may be bytes that are no text; an answer in JSON must be.
            path = os.fsencode(Path(place, name).relative_to(folder))
            yield path.decode("utf-8", errors="replace")


def _keep(path: Path, labels: Mask, geometry: Geometry) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_labels(path, labels, geometry)
