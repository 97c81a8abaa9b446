"""A release as a tree of folders and files, read from its manifest."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from blueprint.data.release_files import MANIFEST, SIGNATURE

Parts = tuple[str, ...]


@dataclass(frozen=True)
class ReleaseTree:
    """What a manifest names, and the manifest with its signature; nothing else exists."""

    sizes: dict[Parts, int]
    """Every file, with its size in bytes."""
    folders: dict[Parts, tuple[str, ...]]
    """Every folder with the names in it, sorted; the release itself is the empty tuple."""
    documents: dict[str, bytes]
    """The contents of the manifest and its signature, by name."""
    modified_at_s: float

    def size_of(self, path: Parts) -> int | None:
        """Return the size of the file at `path`, or None when there is none."""
        if len(path) == 1 and path[0] in self.documents:
            return len(self.documents[path[0]])
        return self.sizes.get(path)


def load_tree(manifest: Path) -> ReleaseTree:
    """Read a manifest and the signature beside it.

    Raises:
        OSError: One of them is not there.
    """
    data = manifest.read_bytes()
    documents = {MANIFEST: data, SIGNATURE: manifest.with_name(SIGNATURE).read_bytes()}
    files: list[dict[str, Any]] = json.loads(data)["files"]
    sizes = {tuple(file["path"].split("/")): int(file["size_bytes"]) for file in files}
    names: dict[Parts, set[str]] = {(): set(documents)}
    for path in sizes:
        for depth in range(len(path)):
            names.setdefault(path[:depth], set()).add(path[depth])
    folders = {folder: tuple(sorted(inside)) for folder, inside in names.items()}
    return ReleaseTree(sizes, folders, documents, manifest.stat().st_mtime)
