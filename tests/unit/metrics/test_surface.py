"""Surface distances: hand-worked numbers, a brute-force oracle, and values recorded from MONAI."""

import itertools
import math
from collections.abc import Iterator
from typing import Any, Literal

import numpy as np
import pytest
from numpy.typing import NDArray

from blueprint.metrics.masks import MaskPair, diagonal_mm
from blueprint.metrics.overlap import dice
from blueprint.metrics.surface import _by_transform, _by_tree, border, hd95_mm

Array = NDArray[Any]
Place = tuple[int, ...]
UNIT = (1.0, 1.0, 1.0)


def voxels(shape: tuple[int, ...], *places: Place) -> Array:
    mask = np.zeros(shape, dtype=bool)
    for place in places:
        mask[place] = True
    return mask


def ball(
    shape: tuple[int, ...],
    centre: tuple[int, ...],
    radius: float,
    spacing: tuple[float, ...] = UNIT,
) -> Array:
    axes = np.indices(shape)
    parts = [((a - c) * s) ** 2 for a, c, s in zip(axes, centre, spacing, strict=True)]
    return np.asarray(np.sum(parts, axis=0) <= radius**2)


def speckle(shape: tuple[int, ...], modulus: int) -> Array:
    i, j, k = np.indices(shape)
    return np.asarray((i * 7 + j * 13 + k * 29 + i * j * 3 + j * k * 5) % modulus == 0)


def sheet(index: int) -> Array:
    return np.asarray(np.indices((12, 12, 12))[0] == index)


PAIRS = {
    "few voxels": (speckle((7, 6, 5), 23), speckle((7, 6, 5), 31), (0.9, 1.3, 2.1)),
    "shifted balls": (ball((24,) * 3, (11, 11, 11), 6), ball((24,) * 3, (14, 12, 11), 6), UNIT),
    "anisotropic": (
        ball((20, 22, 9), (9, 10, 4), 6.5, (0.8, 0.9, 3.0)),
        ball((20, 22, 9), (8, 12, 5), 7.5, (0.8, 0.9, 3.0)),
        (0.8, 0.9, 3.0),
    ),
    "at the edge": (
        ball((16,) * 3, (0, 0, 0), 7),
        ball((16,) * 3, (1, 0, 2), 8),
        (1.0, 1.0, 2.0),
    ),
    "speckled": (
        ball((20,) * 3, (10, 10, 10), 7) & ~speckle((20,) * 3, 5),
        ball((20,) * 3, (9, 10, 11), 7) | speckle((20,) * 3, 97),
        (1.5, 0.7, 1.1),
    ),
    "one voxel in a ball": (ball((16,) * 3, (8, 8, 8), 5), ball((16,) * 3, (8, 8, 8), 0), UNIT),
    "disjoint": (ball((30, 16, 16), (5, 8, 8), 4), ball((30, 16, 16), (23, 8, 8), 3), UNIT),
    "sheets": (sheet(3), sheet(5), (2.5, 1.0, 1.0)),
}

# compute_hausdorff_distance(percentile=95) and compute_dice of MONAI 1.6.1 (torch 2.15.0) on the
# pairs above, recorded once in an environment of its own; MONAI works in single precision.
MONAI = {
    "few voxels": (4.009925842285156, 0.13333334028720856),
    "shifted balls": (3.0, 0.6227027177810669),
    "anisotropic": (4.0360870361328125, 0.6074289679527283),
    "at the edge": (4.582575798034668, 0.6248366236686707),
    "speckled": (4.554119110107422, 0.7351929545402527),
    "one voxel in a ball": (5.0, 0.0038759689778089523),
    "disjoint": (18.138357162475586, 0.0),
    "sheets": (5.0, 0.0),
}


@pytest.mark.parametrize("name", PAIRS)
def test_values_equal_those_of_an_independent_library(name: str) -> None:
    reference, prediction, spacing_mm = PAIRS[name]
    expected_hd95_mm, expected_dice = MONAI[name]

    assert hd95_mm(MaskPair(reference, prediction, spacing_mm)) == pytest.approx(
        expected_hd95_mm, rel=1e-6
    )
    assert dice(MaskPair(reference, prediction)) == pytest.approx(expected_dice, rel=1e-6)


@pytest.mark.parametrize("name", PAIRS)
def test_the_order_of_the_two_masks_does_not_matter(name: str) -> None:
    reference, prediction, spacing_mm = PAIRS[name]

    assert hd95_mm(MaskPair(reference, prediction, spacing_mm)) == hd95_mm(
        MaskPair(prediction, reference, spacing_mm)
    )


def brute_force_hd95_mm(
    first: Array, second: Array, spacing_mm: tuple[float, ...], definition: str = "max-directed"
) -> float:
    """The definition in plain Python: every border voxel against every other."""

    def border_places(mask: Array) -> list[Place]:
        def is_inside(place: Place) -> bool:
            return all(0 <= p < n for p, n in zip(place, mask.shape, strict=True)) and bool(
                mask[place]
            )

        def neighbours(place: Place) -> Iterator[Place]:
            for axis, step in itertools.product(range(3), (-1, 1)):
                yield tuple(p + step * (a == axis) for a, p in enumerate(place))

        inside = [place for place in np.ndindex(mask.shape) if mask[place]]
        return [p for p in inside if not all(is_inside(n) for n in neighbours(p))]

    def directed(of: list[Place], to: list[Place]) -> list[float]:
        def mm(a: Place, b: Place) -> float:
            parts = zip(a, b, spacing_mm, strict=True)
            return math.sqrt(sum(((p - q) * side) ** 2 for p, q, side in parts))

        return [min(mm(a, b) for b in to) for a in of]

    def percentile(values: list[float]) -> float:
        found = sorted(values)
        place = 0.95 * (len(found) - 1)
        low, rest = int(place), place - int(place)
        high = min(low + 1, len(found) - 1)
        return found[low] + rest * (found[high] - found[low])

    a, b = border_places(first), border_places(second)
    if definition == "pooled":
        return percentile(directed(a, b) + directed(b, a))
    return max(percentile(directed(a, b)), percentile(directed(b, a)))


