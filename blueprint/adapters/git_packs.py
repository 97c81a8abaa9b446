"""Merges the packs of a bare repository: each push leaves one, and git looks into all of them."""

import contextlib
from datetime import datetime
from pathlib import Path

from blueprint.adapters import process
from blueprint.adapters.git import environment
from blueprint.errors import ToolError

_CPU_S = 120
_WALL_S = 600.0
_CUT_OFF_AFTER_S = 24 * 3600.0
_MEMORY_KIB = 1024**2
_SETTINGS = (
    "-c", "pack.threads=1", "-c", "pack.windowMemory=64m", "-c", "core.bigFileThreshold=16m",
    "-c", "repack.writeBitmaps=false",
)  # fmt: skip


def pack_count(repository: Path) -> int:
    """Return how many packs a repository has."""
    return sum(1 for _ in (repository / "objects" / "pack").glob("*.pack"))


def remove_cut_off(repository: Path, now: datetime) -> None:
    """Remove packs that a git which was killed had begun to write, and that are a day old.

    No git writes at one for so long. They are never read, and take as much room as a whole pack.
    """
    for begun in (repository / "objects" / "pack").glob("tmp_*"):
        with contextlib.suppress(FileNotFoundError):  # a git that ends renames its own
            if now.timestamp() - begun.stat().st_mtime > _CUT_OFF_AFTER_S:
                begun.unlink()


def merge_packs(repository: Path, *, cpu_s: int = _CPU_S) -> None:
    """Roll small packs into larger ones; pushes and clones may run meanwhile.

    Git only removes packs of which it has written every object anew, and reads the list of packs
    again where it misses one. No object is dropped, whatever leads to it or does not.

    Raises:
        ToolError: Git failed, or took too long; the packs are as they were.
    """
    bounds = f"ulimit -v {_MEMORY_KIB}; ulimit -t {cpu_s}"
    argv = [
        "/bin/sh", "-c", f'{bounds}; exec nice "$@"', "git", "git", f"--git-dir={repository}",
        *_SETTINGS, "repack", "--geometric=2", "-d", "-q",
    ]  # fmt: skip
    with process.start_tied(argv, env=environment()) as child:
        code = child.wait(_WALL_S)
    if code != 0:
        raise ToolError(f"{repository}: git could not merge its packs (code {code})")
