"""`python -m blueprint.data.hash_job FOLDER OUT`: the checksums of a folder, as JSON in OUT.

It runs as a child of the platform or the command line, which stay small and quick meanwhile.
"""

import json
import sys
from pathlib import Path

from blueprint.data.release_files import list_files, sha256_beneath


def hash_folder(folder: Path) -> dict[str, object]:
    """Return `files` (path, size_bytes, sha256; sorted by path) and `faults` (sentences)."""
    listed, faults = list_files(folder)
    files: list[dict[str, object]] = []
    for file in listed if not faults else ():
        try:
            sha256 = sha256_beneath(folder, file)
        except OSError as error:
            faults.append(f"{file.path}: {error.strerror or error}")
            continue
        files.append({"path": file.path, "size_bytes": file.size_bytes, "sha256": sha256})
    return {"files": files, "faults": faults}


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(json.dumps(hash_folder(Path(sys.argv[1]))), encoding="ascii")
