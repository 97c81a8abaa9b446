"""A file on the disk with the content given."""

import gzip
from pathlib import Path

import pytest

from tests.unit.images.nifti_files import Put


@pytest.fixture
def put(tmp_path: Path) -> Put:
    def write(content: bytes, name: str = "mask.nii.gz", *, packed: bool = True) -> Path:
        path = tmp_path / name
        path.write_bytes(gzip.compress(content, mtime=0) if packed else content)
        return path

    return write
