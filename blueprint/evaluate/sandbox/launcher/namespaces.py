"""Leaves the machine's namespaces: mounts, processes, network, IPC, host name, users."""

import contextlib
import os

from blueprint.evaluate.sandbox.launcher import kernel
from blueprint.evaluate.sandbox.launcher.privileges import NOBODY
from blueprint.evaluate.sandbox.launcher.spec import LauncherError

_ALL = kernel.NEW_NS | kernel.NEW_PID | kernel.NEW_NET | kernel.NEW_IPC | kernel.NEW_UTS


def leave_machine() -> None:
    """Enter new namespaces; the next child is process 1 of its own.

    Without root a user namespace comes with them, in which the caller's user and group are
    number 65534: what is written belongs to the caller, what is seen belongs to nobody.
    """
    if os.geteuid() == 0:
        kernel.unshare(_ALL, "new namespaces")
    else:
        user, group = os.geteuid(), os.getegid()
        kernel.unshare(_ALL | kernel.NEW_USER, "new namespaces with a user namespace")
        _write_maps(user, group)
    with contextlib.suppress(LauncherError):  # an old kernel has none, and nothing is lost
        kernel.unshare(kernel.NEW_CGROUP, "new cgroup namespace")
    kernel.mount("", "/", None, kernel.RECURSIVE | kernel.PRIVATE)


def enter_user_namespace_of_nobody(proc_fd: int) -> None:
    """Enter a user namespace in which 65534 is 65534 and no one else exists, if that is allowed.

    Root has no need of one for the walls; it makes the limit of processes count this run alone,
    and leaves no user outside whose files a flaw elsewhere could reach. The caller is nobody
    already, and raises no capability by it.

    Args:
        proc_fd: A /proc that can be written (see `root.freeze_proc`).
    """
    kernel.prctl(kernel.SET_DUMPABLE, 1)  # else /proc/self belongs to root since the change of user
    try:
        kernel.unshare(kernel.NEW_USER, "user namespace of nobody")
    except LauncherError:
        return
    with contextlib.suppress(LauncherError):
        _write_maps(NOBODY, NOBODY, proc_fd)


def _write_maps(user: int, group: int, proc_fd: int | None = None) -> None:
    lines = {
        "setgroups": "deny",
        "uid_map": f"{NOBODY} {user} 1",
        "gid_map": f"{NOBODY} {group} 1",
    }
    for name, line in lines.items():
        try:
            path = f"/proc/self/{name}" if proc_fd is None else f"self/{name}"
            fd = os.open(path, os.O_WRONLY, dir_fd=proc_fd)
            try:
                os.write(fd, line.encode())
            finally:
                os.close(fd)
        except OSError as error:
            raise LauncherError(f"write {name}: {error.strerror}") from None
