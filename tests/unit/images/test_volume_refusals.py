"""Reading NIfTI: a plain sentence for every bad file."""

import contextlib
import gzip
import os
import socket
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from blueprint.images.volumes import Limits, VolumeError, read_volume
from tests.unit.images.nifti_files import LIMITS, Put, counted, nifti_bytes


def refusal(path: Path, shape: tuple[int, int, int] | None = None) -> str:
    with pytest.raises(VolumeError) as caught:
        read_volume(path, LIMITS, shape=shape)
    return caught.value.in_full


def test_four_dimensions_are_refused(put: Put) -> None:
    message = refusal(put(nifti_bytes(counted(shape=(4, 5, 6, 2)))))

    assert message == "has more than three dimensions: one 3-D volume is expected"


def test_another_shape_is_refused_before_its_voxels_are_read(put: Put) -> None:
    path = put(nifti_bytes(counted())[:400])

    assert refusal(path, shape=(4, 5, 7)) == ("has another shape than the image (found: 4 x 5 x 6)")


def test_reversed_axes_get_a_hint(put: Put) -> None:
    assert refusal(put(nifti_bytes(counted())), shape=(6, 5, 4)) == (
        "has another shape than the image; its axes look reversed (NIfTI wants x, y, z) "
        "(found: 4 x 5 x 6)"
    )


def test_a_header_with_huge_dimensions_costs_nothing(put: Put) -> None:
    # dim is at byte 40: 32,767 along each axis would be 35 TB.
    sizes = [(42 + 2 * axis, "<h", 32_767) for axis in range(3)]
    path = put(nifti_bytes(counted(), change=sizes))

    assert refusal(path) == "has more than 1000000 voxels (found: 32767 x 32767 x 32767)"


@pytest.mark.parametrize("size", [0, -1, -32_768])
def test_impossible_dimensions_are_refused(put: Put, size: int) -> None:
    path = put(nifti_bytes(counted(), change=[(42, "<h", size)]))

    assert refusal(path) == "has a header with impossible dimensions"


@pytest.mark.parametrize("count", [0, 8, -1, 32_767])
def test_an_impossible_number_of_dimensions_is_refused(put: Put, count: int) -> None:
    path = put(nifti_bytes(counted(), change=[(40, "<h", count)]))

    assert refusal(path) == "has a header with impossible dimensions"


def test_a_bomb_stops_at_what_its_header_says(put: Put) -> None:
    bomb = put(nifti_bytes(counted()) + bytes(400 * 2**20))

    tracemalloc.start()
    try:
        message = refusal(bomb)
        peak_bytes = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert message == "holds more data than its header says"
    assert peak_bytes < 2 * 2**20


def test_a_million_empty_gzip_members_are_not_walked(put: Put) -> None:
    empties = gzip.compress(b"") * 100_000
    path = put(gzip.compress(nifti_bytes(counted())[:348]) + empties, packed=False)

    with pytest.raises(VolumeError, match="damaged"):
        read_volume(path, Limits(file_bytes=2**24, voxels=10**6))


@pytest.mark.parametrize("keep", [400, 300, 10])
def test_a_cut_gzip_file_is_refused(put: Put, tmp_path: Path, keep: int) -> None:
    whole = gzip.compress(os.urandom(0) + nifti_bytes(np.asarray(
        np.random.default_rng(1).integers(0, 255, (8, 8, 8)), "u1")))  # fmt: skip
    path = put(whole[:keep], packed=False)

    assert refusal(path) in {
        "ends before all of its data: the file is cut off",
        "is not a NIfTI file",
    }


def test_a_gzip_file_without_its_last_bytes_is_refused(put: Put) -> None:
    path = put(gzip.compress(nifti_bytes(counted()))[:-4], packed=False)

    assert refusal(path) == "ends before all of its data: the file is cut off"


def test_a_changed_bit_is_found_by_the_checksum(put: Put) -> None:
    content = bytearray(gzip.compress(nifti_bytes(counted())))
    content[-6] ^= 1
    path = put(bytes(content), packed=False)

    assert refusal(path) == "is damaged: its gzip data cannot be unpacked"


