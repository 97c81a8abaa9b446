"""Runs inside the sandbox: uses the packages, tries the walls, writes down what it could do.

Arguments: a file outside that must not be readable, and the address of a server outside.
"""

import contextlib
import json
import posix
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import nibabel as nib
import numpy as np
import scipy.ndimage


def main(canary: str, host: str, port: int) -> None:
    """Write the report that `probe.py` reads."""
    grid = np.arange(27, dtype=np.float32).reshape(3, 3, 3)
    smooth = scipy.ndimage.uniform_filter(grid, 3)
    folder = Path("/output/probe")
    folder.mkdir()
    image = nib.Nifti1Image(smooth, np.eye(4))  # type: ignore[no-untyped-call]
    nib.save(image, folder / "volume.nii.gz")
    report = {
        "input": Path("/input/probe.txt").read_text(),
        "broken": [
            name
            for name, attempt in {
                # Below the layer that translates names, so that the wall itself is tried.
                "reads a file outside": lambda: posix.open(canary, posix.O_RDONLY),
                "changes its input": lambda: Path("/input/probe.txt").write_text("changed"),
                "changes its code": lambda: Path("/code/new.py").write_text(""),
                "reaches the network": lambda: socket.create_connection((host, port), timeout=2),
            }.items()
            if _works(attempt)
        ],
    }
    (folder / "report.json").write_text(json.dumps(report))


def _works(attempt: Callable[[], object]) -> bool:
    with contextlib.suppress(OSError):
        attempt()
        return True
    return False


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
