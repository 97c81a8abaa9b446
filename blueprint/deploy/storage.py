"""Says whether a folder lies on a network file system, where SQLite's log would not be safe."""

import re
from pathlib import Path

from blueprint.errors import InputError

_MOUNTS = Path("/proc/self/mountinfo")
_NETWORK = frozenset({
    "afs", "beegfs", "ceph", "cifs", "coda", "davfs", "fuse.ceph", "fuse.davfs2", "fuse.glusterfs",
    "fuse.rclone", "fuse.s3fs", "fuse.sshfs", "glusterfs", "gpfs", "lustre", "ncpfs", "nfs", "nfs4",
    "ocfs2", "orangefs", "smb2", "smb3", "smbfs",
})  # fmt: skip
_ESCAPED = re.compile(r"\\(\d{3})")


def demand_local(folder: Path) -> None:
    """Make sure that `folder` (which need not exist yet) is on a disk of this machine.

    SQLite's write-ahead log needs memory that all its processes share; a network file system
    gives each machine its own, and the database breaks.

    Raises:
        InputError: It lies on a network file system.
    """
    kind = network_kind(folder, _MOUNTS.read_text(encoding="utf-8", errors="surrogateescape"))
    if kind is not None:
        raise InputError(
            f"{folder}: lies on a network file system ({kind}), where the database is not safe",
            hint="move the challenge to a local disk, or make embedded.state a symbolic link"
            " to a folder on one",
        )


def network_kind(folder: Path, mountinfo: str) -> str | None:
    """Return the kind of network file system that holds `folder`, or None.

    Args:
        folder: Symbolic links in it are followed.
        mountinfo: The text of /proc/self/mountinfo (proc(5)).
    """
    place = folder.resolve()
    found: tuple[int, str] = (-1, "")
    for line in mountinfo.splitlines():
        before, _, after = line.partition(" - ")
        mount = Path(_ESCAPED.sub(lambda match: chr(int(match[1], 8)), before.split()[4]))
        # Of two mounts on one place the later hides the earlier.
        if place.is_relative_to(mount) and len(mount.parts) >= found[0]:
            found = (len(mount.parts), after.split()[0])
    return found[1] if found[1] in _NETWORK else None