def test_text_after_the_gzip_data_is_refused(put: Put) -> None:
    path = put(gzip.compress(nifti_bytes(counted())) + b"more", packed=False)

    assert refusal(path) == "is damaged: something else follows its gzip data"


def test_a_file_cut_without_gzip_is_refused(put: Put) -> None:
    path = put(nifti_bytes(counted())[:-1], packed=False)

    assert refusal(path) == "ends before all of its data: the file is cut off"


@pytest.mark.parametrize("content", [b"hello, world", b"\x5c\x01\x00\x00", b"x"])
def test_other_files_are_no_nifti(put: Put, content: bytes) -> None:
    assert refusal(put(content)) in {
        "is not a NIfTI file",
        "ends before all of its data: the file is cut off",
    }


def test_an_empty_file_is_said_to_be_empty(put: Put) -> None:
    assert refusal(put(b"", packed=False)) == "is empty"


def test_a_pair_of_files_is_no_single_file(put: Put) -> None:
    path = put(nifti_bytes(counted(), change=[(344, "4s", b"ni1\0")]))

    assert refusal(path) == "is not a single-file NIfTI (.nii or .nii.gz)"


@pytest.mark.parametrize("code", [32, 128, 0, 1, 1536, 31_000])
def test_voxel_types_that_are_no_numbers_are_refused(put: Put, code: int) -> None:
    path = put(nifti_bytes(counted(), change=[(70, "<h", code)]))

    assert refusal(path) == "has a voxel type that is neither an integer nor a real number"


@pytest.mark.parametrize("offset", [1.0, -5.0, 1e30, float("nan"), float("inf")])
def test_voxels_in_an_impossible_place_are_refused(put: Put, offset: float) -> None:
    path = put(nifti_bytes(counted(), change=[(108, "<f", offset)]))

    assert refusal(path) == "has a header that points to voxels in an impossible place"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 0.0])
def test_an_affine_that_maps_nothing_is_refused(put: Put, value: float) -> None:
    # srow_x is at byte 280.
    row = [(280 + 4 * column, "<f", value) for column in range(4)]
    path = put(nifti_bytes(counted(), change=row))

    assert refusal(path) == "has a header without a usable affine"


def test_a_quaternion_that_is_no_rotation_is_refused(put: Put) -> None:
    change = [(252, "<h", 1), (254, "<h", 0), (256, "<f", 9.0), (260, "<f", 9.0), (264, "<f", 9.0)]
    path = put(nifti_bytes(counted(), change=change))

    assert refusal(path) == "has a header without a usable affine"


def test_a_link_is_not_followed(put: Put, tmp_path: Path) -> None:
    put(nifti_bytes(counted()), name="real.nii.gz")
    (tmp_path / "mask.nii.gz").symlink_to("real.nii.gz")

    assert refusal(tmp_path / "mask.nii.gz") == "is a symbolic link, not a regular file"


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "mask.nii.gz")

    assert refusal(tmp_path / "mask.nii.gz") == "is a named pipe, not a regular file"


def test_a_socket_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("mask.nii.gz")

        assert refusal(tmp_path / "mask.nii.gz") == "is a socket, not a regular file"


def test_a_folder_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path) == "is a folder, not a regular file"


def test_a_device_is_refused(tmp_path: Path) -> None:
    assert refusal(Path("/dev/zero")) == "is a device, not a regular file"


def test_a_large_file_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "mask.nii.gz"
    with path.open("wb") as file:
        file.truncate(2**20 + 1)

    assert refusal(path) == "is larger than 1 MiB"


def test_hostile_headers_never_raise_anything_else(put: Put) -> None:
    """Every byte of the header set to 0xff, 0x00 and 0x7f: an answer or a VolumeError."""
    whole = nifti_bytes(counted())
    for at in range(348):
        for value in (0x00, 0x7F, 0xFF):
            path = put(whole[:at] + bytes([value]) + whole[at + 1 :], packed=False)
            with contextlib.suppress(VolumeError):
                read_volume(path, LIMITS)
