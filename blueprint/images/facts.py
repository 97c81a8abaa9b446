"""What one volume holds, as far as a check needs to know it; plain numbers, without numpy."""

import math
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, FiniteFloat, NonNegativeInt, PositiveInt, TypeAdapter, ValidationError

from blueprint.images.alignment import spacing_of

Row = tuple[FiniteFloat, FiniteFloat, FiniteFloat, FiniteFloat]


@dataclass(frozen=True)
class VolumeFacts:
    """What a NIfTI file holds. A mask has `labels`; they are None for any other image."""

    shape: tuple[PositiveInt, PositiveInt, PositiveInt]
    axes: Annotated[int, Field(ge=1, le=7)]
    """How many axes the header has; those beyond the third are in `volumes`."""
    volumes: PositiveInt
    affine: tuple[Row, Row, Row, Row]
    unit_mm: FiniteFloat
    type: str
    """The type of the voxels in the file, as numpy names it (`uint8`)."""
    minimum: FiniteFloat | None
    """The least finite value; None when there is none."""
    maximum: FiniteFloat | None
    nan_voxels: NonNegativeInt
    infinite_voxels: NonNegativeInt
    labels: dict[int, PositiveInt] | None
    """Value to number of voxels, background (0) too."""

    @property
    def spacing_mm(self) -> tuple[float, float, float]:
        """The distance of neighbouring voxel centres along each axis of the array."""
        a, b, c = (side * self.unit_mm for side in spacing_of(self.affine))
        return a, b, c

    @property
    def voxels(self) -> int:
        """How many values there are, in all volumes."""
        return math.prod(self.shape) * self.volumes


_FACTS = TypeAdapter(VolumeFacts)


def to_json(facts: VolumeFacts) -> object:
    """Return facts as JSON values."""
    return _FACTS.dump_python(facts, mode="json")


def from_json(value: object) -> VolumeFacts | None:
    """Return the facts in JSON values, None when they are none."""
    try:
        return _FACTS.validate_python(value)
    except ValidationError:
        return None