@pytest.mark.parametrize("definition", ["max-directed", "pooled"])
@pytest.mark.parametrize("seed", range(12))
def test_values_equal_the_definition_written_out(
    seed: int, definition: Literal["max-directed", "pooled"]
) -> None:
    generator = np.random.default_rng(seed)
    shape = tuple(generator.integers(3, 9, 3))
    spacing_mm = tuple(generator.uniform(0.3, 4.0, 3))
    first = generator.random(shape) < generator.uniform(0.05, 0.9)
    second = generator.random(shape) < generator.uniform(0.05, 0.9)
    first[0, 0, 0] = second[-1, -1, -1] = True

    expected = brute_force_hd95_mm(first, second, spacing_mm, definition)

    found = hd95_mm(MaskPair(first, second, spacing_mm), definition=definition)
    assert found == pytest.approx(expected, rel=1e-12)


def test_two_single_voxels_are_their_distance_apart_in_mm() -> None:
    first = voxels((9, 9, 9), (1, 2, 3))
    second = voxels((9, 9, 9), (5, 5, 3))

    # 4 voxels of 2 mm and 3 voxels of 3 mm: sqrt(8^2 + 9^2) = sqrt(145).
    assert hd95_mm(MaskPair(first, second, (2.0, 3.0, 1.0))) == pytest.approx(math.sqrt(145))


def test_spacing_belongs_to_the_axis_it_is_given_for() -> None:
    first, second = voxels((5, 5, 5), (0, 0, 0)), voxels((5, 5, 5), (2, 0, 0))

    assert hd95_mm(MaskPair(first, second, (3.0, 1.0, 1.0))) == 6.0
    assert hd95_mm(MaskPair(first, second, (1.0, 3.0, 3.0))) == 2.0


def test_the_95th_percentile_is_interpolated_linearly() -> None:
    # Twenty border voxels in a row, the other mask is the first nineteen: nineteen distances 0
    # and one of 1 mm. The 95th percentile lies at 0.95 x 19 = 18.05, so 5 % of the way to 1 mm.
    row = np.ones((20, 1, 1), dtype=bool)
    shorter = row.copy()
    shorter[19] = False

    assert hd95_mm(MaskPair(row, shorter, UNIT)) == pytest.approx(0.05)


def test_pooled_takes_the_distances_of_both_directions_together() -> None:
    row, first = np.ones((3, 1, 1), dtype=bool), voxels((3, 1, 1), (0, 0, 0))
    pair = MaskPair(row, first, UNIT)

    # From the row 0, 1 and 2 mm, from the single voxel 0. One way: 0.95 x 2 = 1.9 -> 1.9 mm.
    # Together 0, 0, 1, 2: 0.95 x 3 = 2.85 -> 1 + 0.85 x 1 mm.
    assert hd95_mm(pair) == pytest.approx(1.9)
    assert hd95_mm(pair, definition="pooled") == pytest.approx(1.85)


def test_equal_masks_are_at_distance_zero() -> None:
    mask = ball((16, 16, 16), (8, 8, 8), 5)

    assert hd95_mm(MaskPair(mask, mask, UNIT)) == 0.0


def test_a_structure_at_the_edge_of_the_volume_has_a_border_there() -> None:
    full = np.ones((4, 5, 6), dtype=bool)

    inner = np.zeros_like(full)
    inner[1:-1, 1:-1, 1:-1] = True
    assert np.array_equal(border(full), full & ~inner)


def test_a_voxel_with_a_gap_across_an_edge_is_no_border() -> None:
    # Only face neighbours count: the missing corner voxel touches its diagonal ones by no face.
    mask = np.ones((5, 5, 5), dtype=bool)
    mask[0, 0, 2] = False

    assert not border(mask)[1, 1, 2]
    assert border(mask)[1, 0, 2]


def test_an_empty_mask_has_no_distance() -> None:
    empty, single = np.zeros((3, 3, 3), dtype=bool), voxels((3, 3, 3), (1, 1, 1))

    for first, second in ((empty, single), (single, empty), (empty, empty)):
        with pytest.raises(ValueError, match="at least one voxel"):
            hd95_mm(MaskPair(first, second, UNIT))


def test_the_diagonal_counts_whole_voxels() -> None:
    # 3 x 1 mm, 4 x 1 mm, 6 x 2 mm: sqrt(9 + 16 + 144) = 13.
    assert diagonal_mm((3, 4, 6), (1.0, 1.0, 2.0)) == 13.0


def test_search_is_given_up_where_a_mask_lies_on_a_sphere_around_the_other():
    # Every point of the sphere is nearly as near as the nearest: a search looks at them all.
    shape, spacing = (90, 90, 90), np.array([1.0, 1.0, 1.7])
    centre = (45, 45, 45)
    cloud = ball(shape, centre, 20) & speckle(shape, 3)
    sphere = ball(shape, centre, 43) & ~ball(shape, centre, 42)

    assert _by_tree(cloud, sphere, spacing) is None
    # A few stray voxels far away are searched, and both ways agree.
    stray = ball(shape, centre, 2)
    found = _by_tree(stray, sphere, spacing)
    assert found is not None
    np.testing.assert_allclose(found, _by_transform(stray, sphere, spacing), rtol=1e-12)
