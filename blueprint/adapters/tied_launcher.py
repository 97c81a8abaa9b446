"""Runs a program until it ends or until the pipe to the platform closes; standard library only.

Started as `python -I -S tied_launcher.py FD PROGRAM ARGUMENT...`. FD is the reading end of a pipe
whose other end the platform holds open: when the platform dies, of whatever cause, the kernel
closes it, and this process kills the program's whole process group. The launcher then ends as the
program did: with its exit code, or by its signal.
"""

import contextlib
import os
import select
import signal
import sys


def main(argv: list[str]) -> None:
    """Run `argv[1:]` tied to the descriptor `argv[0]`."""
    tie_fd, program = int(argv[0]), argv[1:]
    os.set_inheritable(tie_fd, False)
    exit_fd = _exit_signal()
    child = _start(program)
    _let_go_of_streams()
    signal.signal(signal.SIGTERM, lambda *_: _kill(child))
    _wait_for_either(tie_fd, exit_fd, child)


def _exit_signal() -> int:
    """Return a descriptor that becomes readable when a child has ended."""
    read_fd, write_fd = os.pipe()
    os.set_blocking(write_fd, False)
    signal.set_wakeup_fd(write_fd, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    return read_fd


def _start(program: list[str]) -> int:
    child = os.fork()
    if child:
        with contextlib.suppress(PermissionError, ProcessLookupError):
            os.setpgid(child, child)  # in both processes, whichever comes first
        return child
    try:
        os.setpgid(0, 0)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        # Python ignores these two in itself; a program expects them as they are by default.
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        os.execvp(program[0], program)  # noqa: S606 - there is no shell on purpose
    except OSError as error:
        os.write(2, f"cannot run {program[0]}: {error.strerror}\n".encode())
    os._exit(127)


def _let_go_of_streams() -> None:
    """Hold no end of the program's pipes, so that its readers and writers see it end."""
    null_fd = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null_fd, fd)
    os.close(null_fd)


def _wait_for_either(tie_fd: int, exit_fd: int, child: int) -> None:
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            _kill(child)
            _end_like(status)
        ready, _, _ = select.select([tie_fd, exit_fd], [], [])
        if exit_fd in ready:
            os.read(exit_fd, 512)
        if tie_fd in ready and not os.read(tie_fd, 1):
            _kill(child)
            _end_like(os.waitpid(child, 0)[1])


def _kill(group: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def _end_like(status: int) -> None:
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        signal.set_wakeup_fd(-1)
        with contextlib.suppress(OSError):  # SIGKILL cannot be set, and needs no setting
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code)


if __name__ == "__main__":
    main(sys.argv[1:])
