"""Installs what the bench needs from Debian's own packages."""

import os
import shutil

from tests.stack.bench import cache, progress
from tests.stack.bench.commands import run
from tests.stack.bench.errors import BenchError

_APT = ("apt-get", "-q", "-o", "DPkg::Lock::Timeout=600")


def ensure_programs(**package_of: str) -> None:
    """Make sure that each program is there, installing the package that it is named with.

    Underscores in a program's name stand for dashes: ssh_keygen="openssh-client".

    Raises:
        BenchError: A program is absent and cannot be installed.
    """
    absent = {package for program, package in package_of.items() if not _is_there(program)}
    if not absent:
        return
    names = sorted(absent)
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise BenchError(f"install {' '.join(names)}, or run this as root on Debian")
    with cache.locked("apt"), progress.step(f"installing {' '.join(names)}"):
        run([*_APT, "update"])
        run(
            [*_APT, "install", "--yes", "--no-install-recommends", *names],
            env={"DEBIAN_FRONTEND": "noninteractive"},
        )


def _is_there(program: str) -> bool:
    return shutil.which(program.replace("_", "-")) is not None
