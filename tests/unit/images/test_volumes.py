"""Reading NIfTI: right for good files."""

import gzip
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest

from blueprint.images.volumes import read_geometry, read_volume
from tests.unit.images.nifti_files import AFFINE, LIMITS, Kind, Put, counted, new_image, nifti_bytes


@pytest.mark.parametrize("kind", [nibabel.Nifti1Image, nibabel.Nifti2Image])
@pytest.mark.parametrize("dtype", ["u1", "i1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8"])
def test_voxels_and_place_are_read_as_nibabel_does(put: Put, kind: Kind, dtype: str) -> None:
    path = put(nifti_bytes(counted(dtype), kind=kind))

    volume = read_volume(path, LIMITS)

    assert np.array_equal(volume.data, counted(dtype))
    expected: Any = nibabel.load(path)
    assert np.array_equal(volume.geometry.affine, expected.affine)
    assert volume.geometry.spacing_mm == (1.5, 2.0, 3.0)


def test_big_endian_files_are_read(put: Put) -> None:
    image = new_image(counted(">i2"), AFFINE, order=">")

    volume = read_volume(put(image.to_bytes()), LIMITS)

    assert np.array_equal(volume.data, counted("i2"))
    assert np.allclose(volume.geometry.affine, AFFINE)


def test_a_rotation_written_as_a_quaternion_is_read(put: Put) -> None:
    turned = np.array([[0.0, -2, 0, 10], [1.5, 0, 0, -20], [0, 0, 3.0, 5], [0, 0, 0, 1]])
    image = new_image(counted(), turned)
    image.set_qform(turned, code=1)
    image.set_sform(None, code=0)

    assert np.allclose(
        read_volume(put(image.to_bytes()), LIMITS).geometry.affine, turned, atol=1e-6
    )


def test_scaled_values_are_given_scaled(put: Put) -> None:
    # scl_slope is at byte 112, scl_inter at 116.
    path = put(nifti_bytes(counted(), change=[(112, "<f", 2.0), (116, "<f", 1.0)]))

    assert np.array_equal(read_volume(path, LIMITS).data, counted("f8") * 2 + 1)


def test_a_file_in_metres_has_its_spacing_in_millimetres(put: Put) -> None:
    path = put(nifti_bytes(counted(), np.diag([0.001, 0.001, 0.002, 1]), change=[(123, "B", 1)]))

    assert read_geometry(path, LIMITS).spacing_mm == pytest.approx((1, 1, 2))


def test_a_file_without_gzip_is_read_whatever_its_name(put: Put) -> None:
    path = put(nifti_bytes(counted()), packed=False)

    assert np.array_equal(read_volume(path, LIMITS).data, counted())


def test_gzip_in_several_members_is_read(put: Put, tmp_path: Path) -> None:
    content = nifti_bytes(counted())
    pieces = [gzip.compress(content[at : at + 100]) for at in range(0, len(content), 100)]
    path = put(b"".join([*pieces, gzip.compress(b"")]), packed=False)

    assert np.array_equal(read_volume(path, LIMITS).data, counted())


def test_header_extensions_are_skipped(put: Put) -> None:
    image = new_image(counted(), AFFINE)
    image.header.extensions.append(nibabel.nifti1.Nifti1Extension("comment", b"hello" * 10))

    assert np.array_equal(read_volume(put(image.to_bytes()), LIMITS).data, counted())


def test_axes_of_length_one_after_the_third_are_dropped(put: Put) -> None:
    path = put(nifti_bytes(counted(shape=(4, 5, 6, 1, 1))))

    assert read_volume(path, LIMITS).data.shape == (4, 5, 6)


def test_a_picture_is_a_volume_of_one_slice(put: Put) -> None:
    path = put(nifti_bytes(counted(shape=(4, 5))))

    assert read_volume(path, LIMITS).data.shape == (4, 5, 1)


def test_geometry_of_an_image_with_channels_is_that_of_its_grid(put: Put) -> None:
    path = put(nifti_bytes(counted(shape=(4, 5, 6, 2))))

    assert read_geometry(path, LIMITS).shape == (4, 5, 6)
