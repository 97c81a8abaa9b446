"""The first process behind the walls: it finishes them, starts the program, and buries the dead.

Everything that it says goes through one pipe to the launcher outside, a line of JSON each.
"""

import json
import os
import signal
from typing import NoReturn

from blueprint.evaluate.sandbox.launcher import (
    kernel,
    landlock,
    limits,
    namespaces,
    privileges,
    seccomp,
)
from blueprint.evaluate.sandbox.launcher import root as new_root
from blueprint.evaluate.sandbox.launcher.spec import LauncherError, Spec

NOT_FOUND = 127
"""The exit code of a program that could not be started, as a shell has it."""


def run_inside(spec: Spec, *, report_fd: int, log_fd: int, other_processes: int) -> NoReturn:
    """Be the first process of the run; never returns."""
    try:
        _finish_walls(spec)
        program = _start_program(spec, log_fd, other_processes)
        _report(report_fd, started=True)
        os.close(log_fd)
        _report(report_fd, status=_wait_for(program))
    except LauncherError as error:
        _report(report_fd, problem=str(error))
    except OSError as error:
        _report(report_fd, problem=f"{error.filename or 'the walls'}: {error.strerror}")
    finally:
        # Process 1 of a namespace takes every other process with it.
        os._exit(0)


def _finish_walls(spec: Spec) -> None:
    is_root = os.geteuid() == 0
    limits.die_first()
    limits.share_machine(spec.cores)
    if spec.is_namespaced:
        new_root.build_root(spec, spec.output)
        proc_fd = new_root.freeze_proc()
        privileges.shrink_bounding_set()
        if is_root:
            privileges.become_nobody()
            namespaces.enter_user_namespace_of_nobody(proc_fd)
            privileges.shrink_bounding_set()  # it came back, within that namespace
        os.close(proc_fd)
        privileges.drop_capabilities()
        privileges.forbid_new_privileges()
    else:
        # Nobody could not even walk to an interpreter below a home of mode 0700.
        kept = privileges.READ_ANY if is_root else None
        if is_root:
            privileges.shrink_bounding_set(kept=kept)
            privileges.become_nobody(kept=kept)
        privileges.drop_capabilities(kept=kept)
        privileges.forbid_new_privileges()
        landlock.confine(spec)
    # Only now: a change of user undoes it.
    kernel.prctl(kernel.SET_PDEATHSIG, signal.SIGKILL)
    privileges.hide_memory()
    seccomp.install(seccomp.build_filter(kernel.machine(), is_namespaced=spec.is_namespaced))


def _start_program(spec: Spec, log_fd: int, other_processes: int) -> int:
    child = os.fork()
    if child:
        return child
    try:
        _become_program(spec, log_fd, other_processes)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        os.write(2, f"cannot run {spec.argv[0]}: {why}\n".encode())
    finally:
        os._exit(NOT_FOUND)


def _become_program(spec: Spec, log_fd: int, other_processes: int) -> None:
    os.setsid()
    if not spec.is_namespaced:
        kernel.prctl(kernel.SET_PDEATHSIG, signal.SIGKILL)
    null_fd = os.open("/dev/null", os.O_RDONLY)
    os.dup2(null_fd, 0)
    os.dup2(log_fd, 1)
    os.dup2(log_fd, 2)
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)  # Python ignores them; a program expects them
    if spec.is_namespaced:
        os.chdir("/code")
    else:
        os.chdir(spec.code or f"{spec.work}/tmp")
    os.umask(0o022)
    limits.limit_process(spec.bounds, other_processes=other_processes)
    os.execvpe(spec.argv[0], spec.argv, spec.environment)  # noqa: S606 - no shell on purpose


def _wait_for(program: int) -> int:
    """Bury every process that ends until the program itself does; return its wait status."""
    while True:
        ended, status = os.wait()
        if ended == program:
            return status


def _report(fd: int, **facts: object) -> None:
    os.write(fd, (json.dumps(facts) + "\n").encode())
